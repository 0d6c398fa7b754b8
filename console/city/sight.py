"""Which cameras can see a place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray

from console.city.basemap import BaseMap
from console.city.bins import Bounds
from console.city.catalogue import Cameras
from console.city.package import City
from console.model.geo import ground_scale

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

NEAREST_M = 250.0
"""How far away a camera that cannot see a place is still worth naming."""

OWN_BUILDING_M = 3.0
"""A camera this near to a building hangs on it, and looks away from it."""


class Visibility(StrEnum):
    """Whether a camera sees a place."""

    VISIBLE = "visible"
    BLOCKED = "blocked"
    NEAR = "near"
    FAR = "far"


@dataclass(frozen=True, slots=True)
class Sighting:
    """Camera number `camera`, its distance on the ground, and whether it sees the place: BLOCKED
    by a building between, only NEAR (in range, but looking elsewhere), or too FAR (out of range).
    """

    camera: int
    distance_m: float
    visible: Visibility


def cameras_that_see(city: City, x: float, y: float, limit: int) -> list[Sighting]:
    """The cameras that see world point (x, y), the nearest first, and after them those in range of
    it or within NEAREST_M that do not, with the reason, the nearest first.

    Buildings are as high as the
    sky, but neither the one a camera hangs on nor the one the place is in hides anything.
    """
    cameras = city.cameras
    place = np.array([x, y])
    near, distance_m = _nearby(cameras, place)
    if not len(near):
        return []
    in_range = distance_m <= cameras.reach_m[near]
    looking = in_range & _looking_at(cameras, near, place)
    blocked = np.zeros(len(near), bool)
    blocked[looking] = _blocked(city.basemap, cameras.xy[near[looking]], place)
    state = np.where(looking, np.where(blocked, 1, 0), np.where(in_range, 2, 3))
    order = np.lexsort((near, distance_m, state > 0))[:limit]
    states = (Visibility.VISIBLE, Visibility.BLOCKED, Visibility.NEAR, Visibility.FAR)
    return [Sighting(int(near[i]), float(distance_m[i]), states[state[i]]) for i in order]


def _nearby(cameras: Cameras, place: FloatArray) -> tuple[IntArray, FloatArray]:
    """The cameras whose range holds the place or that are near, and their distance in metres."""
    scale = float(ground_scale(place[1]))
    reach = np.maximum(cameras.reach_m, NEAREST_M)
    off = np.abs(cameras.xy - place)
    boxed = np.flatnonzero((off[:, 0] * scale <= reach) & (off[:, 1] * scale <= reach))
    distance_m = np.hypot(*off[boxed].T) * scale
    inside = distance_m <= reach[boxed]
    return boxed[inside], distance_m[inside]


def _looking_at(cameras: Cameras, near: IntArray, place: FloatArray) -> BoolArray:
    """Whether the place lies in each camera's wedge."""
    off = place - cameras.xy[near]
    bearing = np.degrees(np.arctan2(off[:, 0], off[:, 1]))
    turned = np.abs((bearing - cameras.azimuth_deg[near] + 180) % 360 - 180)
    within = turned <= cameras.wedge_deg[near] / 2
    return np.asarray(cameras.all_round[near] | within | (~off.any(axis=1)))


def _blocked(basemap: BaseMap, eyes: FloatArray, place: FloatArray) -> BoolArray:
    """Whether a building stands between each eye (float64[k,2] world) and the place."""
    blocked = np.zeros(len(eyes), bool)
    if not len(eyes):
        return blocked
    buildings = _buildings(basemap, eyes, place)
    sight = shapely.linestrings(np.stack([eyes, np.broadcast_to(place, eyes.shape)], axis=1))
    line, building = buildings.query(sight, predicate="intersects")
    own_m = OWN_BUILDING_M / float(ground_scale(place[1]))
    outlines = buildings.geometries[building]
    hides = ~shapely.intersects(outlines, shapely.Point(*place))
    hides &= ~shapely.dwithin(outlines, shapely.points(eyes[line]), own_m)
    blocked[line[hides]] = True
    return blocked


def _buildings(basemap: BaseMap, eyes: FloatArray, place: FloatArray) -> shapely.STRtree:
    """The outlines of the buildings round the lines of sight. A courtyard counts as building: who
    looks out of one or into one is inside both outlines, and neither hides anything.
    """
    low = np.minimum(eyes.min(axis=0), place).tolist()
    high = np.maximum(eyes.max(axis=0), place).tolist()
    bounds: Bounds = (low[0], low[1], high[0], high[1])
    offsets, xy = basemap.levels[-1].fills("building", bounds)
    ring = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    if not len(ring):
        return shapely.STRtree([])
    outlines = shapely.polygons(shapely.linearrings(xy, indices=ring))
    return shapely.STRtree(np.asarray(outlines, object))
