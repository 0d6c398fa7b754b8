"""How far one device's clock is off, and what its times mean.

A device that answers pings is measured: its answer says what its clock shows, and the way there and
back bounds the error. Of one that does not, only its fixes tell: those that keep step with the
server's clock are made as they are sent, whatever they are dated.
"""

from __future__ import annotations

from console.model.sender_time import AHEAD_MS, TimeFault, read_time

SHOWN_FROM_MS = 30_000
"""A clock that is off by more is told to the desks."""

LONGEST_TRIP_MS = 10_000
"""An answer that took longer says nothing."""

_SILENT_AFTER = 2
_TRUSTED_MS = 100
_IN_STEP_MS = 1000
_IN_STEP_FIXES = 3
_IN_STEP_SPAN_MS = 2000
_LIVE_MS = 5000
"""A fix that comes so soon after it was made is one of now."""
_DELAYED_MS = 120_000
"""No honest pipeline is late by more, evenly, for as long as it is watched."""
_FARTHEST_MS = 26 * 3_600_000
"""A clock that is off by more than zones and slips explain is not guessed at."""
_STEP_MS = 5000
"""A measured clock that seems to have moved by more is measured again."""


class DeviceClock:
    """The clock of one unit's device, over all its lines, held against the wall. Times in ms; those
    of pings monotonic.
    """

    __slots__ = (
        "_asked",
        "_inferred_ms",
        "_lag_ms",
        "_measured_ms",
        "_own_ms",
        "_run_lag_ms",
        "_since",
        "_steady",
        "_unanswered",
        "_was_live",
        "is_doubtful",
    )

    def __init__(self) -> None:
        self._asked: tuple[int, int] | None = None
        self._measured_ms: int | None = None
        self._own_ms = 0
        self._inferred_ms = 0
        self._lag_ms = 0
        self._run_lag_ms = 0
        self._since = 0
        self._steady = 0
        self._was_live = False
        self._unanswered = 0
        self.is_doubtful = False
        """The clock seems to have been set since it was measured: ask again."""

    @property
    def off_ms(self) -> int:
        """By how much the times that the device sends are ahead of the server's."""
        return self._inferred_ms if self._measured_ms is None else self._measured_ms

    @property
    def shown_off_ms(self) -> int:
        """By how much the device's own clock is off, 0 where that is little."""
        off = self._inferred_ms if self._measured_ms is None else self._own_ms
        return off if abs(off) > SHOWN_FROM_MS else 0

    def asked(self, at: int, elapsed_ms: int) -> None:
        """A ping was sent at `at` (ms UTC) by the server's clock."""
        self._unanswered = 0 if self._asked is None else self._unanswered + 1
        if self._unanswered >= _SILENT_AFTER:
            # The unit has another device now, which does not answer, and has a clock of its own.
            self._measured_ms = None
        self._asked = at, elapsed_ms
        self.is_doubtful = False

    def answered(self, at: int, shows: int, own: int | None, elapsed_ms: int) -> None:
        """The device answers the ping of `at`: it dates what it sends by a clock that `shows`, and
        its `own` clock shows that, where it is another.
        """
        if self._asked is None or self._asked[0] != at:
            return
        trip_ms = elapsed_ms - self._asked[1]
        self._asked = None
        if trip_ms > LONGEST_TRIP_MS:
            return
        middle = at + trip_ms // 2
        off = shows - middle
        known = self._measured_ms
        # Between two measurements only more than their error is news: times must not tremble.
        if known is None or abs(off - known) > trip_ms // 2 + _TRUSTED_MS:
            self._measured_ms = off if abs(off) > trip_ms // 2 + _TRUSTED_MS else 0
        self._own_ms = off if own is None else own - middle
        self._steady = 0
        self._lag_ms = -off
        self.is_doubtful = False

    def read(self, at: int, now: int) -> tuple[int, TimeFault | None]:
        """When a fix dated `at` was made (as `console.model.sender_time.read_time`)."""
        lag_ms = now - at
        if self._measured_ms is None:
            return read_time(at - self._inferred_off(lag_ms, now), now)
        if abs(lag_ms - self._lag_ms) > _STEP_MS:
            self.is_doubtful = True
        self._lag_ms = lag_ms
        return read_time(at - self._measured_ms, now)

    def _inferred_off(self, lag_ms: int, now: int) -> int:
        # A burst of what was kept under way comes faster than it was made: it keeps no step.
        if self._steady and abs(lag_ms - self._run_lag_ms) <= _IN_STEP_MS:
            self._steady += 1
        else:
            self._steady, self._run_lag_ms, self._since = 1, lag_ms, now
        is_live = -AHEAD_MS <= lag_ms <= _LIVE_MS
        if is_live:
            self._was_live = True
            self._inferred_ms = 0
        elif self._steady >= _IN_STEP_FIXES and now - self._since >= _IN_STEP_SPAN_MS:
            wrong_from = _LIVE_MS if self._was_live else _DELAYED_MS
            is_wrong = lag_ms < 0 or lag_ms > wrong_from
            self._inferred_ms = -lag_ms if is_wrong and abs(lag_ms) <= _FARTHEST_MS else 0
        return self._inferred_ms
