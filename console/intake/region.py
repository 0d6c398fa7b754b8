"""Whether positions can be meant: on the globe, near the city, not swapped, not 0,0."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from console.i18n import text_of
from console.intake.errors import IntakeError
from console.intake.reference import Reference
from console.model.geo import MAX_LATITUDE, MEAN_RADIUS_M, FloatArray

NEAR_M = 50_000.0
"""How far outside the city's bounds a thing may stand."""

_NULL_ISLAND_DEG = 1e-3  # about 100 m: what an empty cell turned to zero becomes, rounded or not


class Fault(Enum):
    """Why a position is not believed; the value is the end of its message's key."""

    MISSING = "missing"
    ZERO = "zero"
    SWAPPED = "swapped"
    OFF_GLOBE = "off_globe"
    FAR = "far"
    STRAY = "stray"


@dataclass(frozen=True, slots=True)
class Region:
    """Where the city is: west, south, east, north in WGS 84 degrees, margin included."""

    west: float = -180.0
    south: float = -MAX_LATITUDE
    east: float = 180.0
    north: float = MAX_LATITUDE

    def holds(self, lon: FloatArray, lat: FloatArray) -> NDArray[np.bool_]:
        """Which positions (degrees) lie in it; NaN and infinity do not."""
        return (lon >= self.west) & (lon <= self.east) & (lat >= self.south) & (lat <= self.north)


GLOBE = Region()

STRAY_M = 500_000.0
"""How far from the rest of its own file a thing may stand while no city is known."""


def region_around(bounds: tuple[float, float, float, float], reach_m: float = NEAR_M) -> Region:
    """The region that reaches `reach_m` beyond a city's bounds (degrees, WGS 84)."""
    west, south, east, north = bounds
    margin = math.degrees(reach_m / MEAN_RADIUS_M)
    wide = margin / max(0.05, math.cos(math.radians(max(abs(south), abs(north)))))
    return Region(west - wide, south - margin, east + wide, north + margin)


@dataclass(frozen=True, slots=True)
class Positions:
    """Positions in WGS 84 degrees, each with its fault or None."""

    lon: FloatArray
    lat: FloatArray
    faults: tuple[Fault | None, ...]


def judge(
    reference: Reference, x: FloatArray, y: FloatArray, region: Region, columns: str
) -> Positions:
    """Positions of x, y (in `reference`'s units, NaN missing) and what is wrong with each.

    `columns` names the two in messages. Raises IntakeError when most are swapped, or none is in
    the region: then the file as a whole means something else.
    """
    lon, lat = reference.lonlat(x, y)
    turned_lon, turned_lat = reference.lonlat(y, x)
    zero = _zero(x, y, lon, lat)
    present = np.isfinite(x) & np.isfinite(y)
    judged = present & ~zero
    too_far = Fault.STRAY if region is GLOBE else Fault.FAR
    if region is GLOBE:
        region = _region_of_most(lon, lat, judged & GLOBE.holds(lon, lat))
    inside = region.holds(lon, lat) & GLOBE.holds(lon, lat)
    swapped = judged & ~inside & region.holds(turned_lon, turned_lat)
    _refuse_wholly_wrong(judged, inside, swapped, columns)
    faults = np.full(len(x), None, object)
    faults[~inside] = too_far
    faults[~GLOBE.holds(lon, lat)] = Fault.OFF_GLOBE
    faults[swapped] = Fault.SWAPPED
    faults[zero] = Fault.ZERO
    faults[~present] = Fault.MISSING
    return Positions(lon, lat, tuple(faults.tolist()))


def _region_of_most(lon: FloatArray, lat: FloatArray, sound: NDArray[np.bool_]) -> Region:
    """Around the middle of the sound positions, where that holds most of them; else anywhere."""
    if not sound.any():
        return GLOBE
    middle = float(np.median(lon[sound])), float(np.median(lat[sound]))
    region = region_around((*middle, *middle), STRAY_M)
    return region if region.holds(lon[sound], lat[sound]).mean() > 0.5 else GLOBE


def _zero(x: FloatArray, y: FloatArray, lon: FloatArray, lat: FloatArray) -> NDArray[np.bool_]:
    null_island = (np.abs(lon) < _NULL_ISLAND_DEG) & (np.abs(lat) < _NULL_ISLAND_DEG)
    return np.asarray(((x == 0) & (y == 0)) | null_island)


def _refuse_wholly_wrong(
    judged: NDArray[np.bool_],
    inside: NDArray[np.bool_],
    swapped: NDArray[np.bool_],
    columns: str,
) -> None:
    shown = {"count": int(judged.sum()), "columns": columns}
    if swapped.sum() * 2 > judged.sum():
        raise IntakeError(text_of("intake.position.all_swapped", **shown))
    if judged.any() and not (judged & inside).any():
        raise IntakeError(text_of("intake.position.all_far", km=int(NEAR_M / 1000), **shown))
