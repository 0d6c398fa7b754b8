"""Making hour files: of an hour that has closed, or anew of one that fixes came in late for.

The order on the disk is: the hour's key frame, the hour's fixes, the key frames of later hours
that a late fix changes; only then are logs removed (by the caller). After a crash at any point the
logs still hold everything, and doing it all again gives the same: a fix is told by unit and time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from console.tracks.errors import TracksDamaged
from console.tracks.hour_file import BLOB_STRANDS, HourFile, slices_for, write_hour
from console.tracks.keys import Keys
from console.tracks.numbers import UnitNumbers
from console.tracks.rows import NEVER, ROW, Rows, blank_state, in_order, overlay
from console.tracks.shelf import Shelf
from console.tracks.tile import STRAND, Tile, encode_strand
from console.tracks.unsealed import Run


def seal_hour(shelf: Shelf, numbers: UnitNumbers, hour_ms: int, runs: Sequence[Run]) -> int:
    """Put what `runs` hold of the hour into its file; returns how many fixes the file holds then.

    Hours must be sealed by rising time. Raises OSError, TracksDamaged.
    """
    try:
        return _merge(shelf, numbers, hour_ms, runs, shelf.file(hour_ms))
    except TracksDamaged as error:
        if error.path != shelf.hour_path(hour_ms):
            raise
        shelf.set_aside(hour_ms)
        return _merge(shelf, numbers, hour_ms, runs, None)


def _merge(
    shelf: Shelf, numbers: UnitNumbers, hour_ms: int, runs: Sequence[Run], old: HourFile | None
) -> int:
    if old is None:
        shelf.write_keys(hour_ms, shelf.keys_before(hour_ms))
    merge = _Merge(numbers, hour_ms, runs, old)
    path = shelf.hour_path(hour_ms)
    fixes = write_hour(path, hour_ms, merge.slices, merge.names, merge.strands())
    shelf.written(hour_ms)
    _tell_later_hours(shelf, numbers, hour_ms, merge.newest)
    return fixes


class _Merge:
    """The strands of an hour: what its file holds already, and what `runs` have of it.

    `newest` is the last of the new fixes of each unit, by number, once the strands are through.
    """

    def __init__(
        self, numbers: UnitNumbers, hour_ms: int, runs: Sequence[Run], old: HourFile | None
    ) -> None:
        self.names = numbers.names()
        self.newest = blank_state(len(self.names))
        self._hour_ms = hour_ms
        self._runs = [run for run in runs if hour_ms in run.hours]
        self._old = old
        self._translate = None
        if old is not None and self.names[: len(old.unit_ids)] != old.unit_ids:
            self._translate = _everything(old, numbers)
        self.slices = self._choose_slices()

    def _choose_slices(self) -> int:
        count = -(-len(self.names) // STRAND)
        rows = np.zeros(count, np.int64)
        for run in self._runs:
            units = run.of_units(0, len(self.names), self._hour_ms)["unit"]
            rows += np.bincount(units // STRAND, minlength=count)
        old = self._old
        fixes = int(rows.sum()) + (old.fixes if old else 0)
        units_heard = STRAND * max(int(np.count_nonzero(rows)), 1)
        wanted = slices_for(fixes, units_heard, int(rows.max(initial=0)))
        # A file is cut anew only when it pays: until then untouched strands are copied as they are.
        return old.slices if old and wanted <= 2 * old.slices else wanted

    def strands(self) -> Iterator[list[Tile]]:
        """The tiles of each strand."""
        for first in range(0, len(self.names), BLOB_STRANDS * STRAND):
            last = min(first + BLOB_STRANDS * STRAND, len(self.names))
            rows = self._new_rows(first, last)
            bounds = np.searchsorted(rows["unit"], range(first, last + STRAND, STRAND)).tolist()
            for place, unit in enumerate(range(first, last, STRAND)):
                yield self._strand(unit, rows[bounds[place] : bounds[place + 1]])

    def _new_rows(self, first: int, last: int) -> Rows:
        parts = [run.of_units(first, last, self._hour_ms) for run in self._runs]
        rows = in_order(np.concatenate([np.empty(0, ROW), *parts]))
        ends = np.flatnonzero(np.append(rows["unit"][1:] != rows["unit"][:-1], True))[: len(rows)]
        overlay(self.newest, rows[ends])
        return rows

    def _strand(self, unit: int, new: Rows) -> list[Tile]:
        old, strand = self._old, unit // STRAND
        if self._translate is not None:
            kept = self._translate
            a, b = np.searchsorted(kept["unit"], (unit, unit + STRAND))
            new = in_order(np.concatenate([kept[a:b], new]))
        elif old is not None and strand < old.strands:
            if not len(new) and self.slices == old.slices:
                return old.tiles_of(strand)
            new = in_order(np.concatenate([old.rows_of(strand), new]))
        return encode_strand(new, self._hour_ms, self.slices, unit)


def _everything(old: HourFile, numbers: UnitNumbers) -> Rows:
    """All fixes of a file whose units are numbered otherwise than here, with our numbers."""
    rows = np.concatenate([np.empty(0, ROW), *(old.rows_of(s) for s in range(old.strands))])
    rows["unit"] = numbers.map_of(old.unit_ids)[rows["unit"]]
    return in_order(rows)


def _tell_later_hours(shelf: Shelf, numbers: UnitNumbers, hour_ms: int, newest: Rows) -> None:
    """Where units were when later hours began, if a late fix is the last before them."""
    told = newest[newest["at"] != NEVER]
    corrected: list[tuple[int, Keys]] = []
    for later in (hour for hour in shelf.hours(begin_ms=hour_ms) if hour > hour_ms):
        keys = _corrected(shelf.keys(later), numbers, told)
        # What an hour knew already by itself, the hours after it know too.
        if keys is None:
            break
        corrected.append((later, keys))
    # The last first: after a crash those not written yet then still stand before those written,
    # and are not taken to be known.
    for later, keys in reversed(corrected):
        shelf.write_keys(later, keys)


def _corrected(keys: Keys, numbers: UnitNumbers, told: Rows) -> Keys | None:
    """The key frame with what is newer in `told`; None when nothing is."""
    rows = keys.rows.copy()
    rows["unit"] = numbers.map_of(keys.unit_ids)[keys.rows["unit"]]
    state = blank_state(len(numbers))
    overlay(state, rows)
    if not overlay(state, told):
        return None
    return Keys(numbers.names()[: len(state)], state[state["at"] != NEVER])
