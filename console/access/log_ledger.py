"""An access log as it lies in its database, for those who check it: only ever read.

A log of a program that did not chain yet has no hashes: it is chained when a server opens it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import apsw

from console.access.log_chain import LogRow
from console.access.open import SUFFIX
from console.access.store import StoreDamaged, StoreFailed
from console.i18n import text_of
from console.journal.open import is_postgresql, journal_file

_ROWS = "SELECT seq, body, chain FROM temp.access_log ORDER BY seq"


class LogLedger(Protocol):
    """All of it is of one moment. Raises StoreFailed."""

    @property
    def is_chained(self) -> bool:
        """Whether the entries have hashes yet."""
        ...

    def rows(self) -> Iterator[LogRow]:
        """The entries, by number."""
        ...

    def bodies(self, kind: str) -> list[bytes]:
        """What the store keeps as `kind` beside the entries, by key."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


def open_log_ledger(url: str) -> LogLedger | None:
    """The access log beside the journal at `url`; None where there is none. Raises StoreFailed."""
    if is_postgresql(url):
        from console.access.postgres_log import open_postgres_log  # noqa: PLC0415 - as in open.py

        return open_postgres_log(url)
    file = journal_file(url)
    path = None if file is None else file.with_suffix(SUFFIX)
    if path is None or not path.is_file():
        return None
    ledger = SqliteLogLedger(path)
    if ledger.is_there:
        return ledger
    ledger.close()
    return None


class SqliteLogLedger:
    """The log in the store's file at `path`."""

    def __init__(self, path: Path) -> None:
        try:
            self._db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
            self._db.set_busy_timeout(5000)
            with self._db:
                columns = [row[1] for row in self._db.execute("PRAGMA table_info(access_log)")]
                # Put aside at once: a reader that stayed would make the server's log grow.
                for table in ("access_log", "entry") if columns else ():
                    self._db.execute(f"CREATE TEMP TABLE {table} AS SELECT * FROM main.{table}")
        except apsw.Error as error:
            raise _failed(path, error) from error
        self._path = path
        self.is_there = bool(columns)
        self.is_chained = "chain" in columns

    def rows(self) -> Iterator[LogRow]:
        """The entries, by number."""
        try:
            for found in self._db.execute(_ROWS):
                yield LogRow(*found)
        except apsw.Error as error:
            raise _failed(self._path, error) from error

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def bodies(self, kind: str) -> list[bytes]:
        """What the store keeps as `kind`."""
        try:
            sql = "SELECT body FROM temp.entry WHERE kind = ? ORDER BY key"
            return [row[0] for row in self._db.execute(sql, (kind,))]
        except apsw.Error as error:
            raise _failed(self._path, error) from error


def _failed(path: Path, error: Exception) -> StoreFailed:
    if isinstance(error, apsw.CorruptError | apsw.NotADBError):
        return StoreDamaged(text_of("access.error.store_unreadable", file=path, reason=error))
    return StoreFailed(text_of("access.error.store_failed", reason=str(error)))
