"""The access log: who signed in, who was refused what, who changed whose rights.

It stands beside the journal, not in it: a stranger at the door must not be able to make the record
of the city grow. What changes the store is recorded in the same transaction. What changes nothing
(a refusal) is gathered and written in one go; what comes faster than can be kept is counted, and
the count is an entry itself.
"""

from __future__ import annotations

import logging
import threading

import msgspec

from console.access.area import Area
from console.access.store import Store, StoreFailed
from console.clock import Clock

log = logging.getLogger(__name__)

GATHERED_LIMIT = 2000
_DETAIL_LIMIT = 200
_PAGES_AT_ONCE = 20


class Note(msgspec.Struct, frozen=True):
    """One entry. `kind` is `access.` and what happened; `actor` who did or tried it; `address`
    where from; `detail` what about; `areas` the beginnings of the codes of the cells that it
    concerns, "" the whole city, none for what concerns nobody known here. `at` is ms UTC.
    """

    at: int
    kind: str
    actor: str
    address: str = ""
    detail: str = ""
    areas: tuple[str, ...] = ()

    def is_for(self, area: Area) -> bool:
        """Whether who answers for `area` may read it."""
        return area.is_whole or area.covers(Area(self.areas))


class AccessLog:
    """Writes to `store`. `record` is for what changes the store, and part of that change; `note`
    for all else: it returns at once, and `flush` puts on the disk what was gathered.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._gathered: list[bytes] = []
        self._dropped = 0
        self._flushing = threading.Lock()

    def record(
        self,
        kind: str,
        actor: str,
        address: str = "",
        detail: str = "",
        areas: tuple[str, ...] = (),
    ) -> None:
        """Something is changed. In `change`; raises StoreFailed."""
        self._store.note([self._entry(kind, actor, address, detail, areas)])

    def note(
        self,
        kind: str,
        actor: str,
        address: str = "",
        detail: str = "",
        areas: tuple[str, ...] = (),
    ) -> None:
        """Something happened that changed nothing."""
        if len(self._gathered) >= GATHERED_LIMIT:
            self._dropped += 1
            return
        self._gathered.append(self._entry(kind, actor, address, detail, areas))

    def _entry(
        self, kind: str, actor: str, address: str, detail: str, areas: tuple[str, ...]
    ) -> bytes:
        now = self._clock.now_ms()
        return msgspec.msgpack.encode(
            Note(now, kind, actor[:80], address, detail[:_DETAIL_LIMIT], areas)
        )

    def flush(self) -> None:
        """Write what was gathered; what cannot be written now is tried again. On any thread."""
        with self._flushing:
            self._flush()

    def _flush(self) -> None:
        gathered, dropped = self._gathered[:], self._dropped
        count = len(gathered)
        if not count:
            return
        if dropped:
            lost = Note(self._clock.now_ms(), "access.dropped", "system/log", "", str(dropped))
            gathered = [*gathered, msgspec.msgpack.encode(lost)]
        try:
            with self._store.change():
                self._store.note(gathered)
        except StoreFailed as error:
            log.error("the access log cannot be written: %s", error)
            return
        # More may have been noted meanwhile.
        del self._gathered[:count]
        self._dropped -= dropped

    def read(self, after: int, limit: int) -> list[tuple[int, Note]]:
        """Entries numbered above `after`, with their numbers, those not yet written too."""
        self.flush()
        notes = self._store.notes(after, limit)
        return [(row.seq, note_in(row.body)) for row in notes]

    def read_of(self, area: Area, after: int, limit: int) -> tuple[list[tuple[int, Note]], int]:
        """As `read`, what concerns `area` alone; and up to which entry was looked: a log may be
        long, and hold nothing for a street.
        """
        found: list[tuple[int, Note]] = []
        for _ in range(_PAGES_AT_ONCE):
            page = self.read(after, limit)
            if not page:
                break
            ours = [(seq, note) for seq, note in page if note.is_for(area)]
            found += ours[: limit - len(found)]
            if len(found) == limit:
                return found, found[-1][0]
            after = page[-1][0]
        return found, after


def note_in(body: bytes) -> Note:
    """The entry in `body`; one that is damaged hides no other, and says so itself."""
    try:
        return msgspec.msgpack.decode(body, type=Note)
    except (ValueError, TypeError, RecursionError):
        return Note(0, "access.unreadable", "")
