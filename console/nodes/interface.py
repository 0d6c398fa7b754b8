"""The board on which nodes tell each other. The contract is `tests/console/nodes/contract.py`.

Every process is a node of its own, with a number drawn at its start. It numbers its groups of fixes
itself, 1, 2, 3, and puts them up in that order; a reader has a cursor for each node. (One sequence
for all nodes would show later numbers first, when two commit side by side, and a reader that has
gone past the gap never sees what fills it.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

BEAT_S = 1.0
"""A node that lives says so this often, at least."""

KEPT_GROUPS = 120
"""Groups of a node that stay up: half a minute; who was away for longer has missed the rest."""

GROUPS_AT_ONCE = 20
"""Groups of one node that one answer holds, at most: they are some tens of kilobytes each."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a node tells.

    `beat` rises as long as it lives. `groups` are its next, with their numbers. `online` is its
    units on line and their turns (`console.nodes.packing`) and `version` its number; None for as
    it was.
    """

    beat: int
    groups: tuple[tuple[int, bytes], ...] = ()
    version: int = 0
    online: bytes | None = None


@dataclass(frozen=True, slots=True)
class Sign:
    """A node's sign of life; `online` None where the reader knows the `version` already."""

    node: int
    beat: int
    version: int
    online: bytes | None


@dataclass(frozen=True, slots=True)
class Group:
    """Fixes that `node` took from its own devices, packed."""

    node: int
    seq: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Heard:
    """The signs that stand, the reader's own among them, and others' next groups in order."""

    signs: tuple[Sign, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """How far a reader has heard a node: its last group's number, its line's version."""

    seq: int = 0
    version: int = 0


class Board(Protocol):
    """Where nodes meet. For one thread at a time. Methods raise StorageFailed while it is away."""

    @property
    def node(self) -> int:
        """This node's number, above 0."""
        ...

    def swap(self, said: Said, known: Mapping[int, Known]) -> Heard:
        """Put up what is `said`, and see what others have put up beyond what is `known` of them.

        Saying a group again does nothing. Of this node only the last KEPT_GROUPS (and a few more)
        stay up. A `said` without `online` by a node that is not up does not put it up: who does not
        find itself among the signs says `online` again.
        """
        ...

    def remove(self, node: int) -> None:
        """Take down all that a node has put up: its own at its end, or that of one that died."""
        ...

    def close(self) -> None:
        """Let go of the board; what is up stays up."""
        ...
