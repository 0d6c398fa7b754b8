"""The journal in a SQLite file: WAL, a full sync for every turn."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import apsw

from console.clock import Clock
from console.i18n import text_of
from console.journal.chain import Row, linked_entries
from console.journal.errors import JournalError, StorageFailed
from console.journal.group import GroupJournal
from console.journal.history import HISTORY_COLUMNS, Told
from console.journal.rows import EVENT_COLUMNS, event_of
from console.journal.sqlite_file import (
    check_whole,
    connect,
    end_of_submissions,
    keep_end,
    make_room,
    migrate,
    property_of,
    readable,
)
from console.journal.store import KeyTaken, Mark, Registered
from console.model.event import Event
from console.process import lock_exclusively

_KNOWN = "SELECT key, digest, first_seq, count FROM submission WHERE key"
_ONE = f"{_KNOWN} = ?"
_SOME = f"{_KNOWN} IN (SELECT unhex(value) FROM json_each(?))"
_READ = f"SELECT {EVENT_COLUMNS} FROM event WHERE seq > ? ORDER BY seq LIMIT ?"
_ABOUT = f"""SELECT {EVENT_COLUMNS} FROM event
             WHERE stream IN (SELECT value FROM json_each(?)) ORDER BY seq LIMIT ?"""
_TOLD = f"SELECT {HISTORY_COLUMNS} FROM event WHERE seq > ? ORDER BY seq LIMIT ?"
_END = "SELECT seq, recorded_at, chain FROM event ORDER BY seq DESC LIMIT 1"

_TAKEN = (apsw.SQLITE_CONSTRAINT_PRIMARYKEY, apsw.SQLITE_CONSTRAINT_UNIQUE)

_CHUNKS = (64, 16, 4, 1)
"""Rows in one statement. SQLite lets go of the interpreter for each statement; where another thread
wants it, getting it back costs more than the row."""


class SqliteJournal(GroupJournal):
    """`console.journal.Journal` in the file at `path`, which one process writes at a time.

    Raises JournalError when the file is not a journal, newer than this program, in use, or on a
    storage that does not keep its promises.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        super().__init__(SqliteStore(path, clock), clock)


class SqliteStore:
    """`console.journal.store.Store` in one file. Raises JournalError."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._lock_file = _locked(path)
        try:
            if path.is_file():
                check_whole(path)
            self._writer = connect(path)
            migrate(self._writer, clock)
            make_room(self._writer)
            self._reader = connect(path)
        except apsw.Error as error:
            self._lock_file.close()
            raise StorageFailed(str(error)) from error
        except JournalError:
            self._lock_file.close()
            raise
        self._reading = threading.Lock()
        try:
            self._id, self._mark = self._end()
        except StorageFailed:
            self.close()
            raise

    def _end(self) -> tuple[str, Mark]:
        """The journal's own name, and where it ends."""
        with readable():
            seq, recorded_at, chain = self._reader.execute(_END).fetchone() or Mark()[:3]
            mark = Mark(seq, recorded_at, chain, *end_of_submissions(self._reader))
            return property_of(self._reader, "id"), mark

    @property
    def id(self) -> str:
        """The journal's own name."""
        return self._id

    def hold(self, known: int) -> tuple[Mark, Sequence[Event]]:
        """The end; the lock on the file holds it for as long as the journal is open."""
        del known
        return self._mark, ()

    def registered(self, keys: Sequence[bytes]) -> Mapping[bytes, Registered]:
        """Those of `keys` that stand in the journal."""
        if len(keys) == 1:
            found = self._writer.execute(_ONE, keys)
        else:
            found = self._writer.execute(_SOME, (json.dumps([key.hex() for key in keys]),))
        return {row[0]: Registered(*row) for row in found}

    def commit(self, rows: Sequence[Row], entries: Sequence[Registered]) -> None:
        """Add everything in one transaction."""
        mark = self._mark
        linked = list(linked_entries(mark.submissions, mark.submissions_chain, entries))
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            _insert(self._writer, "event", rows)
            _insert(self._writer, "submission", linked)
            if linked:
                keep_end(self._writer, linked[-1].number, linked[-1].chain)
            self._writer.execute("COMMIT")
        except BaseException as error:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            if getattr(error, "extendedresult", None) in _TAKEN:
                raise KeyTaken from error
            raise
        end = (rows[-1].seq, rows[-1].recorded_at, rows[-1].chain) if rows else mark[:3]
        self._mark = Mark(*end, *(linked[-1][-2:] if linked else mark[3:]))

    def let_go(self) -> None:
        """Nothing to do: the file stays ours."""

    def has(self, key: bytes) -> bool:
        """Whether a submission is there."""
        return bool(self.registered([key]))

    def read(self, after: int, limit: int) -> list[Event]:
        """Durable events numbered above `after`, at most `limit`."""
        with self._reading, readable():
            return [event_of(row) for row in self._reader.execute(_READ, (after, limit))]

    def about(self, streams: Sequence[str], limit: int) -> list[Event]:
        """Durable events of these streams, the first `limit` of them."""
        with self._reading, readable():
            rows = self._reader.execute(_ABOUT, (json.dumps(list(streams)), limit))
            return [event_of(row) for row in rows]

    def told(self, after: int, limit: int) -> list[Told]:
        """What the durable events above `after`, at most `limit`, tell a picture."""
        with self._reading, readable():
            rows: list[Any] = self._reader.execute(_TOLD, (after, limit)).fetchall()
            return rows

    def follow(self, moved: Callable[[], None]) -> None:
        """Nobody else writes into the file."""

    def close(self) -> None:
        """Close the file."""
        with self._reading:
            self._reader.close()
        self._writer.close()
        self._lock_file.close()


def _insert(connection: apsw.Connection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    for chunk in _chunks(rows):
        row = f"({', '.join('?' * len(chunk[0]))})"
        values = ", ".join([row] * len(chunk))
        flat = [value for each in chunk for value in each]
        connection.execute(f"INSERT INTO {table} VALUES {values}", flat)


def _chunks(rows: Sequence[tuple[Any, ...]]) -> Iterator[Sequence[tuple[Any, ...]]]:
    """`rows` in few pieces of few sizes, so that few statements are prepared."""
    start = 0
    for size in _CHUNKS:
        while len(rows) - start >= size:
            yield rows[start : start + size]
            start += size


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
