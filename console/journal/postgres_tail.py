"""Hears from PostgreSQL that another node has appended."""

from __future__ import annotations

import logging
import select
import socket
import threading
from collections.abc import Callable

from console.journal.errors import JournalError
from console.journal.postgres_link import READ_S, Connection, Link, channel_of

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
"""A wake-up is a hint and may get lost with a connection: this often the tail looks by itself."""


class Tail:
    """Calls `moved` on its own thread after every hint that is not `own`, and now and then."""

    def __init__(
        self, link: Link, journal_id: str, moved: Callable[[], None], own: Callable[[int], bool]
    ) -> None:
        self._link = link
        self._listen = f"LISTEN {channel_of(journal_id)}"
        self._moved = moved
        self._own = own
        self._closing = False
        self._bell, self._ringer = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="journal-tail", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, and wait until it has."""
        self._closing = True
        self._ringer.send(b"!")
        self._thread.join()
        self._bell.close()
        self._ringer.close()

    def _run(self) -> None:
        while not self._closing:
            try:
                with self._link.connected() as connection:
                    self._follow(connection)
            except JournalError as error:
                log.warning("the journal cannot be followed: %s", error)
                select.select([self._bell], [], [], LOOK_EVERY_S)
            except Exception:
                log.exception("following the journal failed; it goes on")
                select.select([self._bell], [], [], LOOK_EVERY_S)
        self._link.close()

    def _follow(self, connection: Connection) -> None:
        with self._link.bounded(READ_S):
            connection.execute(self._listen)
        self._moved()
        watched: list[int] = [connection.fileno(), self._bell.fileno()]
        while not self._closing:
            ready, _, _ = select.select(watched, [], [], LOOK_EVERY_S)
            if not ready or self._hinted(connection):
                self._moved()

    def _hinted(self, connection: Connection) -> bool:
        """Whether there is a hint by somebody else among those that have come in."""
        raw = connection.pgconn
        raw.consume_input()
        hints = []
        while (hint := raw.notifies()) is not None:
            hints.append(hint.be_pid)
        return any(not self._own(pid) for pid in hints)
