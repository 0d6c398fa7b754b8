"""The store of people and devices in a SQLite file of its own, or in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from console.access.log_chain import START, LogRow, chained, link
from console.access.store import StoreFailed
from console.i18n import text_of

_FORMAT = 2
_PEOPLE = """
CREATE TABLE entry (kind TEXT NOT NULL, key TEXT NOT NULL, grp TEXT NOT NULL,
                    ends_at INTEGER NOT NULL, body BLOB NOT NULL,
                    PRIMARY KEY (kind, key)) WITHOUT ROWID;
CREATE INDEX entry_of_group ON entry (kind, grp) WHERE grp <> '';
CREATE INDEX entry_ends ON entry (ends_at) WHERE ends_at > 0;
CREATE TABLE access_log (seq INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL);
"""
_CHAIN = "ALTER TABLE access_log ADD COLUMN chain BLOB NOT NULL DEFAULT x''"
_BUSY_MS = 5000
_LOG_LIMIT_BYTES = 16 << 20
"""What a write-ahead log that a long reader let grow is cut back to once it has been read past."""


class SqliteStore:
    """`console.access.store.Store` in the file at `path`; None keeps it in memory."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.RLock()
        self.changes = 0
        with self._faults():
            self._db = apsw.Connection(":memory:" if path is None else str(path))
            self._db.set_busy_timeout(_BUSY_MS)
            self._db.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
            self._db.pragma("journal_size_limit", _LOG_LIMIT_BYTES)
            if path is not None:
                path.chmod(0o600)
        with self.change(), self._faults():
            self._prepare()

    def get(self, kind: str, key: str) -> bytes | None:
        """The entry, or None."""
        rows = self._rows("SELECT body FROM entry WHERE kind = ? AND key = ?", kind, key)
        return rows[0][0] if rows else None

    def group(self, kind: str, group: str) -> list[bytes]:
        """The entries of a group, in the order of their keys."""
        sql = "SELECT body FROM entry WHERE kind = ? AND grp = ? AND grp <> '' ORDER BY key"
        return [row[0] for row in self._rows(sql, kind, group)]

    def all(self, kind: str) -> list[bytes]:
        """All entries of a kind, in the order of their keys."""
        sql = "SELECT body FROM entry WHERE kind = ? ORDER BY key"
        return [row[0] for row in self._rows(sql, kind)]

    @contextmanager
    def change(self) -> Iterator[None]:
        """One durable change of all or nothing, alone among writers; one inside another is part of
        the outer.
        """
        with self._lock:
            outermost = not self._db.in_transaction
            if outermost:
                self._rows("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                # On a full disk SQLite has gone back by itself.
                if outermost and self._db.in_transaction:
                    self._rows("ROLLBACK")
                raise
            if outermost:
                self._commit()

    def put(self, kind: str, key: str, body: bytes, group: str = "", ends_at: int = 0) -> None:
        """Keep an entry in place of one with the same key."""
        sql = "INSERT OR REPLACE INTO entry (kind, key, grp, ends_at, body) VALUES (?, ?, ?, ?, ?)"
        self._rows(sql, kind, key, group, ends_at, body)

    def delete(self, kind: str, key: str) -> None:
        """Forget an entry, if there is one."""
        self._rows("DELETE FROM entry WHERE kind = ? AND key = ?", kind, key)

    def purge(self, now_ms: int) -> None:
        """Forget what has ended."""
        self._rows("DELETE FROM entry WHERE ends_at > 0 AND ends_at <= ?", now_ms)

    def note(self, records: Sequence[bytes]) -> None:
        """Add to the access log, at the chain's end."""
        with self._lock, self._faults():
            rows = chained(*self.log_end(), records)
            sql = "INSERT INTO access_log (seq, body, chain) VALUES (?, ?, ?)"
            self._db.executemany(sql, rows)

    def notes(self, after: int, limit: int) -> list[LogRow]:
        """The log's entries numbered above `after`."""
        sql = "SELECT seq, body, chain FROM access_log WHERE seq > ? ORDER BY seq LIMIT ?"
        return [LogRow(*row) for row in self._rows(sql, after, limit)]

    def log_end(self) -> tuple[int, bytes]:
        """The number and the hash of the log's last entry."""
        rows = self._rows("SELECT seq, chain FROM access_log ORDER BY seq DESC LIMIT 1")
        return (int(rows[0][0]), rows[0][1]) if rows else (0, START)

    def cut_log(self, through: int) -> None:
        """Forget the log's entries up to number `through`."""
        self._rows("DELETE FROM access_log WHERE seq <= ?", through)

    def stamp(self) -> int:
        """SQLite's own count of others' commits, and ours."""
        return self.changes + int(self._rows("PRAGMA data_version")[0][0])

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def _commit(self) -> None:
        try:
            self._rows("COMMIT")
        except StoreFailed:
            if self._db.in_transaction:
                self._rows("ROLLBACK")
            raise
        self.changes += 1

    def _prepare(self) -> None:
        version = self._rows("PRAGMA user_version")[0][0]
        if version > _FORMAT:
            raise StoreFailed(text_of("access.error.newer_store", file=self._path, version=version))
        if version < 1:
            self._db.execute(_PEOPLE)
        if version < 2:
            self._db.execute(_CHAIN)
            self._chain_all()
        if version < _FORMAT:
            self._db.execute(f"PRAGMA user_version = {_FORMAT}")

    def _chain_all(self) -> None:
        """Tie the entries of a log that was not chained yet."""
        end, chain = 0, START
        page = "SELECT seq, body FROM access_log WHERE seq > ? ORDER BY seq LIMIT 1000"
        while rows := self._rows(page, end):
            for end, body in rows:
                chain = link(chain, end, body)
                self._rows("UPDATE access_log SET chain = ? WHERE seq = ?", chain, end)

    def _rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock, self._faults():
            return self._db.execute(sql, values).fetchall()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (apsw.Error, OSError, UnicodeDecodeError) as error:
            reason = str(error) or type(error).__name__
            raise StoreFailed(text_of("access.error.store_failed", reason=reason)) from error
