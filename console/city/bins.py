"""A uniform grid of bins over world metres, as one sorted array of keys.

A key packs (class, row, column) so that the bins of one row stand next to each other: what lies in
a rectangle is one slice of the data a row of bins. Bin indices are absolute (floor of x / size),
so no origin has to be kept.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bounds = tuple[float, float, float, float]
FloatArray = NDArray[np.float64]
KeyArray = NDArray[np.int64]

_BITS = 21
_HALF = 1 << (_BITS - 1)
"""Offset that makes indices positive; good down to bins of 20 m anywhere on the globe."""


def bin_keys(classes: NDArray[np.integer] | int, xy: FloatArray, size_m: float) -> KeyArray:
    """The key of the bin that holds each point of float64[k,2] world metres, as int64[k]."""
    index = np.floor(xy / size_m).astype(np.int64) + _HALF
    row_keys = np.left_shift(np.asarray(classes, np.int64), _BITS) + index[:, 1]
    return np.asarray(np.left_shift(row_keys, _BITS) + index[:, 0])


def occupied(sorted_keys: KeyArray) -> tuple[KeyArray, KeyArray]:
    """The distinct keys of a sorted array, and where each begins (with the end as last)."""
    keys, starts = np.unique(sorted_keys, return_index=True)
    return keys, np.append(starts, len(sorted_keys)).astype(np.int64)


def slices_in(
    keys: KeyArray, offsets: KeyArray, wanted: int, bounds: Bounds, size_m: float
) -> list[tuple[int, int]]:
    """The slices [start, stop) of the data of class `wanted` whose bins touch `bounds`.

    `bounds` is (x0, y0, x1, y1) in world metres; `keys` and `offsets` are what `occupied` gave.
    """
    x0, y0, x1, y1 = (int(np.floor(v / size_m)) + _HALF for v in bounds)
    rows = ((wanted << _BITS) + np.arange(y0, y1 + 1, dtype=np.int64)) << _BITS
    begin = offsets[np.searchsorted(keys, rows + x0)]
    end = offsets[np.searchsorted(keys, rows + x1 + 1)]
    return [(a, b) for a, b in zip(begin.tolist(), end.tolist(), strict=True) if b > a]


def widened(bounds: Bounds, by_m: float) -> Bounds:
    """`bounds` with `by_m` added on every side."""
    x0, y0, x1, y1 = bounds
    return x0 - by_m, y0 - by_m, x1 + by_m, y1 + by_m
