"""The journal in a SQLite file: WAL, a full sync for every group of commits.

One thread writes. It commits whatever was queued while the last commit was on its way to the disk
(natural batching): alone a submission waits for one sync, in a crowd they share it.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import apsw

from console.clock import Clock
from console.i18n import text_of
from console.journal.chain import START, Row, link
from console.journal.errors import JournalError, JournalMoved, KeyReused, StorageFailed
from console.journal.interface import Batch, Listener, Receipt, done_future, notify
from console.journal.sqlite_file import connect, migrate, property_of
from console.model.event import Event
from console.process import lock_exclusively
from console.wire import decode_fact, encode_fact

log = logging.getLogger(__name__)

MAX_GROUP = 1024
"""Submissions in one commit."""

_COLUMNS = "seq, stream, kind, version, fact, happened_at, recorded_at, actor, cause, key, part"
_ADD_EVENT = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ADD_SUBMISSION = "INSERT INTO submission VALUES (?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class _Queued:
    batch: Batch
    receipt: Receipt
    first_seq: int


class SqliteJournal:
    """`console.journal.Journal` in the file at `path`, which one process writes at a time.

    Raises JournalError when the file is not a journal, newer than this program, in use, or on a
    storage that does not keep its promises.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._lock_file = _locked(path)
        try:
            self._writer = connect(path)
            migrate(self._writer, clock)
            self._reader = connect(path)
        except apsw.Error as error:
            self._lock_file.close()
            raise StorageFailed(str(error)) from error
        except JournalError:
            self._lock_file.close()
            raise
        self._reading = threading.Lock()
        self._id = property_of(self._reader, "id")
        self._head, self._recorded_at, self._chain = self._end()
        self._numbered = self._head
        self._queue: list[_Queued] = []
        self._under_way: dict[str, _Queued] = {}
        self._listeners: list[Listener] = []
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._write, name="journal", daemon=True)
        self._thread.start()

    @property
    def id(self) -> str:
        """The journal's own name."""
        return self._id

    @property
    def head(self) -> int:
        """The number of the last durable event."""
        return self._head

    @property
    def numbered(self) -> int:
        """The number of the last event that has one."""
        return self._numbered

    def find(self, key: str, digest: bytes) -> Receipt | None:
        """The first answer to `key`, or None. Raises KeyReused."""
        queued = self._under_way.get(key)
        if queued is not None:
            if queued.batch.digest != digest:
                raise KeyReused
            return Receipt(queued.receipt.events, queued.receipt.durable, repeated=True)
        return self._stored(key, digest)

    def append(self, batch: Batch, after: int) -> Receipt:
        """Number the batch and queue it for the disk."""
        with self._changed:
            known = self.find(batch.key, batch.digest)
            if known is not None:
                return known
            if after != self._numbered:
                raise JournalMoved
            if self._closing:
                raise StorageFailed("closed")
            self._recorded_at = max(self._clock.now_ms(), self._recorded_at)
            receipt = Receipt(batch.numbered(after + 1, self._recorded_at), Future())
            queued = _Queued(batch, receipt, after + 1)
            self._numbered += len(receipt.events)
            self._queue.append(queued)
            self._under_way[batch.key] = queued
            self._changed.notify()
        return receipt

    def read(self, after: int, limit: int) -> list[Event]:
        """Durable events numbered above `after`, at most `limit`."""
        sql = f"SELECT {_COLUMNS} FROM event WHERE seq > ? ORDER BY seq LIMIT ?"
        with self._reading:
            return [_event(r) for r in self._reader.execute(sql, (after, max(limit, 0)))]

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` called, on the writing thread, with each group of durable events."""
        with self._changed:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def close(self) -> None:
        """Write what is queued, then close the file."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()
        with self._reading:
            self._reader.close()
        self._writer.close()
        self._lock_file.close()

    def _end(self) -> tuple[int, int, bytes]:
        sql = "SELECT seq, recorded_at, chain FROM event ORDER BY seq DESC LIMIT 1"
        found = self._reader.execute(sql).fetchone()
        return (found[0], found[1], found[2]) if found else (0, 0, START)

    def _stored(self, key: str, digest: bytes) -> Receipt | None:
        sql = "SELECT digest, first_seq, count FROM submission WHERE key = ?"
        with self._reading:
            found = self._reader.execute(sql, (uuid.UUID(key).bytes,)).fetchone()
        if found is None:
            return None
        known_digest, first_seq, count = found
        if known_digest != digest:
            raise KeyReused
        return Receipt(tuple(self.read(first_seq - 1, count)), done_future(), repeated=True)

    def _write(self) -> None:
        while True:
            group = self._next_group()
            if not group:
                return
            try:
                self._commit(group)
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
                self._fail(group, error)
            else:
                self._publish(group)

    def _next_group(self) -> list[_Queued]:
        """What has queued up; empty when the journal closes."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing)
            group = self._queue[:MAX_GROUP]
            del self._queue[:MAX_GROUP]
            return group

    def _commit(self, group: list[_Queued]) -> None:
        rows = list(_linked(self._chain, (e for q in group for e in q.receipt.events)))
        entries = [
            (
                uuid.UUID(q.batch.key).bytes,
                q.batch.digest,
                q.first_seq,
                len(q.receipt.events),
            )
            for q in group
        ]
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            self._writer.executemany(_ADD_EVENT, rows)
            self._writer.executemany(_ADD_SUBMISSION, entries)
            self._writer.execute("COMMIT")
        except BaseException:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise
        if rows:
            self._chain = rows[-1].chain
            self._head = rows[-1].seq

    def _publish(self, group: list[_Queued]) -> None:
        events = tuple(e for q in group for e in q.receipt.events)
        with self._changed:
            for queued in group:
                del self._under_way[queued.batch.key]
            listeners = tuple(self._listeners) if events else ()
        for queued in group:
            queued.receipt.durable.set_result(None)
        notify(listeners, events)

    def _fail(self, group: list[_Queued], error: Exception) -> None:
        """Everything numbered but not written is void: what is queued was decided on it."""
        log.error("the journal could not be written: %s", error)
        with self._changed:
            failed = group + self._queue
            self._queue = []
            self._under_way.clear()
            self._numbered = self._head
        for queued in failed:
            queued.receipt.durable.set_exception(StorageFailed(str(error)))


def _locked(path: Path) -> IO[bytes]:
    """The lock beside the journal, held: two writers would number the same event."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.with_name(path.name + ".lock").open("ab")
    except OSError as error:
        raise StorageFailed(str(error)) from error
    if not lock_exclusively(file):
        file.close()
        raise JournalError(text_of("server.error.journal_in_use", file=str(path)))
    return file


def _linked(chain: bytes, events: Iterable[Event]) -> Iterable[Row]:
    for event in events:
        row = _row(event)
        chain = link(chain, row)
        yield row._replace(chain=chain)


def _row(event: Event) -> Row:
    return Row(
        seq=event.seq,
        stream=event.stream,
        kind=event.kind,
        version=event.version,
        fact=encode_fact(event.fact),
        happened_at=event.happened_at,
        recorded_at=event.recorded_at,
        actor=event.actor,
        cause=event.cause,
        key=uuid.UUID(event.key).bytes,
        part=event.part,
        chain=b"",
    )


def _event(row: tuple[apsw.SQLiteValue, ...]) -> Event:
    stored = Row._make((*row, b""))
    return Event(
        seq=stored.seq,
        stream=stored.stream,
        fact=decode_fact(stored.kind, stored.version, stored.fact),
        happened_at=stored.happened_at,
        recorded_at=stored.recorded_at,
        actor=stored.actor,
        cause=stored.cause,
        key=str(uuid.UUID(bytes=stored.key)),
        part=stored.part,
    )
