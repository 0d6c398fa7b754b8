"""What every journal can do. The contract is `tests/console/journal/contract.py`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from console.journal.errors import JournalMoved
from console.journal.history import Told
from console.model.decide import stream_of
from console.model.event import Event
from console.model.facts import Fact

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Batch:
    """The facts of one submission: appended together or not at all.

    `key` is its UUIDv7, `digest` tells its body from another under the same key. There may be no
    facts: the key is remembered all the same, so that a repeat gets the same (empty) answer.
    """

    key: str
    digest: bytes
    facts: tuple[Fact, ...]
    happened_at: int
    actor: str
    cause: str

    def numbered(self, first_seq: int, recorded_at: int) -> tuple[Event, ...]:
        """The batch's events, from `first_seq` on, recorded at `recorded_at` (ms UTC)."""
        return tuple(
            Event(
                first_seq + part,
                stream_of(fact),
                fact,
                self.happened_at,
                recorded_at,
                self.actor,
                self.cause,
                self.key,
                part,
            )
            for part, fact in enumerate(self.facts)
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """Events that are durable. `repeated`: the key was known, and this is the first answer."""

    events: tuple[Event, ...]
    repeated: bool = False


class End(Protocol):
    """The journal's end while it is held: nobody else, on any node, appends meanwhile."""

    @property
    def seq(self) -> int:
        """The number of the last event, those decided in this turn among them."""
        ...

    @property
    def durable(self) -> int:
        """The number of the last event that is durable: what was there before this turn."""
        ...

    @property
    def lost(self) -> int:
        """How many of this process' turns came to nothing; their events never were."""
        ...

    def since(self, after: int) -> Sequence[Event]:
        """The events numbered above `after`, up to `seq`, in order."""
        ...


Decide = Callable[[End], Batch]
"""Makes a submission's batch, knowing all that went before. What it raises is the answer."""

Listener = Callable[[Sequence[Event]], None]
"""Called with events just made durable, in order, on a thread of the journal's own."""


class Journal(Protocol):
    """An append-only log of events, numbered from 1 without gaps. All methods are thread-safe."""

    @property
    def id(self) -> str:
        """The journal's own name, made once: a cursor of another journal means nothing here."""
        ...

    @property
    def head(self) -> int:
        """The number of the last event known here to be durable, 0 for none."""
        ...

    def write(self, key: str, digest: bytes, decide: Decide) -> Future[Receipt]:
        """Have `decide` called while the journal's end is held, and append what it makes.

        Submissions that queue up are decided in one turn, in order, and made durable together; no
        future is done before all its turn is durable, one whose `decide` raised included: that
        rests on what went before. `decide` is not called for a known key: the future then holds
        the first receipt, or KeyReused for another digest. StorageFailed: nothing was appended.
        """
        ...

    def read(self, after: int, limit: int) -> list[Event]:
        """Durable events numbered above `after`, at most `limit`, in order."""
        ...

    def about(self, streams: Sequence[str], limit: int) -> list[Event]:
        """Durable events of these streams, the first `limit` of them, in order."""
        ...

    def told(self, after: int, limit: int) -> list[Told]:
        """What the durable events above `after`, at most `limit`, tell a picture: for a start."""
        ...

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` called with each group of events made durable, whoever appended them.

        Every event comes once, in order. One that is durable when `subscribe` returns is not
        repeated: read it. Returns the way to stop.
        """
        ...

    def close(self) -> None:
        """Make durable what is still under way, then let go of the storage."""
        ...


def append(journal: Journal, batch: Batch, after: int) -> Future[Receipt]:
    """Append `batch`, decided on the event `after` as the last; JournalMoved when it is not so."""

    def decide(end: End) -> Batch:
        if end.seq != after:
            raise JournalMoved
        return batch

    return journal.write(batch.key, batch.digest, decide)


def notify(listeners: Iterable[Listener], events: Sequence[Event]) -> None:
    """Tell each listener; one that fails is logged and stops neither the others nor the journal."""
    for listener in listeners:
        try:
            listener(events)
        except Exception:
            log.exception("a listener of the journal failed")
