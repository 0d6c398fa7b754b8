"""Whole hours of the tracks: what they hold, and parts of them for another server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from console.tracks.contents import Contents, UnitHashes, buckets_of, nothing
from console.tracks.numbers import UnitNumbers
from console.tracks.rows import HOUR_MS, ROW, Rows, in_order
from console.tracks.shelf import Shelf
from console.tracks.unsealed import Run

_STRANDS_AT_ONCE = 64


class Hours:
    """The hours of one store, sealed or not, by the time (ms UTC) they begin.

    For one thread, beside those that write. Methods raise OSError and TracksDamaged.
    """

    def __init__(
        self,
        shelf: Shelf | None,
        runs: Callable[[], Sequence[Run]],
        changes: Callable[[], int],
        numbers: UnitNumbers,
    ) -> None:
        self._shelf = shelf
        self._runs = runs
        self._changes = changes
        self._numbers = numbers
        self._hashes = UnitHashes(numbers)

    def there(self) -> set[int]:
        """The hours that have a fix."""
        sealed = self._shelf.hours() if self._shelf is not None else []
        return set(sealed).union(*(run.hours for run in self._runs()))

    def state(self, hour_ms: int) -> tuple[int, int]:
        """How many fixes the hour's file holds, and a number that grows with what comes in while
        some of the hour are unsealed, 0 while none are: while both are the same, the contents are.
        """
        changes = self._changes() if any(len(rows) for rows in self._unsealed(hour_ms)) else 0
        file = self._shelf.file(hour_ms) if self._shelf is not None else None
        return (0 if file is None else file.fixes), changes

    def contents(self, hour_ms: int) -> Contents:
        """What the hour holds."""
        found = nothing()
        for rows in self._rows(hour_ms):
            found.add(rows, self._hashes.all())
        return found

    def parts(self, hour_ms: int, buckets: frozenset[int]) -> dict[int, Rows]:
        """All fixes of these buckets, with unit numbers for `Tracks.named`."""
        found: dict[int, list[Rows]] = {bucket: [] for bucket in buckets}
        for rows in self._rows(hour_ms):
            of_rows = buckets_of(self._hashes.all()[rows["unit"]])
            for bucket, parts in found.items():
                parts.append(rows[of_rows == bucket])
        return {b: np.concatenate([np.empty(0, ROW), *parts]) for b, parts in found.items()}

    def _rows(self, hour_ms: int) -> Iterator[Rows]:
        """The hour's fixes, each once, some at a time."""
        # Unsealed first: what is sealed meanwhile is then seen twice, and not missed.
        unsealed = in_order(np.concatenate([np.empty(0, ROW), *self._unsealed(hour_ms)]))
        keys = _keys(unsealed)
        is_new = np.ones(len(unsealed), np.bool_)
        for rows in self._sealed(hour_ms):
            yield rows
            if len(unsealed):
                is_new &= ~np.isin(keys, _keys(rows))
        yield unsealed[is_new]

    def _sealed(self, hour_ms: int) -> Iterator[Rows]:
        file = self._shelf.file(hour_ms) if self._shelf is not None else None
        if file is None:
            return
        own = self._numbers.map_of(file.unit_ids)
        for first in range(0, file.strands, _STRANDS_AT_ONCE):
            strands = range(first, min(first + _STRANDS_AT_ONCE, file.strands))
            rows = np.concatenate([file.rows_of(strand) for strand in strands])
            rows["unit"] = own[rows["unit"]]
            yield rows

    def _unsealed(self, hour_ms: int) -> list[Rows]:
        found = []
        for run in self._runs():
            if hour_ms in run.hours:
                found.append(run.rows[(run.at >= hour_ms) & (run.at < hour_ms + HOUR_MS)])
        return found


def _keys(rows: Rows) -> NDArray[np.int64]:
    keys: NDArray[np.int64] = (rows["unit"].astype(np.int64) << 44) | rows["at"]
    return keys
