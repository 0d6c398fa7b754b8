"""A journal that lasts as long as its process: for tests, pictures and trying things out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from console.clock import Clock
from console.journal.errors import KeyReused
from console.journal.history import Told
from console.journal.interface import Decide, Listener, Receipt, notify
from console.model.event import Event
from console.model.ids import new_key
from console.wire import encode_fact


class MemoryJournal:
    """`console.journal.Journal` in a list; each submission is its own turn."""

    lost = 0

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

    seq = durable = head

    def since(self, after: int) -> Sequence[Event]:
        """The events numbered above `after`."""
        return self._events[after:]

    def write(self, key: str, digest: bytes, decide: Decide) -> Future[Receipt]:
        """Decide and append at once."""
        answer: Future[Receipt] = Future()
        with self._lock:
            try:
                receipt = self._receipt_of(key, digest, decide)
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
                answer.set_exception(error)
            else:
                answer.set_result(receipt)
        return answer

    def _receipt_of(self, key: str, digest: bytes, decide: Decide) -> Receipt:
        known = self._answers.get(key)
        if known is not None:
            if known[0] != digest:
                raise KeyReused
            return Receipt(known[1].events, repeated=True)
        events = decide(self).numbered(self.head + 1, self._now())
        receipt = Receipt(events)
        self._events.extend(events)
        self._answers[key] = (digest, receipt)
        notify(tuple(self._listeners) if events else (), events)
        return receipt

    def _now(self) -> int:
        """Recorded time orders events: it never runs backwards, whatever the clock does."""
        last = self._events[-1].recorded_at if self._events else 0
        return max(self._clock.now_ms(), last)

    def read(self, after: int, limit: int) -> list[Event]:
        """Events numbered above `after`, at most `limit`."""
        start = max(after, 0)
        return self._events[start : start + max(limit, 0)]

    def about(self, streams: Sequence[str], limit: int) -> list[Event]:
        """Events of these streams."""
        wanted = set(streams)
        return [e for e in self._events if e.stream in wanted][:limit]

    def told(self, after: int, limit: int) -> list[Told]:
        """What events tell a picture."""
        return [
            (e.seq, e.happened_at, e.kind, e.fact.version, encode_fact(e.fact))
            for e in self.read(after, limit)
        ]

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` called with each group of new events."""
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def close(self) -> None:
        """Nothing to let go of."""
