"""GCJ-02, the shifted datum of Chinese web maps: to and from WGS 84.

PROJ does not know it. The formula is the public one (a series in longitude - 105° and
latitude - 35° on an ellipsoid with a = 6378245 m); left unconverted, a point is off by 300-700 m.
Outside the box of China both directions are the identity, as in the public formula.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from console.model.geo import FloatArray

GCJ_02 = "GCJ-02"
"""The name under which `--crs` takes it; it has no EPSG code."""

_SEMI_MAJOR_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BOX = (72.004, 0.8293, 137.8347, 55.8271)
_ROUNDS = 3  # of the fixed point: 30 µm mean, 0.3 mm at most in the box (one leaves 1 m)


def gcj02_from_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """GCJ-02 longitudes and latitudes of WGS 84 ones, degrees; shapes broadcast."""
    lon_deg, lat_deg = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    shift_lon, shift_lat = _shift(lon_deg, lat_deg)
    inside = _in_china(lon_deg, lat_deg)
    return lon_deg + np.where(inside, shift_lon, 0.0), lat_deg + np.where(inside, shift_lat, 0.0)


def wgs84_from_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """WGS 84 longitudes and latitudes of GCJ-02 ones, degrees; good to 0.3 mm inside China."""
    target_lon, target_lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    inside = _in_china(target_lon, target_lat)
    found_lon, found_lat = target_lon, target_lat
    for _ in range(_ROUNDS):
        shift_lon, shift_lat = _shift(found_lon, found_lat)
        found_lon, found_lat = target_lon - shift_lon, target_lat - shift_lat
    return np.where(inside, found_lon, target_lon), np.where(inside, found_lat, target_lat)


def _shift(lon: FloatArray, lat: FloatArray) -> tuple[Any, Any]:
    """What GCJ-02 adds to a WGS 84 position, degrees."""
    x, y = lon - 105.0, lat - 35.0
    phi = np.radians(lat)
    w = 1 - _ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    meridian_m = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_SQUARED) / w**1.5
    parallel_m = _SEMI_MAJOR_M / np.sqrt(w) * np.cos(phi)
    return np.degrees(_east_m(x, y) / parallel_m), np.degrees(_north_m(x, y) / meridian_m)


def _north_m(x: FloatArray, y: FloatArray) -> Any:
    d = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    d = d + _waves(x, (20, 6), (20, 2))
    return d + _waves(y, (20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30))


def _east_m(x: FloatArray, y: FloatArray) -> Any:
    d = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    d = d + _waves(x, (20, 6), (20, 2))
    return d + _waves(x, (20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30))


def _waves(v: FloatArray, *waves: tuple[float, float]) -> Any:
    """Two thirds of the sum of amplitude * sin(frequency * pi * v)."""
    return sum(a * np.sin(f * np.pi * v) for a, f in waves) * (2 / 3)


def _in_china(lon: FloatArray, lat: FloatArray) -> Any:
    west, south, east, north = _BOX
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
