"""Which other nodes live, and which units are on line there: told from signs of life.

A node's beat is compared with what it was, by the clock of who reads: nodes' clocks need not agree.
One that has not been seen to beat is not counted, for what a dead node put up still hangs there.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from console.nodes.interface import BEAT_S, Known, Sign
from console.nodes.packing import unpack_units

log = logging.getLogger(__name__)

DEAD_AFTER_S = 5 * BEAT_S
"""A node whose beat stands still for so long is taken for dead, and its units are off line."""
FORGET_AFTER_S = 60.0
"""After so long what a dead node put up may be taken down."""


@dataclass
class _Node:
    beat: int
    moved_s: float
    """When the beat moved last, monotonic seconds."""
    lives: bool = False
    version: int = 0
    seq: int = 0
    online: Mapping[str, int] = field(default_factory=dict)
    """Units on line with their turns."""


class Roster:
    """What the node numbered `own` knows of the others. Times are monotonic seconds."""

    def __init__(self, own: int) -> None:
        self._own = own
        self._nodes: dict[int, _Node] = {}
        self._was_away = False
        self._elsewhere: dict[str, int] = {}
        self._newcomers: set[int] = set()
        self.lives = 0
        """How many other nodes live. Other threads may ask, and for no more than this."""

    @property
    def known(self) -> dict[int, Known]:
        """How far each other node has been heard."""
        return {n: Known(node.seq, node.version) for n, node in self._nodes.items()}

    @property
    def elsewhere(self) -> Mapping[str, int]:
        """Units on line at other nodes, with the latest of their turns; the same object while they
        are the same.
        """
        return self._elsewhere

    def heard_group(self, node: int, seq: int) -> bool:
        """Note a group of a node that has given a sign; whether it follows the last heard."""
        found = self._nodes[node]
        follows = found.seq in (0, seq - 1)
        found.seq = seq
        return follows

    def hear(self, signs: Iterable[Sign], now_s: float) -> None:
        """Take in the signs that stand at `now_s`.

        A node whose sign is not there (a database that crashed has lost it) is one that is silent.
        """
        if self._was_away:
            self._was_away = False
            for node in self._nodes.values():
                node.moved_s = now_s
        for sign in signs:
            if sign.node != self._own:
                self._hear(sign, now_s)
        for node in self._nodes.values():
            node.lives = node.lives and now_s - node.moved_s <= DEAD_AFTER_S
        self.lives = sum(node.lives for node in self._nodes.values())
        self._work_out()

    def welcomes(self) -> bool:
        """Whether there are newcomers since the last call whom it is this node's part to tell where
        everybody is: that of the one with the lowest number among those that were there.
        """
        newcomers, self._newcomers = self._newcomers, set()
        there = {n for n, node in self._nodes.items() if node.lives} - newcomers
        return bool(newcomers) and self._own < min(there, default=self._own + 1)

    def away(self) -> None:
        """Nothing can be heard: nobody is taken for dead for that."""
        self._was_away = True

    def forget(self, now_s: float) -> list[int]:
        """Forget the nodes that have been dead for long, and return them."""
        gone = [n for n, node in self._nodes.items() if now_s - node.moved_s > FORGET_AFTER_S]
        for node in gone:
            del self._nodes[node]
        return gone

    def _hear(self, sign: Sign, now_s: float) -> None:
        node = self._nodes.setdefault(sign.node, _Node(sign.beat, now_s))
        if sign.beat != node.beat:
            if not node.lives:
                self._newcomers.add(sign.node)
            node.beat, node.moved_s, node.lives = sign.beat, now_s, True
        if sign.online is not None:
            node.version, node.online = sign.version, _units_in(sign)

    def _work_out(self) -> None:
        now: dict[str, int] = {}
        for node in self._nodes.values():
            if node.lives:
                twice = now.keys() & node.online.keys()
                latest = {unit_id: max(now[unit_id], node.online[unit_id]) for unit_id in twice}
                now = {**now, **node.online, **latest}
        if now != self._elsewhere:
            self._elsewhere = now


def _units_in(sign: Sign) -> Mapping[str, int]:
    try:
        return unpack_units(sign.online or b"")
    except ValueError as error:
        log.error("which units are on line at node %x cannot be read: %s", sign.node, error)
        return {}
