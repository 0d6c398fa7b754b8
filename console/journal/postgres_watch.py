"""Ends what hangs: libpq waits for an answer as long as the connection stands, and a network that
swallows packets lets it stand for ever.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from console.clock import monotonic_s

LOOK_EVERY_S = 0.25


class Watchman:
    """Calls `cut` for each watched thing that takes too long, again each second, until it ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watched: dict[object, tuple[float, Callable[[], None]]] = {}
        self._some = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, what: object, limit_s: float, cut: Callable[[], None]) -> None:
        """`what` may take `limit_s` from now."""
        with self._lock:
            self._watched[what] = monotonic_s() + limit_s, cut
            self._some.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="watchman", daemon=True)
                self._thread.start()

    def end(self, what: object) -> None:
        """`what` is over; it is not cut once this returns."""
        with self._lock:
            self._watched.pop(what, None)

    def _run(self) -> None:
        while self._some.wait():
            time.sleep(LOOK_EVERY_S)
            self._look()

    def _look(self) -> None:
        now = monotonic_s()
        with self._lock:
            for what, (until, cut) in tuple(self._watched.items()):
                if until < now:
                    self._watched[what] = now + 1.0, cut
                    cut()
            if not self._watched:
                self._some.clear()


WATCHMAN = Watchman()
"""One for all connections of the process."""
