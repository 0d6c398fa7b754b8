"""The journal in PostgreSQL, which several nodes write at a time.

One row, `head`, is the journal's end. A turn locks it, and the lock is held until the commit is
visible: the order of numbers is the order of commits, and a reader that has seen an event has seen
all before it. (Numbers from a sequence, taken and committed side by side, show later ones first: a
reader that asks for what is above its cursor misses the rest for good.) Each node gathers what
queues up while another holds the end, so the lock changes hands once for many submissions.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence

import psycopg

from console.clock import Clock
from console.journal.chain import Row, linked_entries
from console.journal.errors import StorageFailed
from console.journal.group import GroupJournal
from console.journal.history import HISTORY_COLUMNS, Told
from console.journal.postgres_link import READ_S, WRITE_S, Link, channel_of, reached
from console.journal.postgres_schema import migrate, property_of
from console.journal.postgres_tail import Tail
from console.journal.rows import EVENT_COLUMNS, event_of
from console.journal.store import Mark, OutcomeUnknown, Registered
from console.model.event import Event

log = logging.getLogger(__name__)

_HOLD = "BEGIN; SELECT seq, recorded_at, chain, submissions, submissions_chain FROM head FOR UPDATE"
_READ = f"SELECT {EVENT_COLUMNS} FROM event WHERE seq > %s ORDER BY seq LIMIT %s"
_ABOUT = f"SELECT {EVENT_COLUMNS} FROM event WHERE stream = ANY(%s) ORDER BY seq LIMIT %s"
_TOLD = f"SELECT {HISTORY_COLUMNS} FROM event WHERE seq > %s ORDER BY seq LIMIT %s"
_KNOWN = "SELECT key, digest, first_seq, count FROM submission WHERE key = ANY(%s)"
_ADD_EVENTS = """
    INSERT INTO event SELECT * FROM unnest(
        %b::bigint[], %b::text[], %b::text[], %b::int[], %b::bytea[], %b::bigint[], %b::bigint[],
        %b::text[], %b::text[], %b::bytea[], %b::int[], %b::bytea[])
"""
_ADD_SUBMISSIONS = """
    INSERT INTO submission
    SELECT * FROM unnest(
        %b::bytea[], %b::bytea[], %b::bigint[], %b::int[], %b::bigint[], %b::bytea[])
"""
_MOVE = """
    UPDATE head SET seq = %s, recorded_at = %s, chain = %s, submissions = %s, submissions_chain = %s
"""

NEWS = 10_000
"""Events of other nodes taken along in one turn; who is further behind reads up first."""


class PostgresJournal(GroupJournal):
    """`console.journal.Journal` in the database at `url`, shared by any number of nodes.

    Raises JournalError when the database is not a journal, newer than this program, or cannot be
    reached within some seconds.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        super().__init__(PostgresStore(url, clock), clock)


class PostgresStore:
    """`console.journal.store.Store` in one database. Raises JournalError."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._writer = Link(url)
        self._reader = Link(url, patience_s=0, limit_s=READ_S)
        self._reading = threading.Lock()
        self._tail: Tail | None = None
        self._mark = Mark()
        self._url = url
        with reached(self._writer) as connection:
            migrate(connection, clock)
            self._id = property_of(connection, "id")
        self._writer.limit_s = WRITE_S  # a migration has all the time it needs
        self._notify = f"NOTIFY {channel_of(self._id)}"

    @property
    def id(self) -> str:
        """The journal's own name."""
        return self._id

    def hold(self, known: int) -> tuple[Mark, Sequence[Event]]:
        """Lock the end, wherever it is, and see what other nodes did after `known`."""
        try:
            return self._hold(known)
        except StorageFailed:
            if not self._writer.was_cut:
                raise
        # A connection that was cut while nobody used it shows only now; nothing is lost with it.
        return self._hold(known)

    def _hold(self, known: int) -> tuple[Mark, Sequence[Event]]:
        with self._writer.connected() as connection:
            # No pipeline here: psycopg's ends with a flush after the sync, and then PostgreSQL (15)
            # does not start the clock that throws out who stops with the lock in its hand.
            head = connection.execute(_HOLD)
            head.nextset()
            mark = self._mark = Mark._make(head.fetchone() or ())
            news = connection.execute(_READ, (known, NEWS), binary=True)
            return mark, [event_of(row) for row in news]

    def registered(self, keys: Sequence[bytes]) -> Mapping[bytes, Registered]:
        """Those of `keys` that stand in the journal."""
        with self._writer.standing() as connection:
            found = connection.execute(_KNOWN, (list(keys),), binary=True)
            return {row[0]: Registered._make(row) for row in found}

    def commit(self, rows: Sequence[Row], entries: Sequence[Registered]) -> None:
        """Add everything, move the end and commit: one exchange with the database."""
        try:
            with self._writer.standing() as connection:
                self._commit(connection, rows, entries)
        except StorageFailed as error:
            if not self._writer.was_cut:
                raise
            raise OutcomeUnknown(str(error)) from error

    def _commit(
        self,
        connection: psycopg.Connection[tuple[object, ...]],
        rows: Sequence[Row],
        entries: Sequence[Registered],
    ) -> None:
        mark = self._mark
        linked = list(linked_entries(mark.submissions, mark.submissions_chain, entries))
        end = (rows[-1].seq, rows[-1].recorded_at, rows[-1].chain) if rows else mark[:3]
        with connection.pipeline():
            connection.execute(_ADD_SUBMISSIONS, [list(c) for c in zip(*linked, strict=True)])
            connection.execute(_MOVE, (*end, linked[-1].number, linked[-1].chain))
            if rows:
                connection.execute(_ADD_EVENTS, [list(c) for c in zip(*rows, strict=True)])
                connection.execute(self._notify)
            done = connection.execute("COMMIT")
        if done.statusmessage != "COMMIT":
            raise StorageFailed(f"COMMIT was answered {done.statusmessage}")

    def let_go(self) -> None:
        """End the transaction; a connection that cannot even do that is dropped."""
        self._writer.reset()

    def has(self, key: bytes) -> bool:
        """Whether a submission is there.

        The lock on the end comes first: who was in the middle of adding it is through then.
        """
        self.hold(1 << 62)
        found = self.registered([key])
        self.let_go()
        return bool(found)

    def read(self, after: int, limit: int) -> list[Event]:
        """Durable events numbered above `after`, at most `limit`."""
        with self._reading, self._reader.connected() as connection:
            return [event_of(r) for r in connection.execute(_READ, (after, limit), binary=True)]

    def about(self, streams: Sequence[str], limit: int) -> list[Event]:
        """Durable events of these streams, the first `limit` of them."""
        with self._reading, self._reader.connected() as connection:
            rows = connection.execute(_ABOUT, (list(streams), limit), binary=True)
            return [event_of(row) for row in rows]

    def told(self, after: int, limit: int) -> list[Told]:
        """What the durable events above `after`, at most `limit`, tell a picture."""
        with self._reading, self._reader.connected() as connection:
            return connection.execute(_TOLD, (after, limit), binary=True).fetchall()

    def follow(self, moved: Callable[[], None]) -> None:
        """Have `moved` called when another node has appended, and after every break."""
        self._tail = Tail(Link(self._url, patience_s=0), self._id, moved, self._writer.is_own)

    def close(self) -> None:
        """Close the connections."""
        if self._tail is not None:
            self._tail.close()
        self._writer.close()
        with self._reading:
            self._reader.close()
