"""The store of people and devices in PostgreSQL, beside the journal, shared by all nodes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString

from console.access.store import StoreFailed
from console.i18n import text_of
from console.journal.errors import StorageFailed
from console.journal.postgres_link import Connection, Link

_LOCK = 0x5452414C
"""`TRAL`: the advisory lock that makes writers take turns."""

_SCHEMA = """
    CREATE TABLE IF NOT EXISTS access_entry (
        kind text NOT NULL, key text NOT NULL, grp text NOT NULL,
        ends_at bigint NOT NULL, body bytea NOT NULL, PRIMARY KEY (kind, key));
    CREATE INDEX IF NOT EXISTS access_entry_of_group ON access_entry (kind, grp) WHERE grp <> '';
    CREATE INDEX IF NOT EXISTS access_entry_ends ON access_entry (ends_at) WHERE ends_at > 0;
    CREATE TABLE IF NOT EXISTS access_log (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL);
    CREATE TABLE IF NOT EXISTS access_stamp (
        one boolean PRIMARY KEY DEFAULT true CHECK (one), value bigint NOT NULL);
    INSERT INTO access_stamp (value) VALUES (0) ON CONFLICT DO NOTHING;
"""


class PostgresStore:
    """`console.access.store.Store` beside the journal at `url`, which must be there already."""

    def __init__(self, url: str) -> None:
        self._link = Link(url)
        self._lock = threading.RLock()
        self._depth = 0
        self.changes = 0
        if self._rows("SELECT to_regclass('event') IS NULL")[0][0]:
            self.close()
            raise StoreFailed(text_of("access.error.no_journal_yet"))
        if self._rows("SELECT to_regclass('access_stamp') IS NULL")[0][0]:
            with self.change(), self._connected() as connection:
                connection.execute(_SCHEMA)

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
        """Add to the access log."""
        sql: LiteralString = "INSERT INTO access_log (body) SELECT * FROM unnest(%s::bytea[])"
        self._do(sql, list(records))

    def notes(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """The log's entries numbered above `after`, with their numbers."""
        sql: LiteralString = "SELECT seq, body FROM access_log WHERE seq > %s ORDER BY seq LIMIT %s"
        return [(seq, bytes(body)) for seq, body in self._rows(sql, after, limit)]

    def stamp(self) -> int:
        """How many changes there were, by all nodes."""
        return int(self._rows("SELECT value FROM access_stamp")[0][0])

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._link.close()

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
