"""What an hour holds, in few numbers: to tell whether two servers have the same of it.

Units fall into 256 buckets by a hash of their id. Of each bucket there are the number of fixes and
the sum of a hash of each fix's unit and time: the same whatever the order, and without the places,
for of two fixes with one unit and time the first that came in is kept.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from console.tracks.numbers import UnitNumbers
from console.tracks.rows import Rows

BUCKETS = 256
Mark = tuple[int, int]
"""A bucket's number of fixes and sum of hashes."""

_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)


class UnitHashes:
    """The hash of each unit by its number, on every server the same for the same id."""

    def __init__(self, numbers: UnitNumbers) -> None:
        self._numbers = numbers
        self._known: NDArray[np.uint64] = np.empty(0, np.uint64)

    def all(self) -> NDArray[np.uint64]:
        """uint64[units]; its lowest byte is the unit's bucket."""
        fresh = self._numbers.names(len(self._known))
        if fresh:
            made = [
                int.from_bytes(blake2b(n.encode(), digest_size=8).digest(), "little") for n in fresh
            ]
            self._known = np.append(self._known, np.array(made, np.uint64))
        return self._known


class Contents:
    """`counts` int64[256] and `sums` uint64[256], by bucket."""

    def __init__(self, counts: NDArray[np.int64], sums: NDArray[np.uint64]) -> None:
        self.counts = counts
        self.sums = sums

    @property
    def fixes(self) -> int:
        """How many there are."""
        return int(self.counts.sum())

    def mark(self, bucket: int) -> Mark:
        """What one bucket holds."""
        return int(self.counts[bucket]), int(self.sums[bucket])

    def add(self, rows: Rows, hashes: NDArray[np.uint64]) -> None:
        """Count `rows`, which are not among those counted."""
        units = hashes[rows["unit"]]
        buckets = buckets_of(units)
        with np.errstate(over="ignore"):
            mixed = units + rows["at"].astype(np.uint64) * _ODD
            mixed = (mixed ^ (mixed >> np.uint64(31))) * _MIX
            mixed ^= mixed >> np.uint64(27)
            np.add.at(self.sums, buckets, mixed)
        self.counts += np.bincount(buckets, minlength=BUCKETS)

    def as_bytes(self) -> bytes:
        """4,096 bytes."""
        return self.counts.astype("<i8").tobytes() + self.sums.astype("<u8").tobytes()


def nothing() -> Contents:
    """The contents of an hour without fixes."""
    return Contents(np.zeros(BUCKETS, np.int64), np.zeros(BUCKETS, np.uint64))


def contents_from(data: bytes) -> Contents:
    """What `as_bytes` made. Raises ValueError."""
    if len(data) != 16 * BUCKETS:
        raise ValueError("not the contents of an hour")
    numbers = np.frombuffer(data, "<u8")
    return Contents(numbers[:BUCKETS].astype(np.int64), numbers[BUCKETS:].astype(np.uint64))


def buckets_of(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The bucket of each hash."""
    return (hashes & np.uint64(BUCKETS - 1)).astype(np.int64)
