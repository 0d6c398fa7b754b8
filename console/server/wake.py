"""A bell that many sockets hear, each by a call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Bell:
    """Rings for all who listen. A listener must not raise, and must not wait."""

    def __init__(self) -> None:
        self._listeners: dict[Callable[[], None], None] = {}
        self._is_due = False

    def join(self, listener: Callable[[], None]) -> None:
        """Have `listener` called whenever the bell rings."""
        self._listeners[listener] = None

    def leave(self, listener: Callable[[], None]) -> None:
        """Listen no more."""
        self._listeners.pop(listener, None)

    def ring_next(self) -> None:
        """Ring in the loop's next turn: what was written in this one is on its way by then."""
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self.ring)

    def ring(self) -> None:
        """Call everybody."""
        self._is_due = False
        for listener in tuple(self._listeners):
            listener()
