"""Which points a set of rings holds, by the even-odd rule."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

MOST_PAIRS = 4_000_000
"""Points times edges looked at in one go: bounds the memory of a big ring with many points."""


def rings_hold(rings: Iterable[FloatArray], xy: FloatArray) -> NDArray[np.bool_]:
    """Whether each point of float64[k,2] lies inside the closed rings (even-odd), as bool[k].

    A point on an edge belongs to one side or the other; two areas that share the edge never both
    hold it nor both miss it, as crossings are counted with a half-open rule.
    """
    inside = np.zeros(len(xy), bool)
    for ring in rings:
        step = max(1, MOST_PAIRS // max(1, len(ring)))
        for start in range(0, len(xy), step):
            inside[start : start + step] ^= _crosses_oddly(ring, xy[start : start + step])
    return inside


def _crosses_oddly(ring: FloatArray, xy: FloatArray) -> NDArray[np.bool_]:
    """Whether a ray from each point towards +x crosses the ring an odd number of times."""
    lower, upper = _edges_upwards(ring)
    x, y = xy[:, :1], xy[:, 1:]
    spans = (lower[:, 1] <= y) & (y < upper[:, 1])
    step = upper - lower
    left = (upper[:, 0] - x) * (y - lower[:, 1]) + (lower[:, 0] - x) * (upper[:, 1] - y) > 0
    return np.asarray((spans & left & (step[:, 1] > 0)).sum(axis=1) % 2 == 1)


def _edges_upwards(ring: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The ring's edges, each from its lower to its upper end: both sides of it reckon the same."""
    a, b = ring[:-1], ring[1:]
    swap = (a[:, 1] > b[:, 1])[:, None]
    return np.where(swap, b, a), np.where(swap, a, b)
