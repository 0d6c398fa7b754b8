"""How late a live stream's pictures come: against its own best, whatever its clock says.

A camera's clock and ours start anywhere and drift apart; what can be known is how much later than
the quickest picture so far this one is. The best is forgotten slowly (5 ms a second), so that a
camera whose clock is off by up to 0.5 % does not read as ever later.
"""

from __future__ import annotations

from dataclasses import dataclass

FORGET_PER_S = 0.005


@dataclass(slots=True)
class LatenessMeter:
    """Tells the lateness in seconds of each picture from its own time and ours."""

    _best_s: float | None = None
    _at_s: float = 0.0

    def observe(self, picture_s: float, now_s: float) -> float:
        """Seconds this picture is later than the quickest one (0 for the quickest itself)."""
        offset = now_s - picture_s
        if self._best_s is None or offset < self._best_s:
            self._best_s, self._at_s = offset, now_s
            return 0.0
        self._best_s += min(offset - self._best_s, (now_s - self._at_s) * FORGET_PER_S)
        self._at_s = now_s
        return offset - self._best_s
