"""Which units have a device on the line, and which line of a unit is the one.

A unit has one line in the whole city. Each line takes a turn when it comes, a number above every
turn that is known here; of two lines of one unit, on one node or on two, the later turn stays. It
is the time in ms, so that nodes that have not heard of each other for a while agree too, and never
below what was heard, so that a node whose clock is slow does not lose what comes to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Protocol

from console.clock import Clock, monotonic_s

ROUND = 8
"""Calls of `check` until every line has been looked at."""
_NODE_BITS = 20
"""Of a turn's number the last bits are its node's, so that no two are the same."""


class Line(Protocol):
    """One device's connection."""

    def nudge(self) -> None:
        """There may be something to send."""
        ...

    def check(self) -> None:
        """Say and ask for signs of life, when it is time."""
        ...

    def replace(self) -> None:
        """The same unit has connected anew, here or at another node; close."""
        ...


class Presence:
    """The line of each connected unit: one, the newest, for a phone that reconnects at a tunnel's
    end leaves a dead one behind. `node` is this node's number, 0 for the only one.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.node = 0
        self._latest = 0
        """The highest turn that is known."""
        self._lines: dict[str, Line] = {}
        self._turns: dict[str, int] = {}
        """Of each line, and of each that has just gone."""
        self._told: Mapping[str, int] | None = None
        self._leaving: dict[str, float] = {}
        self._here: frozenset[str] | None = None
        self._elsewhere: Mapping[str, int] = {}
        self._unchecked: Iterator[str] = iter(())
        self._at_a_time = 1
        self._online: frozenset[str] = frozenset()
        self._is_known = True
        """Whether `_online` is what it should be."""
        self.linger_s = 0.0
        """How long a unit whose line has gone counts as on line."""

    @property
    def here(self) -> frozenset[str]:
        """Units on the line at this server; the same object while they are the same."""
        if self._here is None:
            self._here = frozenset(self._turns)
        return self._here

    @property
    def turns(self) -> Mapping[str, int]:
        """The turn of each unit in `here`; the same object while they are the same."""
        if self._told is None:
            self._told = self._turns.copy()
        return self._told

    @property
    def online(self) -> frozenset[str]:
        """Units on the line at any node; the same object while they are the same."""
        if not self._is_known:
            self._is_known = True
            now = self.here.union(self._elsewhere)
            # Compared once here, and not by every desk: a city has a hundred thousand.
            if now != self._online:
                self._online = now
        return self._online

    def hear(self, elsewhere: Mapping[str, int]) -> None:
        """These are on the line at other nodes, since these turns: a line here that is older than
        the unit's there is dropped.
        """
        self._elsewhere = elsewhere
        self._latest = max(self._latest, max(elsewhere.values(), default=0))
        self._is_known = False
        for unit_id in self._lines.keys() & elsewhere.keys():
            if elsewhere[unit_id] > self._turns[unit_id]:
                line = self._lines.pop(unit_id)
                del self._turns[unit_id]
                self._changed()
                line.replace()

    def check(self) -> None:
        """Have some of the lines look whether they still live: each in its turn."""
        due = tuple(islice(self._unchecked, self._at_a_time))
        if not due:
            # By name: a line that has gone meanwhile is not kept for its turn.
            self._unchecked = iter(tuple(self._lines))
            self._at_a_time = len(self._lines) // ROUND + 1
        for unit_id in due:
            line = self._lines.get(unit_id)
            if line is not None:
                line.check()
        if self._leaving:
            self._let_go(monotonic_s())

    def join(self, unit_id: str, line: Line) -> None:
        """The unit's device is on `line` now."""
        old = self._lines.get(unit_id)
        self._lines[unit_id] = line
        self._turns[unit_id] = self._next_turn()
        self._leaving.pop(unit_id, None)
        self._changed()
        if old is not None:
            old.replace()

    def leave(self, unit_id: str, line: Line) -> bool:
        """`line` is gone, which does nothing when a newer one took its place; whether the unit has
        none here now.
        """
        if self._lines.get(unit_id) is line:
            del self._lines[unit_id]
            if self.linger_s:
                self._leaving[unit_id] = monotonic_s() + self.linger_s
            else:
                del self._turns[unit_id]
            self._changed()
        return unit_id not in self._lines

    def nudge(self, unit_id: str) -> None:
        """Tell the unit's line, if any, that there may be something to send."""
        line = self._lines.get(unit_id)
        if line is not None:
            line.nudge()

    def _let_go(self, now_s: float) -> None:
        for unit_id in [u for u, until_s in self._leaving.items() if until_s <= now_s]:
            del self._leaving[unit_id], self._turns[unit_id]
            self._changed()

    def _next_turn(self) -> int:
        now = max(self._clock.now_ms(), (self._latest >> _NODE_BITS) + 1)
        self._latest = now << _NODE_BITS | self.node % (1 << _NODE_BITS)
        return self._latest

    def _changed(self) -> None:
        self._here = self._told = None
        self._is_known = False
