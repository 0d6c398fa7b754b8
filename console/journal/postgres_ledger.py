"""A journal in PostgreSQL as it lies there, for those who check it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

from psycopg.pq import TransactionStatus

from console.journal.chain import Entry, Row, Tip
from console.journal.postgres_link import READ_S, Link, reached
from console.journal.postgres_schema import CHAINED, ENTRY_ORDER, check_ours, property_of

PAGE = 2000

_ROWS = """
    SELECT seq, stream, kind, version, fact, happened_at, recorded_at, actor, cause, key, part,
           chain
    FROM event ORDER BY seq
"""
_ENTRIES: LiteralString = (
    "SELECT key, digest, first_seq, count, number, chain FROM submission ORDER BY number, key"
)
_UNCHAINED: LiteralString = f"SELECT key, digest, first_seq, count FROM submission {ENTRY_ORDER}"
_TIP: LiteralString = "SELECT seq, chain, submissions, submissions_chain FROM head"
_TIP_UNCHAINED: LiteralString = "SELECT seq, chain FROM head"


class PostgresLedger:
    """The rows of the journal in the database at `url`; never writes. Raises JournalError."""

    def __init__(self, url: str) -> None:
        # What is streamed takes as long as it takes; where the journal ends is asked every second.
        self._links = Link(url, patience_s=0, limit_s=READ_S), Link(url, patience_s=0)
        with reached(self._links[0]) as connection:
            check_ours(connection)
            self._id = property_of(connection, "id")
            self._is_chained = int(property_of(connection, "version")) >= CHAINED

    def rows(self) -> Iterator[Row]:
        """All events, by number."""
        return (Row(*found) for found in self._stream("rows", _ROWS))

    def entries(self) -> Iterator[Entry]:
        """All submissions, in the order in which they were taken."""
        sql = _ENTRIES if self._is_chained else _UNCHAINED
        return (Entry(*found) for found in self._stream("entries", sql))

    def tip(self) -> Tip:
        """The last event's number and hash, and the last submission's."""
        sql = _TIP if self._is_chained else _TIP_UNCHAINED
        with self._links[0].connected() as connection:
            return Tip(self._id, *(connection.execute(sql, binary=True).fetchone() or (0, b"")))

    def close(self) -> None:
        """Close the connections."""
        for link in self._links:
            link.close()

    def _stream(self, name: str, sql: LiteralString) -> Iterator[tuple[Any, ...]]:
        """The rows of `sql`, some at a time: a journal may be larger than the memory.

        All that one ledger streams is of one moment, so that rows and entries fit together while
        nodes append.
        """
        with self._links[1].connected() as connection:
            if connection.info.transaction_status == TransactionStatus.IDLE:
                connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            with connection.cursor(name, binary=True) as cursor:
                cursor.itersize = PAGE
                cursor.execute(sql)
                yield from cursor
