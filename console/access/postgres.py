"""The store of people and devices in PostgreSQL, beside the journal, shared by all nodes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString

from console.access import postgres_schema
from console.access.log_chain import START, LogRow, chained
from console.access.store import StoreFailed
from console.i18n import text_of
from console.journal.errors import StorageFailed
from console.journal.postgres_link import READ_S, Connection, Link

_LOCK = 0x5452414C
"""`TRAL`: the advisory lock that makes writers take turns."""


class PostgresStore:
    """`console.access.store.Store` beside the journal at `url`, which must be there already."""

    def __init__(self, url: str) -> None:
        self._link = Link(url, limit_s=READ_S)
        self._lock = threading.RLock()
        self._depth = 0
        self.changes = 0
        try:
            self._prepare()
        except StoreFailed:
            self.close()
            raise

    def get(self, kind: str, key: str) -> bytes | None:
        """The entry, or None."""
        rows = self._rows("SELECT body FROM access_entry WHERE kind = %s AND key = %s", kind, key)
        return bytes(rows[0][0]) if rows else None

    def group(self, kind: str, group: str) -> list[bytes]:
        """The entries of a group, in the order of their keys."""
        sql: LiteralString = (
            "SELECT body FROM access_entry WHERE kind = %s AND grp = %s AND grp <> '' "
            'ORDER BY key COLLATE "C"'
        )
        return [bytes(row[0]) for row in self._rows(sql, kind, group)]

    def all(self, kind: str) -> list[bytes]:
        """All entries of a kind, in the order of their keys."""
        sql: LiteralString = (
            'SELECT body FROM access_entry WHERE kind = %s ORDER BY key COLLATE "C"'
        )
        return [bytes(row[0]) for row in self._rows(sql, kind)]

    @contextmanager
    def change(self) -> Iterator[None]:
        """One durable change of all or nothing; one inside another is part of the outer."""
        with self._lock:
            if self._depth:
                yield
                return
            self._begin()
            self._depth = 1
            try:
                yield
                self._commit()
                self.changes += 1
            finally:
                self._depth = 0
                self._link.reset()

    def put(self, kind: str, key: str, body: bytes, group: str = "", ends_at: int = 0) -> None:
        """Keep an entry in place of one with the same key."""
        sql: LiteralString = (
            "INSERT INTO access_entry (kind, key, grp, ends_at, body) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (kind, key) DO UPDATE SET grp = excluded.grp, "
            "ends_at = excluded.ends_at, body = excluded.body"
        )
        self._do(sql, kind, key, group, ends_at, body)

    def delete(self, kind: str, key: str) -> None:
        """Forget an entry, if there is one."""
        self._do("DELETE FROM access_entry WHERE kind = %s AND key = %s", kind, key)

    def purge(self, now_ms: int) -> None:
        """Forget what has ended."""
        self._do("DELETE FROM access_entry WHERE ends_at > 0 AND ends_at <= %s", now_ms)

    def note(self, records: Sequence[bytes]) -> None:
        """Add to the access log, at the chain's end."""
        rows = list(chained(*self.log_end(), records))
        sql: LiteralString = (
            "INSERT INTO access_log (seq, body, chain) "
            "SELECT * FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[])"
        )
        self._do(sql, *([row[part] for row in rows] for part in range(3)))

    def notes(self, after: int, limit: int) -> list[LogRow]:
        """The log's entries numbered above `after`."""
        sql: LiteralString = (
            "SELECT seq, body, chain FROM access_log WHERE seq > %s ORDER BY seq LIMIT %s"
        )
        found = self._rows(sql, after, limit)
        return [LogRow(seq, bytes(body), bytes(chain)) for seq, body, chain in found]

    def log_end(self) -> tuple[int, bytes]:
        """The number and the hash of the log's last entry."""
        rows = self._rows("SELECT seq, chain FROM access_log ORDER BY seq DESC LIMIT 1")
        return (int(rows[0][0]), bytes(rows[0][1])) if rows else (0, START)

    def cut_log(self, through: int) -> None:
        """Forget the log's entries up to number `through`."""
        self._do("DELETE FROM access_log WHERE seq <= %s", through)

    def stamp(self) -> int:
        """How many changes there were, by all nodes."""
        return int(self._rows("SELECT value FROM access_stamp")[0][0])

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._link.close()

    def _prepare(self) -> None:
        if self._rows("SELECT to_regclass('event') IS NULL")[0][0]:
            raise StoreFailed(text_of("access.error.no_journal_yet"))
        with self._connected() as connection:
            current = postgres_schema.is_current(connection)
        if not current:
            with self.change(), self._connected() as connection:
                postgres_schema.migrate(connection)

    def _begin(self) -> None:
        with self._connected() as connection:
            connection.execute("BEGIN")
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))

    def _commit(self) -> None:
        with self._connected() as connection:
            connection.execute("UPDATE access_stamp SET value = value + 1")
            connection.execute("COMMIT")

    def _rows(self, sql: LiteralString, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock, self._connected() as connection:
            return connection.execute(sql, values).fetchall()

    def _do(self, sql: LiteralString, *values: Any) -> None:
        with self._lock, self._connected() as connection:
            connection.execute(sql, values)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """The connection; inside a change the one that it began on."""
        try:
            with self._link.standing() if self._depth else self._link.connected() as connection:
                yield connection
        except StorageFailed as error:
            raise StoreFailed(text_of("access.error.store_failed", reason=str(error))) from error
