"""What every journal can do. The contract is `tests/console/journal/contract.py`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

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
                seq=first_seq + part,
                stream=stream_of(fact),
                fact=fact,
                happened_at=self.happened_at,
                recorded_at=recorded_at,
                actor=self.actor,
                cause=self.cause,
                key=self.key,
                part=part,
            )
            for part, fact in enumerate(self.facts)
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """Events that have their numbers; `durable` is done when they are on the disk.

    `repeated` says that the key was known and these are the first answer's events.
    """

    events: tuple[Event, ...]
    durable: Future[None]
    repeated: bool = False

    def wait(self, timeout_s: float | None = None) -> tuple[Event, ...]:
        """The events, once they are durable. Raises StorageFailed, TimeoutError."""
        self.durable.result(timeout_s)
        return self.events


Listener = Callable[[Sequence[Event]], None]
"""Called with events just made durable, in order, on the journal's own thread."""


class Journal(Protocol):
    """An append-only log of events, numbered from 1 without gaps. All methods are thread-safe."""

    @property
    def id(self) -> str:
        """The journal's own name, made once: a cursor of another journal means nothing here."""
        ...

    @property
    def head(self) -> int:
        """The number of the last durable event, 0 for none."""
        ...

    @property
    def numbered(self) -> int:
        """The number of the last event that has one, durable or still on its way to the disk."""
        ...

    def find(self, key: str, digest: bytes) -> Receipt | None:
        """The first answer to the submission `key`, or None. Raises KeyReused."""
        ...

    def append(self, batch: Batch, after: int) -> Receipt:
        """Number the batch's events from `after` + 1 at once and make them durable soon.

        `after` is the last number the writer has folded; JournalMoved is raised when the journal
        is elsewhere. A known key gives its first receipt, or raises KeyReused.
        """
        ...

    def read(self, after: int, limit: int) -> list[Event]:
        """Durable events numbered above `after`, at most `limit`, in order."""
        ...

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` called with each group of events made durable; returns the way to stop.

        An event that is durable when `subscribe` returns is not repeated: read it.
        """
        ...

    def close(self) -> None:
        """Make durable what is still under way, then let go of the storage."""
        ...


def notify(listeners: Iterable[Listener], events: Sequence[Event]) -> None:
    """Tell each listener; one that fails is logged and stops neither the others nor the journal."""
    for listener in listeners:
        try:
            listener(events)
        except Exception:
            log.exception("a listener of the journal failed")


def done_future() -> Future[None]:
    """A future that is done: what is asked for is durable already."""
    future: Future[None] = Future()
    future.set_result(None)
    return future
