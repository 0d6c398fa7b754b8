"""A bell that many sockets hear, each by a call."""

from __future__ import annotations

from collections.abc import Callable


class Bell:
    """Rings for all who listen. A listener must not raise, and must not wait."""

    def __init__(self) -> None:
        self._listeners: dict[Callable[[], None], None] = {}

    def join(self, listener: Callable[[], None]) -> None:
        """Have `listener` called whenever the bell rings."""
        self._listeners[listener] = None

    def leave(self, listener: Callable[[], None]) -> None:
        """Listen no more."""
        self._listeners.pop(listener, None)

    def ring(self) -> None:
        """Call everybody."""
        for listener in tuple(self._listeners):
            listener()
