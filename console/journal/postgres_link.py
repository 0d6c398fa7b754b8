"""One connection to PostgreSQL that comes back after it broke."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import pq

from console.clock import monotonic_s
from console.i18n import text_of
from console.journal.errors import JournalError, StorageFailed
from console.journal.postgres_watch import WATCHMAN
from console.journal.store import KeyTaken

log = logging.getLogger(__name__)

logging.getLogger("psycopg").setLevel(logging.ERROR)
"""Its warnings tell of every pipeline that ends with an error, which is ours to judge."""

Connection = psycopg.Connection[tuple[Any, ...]]

GIVE_UP_S = 4.0
"""How long a caller waits for the database to come back before it is told that it does not."""

READ_S = 8.0
"""How long a look into the database may take: what hangs longer is cut off, and fails."""

WRITE_S = 30.0
"""The same for a turn, which may wait `lock_timeout` for the other nodes'."""

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.02, 0.5

_NETWORK: dict[str, Any] = {
    "connect_timeout": 4,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "application_name": "trellis",
    "client_encoding": "UTF8",
}
"""A peer that vanished without a word is noticed in seconds; the URL may say otherwise."""

_SESSION = """
    SELECT set_config('idle_in_transaction_session_timeout', '5s', false),
           set_config('lock_timeout', '20s', false),
           set_config('statement_timeout', '60s', false),
           set_config('timezone', 'UTC', false),
           CASE current_setting('synchronous_commit') WHEN 'off'
                THEN set_config('synchronous_commit', 'on', false) END,
           current_setting('fsync')
"""
"""A node that stops with the end in its hand (a stopped process, a cut cable) is thrown out by the
server; an answer means durable, whatever the database's default is."""


class Link:
    """A connection made when needed. Not thread-safe: one thread, or a lock around it.

    Making it is tried again for `patience_s`. With `limit_s` the connection is cut when one use of
    it takes longer, and the use fails.
    """

    def __init__(
        self, url: str, patience_s: float = GIVE_UP_S, limit_s: float | None = None
    ) -> None:
        self._url = url
        self._patience_s = patience_s
        self.limit_s = limit_s
        self._opening: Connection | None = None
        self._connection: Connection | None = None
        self.was_cut = False
        """Whether the last error was the loss of the connection."""
        self._pids: set[int] = set()

    @property
    def is_up(self) -> bool:
        """Whether the connection stands."""
        return self._connection is not None and not self._connection.closed

    def is_own(self, pid: int) -> bool:
        """Whether the database's process `pid` serves this link, or once did."""
        return pid in self._pids

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """The connection, made anew where it broke; psycopg's errors become StorageFailed."""
        with self._guarded(), self.bounded(self.limit_s):
            yield self._connection if self.is_up and self._connection else self._connect()

    @contextmanager
    def standing(self) -> Iterator[Connection]:
        """The connection as it is, for a transaction that has begun; StorageFailed if it broke."""
        if self._connection is None or self._connection.closed:
            raise StorageFailed("the connection to PostgreSQL was lost")
        with self._guarded(), self.bounded(self.limit_s):
            yield self._connection

    @contextmanager
    def bounded(self, limit_s: float | None) -> Iterator[None]:
        """Cut the connection if this takes longer; None, let it take as long as it likes."""
        if limit_s is None:
            yield
            return
        WATCHMAN.begin(self, limit_s, self._cut)
        try:
            yield
        finally:
            WATCHMAN.end(self)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Whatever goes wrong, the next one who asks gets a new connection.

        One that stands may be of no use: a pipeline that failed leaves psycopg believing in
        prepared statements that the server has never seen.
        """
        try:
            yield
        except psycopg.Error as error:
            self.was_cut = self._connection is None or self._connection.closed
            self.close()
            if isinstance(error, psycopg.errors.UniqueViolation):
                raise KeyTaken from error
            raise StorageFailed(_reason(error)) from error

    def reset(self) -> None:
        """End what transaction there is; a connection in the way of that is dropped."""
        connection = self._connection
        if connection is None:
            return
        try:
            if connection.info.transaction_status != pq.TransactionStatus.IDLE:
                with self.bounded(self.limit_s):
                    connection.execute("ROLLBACK")
        except psycopg.Error as error:
            log.warning("the transaction could not be ended: %s", _reason(error))
            self.close()

    def close(self) -> None:
        """Close the connection, for now or for good."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> Connection:
        """A new connection, tried again with growing pauses. Raises psycopg.OperationalError."""
        deadline = monotonic_s() + self._patience_s
        pause = _FIRST_PAUSE_S
        while True:
            try:
                self._connection = self._opened()
                return self._connection
            except psycopg.OperationalError as error:
                if monotonic_s() + pause > deadline:
                    raise
                log.warning("PostgreSQL: %s; trying again", _reason(error))
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    def _opened(self) -> Connection:
        given = psycopg.conninfo.conninfo_to_dict(self._url)
        connection: Connection = psycopg.connect(**{**_NETWORK, **given}, autocommit=True)
        self._opening = connection
        self._pids.add(connection.info.backend_pid)
        found = connection.execute(_SESSION).fetchone()
        if found is not None and found[-1] == "off":
            log.warning("this PostgreSQL runs with fsync off: a power cut loses what was answered")
        return connection

    def _cut(self) -> None:
        """End the connection under the hands of who waits for an answer on it: that fails then.

        Called on another thread, where nothing else of psycopg's may be touched.
        """
        connection = self._opening
        if connection is None or connection.closed:
            return
        log.warning("PostgreSQL has not answered in time; the connection is cut")
        with (
            suppress(OSError, psycopg.Error),
            socket.socket(fileno=os.dup(connection.fileno())) as end,
        ):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def reached(link: Link) -> Iterator[Connection]:
    """The link's connection at start-up, when a person waits to hear what is wrong with --db."""
    try:
        with link.connected() as connection:
            yield connection
    except StorageFailed as error:
        link.close()
        reason = str(error.__cause__ or error).strip()
        raise JournalError(text_of("server.error.database_unreachable", reason=reason)) from error
    except JournalError:
        link.close()
        raise


def channel_of(journal_id: str) -> str:
    """The channel on which nodes tell each other that the journal has moved."""
    return f"trellis_{journal_id.replace('-', '')}"


def _reason(error: psycopg.Error) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
