"""The access log: who signed in, who was refused what, who changed whose rights.

It stands beside the journal, not in it: a stranger at the door must not be able to make the record
of the city grow. Entries are gathered and written in one go; what comes faster than can be kept is
counted, and the count is an entry itself.
"""

from __future__ import annotations

import logging
import threading

import msgspec

from console.access.store import Store, StoreFailed
from console.clock import Clock

log = logging.getLogger(__name__)

GATHERED_LIMIT = 2000
_DETAIL_LIMIT = 200


class Note(msgspec.Struct, frozen=True):
    """One entry. `kind` is `access.` and what happened; `actor` who did or tried it; `address`
    where from; `detail` what about. `at` is ms UTC.
    """

    at: int
    kind: str
    actor: str
    address: str = ""
    detail: str = ""


class AccessLog:
    """Writes to `store`. `note` returns at once; `flush` puts on the disk what was gathered."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._gathered: list[bytes] = []
        self._dropped = 0
        self._flushing = threading.Lock()

    def note(self, kind: str, actor: str, address: str = "", detail: str = "") -> None:
        """Something happened."""
        if len(self._gathered) >= GATHERED_LIMIT:
            self._dropped += 1
            return
        entry = Note(self._clock.now_ms(), kind, actor[:80], address, detail[:_DETAIL_LIMIT])
        self._gathered.append(msgspec.msgpack.encode(entry))

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


def note_in(body: bytes) -> Note:
    """The entry in `body`; one that is damaged hides no other, and says so itself."""
    try:
        return msgspec.msgpack.decode(body, type=Note)
    except (ValueError, TypeError, RecursionError):
        return Note(0, "access.unreadable", "")
