"""The only place that asks what time it is."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time; live, replayed or simulated."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC, by the machine's clock."""
        return time.time_ns() // 1_000_000


class ManualClock:
    """A clock that moves only when told: for tests, exercises and pictures."""

    def __init__(self, now_ms: int = 0) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        """The moment it was last set to."""
        return self._now_ms

    def set(self, now_ms: int) -> None:
        """Move to `now_ms`, forwards or backwards."""
        self._now_ms = now_ms

    def advance(self, delta_ms: int) -> None:
        """Move by `delta_ms`."""
        self._now_ms += delta_ms
