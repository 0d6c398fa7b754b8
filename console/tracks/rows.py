"""Fixes as rows of numbers: what is kept of one, and how exactly.

Longitude and latitude in units of 1e-7 degrees (1.1 cm), time in milliseconds, heading in whole
degrees, speed in units of 0.05 m/s. Units stand in rows by number (`console.tracks.numbers`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.model.unit import Fix

ROW = np.dtype(
    [
        ("at", "<i8"),
        ("unit", "<i4"),
        ("lon", "<i4"),
        ("lat", "<i4"),
        ("heading", "<i2"),
        ("speed", "<i2"),
    ]
)
Rows = NDArray[np.void]
"""An array of ROW."""

HOUR_MS = 3_600_000
NEVER = -1
"""The time of a unit that has not been heard of."""
DEGREES = 1e7
SPEED_STEPS = 20
NO_HEADING = 360
MAX_SPEED = 32766
NO_SPEED = 32767
LATEST_AT = 1 << 44
"""The first time that is not kept: in the year 2527."""


@dataclass(frozen=True, slots=True)
class Positions:
    """Where units were at a moment: for each the newest fix then known to have been made.

    `lonlat` float64[n, 2] degrees WGS 84, `at` int64[n] when the fix was made (ms UTC), `heading`
    float32[n] degrees from north and `speed` float32[n] metres a second, NaN where unknown.
    """

    unit_ids: tuple[str, ...]
    lonlat: NDArray[np.float64]
    at: NDArray[np.int64]
    heading: NDArray[np.float32]
    speed: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.unit_ids)


@dataclass(frozen=True, slots=True)
class Track:
    """Where one unit went: its fixes by rising time, arrays as in `Positions`."""

    unit_id: str
    lonlat: NDArray[np.float64]
    at: NDArray[np.int64]
    heading: NDArray[np.float32]
    speed: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.at)


def keepable(fix: Fix, cutoff: int = 0) -> bool:
    """Whether `fix` is a place on the globe, at a time from `cutoff` on that a row can hold."""
    return cutoff <= fix.at < LATEST_AT and -180 <= fix.lon <= 180 and -90 <= fix.lat <= 90


def rows_of(fixes: Sequence[Fix], numbers: Sequence[int]) -> Rows:
    """Rows of `fixes` (each `keepable`), whose units have `numbers`; in the order given."""
    rows = np.empty(len(fixes), ROW)
    rows["at"] = [f.at for f in fixes]
    rows["unit"] = numbers
    rows["lon"] = np.rint(np.array([f.lon for f in fixes]) * DEGREES)
    rows["lat"] = np.rint(np.array([f.lat for f in fixes]) * DEGREES)
    rows["heading"] = _headings(np.array([f.heading_deg for f in fixes], np.float64))
    rows["speed"] = _speeds(np.array([f.speed_mps for f in fixes], np.float64))
    return rows


def fixes_of(rows: Rows, unit_ids: Sequence[str]) -> list[Fix]:
    """The fixes that `rows` keep, in order; their unit numbers are places in `unit_ids`."""
    columns = (
        rows["unit"].tolist(),
        (rows["lon"] / DEGREES).tolist(),
        (rows["lat"] / DEGREES).tolist(),
        rows["at"].tolist(),
        rows["heading"].tolist(),
        rows["speed"].tolist(),
    )
    return [
        Fix(
            unit_ids[unit],
            lon,
            lat,
            at,
            None if heading == NO_HEADING else float(heading),
            None if speed == NO_SPEED else speed / SPEED_STEPS,
        )
        for unit, lon, lat, at, heading, speed in zip(*columns, strict=True)
    ]


def positions_of(rows: Rows, unit_ids: tuple[str, ...]) -> Positions:
    """`rows`, one a unit, as positions of `unit_ids`."""
    return Positions(unit_ids, *_columns(rows))


def as_kept(fixes: Sequence[Fix]) -> Positions:
    """`fixes`, one a unit and each `keepable`, as exactly as rows keep them."""
    rows = rows_of(fixes, range(len(fixes)))
    return positions_of(rows, tuple(fix.unit_id for fix in fixes))


def track_of(rows: Rows, unit_id: str) -> Track:
    """`rows` of one unit, by rising time, as its track."""
    return Track(unit_id, *_columns(rows))


def in_order(rows: Rows) -> Rows:
    """Sorted by unit, then time; of those with the same unit and time the first given stays."""
    key = (rows["unit"].astype(np.int64) << 44) | rows["at"]
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.ones(len(key), np.bool_)
    np.not_equal(key[1:], key[:-1], out=first[1:])
    result: Rows = rows[order[first]]
    return result


def last_of_each(rows: Rows) -> Rows:
    """The last row of each unit; `rows` sorted by unit."""
    if not len(rows):
        return np.empty(0, ROW)
    last = np.ones(len(rows), np.bool_)
    np.not_equal(rows["unit"][1:], rows["unit"][:-1], out=last[:-1])
    result: Rows = rows[last]
    return result


def blank_state(units: int) -> Rows:
    """A row for each unit number below `units`, of units never heard of."""
    state = np.zeros(units, ROW)
    state["at"] = NEVER
    state["unit"] = np.arange(units)
    return state


def overlay(state: Rows, rows: Rows) -> int:
    """Put `rows`, at most one a unit, into `state` where they are newer; how many were."""
    is_newer = rows["at"] > state["at"][rows["unit"]]
    newer = rows if is_newer.all() else rows[is_newer]
    state[newer["unit"]] = newer
    return len(newer)


def _columns(
    rows: Rows,
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    lonlat = np.stack([rows["lon"], rows["lat"]], axis=1) / DEGREES
    heading = rows["heading"].astype(np.float32)
    heading[rows["heading"] == NO_HEADING] = np.nan
    speed = rows["speed"].astype(np.float32) / np.float32(SPEED_STEPS)
    speed[rows["speed"] == NO_SPEED] = np.nan
    return lonlat, rows["at"].astype(np.int64), heading, speed


def _headings(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(degrees), np.rint(degrees) % 360, NO_HEADING)


def _speeds(mps: NDArray[np.float64]) -> NDArray[np.float64]:
    most = MAX_SPEED / SPEED_STEPS
    steps = np.rint(np.clip(mps, 0.0, most) * SPEED_STEPS)
    return np.where(np.isfinite(mps), steps, NO_SPEED)
