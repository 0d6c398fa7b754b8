"""The only place that asks what time it is."""

from __future__ import annotations

import time
from functools import partial
from typing import Protocol

# Linux' monotonic clock stands still while the machine is suspended; this one does not.
_BOOT = getattr(time, "CLOCK_BOOTTIME", None)
_boot_ns = None if _BOOT is None else partial(time.clock_gettime_ns, _BOOT)


class Clock(Protocol):
    """Tells the time; live, replayed or simulated."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC: for what is shown, recorded or told to others.

        Somebody may set the clock, so this may jump, either way.
        """
        ...

    def elapsed_ms(self) -> int:
        """Milliseconds since some moment of this process' life: for how long things took or last.

        Goes on evenly whatever is done to the clock; means nothing to another process.
        """
        ...


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC, by the machine's clock."""
        return time.time_ns() // 1_000_000

    def elapsed_ms(self) -> int:
        """Milliseconds since the machine started or so, by a clock that nobody sets."""
        return (_boot_ns() if _boot_ns else time.monotonic_ns()) // 1_000_000


class ManualClock:
    """A clock that moves only when told: for tests, exercises and pictures."""

    def __init__(self, now_ms: int = 0) -> None:
        self._now_ms = now_ms
        self._elapsed_ms = 0

    def now_ms(self) -> int:
        """The moment it was last set to."""
        return self._now_ms

    def elapsed_ms(self) -> int:
        """By how much it was advanced."""
        return self._elapsed_ms

    def set(self, now_ms: int) -> None:
        """Move to `now_ms`, forwards or backwards, as somebody does who sets a clock: no time
        passes.
        """
        self._now_ms = now_ms

    def advance(self, delta_ms: int) -> None:
        """Let `delta_ms` pass."""
        self._now_ms += delta_ms
        self._elapsed_ms += delta_ms
