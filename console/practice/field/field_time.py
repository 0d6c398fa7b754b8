"""Two times: the wall's, which goes into messages, and the units' own, which may run faster."""

from __future__ import annotations

import math

from console.clock import Clock


class FieldTime:
    """The units' time: `speed` times as fast as `clock`, and equal to it at the beginning."""

    def __init__(self, clock: Clock, speed: float = 1.0) -> None:
        if not (math.isfinite(speed) and speed > 0):
            raise ValueError(f"a speed of {speed}")
        self._clock = clock
        self.speed = speed
        self._began_ms = clock.now_ms()

    def wall_ms(self) -> int:
        """The wall's time, ms since 1970-01-01 UTC."""
        return self._clock.now_ms()

    def now_ms(self) -> float:
        """The units' time, ms."""
        return self._began_ms + (self._clock.now_ms() - self._began_ms) * self.speed

    def wall_of(self, units_ms: float) -> float:
        """The wall's time at a moment of the units' time; both ms, infinity stays so."""
        return self._began_ms + (units_ms - self._began_ms) / self.speed
