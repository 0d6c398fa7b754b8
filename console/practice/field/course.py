"""A course: where something that follows a polyline is at any moment.

Pure arithmetic on plain lists: one look-up costs about a microsecond, which matters when hundreds
of units are asked every second.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.model.geo import ground_scale


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A place in world metres, the heading (degrees clockwise from north, None when standing) and
    the speed over ground in metres a second.
    """

    x: float
    y: float
    heading_deg: float | None
    speed_mps: float


@dataclass(frozen=True, slots=True)
class Course:
    """A polyline in world metres and the moment (ms) at which each of its points is passed.

    At least one point; moments never decrease. Before the first moment it stands at the first
    point, after the last at the last.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    at_ms: tuple[float, ...]

    @property
    def ends_at(self) -> float:
        """When the last point is reached, ms."""
        return self.at_ms[-1]

    @property
    def end(self) -> tuple[float, float]:
        """The last point, world metres."""
        return self.xs[-1], self.ys[-1]

    def where(self, now_ms: float) -> Whereabouts:
        """Where it is at `now_ms`."""
        i = bisect_right(self.at_ms, now_ms)
        if i == 0:
            return Whereabouts(self.xs[0], self.ys[0], None, 0.0)
        if i == len(self.at_ms):
            return Whereabouts(self.xs[-1], self.ys[-1], None, 0.0)
        return self._between(i, now_ms)

    def _between(self, i: int, now_ms: float) -> Whereabouts:
        dx, dy = self.xs[i] - self.xs[i - 1], self.ys[i] - self.ys[i - 1]
        lasts_ms = self.at_ms[i] - self.at_ms[i - 1]
        share = (now_ms - self.at_ms[i - 1]) / lasts_ms
        y = self.ys[i - 1] + share * dy
        speed = math.hypot(dx, dy) * float(ground_scale(y)) / (lasts_ms / 1000)
        heading = math.degrees(math.atan2(dx, dy)) % 360 if dx or dy else None
        return Whereabouts(self.xs[i - 1] + share * dx, y, heading, speed)


def standing(x: float, y: float, since_ms: float) -> Course:
    """The course of something that stays at a place."""
    return Course((x,), (y,), (float(since_ms),))


def course_of(
    xy: NDArray[np.float64], seconds: NDArray[np.float64], leaves_ms: float, pace: float = 1.0
) -> Course:
    """The course along `xy` float64[p,2] (world metres), left at `leaves_ms`.

    `seconds` float64[p] says how long after leaving each point is reached at full speed; `pace` 0.5
    is half that speed. Raises ValueError for an empty or mismatched polyline.
    """
    if not len(xy) or len(xy) != len(seconds):
        raise ValueError(f"{len(xy)} points, {len(seconds)} times")
    xs, ys = xy.T.tolist()
    return Course(tuple(xs), tuple(ys), tuple((leaves_ms + seconds * (1000 / pace)).tolist()))
