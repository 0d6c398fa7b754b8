"""Finding points: a uniform grid over positions, built and asked with numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layers.engine.viewport import Bounds

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_POINTS_A_BIN = 8


class PointGrid:
    """Points of shape (n, 2), sorted into square bins of about `_POINTS_A_BIN` each."""

    def __init__(self, xy: Floats) -> None:
        self._xy = np.asarray(xy, np.float64).reshape(-1, 2)
        low = self._xy.min(0) if len(self._xy) else np.zeros(2)
        self._x0, self._y0 = float(low[0]), float(low[1])
        span = np.ptp(self._xy, axis=0).max() if len(self._xy) else 1.0
        self._bins = max(1, int(np.sqrt(len(self._xy) / _POINTS_A_BIN)))
        self._side = max(float(span) / self._bins, 1e-6) * (1 + 1e-9)
        column, row = self._bin_of(self._xy[:, 0]), self._row_of(self._xy[:, 1])
        bin_of_point = row * self._bins + column
        self._order = np.argsort(bin_of_point, kind="stable").astype(np.int64)
        counts = np.bincount(bin_of_point, minlength=self._bins**2)
        self._start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    def __len__(self) -> int:
        return len(self._xy)

    def inside(self, bounds: Bounds) -> Indices:
        """Indices of the points in `bounds`, ascending."""
        x0, y0, x1, y1 = bounds
        found = self._candidates(bounds)
        at = self._xy[found]
        keep = (at[:, 0] >= x0) & (at[:, 0] <= x1) & (at[:, 1] >= y0) & (at[:, 1] <= y1)
        return np.sort(found[keep])

    def nearest(self, x: float, y: float, radius: float) -> int:
        """The index of the point nearest to (`x`, `y`) within `radius`, or -1."""
        found = self._candidates((x - radius, y - radius, x + radius, y + radius))
        return nearest_of(self._xy[found], x, y, radius, found)

    def _candidates(self, bounds: Bounds) -> Indices:
        x0, y0, x1, y1 = bounds
        c0, c1 = (int(c) for c in self._bin_of(np.array([x0, x1])))
        r0, r1 = (int(r) for r in self._row_of(np.array([y0, y1])))
        runs = [
            self._order[self._start[r * self._bins + c0] : self._start[r * self._bins + c1 + 1]]
            for r in range(r0, r1 + 1)
        ]
        return np.concatenate(runs) if runs else np.empty(0, np.int64)

    def _bin_of(self, x: Floats) -> NDArray[np.int64]:
        return np.asarray(np.clip((x - self._x0) // self._side, 0, self._bins - 1), np.int64)

    def _row_of(self, y: Floats) -> NDArray[np.int64]:
        return np.asarray(np.clip((y - self._y0) // self._side, 0, self._bins - 1), np.int64)


def nearest_of(xy: Floats, x: float, y: float, radius: float, ids: Indices | None = None) -> int:
    """The index (or its entry in `ids`) of the point of (n, 2) nearest within `radius`, or -1.

    Of equally near ones the last: what is drawn last lies on top.
    """
    if not len(xy):
        return -1
    squared = (xy[:, 0] - x) ** 2 + (xy[:, 1] - y) ** 2
    best = len(squared) - 1 - int(np.argmin(squared[::-1]))
    if squared[best] > radius * radius:
        return -1
    return best if ids is None else int(ids[best])
