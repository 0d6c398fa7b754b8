"""Fixes that no hour file has yet, in memory: sorted runs, small enough to be searched whole."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from console.tracks.rows import HOUR_MS, Rows, in_order, last_of_each

RUN_ROWS = 32_768
"""Fixes that wait unsorted at most; a run has that many, or a group more."""


class Run:
    """Rows sorted by unit and time; never changed."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.units: NDArray[np.int32] = np.ascontiguousarray(rows["unit"])
        self.at: NDArray[np.int64] = np.ascontiguousarray(rows["at"])
        self.at_min = int(self.at.min())
        self.at_max = int(self.at.max())

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def hours(self) -> frozenset[int]:
        """When the hours begin that it has fixes of."""
        return frozenset((np.unique(self.at // HOUR_MS) * HOUR_MS).tolist())

    @cached_property
    def _newest(self) -> Rows:
        return last_of_each(self.rows)

    def latest_until(self, t: int) -> Rows:
        """The last fix at or before `t` of each unit that has one."""
        if self.at_max <= t:
            return self._newest
        return last_of_each(self.rows[self.at <= t])

    def of_unit(self, number: int, begin_ms: int, end_ms: int) -> Rows:
        """The unit's fixes in [begin_ms, end_ms)."""
        first, last = np.searchsorted(self.units, (number, number + 1))
        a, b = np.searchsorted(self.at[first:last], (begin_ms, end_ms))
        return self.rows[first + a : first + b]

    def of_units(self, first: int, last: int, hour_ms: int) -> Rows:
        """The fixes that units `first` to `last` - 1 made in one hour."""
        if hour_ms not in self.hours:
            return self.rows[:0]
        a, b = np.searchsorted(self.units, (first, last))
        if len(self.hours) == 1:
            return self.rows[a:b]
        at = self.at[a:b]
        result: Rows = self.rows[a:b][(at >= hour_ms) & (at < hour_ms + HOUR_MS)]
        return result

    def without(self, hours: frozenset[int]) -> Run | None:
        """What is left when the fixes of `hours` are gone; None when nothing is."""
        if not hours & self.hours:
            return self
        left = ~np.isin(self.at // HOUR_MS * HOUR_MS, list(hours))
        return Run(self.rows[left]) if left.any() else None

    def since(self, at: int) -> Run | None:
        """What was made at `at` or later; None when nothing was."""
        if self.at_min >= at:
            return self
        left = self.at >= at
        return Run(self.rows[left]) if left.any() else None


class Unsealed:
    """The runs, in the order they came in. Its user keeps it to one thread at a time.

    Those being sealed are held: they are found like the others, but stay as they are.
    """

    def __init__(self) -> None:
        self._held: list[Run] = []
        self._runs: list[Run] = []
        self._fresh: list[Rows] = []
        self._fresh_count = 0
        self.changes = 0
        """Grows with everything that is taken in. A number of fixes would not tell: those that came
        twice are merged, now or later.
        """

    def __len__(self) -> int:
        return sum(map(len, self._held + self._runs)) + self._fresh_count

    def add(self, rows: Rows) -> None:
        """Take rows in, in the order they came."""
        self.changes += 1
        self._fresh.append(rows)
        self._fresh_count += len(rows)
        if self._fresh_count >= RUN_ROWS:
            self._sort_fresh()

    def runs(self) -> tuple[Run, ...]:
        """All there is, sorted."""
        self._sort_fresh()
        return (*self._held, *self._runs)

    def hold(self) -> tuple[Run, ...]:
        """All there is, to be sealed; ends with `release`."""
        self._held, self._runs = list(self.runs()), []
        return tuple(self._held)

    def release(self, hours: frozenset[int]) -> None:
        """Let go of what was held of `hours`; the rest is held no more."""
        left = (run.without(hours) for run in self._held)
        self._held, self._runs = [], [*(run for run in left if run is not None), *self._runs]

    def drop_before(self, at: int) -> None:
        """Let go of what was made before `at`."""
        left = (run.since(at) for run in self.runs())
        self._held, self._runs = [], [run for run in left if run is not None]

    def drop_oldest(self, limit: int) -> None:
        """Let go of the runs that came in first until at most `limit` fixes are left."""
        while self._runs and len(self) > limit:
            del self._runs[0]

    def _sort_fresh(self) -> None:
        if self._fresh_count:
            self._runs.append(Run(in_order(np.concatenate(self._fresh))))
            self._fresh, self._fresh_count = [], 0
            self._merge_small()

    def _merge_small(self) -> None:
        """Queries make small runs: each is kept longer than those after it together, or full."""
        runs = self._runs
        while len(runs) > 1 and len(runs[-2]) < min(2 * len(runs[-1]), RUN_ROWS):
            last = runs.pop()
            runs[-1] = Run(in_order(np.concatenate([runs[-1].rows, last.rows])))
