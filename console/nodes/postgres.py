"""The board in PostgreSQL, beside the journal.

Two tables that are not logged: after a crash of the database they are empty, and a quarter of a
second later they are not. A commit that touches no logged table waits for no disk.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from console.journal.postgres_link import READ_S, Connection, Link
from console.nodes.interface import GROUPS_AT_ONCE, KEPT_GROUPS, Group, Heard, Known, Said, Sign
from console.nodes.postgres_tables import make_tables

_LOCK = 0x54524E44
"""`TRND`: the advisory lock under which one node makes the tables."""

_SCHEMA = """
    CREATE UNLOGGED TABLE IF NOT EXISTS node_sign (
        node bigint PRIMARY KEY, beat bigint NOT NULL, version bigint NOT NULL,
        online bytea NOT NULL)
    WITH (fillfactor = 20, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);
    CREATE UNLOGGED TABLE IF NOT EXISTS node_fixes (
        node bigint NOT NULL, seq bigint NOT NULL, body bytea NOT NULL,
        PRIMARY KEY (node, seq))
    WITH (autovacuum_vacuum_threshold = 100, autovacuum_vacuum_scale_factor = 0,
        autovacuum_vacuum_cost_delay = 0, toast.autovacuum_vacuum_threshold = 1000,
        toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_cost_delay = 0);
    ALTER TABLE node_sign ALTER online SET STORAGE EXTERNAL;
    ALTER TABLE node_fixes ALTER body SET STORAGE EXTERNAL;
"""
_ADD = """
    INSERT INTO node_fixes SELECT %b, * FROM unnest(%b::bigint[], %b::bytea[])
    ON CONFLICT DO NOTHING
"""
_DROP = "DELETE FROM node_fixes WHERE node = %s AND seq <= %s"
_BEAT = "UPDATE node_sign SET beat = %s WHERE node = %s"
_LINE = """
    INSERT INTO node_sign (node, beat, version, online) VALUES (%b, %b, %b, %b)
    ON CONFLICT (node) DO UPDATE
    SET beat = excluded.beat, version = excluded.version, online = excluded.online
"""
_SIGNS = """
    SELECT n.node, n.beat, n.version, CASE WHEN n.version IS DISTINCT FROM k.version THEN online END
    FROM node_sign n LEFT JOIN unnest(%b::bigint[], %b::bigint[]) AS k (node, version) USING (node)
"""
_NEXT = """
    SELECT g.node, g.seq, g.body
    FROM node_sign n
    LEFT JOIN unnest(%b::bigint[], %b::bigint[]) AS k (node, seq) USING (node)
    CROSS JOIN LATERAL (
        SELECT f.node, f.seq, f.body FROM node_fixes f
        WHERE f.node = n.node AND f.seq > coalesce(k.seq, 0) ORDER BY f.seq LIMIT %b) AS g
    WHERE n.node <> %b
    ORDER BY g.node, g.seq
"""
_DROP_EVERY = 20


class PostgresBoard:
    """`console.nodes.Board` beside the journal at `url`, which must be there already.

    Raises JournalError when the database cannot be reached within some seconds.
    """

    def __init__(self, url: str) -> None:
        self._node = secrets.randbits(62) | 1
        self._dropped = 0
        self._beat = 0
        make_tables(url, _LOCK, "node_fixes", _SCHEMA)
        self._link = Link(url, patience_s=0, limit_s=READ_S)

    @property
    def node(self) -> int:
        """This node's number."""
        return self._node

    def swap(self, said: Said, known: Mapping[int, Known]) -> Heard:
        """As the interface says: one exchange with the database, and one transaction."""
        # This node's own entry keeps the arrays from being empty, which have no type.
        given = {self._node: Known(), **known}
        nodes = list(given)
        seqs = [k.seq for k in given.values()]
        versions = [k.version for k in given.values()]
        with self._link.connected() as connection:
            with connection.pipeline():
                self._put_up(connection, said)
                signs = connection.execute(_SIGNS, (nodes, versions), binary=True)
                arguments = (nodes, seqs, GROUPS_AT_ONCE, self._node)
                groups = connection.execute(_NEXT, arguments, binary=True)
            return Heard(tuple(Sign(*row) for row in signs), tuple(Group(*row) for row in groups))

    def remove(self, node: int) -> None:
        """As the interface says."""
        with self._link.connected() as connection, connection.transaction():
            connection.execute("DELETE FROM node_sign WHERE node = %s", (node,))
            connection.execute("DELETE FROM node_fixes WHERE node = %s", (node,))

    def close(self) -> None:
        """Close the connection."""
        self._link.close()

    def _put_up(self, connection: Connection, said: Said) -> None:
        if said.groups:
            seqs, bodies = (list(column) for column in zip(*said.groups, strict=True))
            connection.execute(_ADD, (self._node, seqs, bodies))
            self._drop_old(connection, said.groups[-1][0] - KEPT_GROUPS)
        if said.online is not None:
            connection.execute(_LINE, (self._node, said.beat, said.version, said.online))
        elif said.beat != self._beat:
            connection.execute(_BEAT, (said.beat, self._node))
        self._beat = said.beat

    def _drop_old(self, connection: Connection, through: int) -> None:
        if through >= self._dropped + _DROP_EVERY:
            connection.execute(_DROP, (self._node, through))
            self._dropped = through
