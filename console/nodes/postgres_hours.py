"""The board of hours in PostgreSQL, beside the journal.

Not logged: what a crash of the database takes, the nodes put up again.
"""

from __future__ import annotations

from collections.abc import Sequence

from console.journal.postgres_link import READ_S, Link
from console.nodes.hours import Held, Part
from console.nodes.postgres_tables import make_tables

_LOCK = 0x54524E48
"""`TRNH`: the advisory lock under which one node makes the tables."""

_SCHEMA = """
    CREATE UNLOGGED TABLE IF NOT EXISTS node_hour (
        holder text NOT NULL, hour bigint NOT NULL, contents bytea NOT NULL,
        PRIMARY KEY (holder, hour));
    CREATE UNLOGGED TABLE IF NOT EXISTS node_part (
        hour bigint NOT NULL, bucket integer NOT NULL, mark bytea NOT NULL, body bytea NOT NULL,
        PRIMARY KEY (hour, bucket, mark));
    ALTER TABLE node_part ALTER body SET STORAGE EXTERNAL;
"""
_SAY = """
    INSERT INTO node_hour (holder, hour, contents) VALUES (%b, %b, %b)
    ON CONFLICT (holder, hour) DO UPDATE SET contents = excluded.contents
"""
_THERE = """
    SELECT p.hour, p.bucket, p.mark FROM node_part p
    JOIN unnest(%b::bigint[], %b::int[], %b::bytea[]) AS wanted (hour, bucket, mark)
    USING (hour, bucket, mark)
"""
_TAKE = "SELECT body FROM node_part WHERE hour = %b AND bucket = %b AND mark = %b"
_PUT = """
    INSERT INTO node_part (hour, bucket, mark, body) VALUES (%b, %b, %b, %b)
    ON CONFLICT DO NOTHING
"""


class PostgresHours:
    """`console.nodes.HourBoard` beside the journal at `url`, which must be there already.

    Raises JournalError when the database cannot be reached within some seconds.
    """

    def __init__(self, url: str) -> None:
        make_tables(url, _LOCK, "node_part", _SCHEMA)
        self._link = Link(url, patience_s=0, limit_s=READ_S)

    def held(self, since_ms: int) -> list[Held]:
        """As the interface says."""
        sql = "SELECT holder, hour, contents FROM node_hour WHERE hour >= %s ORDER BY hour, holder"
        with self._link.connected() as connection:
            return [Held(*row) for row in connection.execute(sql, (since_ms,), binary=True)]

    def say(self, held: Held) -> None:
        """As the interface says."""
        with self._link.connected() as connection:
            connection.execute(_SAY, (held.holder, held.hour_ms, held.contents))

    def there(self, parts: Sequence[Part]) -> set[Part]:
        """As the interface says."""
        if not parts:
            return set()
        columns = (
            [p.hour_ms for p in parts],
            [p.bucket for p in parts],
            [p.mark for p in parts],
        )
        with self._link.connected() as connection:
            return {Part(*row) for row in connection.execute(_THERE, columns, binary=True)}

    def take(self, part: Part) -> bytes | None:
        """As the interface says."""
        with self._link.connected() as connection:
            wanted = (part.hour_ms, part.bucket, part.mark)
            found = connection.execute(_TAKE, wanted, binary=True).fetchone()
        return None if found is None else bytes(found[0])

    def put(self, part: Part, body: bytes) -> None:
        """As the interface says."""
        with self._link.connected() as connection:
            connection.execute(_PUT, (part.hour_ms, part.bucket, part.mark, body))

    def forget_before(self, hour_ms: int) -> None:
        """As the interface says."""
        with self._link.connected() as connection:
            connection.execute("DELETE FROM node_part WHERE hour < %s", (hour_ms,))
            connection.execute("DELETE FROM node_hour WHERE hour < %s", (hour_ms,))

    def close(self) -> None:
        """Close the connection."""
        self._link.close()
