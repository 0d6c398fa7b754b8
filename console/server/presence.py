"""Which units have a device on the line."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from typing import Protocol

ROUND = 8
"""Calls of `check` until every line has had its turn."""


class Line(Protocol):
    """One device's connection."""

    def nudge(self) -> None:
        """There may be something to send."""
        ...

    def check(self) -> None:
        """Say and ask for signs of life, when it is time."""
        ...

    def replace(self) -> None:
        """The same unit has connected anew; close."""
        ...


class Presence:
    """The line of each connected unit: one, the newest, for a phone that reconnects at a tunnel's
    end leaves a dead one behind.
    """

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._leaving: dict[str, float] = {}
        self._here: frozenset[str] | None = None
        self._elsewhere: frozenset[str] = frozenset()
        self._unchecked: Iterator[Line] = iter(())
        self._online: frozenset[str] = frozenset()
        self._is_known = True
        """Whether `_online` is what it should be."""
        self.linger_s = 0.0
        """How long a unit whose line has gone counts as on line."""

    @property
    def here(self) -> frozenset[str]:
        """Units on the line at this server; the same object while they are the same."""
        if self._here is None:
            self._here = frozenset(self._lines).union(self._leaving)
        return self._here

    @property
    def online(self) -> frozenset[str]:
        """Units on the line at any node; the same object while they are the same."""
        if not self._is_known:
            self._is_known = True
            now = self.here | self._elsewhere
            # Compared once here, and not by every desk: a city has a hundred thousand.
            if now != self._online:
                self._online = now
        return self._online

    def hear(self, elsewhere: frozenset[str]) -> None:
        """These are on the line at other nodes."""
        self._elsewhere = elsewhere
        self._is_known = False

    def check(self) -> None:
        """Have some of the lines look whether they still live: each in its turn."""
        due = tuple(islice(self._unchecked, len(self._lines) // ROUND + 1))
        if not due:
            self._unchecked = iter(tuple(self._lines.values()))
        for line in due:
            line.check()
        if self._leaving:
            self._let_go(time.monotonic())

    def join(self, unit_id: str, line: Line) -> None:
        """The unit's device is on `line` now."""
        old = self._lines.get(unit_id)
        self._lines[unit_id] = line
        self._leaving.pop(unit_id, None)
        self._changed()
        if old is not None:
            old.replace()

    def leave(self, unit_id: str, line: Line) -> None:
        """`line` is gone; does nothing when a newer one took its place."""
        if self._lines.get(unit_id) is line:
            del self._lines[unit_id]
            if self.linger_s:
                self._leaving[unit_id] = time.monotonic() + self.linger_s
            self._changed()

    def nudge(self, unit_id: str) -> None:
        """Tell the unit's line, if any, that there may be something to send."""
        line = self._lines.get(unit_id)
        if line is not None:
            line.nudge()

    def _let_go(self, now_s: float) -> None:
        for unit_id in [u for u, until_s in self._leaving.items() if until_s <= now_s]:
            del self._leaving[unit_id]
            self._changed()

    def _changed(self) -> None:
        self._here = None
        self._is_known = False
