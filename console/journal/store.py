"""What a group commit needs of a database. `console.journal.group` drives it, on one thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from console.journal.chain import START, Row
from console.journal.history import Told
from console.model.event import Event


class Mark(NamedTuple):
    """The journal's end as stored: the last event's number, time and hash; the last submission's
    number and hash.
    """

    seq: int = 0
    recorded_at: int = 0
    chain: bytes = START
    submissions: int = 0
    submissions_chain: bytes = START


class Registered(NamedTuple):
    """A submission as stored, `key` its UUID's 16 bytes."""

    key: bytes
    digest: bytes
    first_seq: int
    events: int


class OutcomeUnknown(Exception):  # noqa: N818 - it reads as what happened
    """The connection broke while a turn was being made durable: it is there, or it is not."""


class KeyTaken(Exception):  # noqa: N818
    """One of the submissions stands in the journal already; nothing was added."""


class Store(Protocol):
    """A journal's database. `read` and `told` are for any thread, the rest for the writer's."""

    @property
    def id(self) -> str:
        """The journal's own name."""
        ...

    def hold(self, known: int) -> tuple[Mark, Sequence[Event]]:
        """Begin a turn: the end, held against everybody, and events after `known` up to it."""
        ...

    def registered(self, keys: Sequence[bytes]) -> Mapping[bytes, Registered]:
        """Those of `keys` that stand in the journal."""
        ...

    def commit(self, rows: Sequence[Row], entries: Sequence[Registered]) -> None:
        """Add rows and submissions, these in a chain of their own; make them durable, let go of
        the end.

        Raises KeyTaken. Whatever it raises, nothing was added, but for OutcomeUnknown.
        """
        ...

    def let_go(self) -> None:
        """End a turn in which nothing was appended."""
        ...

    def has(self, key: bytes) -> bool:
        """Whether a submission is there, once nobody is in the middle of adding it."""
        ...

    def read(self, after: int, limit: int) -> list[Event]:
        """Durable events numbered above `after`, at most `limit`."""
        ...

    def about(self, streams: Sequence[str], limit: int) -> list[Event]:
        """Durable events of these streams, the first `limit` of them."""
        ...

    def told(self, after: int, limit: int) -> list[Told]:
        """What the durable events above `after`, at most `limit`, tell a picture."""
        ...

    def follow(self, moved: Callable[[], None]) -> None:
        """Have `moved` called, on a thread of the store's, when another node may have appended."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


def answer_of(found: Registered, read: Callable[[int, int], Iterable[Event]]) -> tuple[Event, ...]:
    """The events that a known submission made."""
    return tuple(read(found.first_seq - 1, found.events)) if found.events else ()
