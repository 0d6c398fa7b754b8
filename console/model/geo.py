"""Coordinates: WGS 84 longitude/latitude in degrees, and *world* metres (EPSG:3857, y north).

Everything that is drawn or indexed is in world metres, as float64. Web Mercator stretches: one
world metre is `ground_scale(lat)` metres on the ground.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_M = 6378137.0
"""Semi-major axis of WGS 84, the radius of EPSG:3857's sphere."""

MEAN_RADIUS_M = 6371008.8
"""Mean radius of the earth (IUGG), for great-circle distances."""

MAX_LATITUDE = 85.0511287798066
"""Where Web Mercator's square ends."""

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LonLat:
    """A position on WGS 84, degrees."""

    lon: float
    lat: float

    def is_valid(self) -> bool:
        """Finite, on the globe and inside Web Mercator's square."""
        return is_on_globe(self.lon, self.lat)

    @property
    def world(self) -> tuple[float, float]:
        """World x, y (metres)."""
        x, y = world_from_lonlat(self.lon, self.lat)
        return float(x), float(y)

    @classmethod
    def of_world(cls, x: float, y: float) -> LonLat:
        """The position of world x, y (metres)."""
        lon, lat = lonlat_from_world(x, y)
        return cls(float(lon), float(lat))


def is_on_globe(lon: float, lat: float) -> bool:
    """Whether degrees are a position inside Web Mercator's square; NaN is none."""
    return -180 <= lon <= 180 and -MAX_LATITUDE <= lat <= MAX_LATITUDE


def world_from_lonlat(lon: ArrayLike, lat: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """World x, y (metres) of longitudes and latitudes (degrees); shapes broadcast."""
    phi = np.radians(np.asarray(lat, np.float64))
    x = EARTH_RADIUS_M * np.radians(np.asarray(lon, np.float64))
    return x, EARTH_RADIUS_M * np.arctanh(np.sin(phi))


def lonlat_from_world(x: ArrayLike, y: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Longitude, latitude (degrees) of world x, y (metres); the inverse of `world_from_lonlat`."""
    lon = np.degrees(np.asarray(x, np.float64) / EARTH_RADIUS_M)
    return lon, np.degrees(np.arcsin(np.tanh(np.asarray(y, np.float64) / EARTH_RADIUS_M)))


def ground_scale(y: Any) -> Any:
    """Ground metres in one world metre at world `y` (the cosine of the latitude)."""
    return 1.0 / np.cosh(np.asarray(y, np.float64) / EARTH_RADIUS_M)


def ground_distance_m(x0: Any, y0: Any, x1: Any, y1: Any) -> Any:
    """Great-circle distance in metres between world points (haversine); shapes broadcast."""
    lon0, lat0 = (np.radians(v) for v in lonlat_from_world(x0, y0))
    lon1, lat1 = (np.radians(v) for v in lonlat_from_world(x1, y1))
    h = (
        np.sin((lat1 - lat0) / 2) ** 2
        + np.cos(lat0) * np.cos(lat1) * np.sin((lon1 - lon0) / 2) ** 2
    )
    return 2 * MEAN_RADIUS_M * np.arcsin(np.sqrt(h))
