"""An access log in PostgreSQL as it lies there, for those who check it: only ever read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

from console.access.log_chain import LogRow
from console.access.store import StoreFailed
from console.i18n import text_of
from console.journal.errors import StorageFailed
from console.journal.postgres_link import Connection, Link

_PAGE = 2000
_ROWS: LiteralString = "SELECT seq, body, chain FROM access_log ORDER BY seq"
_COLUMN: LiteralString = (
    "SELECT EXISTS (SELECT FROM pg_attribute"
    " WHERE attrelid = to_regclass('access_log') AND attname = 'chain')"
)
_BODIES: LiteralString = 'SELECT body FROM access_entry WHERE kind = %s ORDER BY key COLLATE "C"'


def open_postgres_log(url: str) -> PostgresLogLedger | None:
    """The log in the database at `url`; None where there is none. Raises StoreFailed."""
    ledger = PostgresLogLedger(url)
    if ledger.is_there:
        return ledger
    ledger.close()
    return None


class PostgresLogLedger:
    """`console.access.log_ledger.LogLedger` in a transaction of its own."""

    def __init__(self, url: str) -> None:
        self._link = Link(url, patience_s=0)
        with self._connected() as connection:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            found = connection.execute("SELECT to_regclass('access_log')").fetchone()
            self.is_there = found != (None,)
            self.is_chained = connection.execute(_COLUMN).fetchone() == (True,)

    def rows(self) -> Iterator[LogRow]:
        """The entries, by number; some at a time."""
        with self._connected() as connection, connection.cursor("log", binary=True) as cursor:
            cursor.itersize = _PAGE
            cursor.execute(_ROWS)
            for seq, body, chain in cursor:
                yield LogRow(seq, bytes(body), bytes(chain))

    def close(self) -> None:
        """Let go of the connection."""
        self._link.close()

    def bodies(self, kind: str) -> list[bytes]:
        """What the store keeps as `kind`."""
        with self._connected() as connection:
            return [bytes(row[0]) for row in connection.execute(_BODIES, (kind,))]

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            with self._link.connected() as connection:
                yield connection
        except StorageFailed as error:
            raise StoreFailed(text_of("access.error.store_failed", reason=str(error))) from error
