"""The closed hours of a folder: which there are, the open ones, and their key frames."""

from __future__ import annotations

import logging
import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from pathlib import Path
from typing import TypeVar

import numpy as np

from console.tracks.errors import TracksDamaged
from console.tracks.files import HOUR_SUFFIX, KEYS_SUFFIX, hour_of, remove_drafts, stamp
from console.tracks.hour_file import HourFile
from console.tracks.keys import Keys, read_keys, write_keys
from console.tracks.numbers import UnitNumbers
from console.tracks.rows import HOUR_MS, NEVER, ROW, Rows, blank_state, overlay
from console.tracks.tile_reader import Parts, joined

log = logging.getLogger(__name__)

_OPEN_HOURS = 64
_T = TypeVar("_T")


class Shelf:
    """Hour files and key frames by hour (ms UTC of its begin), for many threads to read.

    Methods raise OSError and TracksDamaged; a file that is not there (any more) is None.
    """

    def __init__(self, folder: Path, numbers: UnitNumbers) -> None:
        self.folder = folder
        self._numbers = numbers
        self._lock = threading.RLock()
        self._open: OrderedDict[int, HourFile] = OrderedDict()
        self._keys: OrderedDict[int, Keys] = OrderedDict()
        self._states: OrderedDict[int, Rows] = OrderedDict()
        remove_drafts(folder)
        found = (hour_of(path) for path in folder.glob("*" + HOUR_SUFFIX))
        self._hours = sorted(hour for hour in found if hour is not None)

    def hours(self, begin_ms: int = 0, end_ms: int = 1 << 60) -> list[int]:
        """The hours, by rising time, that have a part in [begin_ms, end_ms)."""
        hours = self._hours
        return hours[bisect_right(hours, begin_ms - HOUR_MS) : bisect_left(hours, end_ms)]

    def hour_until(self, t: int) -> int | None:
        """The last hour that begins at or before `t`."""
        place = bisect_right(self._hours, t)
        return self._hours[place - 1] if place else None

    def hour_path(self, hour_ms: int) -> Path:
        """Where the hour's fixes lie."""
        return self.folder / (stamp(hour_ms) + HOUR_SUFFIX)

    def keys_path(self, hour_ms: int) -> Path:
        """Where the hour's key frame lies."""
        return self.folder / (stamp(hour_ms) + KEYS_SUFFIX)

    def file(self, hour_ms: int) -> HourFile | None:
        """The hour's file, open."""
        with self._lock:
            found = self._open.get(hour_ms)
            if found is None:
                try:
                    found = HourFile(self.hour_path(hour_ms))
                except FileNotFoundError:
                    return None
                _keep(self._open, hour_ms, found)
            return found

    def track(self, unit_id: str, begin_ms: int, end_ms: int) -> Rows:
        """The unit's fixes in [begin_ms, end_ms), by rising time."""
        found = (
            self._parts(hour, unit_id, begin_ms, end_ms) for hour in self.hours(begin_ms, end_ms)
        )
        parts = [part for part in found if part is not None]
        if not parts:
            return np.empty(0, ROW)
        # All hours at once: for each alone numpy's calls would cost more than its work.
        segments = joined(self.folder, parts)
        rows = segments.all_rows(np.zeros(len(segments.counts), np.int32))
        result: Rows = rows[(rows["at"] >= begin_ms) & (rows["at"] < end_ms)]
        return result

    def _parts(self, hour_ms: int, unit_id: str, begin_ms: int, end_ms: int) -> Parts | None:
        file = self.file(hour_ms)
        number = None if file is None else self._numbers.number_in(file.unit_ids, unit_id)
        if file is None or number is None:
            return None
        return file.parts_of_unit(number, begin_ms, end_ms)

    def keys(self, hour_ms: int) -> Keys:
        """The hour's key frame; made anew from the hour before when it cannot be read."""
        with self._lock:
            found = self._keys.get(hour_ms)
            if found is None:
                found = self._read_keys(hour_ms)
                _keep(self._keys, hour_ms, found)
            return found

    def _read_keys(self, hour_ms: int) -> Keys:
        try:
            return read_keys(self.keys_path(hour_ms))
        except (TracksDamaged, FileNotFoundError) as error:
            log.error("%s; making its key frame from the hour before", error)
            return self.keys_before(hour_ms)

    def keys_before(self, hour_ms: int) -> Keys:
        """Where every unit was before the hour began, out of the last hour before it."""
        previous = self.hour_until(hour_ms - 1)
        if previous is None:
            return Keys((), np.empty(0, ROW))
        state = self.state_at(previous, hour_ms - 1, readable=True)
        names = self._numbers.names()[: len(state)]
        return Keys(names, state[state["at"] != NEVER])

    def state_at(self, hour_ms: int, t: int, *, readable: bool = False) -> Rows:
        """Where all were at `t` by an hour that is there and its key frame: a row a unit number.

        With `readable`, what must go on goes on: of a damaged hour only the key frame is taken.
        """
        state = self._state_before(hour_ms)
        try:
            file = self.file(hour_ms)
            rows = np.empty(0, ROW) if file is None else file.latest_until(t)
        except TracksDamaged:
            if not readable:
                raise
            log.exception("where units were is known from before this hour only")
            return state
        if file is not None:
            rows["unit"] = self._numbers.map_of(file.unit_ids)[rows["unit"]]
        state = grown(state, len(self._numbers))
        overlay(state, rows)
        return state

    def _state_before(self, hour_ms: int) -> Rows:
        """The hour's key frame as a state, the caller's own."""
        with self._lock:
            found = self._states.get(hour_ms)
            if found is None:
                keys = self.keys(hour_ms)
                rows = keys.rows.copy()
                rows["unit"] = self._numbers.map_of(keys.unit_ids)[keys.rows["unit"]]
                found = blank_state(len(self._numbers))
                overlay(found, rows)
                _keep(self._states, hour_ms, found)
            return found.copy()

    def write_keys(self, hour_ms: int, keys: Keys) -> None:
        """Put the hour's key frame in place."""
        write_keys(self.keys_path(hour_ms), keys)
        with self._lock:
            self._keys.pop(hour_ms, None)
            self._states.pop(hour_ms, None)

    def written(self, hour_ms: int) -> None:
        """The hour's file is new."""
        with self._lock:
            self._open.pop(hour_ms, None)
            if hour_ms not in self._hours:
                self._hours = sorted([*self._hours, hour_ms])

    def remove(self, hour_ms: int) -> None:
        """Delete the hour and its key frame."""
        with self._lock:
            self._hours = [h for h in self._hours if h != hour_ms]
            self._open.pop(hour_ms, None)
            self._keys.pop(hour_ms, None)
            self._states.pop(hour_ms, None)
        self.hour_path(hour_ms).unlink(missing_ok=True)
        self.keys_path(hour_ms).unlink(missing_ok=True)

    def set_aside(self, hour_ms: int) -> None:
        """Rename a damaged hour out of the way; it is kept for whoever can read it."""
        path = self.hour_path(hour_ms)
        aside = path.with_name(path.name + ".damaged")
        log.error("%s is damaged; it is kept as %s", path, aside.name)
        path.replace(aside)
        with self._lock:
            self._open.pop(hour_ms, None)


def grown(state: Rows, units: int) -> Rows:
    """`state` with blank rows for units up to number `units` - 1."""
    if len(state) >= units:
        return state
    larger = blank_state(units)
    larger[: len(state)] = state
    return larger


def _keep(cache: OrderedDict[int, _T], hour_ms: int, value: _T) -> None:
    cache[hour_ms] = value
    while len(cache) > _OPEN_HOURS:
        cache.popitem(last=False)
