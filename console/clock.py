"""Wall time and scenario time; the only place that asks the machine what time it is."""

from __future__ import annotations

import bisect
import math
import threading
import time
from collections.abc import Callable
from functools import partial
from operator import attrgetter
from typing import NamedTuple, Protocol

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


def monotonic_s() -> float:
    """Seconds since some moment, by a clock that nobody sets: for how long something of this
    process took or was silent. Neither wall nor scenario; what a person or a deadline waits for
    goes by a `Clock`.
    """
    return time.monotonic()


def seconds_by(clock: Clock) -> Callable[[], float]:
    """The seconds that `clock` has run, whenever asked."""
    return lambda: clock.elapsed_ms() / 1000


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


class _Change(NamedTuple):
    """Since `own_ms` by its own clock, when `passed_ms` had passed, a scenario runs at `rate`."""

    own_ms: int
    passed_ms: float
    rate: float


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
        # What passed is a float: a scenario at 0.3 must not lose the rest of a millisecond at each
        # change. All are kept, for what was made before one: they are as many as a trainer's hands
        # make.
        self._changes = [_Change(own.elapsed_ms(), 0.0, rate)]

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

    def then_ms(self, own_ms: int) -> int:
        """The scenario's time (ms UTC) when `own` had run for `own_ms`.

        Of what comes only later, its time now. Before it was made it ran as `own` does.
        """
        with self._lock:
            passed = self._passed_by(min(own_ms, self._own.elapsed_ms()))
        return self._start_ms + math.floor(passed)

    def set_rate(self, rate: float) -> None:
        """Run `rate` times as fast as `own` from now on; a paused clock does so once it resumes.

        Raises ValueError as a new clock does.
        """
        self._rate = _checked(rate)
        self._change()

    def pause(self) -> None:
        """Stand still."""
        self._is_paused = True
        self._change()

    def resume(self) -> None:
        """Go on from where it stands."""
        self._is_paused = False
        self._change()

    def _change(self) -> None:
        with self._lock:
            own_ms = self._own.elapsed_ms()
            rate = 0.0 if self._is_paused else self._rate
            self._changes.append(_Change(own_ms, self._passed_by(own_ms), rate))

    def _passed_by(self, own_ms: int) -> float:
        place = bisect.bisect_right(self._changes, own_ms, key=attrgetter("own_ms"))
        if place == 0:
            return float(own_ms - self._changes[0].own_ms)
        since = self._changes[place - 1]
        return since.passed_ms + (own_ms - since.own_ms) * since.rate


def _checked(rate: float) -> float:
    if not (math.isfinite(rate) and rate > 0):
        raise ValueError(f"a rate of {rate}")
    return rate


class Clocks:
    """The two clocks of a server. Live they are the same.

    `wall` is for what concerns people and machines: sign-in, tokens, the access log and signatures,
    TLS, retention, logs, limits, links and devices. `scenario` is for what happens in the city:
    what is decided and recorded, when commands time out, where units were, and what desks are told
    as now.
    """

    def __init__(self, wall: Clock, scenario: ScaledClock | None = None) -> None:
        self.wall = wall
        self.scenario: Clock = wall if scenario is None else scenario
        self._scaled = scenario

    def scenario_of(self, wall_ms: int) -> int:
        """The scenario's time when the wall's was `wall_ms` (both ms UTC): for what a device dates,
        and for what is kept so long. In an exercise what is ahead of the wall is of now.
        """
        if self._scaled is None:
            return wall_ms
        return self._scaled.then_ms(self.wall.elapsed_ms() - (self.wall.now_ms() - wall_ms))
