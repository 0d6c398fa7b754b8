"""The nodes' tables, made by whichever node comes first."""

from __future__ import annotations

from console.journal.postgres_link import Link, reached


def make_tables(url: str, lock: int, table: str, schema: str) -> None:
    """Run `schema` in the database at `url` unless `table` is there; `lock` lets one node do so.

    Raises JournalError when the database cannot be reached within some seconds.
    """
    link = Link(url)
    with reached(link) as connection, connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (lock,))
        if connection.execute("SELECT to_regclass(%s)", (table,)).fetchone() == (None,):
            connection.execute(schema)
    link.close()
