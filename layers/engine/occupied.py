"""Which parts of the screen are taken: many boxes asked about many boxes in a few array steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BIN_PX = 8.0
"""Boxes are rounded to bins of this size; a name does not need more."""


class Occupied:
    """A summed-area table over the bins that `boxes` (n, 4: x0, y0, x1, y1) touch.

    Only the screen, `width` × `height` logical pixels, counts.
    """

    def __init__(self, boxes: Floats, width: float, height: float) -> None:
        self._columns = int(width // _BIN_PX) + 1
        self._rows = int(height // _BIN_PX) + 1
        taken = np.zeros((self._rows + 1, self._columns + 1), np.int32)
        c0, r0, c1, r1 = self._bins(boxes)
        np.add.at(taken, (r0, c0), 1)
        np.add.at(taken, (r1, c1), 1)
        np.add.at(taken, (r0, c1), -1)
        np.add.at(taken, (r1, c0), -1)
        covered = (taken.cumsum(0).cumsum(1) > 0)[:-1, :-1]
        self._sums = np.zeros((self._rows + 1, self._columns + 1), np.int32)
        self._sums[1:, 1:] = covered.cumsum(0, dtype=np.int32).cumsum(1, dtype=np.int32)

    def touches(self, boxes: Floats) -> NDArray[np.bool_]:
        """For each of boxes (k, 4) whether any part of it is taken."""
        c0, r0, c1, r1 = self._bins(boxes)
        sums = self._sums
        return np.asarray(sums[r1, c1] - sums[r0, c1] - sums[r1, c0] + sums[r0, c0] > 0)

    def _bins(self, boxes: Floats) -> tuple[NDArray[np.int64], ...]:
        """First column, first row, and those just beyond the last, cut to the screen."""
        low = np.floor(boxes[:, :2] / _BIN_PX)
        high = np.ceil(boxes[:, 2:] / _BIN_PX)
        size = np.array([self._columns, self._rows])
        low = np.clip(low, 0, size).astype(np.int64)
        high = np.clip(high, 0, size).astype(np.int64)
        return low[:, 0], low[:, 1], high[:, 0], high[:, 1]


def boxes_around(centres: Floats, half: Floats | float) -> Floats:
    """Boxes (n, 4) around points (n, 2): of one half size, of half sizes (n, 2), or squares."""
    return np.concatenate([centres - half, centres + half], axis=1)


def overlaps(spots: Floats, boxes: Floats) -> NDArray[np.int64]:
    """How many of the boxes (n, 4) each of the spots (k, 4) touches."""
    apart = (boxes[:, 0] > spots[:, 2:3]) | (boxes[:, 2] < spots[:, 0:1])
    apart |= (boxes[:, 1] > spots[:, 3:4]) | (boxes[:, 3] < spots[:, 1:2])
    return np.asarray(np.count_nonzero(~apart, axis=1), np.int64)


def clearest(spots: Floats, boxes: Floats, width: float, height: float) -> tuple[int, int]:
    """Which of the spots (k, 4) touches the fewest of the boxes (n, 4), the first of equal ones,
    and how many it touches; one that is not wholly on the screen counts as touching many."""
    inside = np.all(spots[:, :2] >= 2, axis=1) & np.all(spots[:, 2:] <= (width, height), axis=1)
    cost = overlaps(spots, boxes) + 100 * ~inside
    best = int(np.argmin(cost))
    return best, int(cost[best])


_AROUND = np.array(
    [(0, -1), (0, 1), (1, 0), (-1, 0), (1, -1), (-1, -1), (1, 1), (-1, 1)], np.float64
)


def beside(at: Floats, half: Floats, taken: Occupied, gap: float) -> Floats:
    """Middles (n, 2) near the points `at` (n, 2) for boxes of half sizes `half` (n, 2).

    On their points where nothing is, else on the first of eight sides, `gap` beyond the half size
    or farther, that nothing touches, neither what is `taken` nor those placed before; else on the
    point.
    """
    middles = np.array(at, np.float64)
    boxes = boxes_around(middles, half)
    blocked = np.flatnonzero(taken.touches(boxes))
    if not len(blocked):
        return middles
    settled = np.delete(boxes, blocked, axis=0)
    for number in blocked.tolist():
        near = _AROUND * (half[number] + gap)
        spots = at[number] + np.concatenate([near, 1.8 * near])
        found = boxes_around(spots, half[number])
        free = np.flatnonzero(~taken.touches(found) & (overlaps(found, settled) == 0))
        if len(free):
            middles[number] = spots[free[0]]
            settled = np.concatenate([settled, found[free[:1]]])
    return middles
