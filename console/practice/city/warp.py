"""From the plan (u, v: where arterials are straight) to the ground (x east, y north), metres.

The city is laid out on straight lines and bent as a whole: the river's meander, the rings' rounding
and the roads' wandering are all in this one smooth map, so nothing that met in the plan comes
apart on the ground.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.practice.city.streams import stream

FloatArray = NDArray[np.float64]

CENTRE_LON = 118.7342
CENTRE_LAT = 31.9904

# WGS 84 radii of curvature at the centre's latitude (meridian M, prime vertical N).
_E2 = 0.00669437999014
_SIN = np.sin(np.radians(CENTRE_LAT))
_N_M = 6378137.0 / np.sqrt(1 - _E2 * _SIN**2)
_M_M = _N_M * (1 - _E2) / (1 - _E2 * _SIN**2)


def lonlat_from_ground(xy: FloatArray) -> FloatArray:
    """WGS 84 degrees (n, 2) of ground metres (n, 2) about the centre, quantised to 1e-7°."""
    lon = CENTRE_LON + np.degrees(xy[:, 0] / (_N_M * np.cos(np.radians(CENTRE_LAT))))
    lat = CENTRE_LAT + np.degrees(xy[:, 1] / _M_M)
    lonlat: FloatArray = np.round(np.column_stack([lon, lat]), 7)
    return lonlat


def ground_from_lonlat(lonlat: FloatArray) -> FloatArray:
    """Ground metres (n, 2) of WGS 84 degrees (n, 2); the inverse of `lonlat_from_ground`."""
    x = np.radians(lonlat[:, 0] - CENTRE_LON) * _N_M * np.cos(np.radians(CENTRE_LAT))
    return np.column_stack([x, np.radians(lonlat[:, 1] - CENTRE_LAT) * _M_M])


@dataclass(frozen=True, slots=True)
class Warp:
    """A smooth, fold-free bend of the plan; its phases come from the seed."""

    phase: tuple[float, ...]
    turn_rad: float

    @classmethod
    def of_seed(cls, seed: int) -> Warp:
        """The bend that belongs to `seed`."""
        rng = stream(seed, "warp")
        phase = tuple(float(p) for p in rng.uniform(0, 2 * np.pi, 9))
        return cls(phase, float(np.radians(rng.uniform(6, 12))))

    def __call__(self, uv: FloatArray) -> FloatArray:
        """Ground metres (n, 2) of plan metres (n, 2)."""
        u, v = uv[:, 0], uv[:, 1]
        v = v + self._meander(u) * np.exp(-((v / 2300.0) ** 2))
        x, y = _rounded(u, v)
        x, y = self._wandering(x, y)
        cos, sin = np.cos(self.turn_rad), np.sin(self.turn_rad)
        ground: FloatArray = np.column_stack([x * cos - y * sin, x * sin + y * cos])
        return ground

    def _meander(self, u: FloatArray) -> FloatArray:
        bends = 430 * np.sin(u / 1450 + self.phase[0]) + 130 * np.sin(u / 610 + self.phase[1])
        return np.asarray(bends, np.float64)

    def _wandering(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        p = self.phase
        dx = 95 * np.sin(y / 1150 + x / 2600 + p[2]) + 26 * np.sin(y / 430 + p[3])
        dy = 95 * np.sin(x / 1250 - y / 3100 + p[4]) + 24 * np.sin(x / 470 + p[5])
        fine_x = 7 * np.sin(y / 170 + x / 390 + p[6])
        fine_y = 7 * np.sin(x / 180 - y / 410 + p[7])
        return x + dx + fine_x, y + dy + fine_y


def _rounded(u: FloatArray, v: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Corners drawn in towards the centre: squares become the rounded rings of a grown city."""
    a, b = (u / 3300.0) ** 2, (v / 3300.0) ** 2
    return u * (1 - 0.17 * b / (1 + 0.6 * b)), v * (1 - 0.17 * a / (1 + 0.6 * a))
