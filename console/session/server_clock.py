"""The server's time at the desk: what all desks and the journal go by."""

from __future__ import annotations

from console.clock import Clock

APART_MS = 500
"""The server's time is taken anew when it is off by more: less is the way of the message."""


class ServerClock:
    """Goes by `own` until the server has been `heard`, and then by the server's time.

    Between two messages, and while there is no server, it goes on evenly: a machine whose clock is
    wrong, or is set while it runs, shows right ages and deadlines all the same.
    """

    def __init__(self, own: Clock) -> None:
        self._own = own
        self._ahead_ms: int | None = None

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC."""
        if self._ahead_ms is None:
            return self._own.now_ms()
        return self._own.elapsed_ms() + self._ahead_ms

    def elapsed_ms(self) -> int:
        """Milliseconds since some moment of this process' life."""
        return self._own.elapsed_ms()

    def heard(self, at_ms: int) -> None:
        """The server says that it is `at_ms` (ms UTC)."""
        ahead_ms = at_ms - self._own.elapsed_ms()
        if self._ahead_ms is None or abs(ahead_ms - self._ahead_ms) > APART_MS:
            self._ahead_ms = ahead_ms
