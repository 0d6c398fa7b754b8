"""A journal that lasts as long as its process: for tests, pictures and trying things out."""

from __future__ import annotations

import threading
from collections.abc import Callable

from console.clock import Clock
from console.journal.errors import JournalMoved, KeyReused
from console.journal.interface import Batch, Listener, Receipt, done_future, notify
from console.model.event import Event
from console.model.ids import new_key


class MemoryJournal:
    """`console.journal.Journal` in a list; nothing is encoded."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._id = new_key(clock.now_ms())
        self._lock = threading.RLock()
        self._events: list[Event] = []
        self._answers: dict[str, tuple[bytes, Receipt]] = {}
        self._listeners: list[Listener] = []

    @property
    def id(self) -> str:
        """The journal's own name."""
        return self._id

    @property
    def head(self) -> int:
        """The number of the last event."""
        return len(self._events)

    @property
    def numbered(self) -> int:
        """The same: nothing is on its way."""
        return len(self._events)

    def find(self, key: str, digest: bytes) -> Receipt | None:
        """The first answer to `key`, or None. Raises KeyReused."""
        known = self._answers.get(key)
        if known is None:
            return None
        if known[0] != digest:
            raise KeyReused
        return Receipt(known[1].events, done_future(), repeated=True)

    def append(self, batch: Batch, after: int) -> Receipt:
        """Add the batch. Raises JournalMoved, KeyReused."""
        with self._lock:
            known = self.find(batch.key, batch.digest)
            if known is not None:
                return known
            if after != self.head:
                raise JournalMoved
            receipt = Receipt(batch.numbered(after + 1, self._now()), done_future())
            self._events.extend(receipt.events)
            self._answers[batch.key] = (batch.digest, receipt)
            notify(tuple(self._listeners) if receipt.events else (), receipt.events)
        return receipt

    def _now(self) -> int:
        """Recorded time orders events: it never runs backwards, whatever the clock does."""
        last = self._events[-1].recorded_at if self._events else 0
        return max(self._clock.now_ms(), last)

    def read(self, after: int, limit: int) -> list[Event]:
        """Events numbered above `after`, at most `limit`."""
        start = max(after, 0)
        return self._events[start : start + max(limit, 0)]

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` called with each group of new events."""
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def close(self) -> None:
        """Nothing to let go of."""
