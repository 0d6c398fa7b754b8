"""A picture kept beside the journal, so that a start does not depend on how long its history is.

A SQLite file of what incidents, commands and units were after some event. It is never the record:
one of another fold, of another journal, or damaged is thrown away and made anew from the journal.
What is over (closed incidents and their commands) stays in the file until somebody asks for it.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import apsw

from console.journal import StorageFailed
from console.model.command import Command
from console.model.incident import Incident
from console.model.picture import FOLD_VERSION, Picture
from console.model.records import CommandRecord, IncidentRecord, Record, Records
from console.model.unit import UnitState
from console.wire import WireError
from console.wire.pictures import decode_stored, encode_stored

log = logging.getLogger(__name__)

FORMAT = 2
NEWEST = 2000
"""Commands brought in though they are over: a device that comes back asks for its last ones."""

_SCHEMA = """
    CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE incident (id TEXT NOT NULL, seq INTEGER NOT NULL, alive INTEGER NOT NULL,
                           body BLOB NOT NULL, PRIMARY KEY (id, seq)) STRICT, WITHOUT ROWID;
    CREATE INDEX incident_alive ON incident (id, seq) WHERE alive;
    CREATE TABLE command (id TEXT NOT NULL, seq INTEGER NOT NULL, alive INTEGER NOT NULL,
                          body BLOB NOT NULL, PRIMARY KEY (id, seq)) STRICT, WITHOUT ROWID;
    CREATE INDEX command_alive ON command (id, seq) WHERE alive;
    CREATE TABLE unit (id TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE series (name TEXT PRIMARY KEY, serial INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""
"""An incident or command may stand there twice: as the running pictures found it when they were
loaded (they know what happened since, and must not find that in the file), and as it is now."""

_DAMAGE = (apsw.Error, WireError, ValueError, TypeError, LookupError)
"""What a damaged file makes of reading it: SQLite has no checksums of its own, so that a table may
hold anything, text that is none among it.
"""

R = TypeVar("R", bound=Record[Any])
V = TypeVar("V", bound=Incident | Command)
S = TypeVar("S", bound=Incident | Command | UnitState)


@dataclass(frozen=True, slots=True)
class Changes:
    """What has become different up to event `seq`."""

    seq: int
    incidents: Sequence[Incident]
    commands: Sequence[tuple[Command, bool]]
    """Each with whether its incident is open."""
    units: Sequence[UnitState]
    numbers_given: dict[str, int]


class DamagedSnapshot(Exception):  # noqa: N818 - it reads as what happened
    """The file cannot be used; it is no loss."""


class SnapshotFile:
    """The file at `path`. Raises DamagedSnapshot where it is not this journal's, or not whole."""

    def __init__(self, path: Path, journal_id: str) -> None:
        self._path = path
        self._about = {"format": FORMAT, "fold": FOLD_VERSION, "journal": journal_id}
        self._lock = threading.Lock()
        try:
            self._connection = _connect(path)
            self.seq = self._prepare()
        except (*_DAMAGE, OSError) as error:
            raise DamagedSnapshot(str(error)) from error
        self._loaded_seq = self.seq

    def load(self) -> Picture:
        """The stored picture; what is over comes in when it is asked for."""
        picture = Picture(
            timelines=False,
            incidents=_Stored(IncidentRecord.of, self, Incident),
            commands=_Stored(CommandRecord.of, self, Command),
        )
        try:
            picture.keep(
                self.seq,
                self._incidents(),
                self._commands(),
                [_of_id(UnitState, *row) for row in self._rows("SELECT id, body FROM unit")],
                dict(self._rows("SELECT name, serial FROM series")),
            )
        except _DAMAGE as error:
            raise DamagedSnapshot(str(error)) from error
        return picture

    def fetch(self, cls: type[V], key: str) -> V | None:
        """What was so when the pictures were loaded. Raises StorageFailed for a damaged entry."""
        sql = f"SELECT body FROM {_TABLES[cls]} WHERE id = ? AND seq <= ? ORDER BY seq DESC LIMIT 1"
        try:
            found = self._rows(sql, key, self._loaded_seq)
            return _of_id(cls, key, found[0][0]) if found else None
        except _DAMAGE as error:
            raise self._found_out(error) from error

    def fetch_all(self, cls: type[V], keys: Sequence[str]) -> list[V]:
        """The same for many."""
        sql = f"""SELECT max(seq), id, body FROM {_TABLES[cls]}
                  WHERE seq <= ? AND id IN (SELECT value FROM json_each(?)) GROUP BY id"""
        try:
            rows = self._rows(sql, self._loaded_seq, json.dumps(list(keys)))
            return [_of_id(cls, key, body) for _, key, body in rows]
        except _DAMAGE as error:
            raise self._found_out(error) from error

    def keys(self, cls: type[V], limit: int | None = None) -> list[str]:
        """The ids of all there were when the pictures were loaded, or of the last `limit`, in
        order. Raises StorageFailed for a damaged file.
        """
        newest = f"SELECT DISTINCT id FROM {_TABLES[cls]} WHERE seq <= ? ORDER BY id DESC LIMIT ?"
        try:
            rows = self._rows(newest, self._loaded_seq, -1 if limit is None else limit)
            return [key for (key,) in reversed(rows)]
        except _DAMAGE as error:
            raise self._found_out(error) from error

    def save(self, changes: Changes) -> None:
        """Bring the file up to `changes.seq`, all or nothing. Raises apsw.Error."""
        with self._lock, self._connection:
            self._put(Incident, changes.seq, ((i, i.stage.is_open) for i in changes.incidents))
            self._put(
                Command, changes.seq, ((c, o or not c.step.is_final) for c, o in changes.commands)
            )
            units = [(unit.id, encode_stored(unit)) for unit in changes.units]
            self._connection.executemany("INSERT OR REPLACE INTO unit VALUES (?, ?)", units)
            series = list(changes.numbers_given.items())
            self._connection.executemany("INSERT OR REPLACE INTO series VALUES (?, ?)", series)
            self._set("seq", changes.seq)
            for table in _TABLES.values():
                count = f"SELECT count(*) FROM {table} WHERE alive"
                self._set(table, self._connection.execute(count).get)
        self.seq = changes.seq

    def discard(self) -> None:
        """Take the file away; what is open of it can be read on."""
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def _found_out(self, error: Exception) -> StorageFailed:
        """The file is damaged, which shows only now: the next start makes it anew."""
        log.error("%s is damaged; it is made anew at the next start: %s", self._path, error)
        self.discard()
        return StorageFailed(f"{self._path.name}: {error}")

    def _put(self, cls: type[V], seq: int, values: Iterable[tuple[V, bool]]) -> None:
        table = _TABLES[cls]
        rows = [(v.id, seq, int(alive), encode_stored(v)) for v, alive in values]
        newest = f"SELECT max(seq) FROM {table} WHERE id = ?1 AND seq <= {self._loaded_seq}"
        stale = f"DELETE FROM {table} WHERE id = ?1 AND seq IS NOT ({newest})"
        self._connection.executemany(stale, [(row[0],) for row in rows])
        over = f"UPDATE {table} SET alive = 0 WHERE id = ? AND alive"
        self._connection.executemany(over, [(row[0],) for row in rows])
        self._connection.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?)", rows)

    def _incidents(self) -> list[Incident]:
        """Those that are open, in the order they were reported."""
        sql = "SELECT id, body FROM incident WHERE alive ORDER BY id"
        rows = self._rows(sql)
        self._check_count(Incident, len(rows))
        return [_of_id(Incident, key, body) for key, body in rows]

    def _commands(self) -> list[Command]:
        """Those that are not over and the newest, in the order they were given."""
        self._check_count(Command, self._rows("SELECT count(*) FROM command WHERE alive")[0][0])
        newest = "SELECT id FROM command ORDER BY id DESC LIMIT ?"
        sql = f"SELECT max(seq), id, body FROM command WHERE alive OR id IN ({newest}) GROUP BY id"
        return [_of_id(Command, key, body) for _, key, body in self._rows(sql, NEWEST)]

    def _check_count(self, cls: type[V], found: int) -> None:
        """What is open is all there: a damaged index leaves rows out without a word."""
        ((said,),) = self._rows("SELECT value FROM about WHERE name = ?", _TABLES[cls])
        if int(said) != found:
            raise DamagedSnapshot(f"{found} of {said} open entries in {_TABLES[cls]}")

    def _rows(self, sql: str, *values: str | int) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def _prepare(self) -> int:
        if not self._rows("SELECT 1 FROM sqlite_schema LIMIT 1"):
            with self._connection:
                self._connection.execute(_SCHEMA)
                for name, value in {**self._about, "seq": 0, "incident": 0, "command": 0}.items():
                    self._set(name, value)
            return 0
        about = dict(self._rows("SELECT name, value FROM about"))
        if any(about.get(name) != str(value) for name, value in self._about.items()):
            raise DamagedSnapshot(f"it is of {about}")
        return int(about["seq"])

    def _set(self, name: str, value: object) -> None:
        sql = "INSERT OR REPLACE INTO about VALUES (?, ?)"
        self._connection.execute(sql, (name, str(value)))


_TABLES: dict[type, str] = {Incident: "incident", Command: "command"}


MOST_FETCHED = 20_000
"""Incidents, and commands, that are held because somebody asked: those asked for first go first."""


class _Stored(Records[R, V], Generic[R, V]):
    """Records of which those that are over lie in the file until they are asked for.

    What was brought in goes again in its turn, but for what has changed since: the file has that as
    it was.
    """

    def __init__(self, record_of: Callable[[V], R], file: SnapshotFile, cls: type[V]) -> None:
        super().__init__(record_of)
        self._file = file
        self._cls = cls
        self._fetched: dict[str, V] = {}

    def bring_in(self, key: str, value: V) -> R:
        record = super().bring_in(key, value)
        self._fetched[key] = value
        while len(self._fetched) > MOST_FETCHED:
            oldest = next(iter(self._fetched))
            unchanged = self._fetched.pop(oldest)
            found = self.get(oldest)
            if found is not None and found.frozen is unchanged:
                del self[oldest]
        return record

    def fetch(self, key: str) -> V | None:
        return self._file.fetch(self._cls, key)

    def fetch_all(self, keys: Sequence[str]) -> list[V]:
        return self._file.fetch_all(self._cls, keys)

    def copied(self) -> Records[R, V]:
        return self._filled(_Stored(self._record_of, self._file, self._cls))

    def newest(self, limit: int) -> list[str]:
        return sorted({*self, *self._file.keys(self._cls, limit)}, reverse=True)[:limit]

    def all_keys(self) -> Iterator[str]:
        stored = self._file.keys(self._cls)
        known = set(stored)
        return iter([*stored, *(key for key in self if key not in known)])

    def count(self) -> int:
        return len(list(self.all_keys()))


def _of_id(cls: type[S], key: str, body: bytes) -> S:
    """The value in `body`, which is that of `key`. Raises WireError."""
    value = decode_stored(cls, body)
    if value.id != key:
        raise WireError(f"{key} holds another {cls.__name__}")
    return value


def _connect(path: Path) -> apsw.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = apsw.Connection(str(path))
    # Not durable to the last save, but whole after a crash; the journal has everything.
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "normal")
    connection.set_busy_timeout(2000)
    return connection
