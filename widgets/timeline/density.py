"""How many incidents were reported in each three minutes, and how many of them were P1 and P2."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BIN_MS = 3 * 60_000

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """Counts a bin, oldest first, as int64 (n,); `first_ms` is when the first bin begins."""

    first_ms: int
    all: IntArray
    p1: IntArray
    p2: IntArray


def density(
    reports: Iterable[tuple[int, int]], now_ms: int, span_ms: int, bin_ms: int = BIN_MS
) -> Density:
    """Count `reports` (time in ms, priority) of the last `span_ms`, in bins that end with now's.

    Bins begin at whole multiples of `bin_ms`, so that a bar does not change its height while the
    clock moves on.
    """
    last = now_ms // bin_ms
    bins = -(-span_ms // bin_ms)
    first = last - bins + 1
    counts = np.zeros((3, bins), np.int64)
    for at, priority in reports:
        place = at // bin_ms - first
        if 0 <= place < bins:
            counts[0, place] += 1
            if priority <= 2:
                counts[priority, place] += 1
    return Density(first * bin_ms, counts[0], counts[1], counts[2])
