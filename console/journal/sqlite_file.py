"""The journal's SQLite file: opened as asked for, checked that it is so, and brought up to date."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from console.clock import Clock
from console.i18n import text_of
from console.journal.chain import START, Entry, Row, Tip, linked_entries
from console.journal.errors import JournalDamaged, JournalError, StorageFailed
from console.model.ids import new_key

APPLICATION_ID = 0x54524C53
"""`TRLS`: what tells a journal from any other SQLite file."""

LOG_LIMIT_BYTES = 16 << 20
"""What a write-ahead log that a long reader let grow is cut back to once it has been read past."""

_PRAGMAS: tuple[tuple[str, object, object], ...] = (
    ("journal_mode", "wal", "wal"),
    ("synchronous", "full", 2),
    ("wal_autocheckpoint", 1000, 1000),
    ("journal_size_limit", LOG_LIMIT_BYTES, LOG_LIMIT_BYTES),
)
"""Name, what to ask for, and what must read back. Each is set on its own: several in one call
silently did not all run."""

BUSY_TIMEOUT_MS = 5000

_CHAINED = 2
"""The version from which on submissions are chained."""
ENTRY_ORDER = "ORDER BY first_seq, count > 0, key"
"""As submissions were taken: who made no event names the next that there would be."""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE event (
        seq         INTEGER PRIMARY KEY,
        stream      TEXT    NOT NULL,
        kind        TEXT    NOT NULL,
        version     INTEGER NOT NULL,
        fact        BLOB    NOT NULL,
        happened_at INTEGER NOT NULL,
        recorded_at INTEGER NOT NULL,
        actor       TEXT    NOT NULL,
        cause       TEXT    NOT NULL,
        key         BLOB    NOT NULL,
        part        INTEGER NOT NULL,
        chain       BLOB    NOT NULL
    ) STRICT;
    CREATE INDEX event_of_stream ON event (stream, seq);
    CREATE TABLE submission (
        key       BLOB    PRIMARY KEY,
        digest    BLOB    NOT NULL,
        first_seq INTEGER NOT NULL,
        count     INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE property (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    """,
    """
    ALTER TABLE submission RENAME TO submission_1;
    CREATE TABLE submission (
        key       BLOB    PRIMARY KEY,
        digest    BLOB    NOT NULL,
        first_seq INTEGER NOT NULL,
        count     INTEGER NOT NULL,
        number    INTEGER NOT NULL,
        chain     BLOB    NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
)
"""What makes version n + 1 of version n; `user_version` counts them. Only ever added to."""


def _make_private(path: Path) -> None:
    """Make the file, if it is not there, for its owner alone; its log follows its mode."""
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise StorageFailed(str(error)) from error


def connect(path: Path, read_only: bool = False) -> apsw.Connection:
    """A connection set as `_PRAGMAS` asks. Raises StorageFailed when one does not read back."""
    if not read_only:
        _make_private(path)
    flags = apsw.SQLITE_OPEN_READWRITE
    connection = apsw.Connection(str(path), flags=flags)
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    if read_only:
        connection.pragma("query_only", True)
        return connection
    for name, asked, wanted in _PRAGMAS:
        connection.pragma(name, asked)
        found = connection.pragma(name)
        if found != wanted:
            connection.close()
            raise StorageFailed(f"PRAGMA {name} = {asked!r} reads back {found!r}")
    return connection


ROOM_BYTES = 4 << 20


def make_room(connection: apsw.Connection) -> None:
    """Grow the write-ahead log beforehand.

    A sync of a file that also grew costs about twice one that was written over: it must make the
    new length durable too. The room is written and dropped again, so the log keeps its size and
    the pages of the journal are used later.
    """
    log = Path(connection.filename_wal)
    if log.exists() and log.stat().st_size >= ROOM_BYTES:
        return
    with connection:
        connection.execute("CREATE TABLE room (bytes BLOB) STRICT")
        connection.execute("INSERT INTO room VALUES (randomblob(?))", (ROOM_BYTES,))
    connection.execute("DROP TABLE room")
    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_RESTART)


def migrate(connection: apsw.Connection, clock: Clock) -> None:
    """Bring the schema up to date. Raises JournalError for a file that is not ours, or newer."""
    version = connection.pragma("user_version")
    _check_ours(connection, version)
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        with connection:
            connection.execute(script)
            connection.pragma("user_version", number)
            connection.pragma("application_id", APPLICATION_ID)
            if number == 1:
                key = new_key(clock.now_ms())
                connection.execute("INSERT INTO property VALUES ('id', ?)", (key,))
            elif number == _CHAINED:
                _chain_submissions(connection)


def _chain_submissions(connection: apsw.Connection) -> None:
    """Tie the submissions of a journal that did not, as they were taken."""
    sql = f"SELECT key, digest, first_seq, count FROM submission_1 {ENTRY_ORDER}"
    entries = linked_entries(0, START, connection.execute(sql))
    connection.executemany("INSERT INTO submission VALUES (?, ?, ?, ?, ?, ?)", entries)
    connection.execute("DROP TABLE submission_1")
    sql = "SELECT number, chain FROM submission ORDER BY number DESC LIMIT 1"
    keep_end(connection, *(connection.execute(sql).fetchone() or (0, START)))


def keep_end(connection: apsw.Connection, number: int, chain: bytes) -> None:
    """Say in the file where the chain of submissions ends."""
    end = f"{number}:{chain.hex()}"
    connection.execute("INSERT OR REPLACE INTO property VALUES ('submissions', ?)", (end,))


def end_of_submissions(connection: apsw.Connection) -> tuple[int, bytes]:
    """The number and the hash of the last submission, as the file says."""
    number, _, chain = property_of(connection, "submissions").partition(":")
    try:
        return int(number), bytes.fromhex(chain)
    except ValueError as error:
        raise TypeError(f"property submissions: {error}") from error


def _check_ours(connection: apsw.Connection, version: Any) -> None:
    ours = connection.pragma("application_id") == APPLICATION_ID
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").get
    if not ours and tables:
        raise JournalError(text_of("server.error.not_a_journal", file=connection.filename))
    if version > len(MIGRATIONS):
        raise JournalError(
            text_of("server.error.newer_journal", file=connection.filename, version=version)
        )


def property_of(connection: apsw.Connection, name: str) -> str:
    """A property of the journal that is always there."""
    return str(connection.execute("SELECT value FROM property WHERE name = ?", (name,)).get)


@contextmanager
def readable() -> Iterator[None]:
    """What a damaged file makes of reading it becomes StorageFailed."""
    try:
        yield
    except (apsw.Error, UnicodeDecodeError, TypeError) as error:
        raise StorageFailed(str(error)) from error


_HEADER = struct.Struct(">16sH10xI36xI")
"""Of a SQLite file: magic, bytes of a page, pages, and 36 bytes later the application's number."""
_ENTRY = "key, digest, first_seq, count, number, chain"
_MAGIC = b"SQLite format 3\0"
_UNREADABLE = (apsw.CorruptError, apsw.NotADBError, UnicodeDecodeError, TypeError)


PIECE = 2000
"""Events that are read at a time."""


class SqliteLedger:
    """The rows of a journal file as they lie there at one moment; never writes.

    While any reader stands at a moment the server's write-ahead log grows, so nobody stands there
    for as long as a check takes: the submissions are put aside at once, and events, which do not
    change once they are durable, are read in pieces. Raises JournalError, JournalDamaged.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise JournalError(text_of("server.error.no_such_journal", file=str(path)))
        self._path = path
        self._read = 0
        """The last event that could be read."""
        self._last: int | None = None
        check_whole(path)
        try:
            self._connection = connect(path, read_only=True)
            with self._intact():
                _check_ours(self._connection, self._connection.pragma("user_version"))
                probe = "SELECT count(*) FROM submission"
                self._connection.execute(probe).get  # noqa: B018 - a probe
        except apsw.Error as error:
            raise JournalError(text_of("server.error.not_a_journal", file=str(path))) from error

    def rows(self) -> Iterator[Row]:
        """All events, by number."""
        after, damage = -(1 << 63), None
        with readable(), self._intact():
            last = self._moment()
            while damage is None:
                piece, damage = self._piece(after, last)
                if not piece:
                    break
                for found in piece:
                    yield Row(*found)
                    self._read = after = found[0]
            if damage is not None:
                raise damage

    def entries(self) -> Iterator[Entry]:
        """All submissions, in the order in which they were taken."""
        with readable(), self._intact():
            self._moment()
            for found in self._connection.execute("SELECT * FROM temp.aside ORDER BY rowid"):
                yield Entry(*found)

    @contextmanager
    def _intact(self) -> Iterator[None]:
        """What a damaged file makes of reading it becomes JournalDamaged."""
        try:
            yield
        except _UNREADABLE as error:
            if not _is_ours(self._path):
                raise
            message = text_of(
                "server.error.damaged_journal", file=self._path, seq=self._read, reason=error
            )
            raise JournalDamaged(message) from error

    def tip(self) -> Tip:
        """The last event's number and hash. Raises StorageFailed."""
        sql = "SELECT seq, chain FROM event ORDER BY seq DESC LIMIT 1"
        with readable(), self._intact():
            found = self._connection.execute(sql).fetchone()
            tip = Tip(property_of(self._connection, "id"), *(found or (0, START)))
            if self._connection.pragma("user_version") < _CHAINED:
                return tip
            number, chain = end_of_submissions(self._connection)
            return tip._replace(submissions=number, submissions_chain=chain)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _moment(self) -> int:
        """The number of the last event at the first call, for which the submissions are put aside:
        rows and entries fit together while a server writes.
        """
        if self._last is None:
            sql = f"SELECT {_ENTRY} FROM main.submission ORDER BY number, key"
            if self._connection.pragma("user_version") < _CHAINED:
                sql = f"SELECT key, digest, first_seq, count FROM main.submission {ENTRY_ORDER}"
            # Only what is put aside is written, and not into the journal.
            self._connection.pragma("query_only", False)
            with self._connection:
                self._connection.execute(f"CREATE TEMP TABLE aside AS {sql}")
                last = self.tip().seq
            self._connection.pragma("query_only", True)
            self._last = last
        return self._last

    def _piece(self, after: int, last: int) -> tuple[list[tuple[Any, ...]], Exception | None]:
        """The next events as far as they can be read, and why it goes no further."""
        sql = f"""SELECT {", ".join(Row._fields)} FROM event
                  WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT {PIECE}"""
        found: list[tuple[Any, ...]] = []
        try:
            for row in self._connection.execute(sql, (after, last)):
                found.append(row)
        except (apsw.Error, UnicodeDecodeError) as error:
            return found, error
        return found, None


def check_whole(path: Path) -> None:
    """Raise JournalDamaged for a journal that ends before its own end.

    A database of SQLite names its pages at its beginning, and what it has taken over of its log is
    never less.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        begin = file.read(_HEADER.size)
    if size < _HEADER.size:
        # What is so short is nobody's database; where signed heads lie beside it, it was ours.
        if begin == _MAGIC[: len(begin)] and (begin or path.with_suffix(".audit").is_dir()):
            raise _cut(path, size, _HEADER.size)
        return
    magic, page_bytes, pages, application = _HEADER.unpack(begin)
    wanted = pages * (page_bytes if page_bytes > 1 else 1 << 16)
    if magic == _MAGIC and application == APPLICATION_ID and size < wanted:
        raise _cut(path, size, wanted)


def _cut(path: Path, size: int, wanted: int) -> JournalDamaged:
    return JournalDamaged(text_of("server.error.cut_journal", file=path, at=size, wanted=wanted))


def _is_ours(path: Path) -> bool:
    with path.open("rb") as file:
        begin = file.read(_HEADER.size)
    return len(begin) == _HEADER.size and _HEADER.unpack(begin)[3] == APPLICATION_ID
