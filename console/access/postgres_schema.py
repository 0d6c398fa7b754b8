"""The store's tables in PostgreSQL, brought up to date by whichever node comes first."""

from __future__ import annotations

import logging
from typing import LiteralString

from console.access.log_chain import START, link
from console.access.store import StoreFailed
from console.i18n import text_of
from console.journal.postgres_link import Connection

log = logging.getLogger(__name__)

_PEOPLE: LiteralString = """
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
_CHAIN: LiteralString = """
    CREATE TABLE access_schema (
        one boolean PRIMARY KEY DEFAULT true CHECK (one), version integer NOT NULL);
    INSERT INTO access_schema (version) VALUES (2);
    ALTER TABLE access_log ALTER COLUMN seq DROP IDENTITY;
    ALTER TABLE access_log ADD COLUMN chain bytea NOT NULL DEFAULT '';
"""
"""Numbers come from the chain's end, not from a sequence that leaves gaps."""

VERSION = 2
_PAGE = 1000


def is_current(connection: Connection) -> bool:
    """Whether nothing is to be done. Raises StoreFailed for a store of a newer program."""
    version = _version(connection)
    if version > VERSION:
        name = f"postgresql:{connection.info.dbname}"
        raise StoreFailed(text_of("access.error.newer_store", file=name, version=version))
    return version == VERSION


def migrate(connection: Connection) -> None:
    """Bring the tables up to date, in the change that has begun."""
    version = _version(connection)
    if version < 1:
        connection.execute(_PEOPLE)
    if version < 2:
        log.info("the access log is chained from now on")
        connection.execute(_CHAIN)
        _chain_all(connection)
        connection.execute("ALTER TABLE access_log ALTER COLUMN chain DROP DEFAULT")


def _version(connection: Connection) -> int:
    """0 for no tables yet; version 1 did not say so."""
    if connection.execute("SELECT to_regclass('access_schema')").fetchone() == (None,):
        there = connection.execute("SELECT to_regclass('access_stamp')").fetchone() != (None,)
        return int(there)
    found = connection.execute("SELECT version FROM access_schema").fetchone()
    return 0 if found is None else int(found[0])


def _chain_all(connection: Connection) -> None:
    seq, chain = 0, START
    page: LiteralString = "SELECT seq, body FROM access_log WHERE seq > %s ORDER BY seq LIMIT %s"
    while rows := connection.execute(page, (seq, _PAGE)).fetchall():
        for number, body in rows:
            seq, chain = number, link(chain, number, bytes(body))
            connection.execute("UPDATE access_log SET chain = %s WHERE seq = %s", (chain, seq))
