"""The journal's tables in PostgreSQL, brought up to date by whichever node comes first."""

from __future__ import annotations

import logging
from typing import Any, LiteralString

import psycopg

from console.clock import Clock
from console.i18n import text_of
from console.journal.chain import START, linked_entries
from console.journal.errors import JournalError
from console.model.ids import new_key

log = logging.getLogger(__name__)

Connection = psycopg.Connection[tuple[Any, ...]]

_LOCK = 0x54524C53
"""`TRLS`: the advisory lock that lets one node at a time look at the schema."""

MIGRATIONS: tuple[LiteralString, ...] = (
    """
    CREATE TABLE event (
        seq         bigint  PRIMARY KEY,
        stream      text    NOT NULL,
        kind        text    NOT NULL,
        version     integer NOT NULL,
        fact        bytea   NOT NULL,
        happened_at bigint  NOT NULL,
        recorded_at bigint  NOT NULL,
        actor       text    NOT NULL,
        cause       text    NOT NULL,
        key         bytea   NOT NULL,
        part        integer NOT NULL,
        chain       bytea   NOT NULL
    );
    CREATE INDEX event_of_stream ON event (stream, seq);
    CREATE TABLE submission (
        key       bytea   PRIMARY KEY,
        digest    bytea   NOT NULL,
        first_seq bigint  NOT NULL,
        count     integer NOT NULL
    );
    CREATE TABLE head (
        one         boolean PRIMARY KEY DEFAULT true CHECK (one),
        seq         bigint  NOT NULL,
        recorded_at bigint  NOT NULL,
        chain       bytea   NOT NULL
    ) WITH (fillfactor = 10);
    INSERT INTO head (seq, recorded_at, chain)
        VALUES (0, 0, decode(repeat('00', 32), 'hex'));
    """,
    """
    ALTER TABLE submission ADD COLUMN number bigint, ADD COLUMN chain bytea;
    ALTER TABLE head ADD COLUMN submissions bigint NOT NULL DEFAULT 0,
        ADD COLUMN submissions_chain bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex');
    """,
)
"""What makes version n + 1 of version n; `property` counts them. Only ever added to."""

CHAINED = 2
"""The version from which on submissions are chained."""
ENTRY_ORDER: LiteralString = "ORDER BY first_seq, count > 0, key"
"""As submissions were taken: who made no event names the next that there would be."""
_PAGE = 5000
_TIE = """
    UPDATE submission s SET number = u.number, chain = u.chain
    FROM unnest(%b::bytea[], %b::bigint[], %b::bytea[]) AS u (key, number, chain)
    WHERE s.key = u.key
"""
_TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"
_SET = (
    "INSERT INTO property VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


def migrate(connection: Connection, clock: Clock) -> None:
    """Bring the schema up to date. Raises JournalError for one that is not ours, or newer."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        version = _version(connection)
        for number, script in enumerate(MIGRATIONS[version:], version + 1):
            log.info("the journal's schema becomes version %d", number)
            connection.execute(script)
            connection.execute(_SET, ("version", str(number)))
            if number == 1:
                connection.execute(_SET, ("id", new_key(clock.now_ms())))
            elif number == CHAINED:
                _chain_submissions(connection)


def _chain_submissions(connection: Connection) -> None:
    """Tie the submissions of a journal that did not, as they were taken."""
    with connection.cursor("unchained", binary=True) as cursor:
        cursor.execute(f"SELECT key, digest, first_seq, count FROM submission {ENTRY_ORDER}")
        number, chain = 0, START
        while page := cursor.fetchmany(_PAGE):
            entries = list(linked_entries(number, chain, page))
            number, chain = entries[-1].number, entries[-1].chain
            columns = [[e.key for e in entries], [e.number for e in entries]]
            connection.execute(_TIE, (*columns, [e.chain for e in entries]))
    connection.execute("UPDATE head SET submissions = %s, submissions_chain = %s", (number, chain))
    connection.execute(
        "ALTER TABLE submission ALTER COLUMN number SET NOT NULL, ALTER COLUMN chain SET NOT NULL"
    )


def check_ours(connection: Connection) -> None:
    """Raise JournalError unless there is a journal that this program can read."""
    with connection.transaction():
        if connection.execute("SELECT to_regclass('property')").fetchone() == (None,):
            raise JournalError(text_of("server.error.no_such_journal", file=_name(connection)))
        _version(connection)


def property_of(connection: Connection, name: str) -> str:
    """A property of the journal that is always there."""
    found = connection.execute("SELECT value FROM property WHERE name = %s", (name,)).fetchone()
    assert found is not None, f"the journal has no {name}"
    return str(found[0])


def _version(connection: Connection) -> int:
    found = connection.execute("SELECT to_regclass('property')").fetchone()
    if found == (None,):
        if connection.execute(_TABLES).fetchone() != (0,):
            raise JournalError(text_of("server.error.not_a_journal", file=_name(connection)))
        connection.execute("CREATE TABLE property (name text PRIMARY KEY, value text NOT NULL)")
        return 0
    version = int(property_of(connection, "version"))
    if version > len(MIGRATIONS):
        name = _name(connection)
        raise JournalError(text_of("server.error.newer_journal", file=name, version=version))
    return version


def _name(connection: Connection) -> str:
    return f"postgresql:{connection.info.dbname}"
