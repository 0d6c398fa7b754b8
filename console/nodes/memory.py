"""A board in memory: for tests, and to say in few lines what a board is."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from console.nodes.interface import GROUPS_AT_ONCE, KEPT_GROUPS, Group, Heard, Known, Said, Sign


@dataclass
class Wall:
    """What hangs on a board that several nodes of one process share."""

    signs: dict[int, Sign] = field(default_factory=dict)
    groups: dict[int, dict[int, bytes]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class MemoryBoard:
    """`console.nodes.Board` of the node numbered `node` on `wall`."""

    def __init__(self, wall: Wall, node: int) -> None:
        self._wall = wall
        self._node = node

    @property
    def node(self) -> int:
        """This node's number."""
        return self._node

    def swap(self, said: Said, known: Mapping[int, Known]) -> Heard:
        """As the interface says."""
        with self._wall.lock:
            self._put_up(said)
            none = Known()
            signs = tuple(_sign(s, known.get(s.node, none)) for s in self._wall.signs.values())
            groups = tuple(
                Group(node, seq, body)
                for node, bodies in sorted(self._wall.groups.items())
                if node != self._node
                for seq, body in _next(bodies, known.get(node, none).seq)
            )
            return Heard(signs, groups)

    def remove(self, node: int) -> None:
        """As the interface says."""
        with self._wall.lock:
            self._wall.signs.pop(node, None)
            self._wall.groups.pop(node, None)

    def close(self) -> None:
        """Nothing to let go of."""

    def _put_up(self, said: Said) -> None:
        own = self._wall.groups.setdefault(self._node, {})
        own.update(dict(said.groups))
        for seq in [s for s in own if s <= max(own) - KEPT_GROUPS]:
            del own[seq]
        before = self._wall.signs.get(self._node)
        if said.online is not None:
            self._wall.signs[self._node] = Sign(self._node, said.beat, said.version, said.online)
        elif before is not None:
            sign = Sign(self._node, said.beat, before.version, before.online)
            self._wall.signs[self._node] = sign


def _sign(sign: Sign, known: Known) -> Sign:
    is_known = sign.version == known.version
    return Sign(sign.node, sign.beat, sign.version, None if is_known else sign.online)


def _next(bodies: Mapping[int, bytes], after: int) -> list[tuple[int, bytes]]:
    return sorted((s, b) for s, b in bodies.items() if s > after)[:GROUPS_AT_ONCE]
