"""Wall time and scenario time; the only place that asks the machine what time it is."""

from __future__ import annotations

import math
import threading
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


class ScaledClock:
    """A scenario's clock: `start_ms` (ms UTC) when it is made, and then `rate` times as fast as
    `own` runs. For any thread.

    It counts by how long `own` ran, so somebody who sets the machine's clock does not move it, and
    its `elapsed_ms` is the scenario's too: what waits a minute waits a minute of the scenario. It
    never goes back, and keeps its moment when the rate changes. Raises ValueError for a rate that
    is not above 0 or not finite.
    """

    def __init__(self, own: Clock, start_ms: int, rate: float = 1.0) -> None:
        self._own = own
        self._start_ms = start_ms
        self._rate = _checked(rate)
        self._is_paused = False
        self._lock = threading.Lock()
        # When the rate last changed by `own`, and how much of the scenario had passed by then; a
        # float, because a scenario at 0.3 must not lose the rest of a millisecond at each change.
        self._since_ms = own.elapsed_ms()
        self._passed_ms = 0.0

    @property
    def rate(self) -> float:
        """How many times as fast as `own` it runs while it is not paused."""
        return self._rate

    @property
    def is_paused(self) -> bool:
        """Whether it stands still."""
        return self._is_paused

    def now_ms(self) -> int:
        """The scenario's time, ms since 1970-01-01 UTC."""
        return self._start_ms + self.elapsed_ms()

    def elapsed_ms(self) -> int:
        """Milliseconds of the scenario since it began."""
        with self._lock:
            return math.floor(self._passed_by(self._own.elapsed_ms()))

    def set_rate(self, rate: float) -> None:
        """Run `rate` times as fast as `own` from now on; a paused clock does so once it resumes.

        Raises ValueError as a new clock does.
        """
        rate = _checked(rate)
        with self._lock:
            self._mark()
            self._rate = rate

    def pause(self) -> None:
        """Stand still."""
        with self._lock:
            self._mark()
            self._is_paused = True

    def resume(self) -> None:
        """Go on from where it stands."""
        with self._lock:
            self._mark()
            self._is_paused = False

    def _mark(self) -> None:
        at = self._own.elapsed_ms()
        self._passed_ms, self._since_ms = self._passed_by(at), at

    def _passed_by(self, at: int) -> float:
        if self._is_paused:
            return self._passed_ms
        return self._passed_ms + (at - self._since_ms) * self._rate


def _checked(rate: float) -> float:
    if not (math.isfinite(rate) and rate > 0):
        raise ValueError(f"a rate of {rate}")
    return rate
