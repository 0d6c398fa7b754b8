"""Polygons as flat arrays of rings, and their simplification without tearing shared edges.

Neighbours in a town share their borders point by point. Every point is judged by itself and its
two neighbours alone, and points where borders part are never touched, so both sides of a border
always come to the same line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.intake.osm.areas import AreaShapes
from console.model.geo import world_from_lonlat

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_MOST_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Rings:
    """p polygons of r rings of m points: `xy` float64[m,2] world metres, rings not closed;
    `point` int64[m] numbers positions (the same in two rings where they touch); `ring` int64[m]
    and `polygon` int64[r] ascend; `kind` int64[p] is the fill class.
    """

    xy: FloatArray
    point: IntArray
    fixed: BoolArray
    ring: IntArray
    polygon: IntArray
    kind: IntArray

    @property
    def starts(self) -> IntArray:
        """Where each ring begins, and the end: int64[r+1]."""
        return np.searchsorted(self.ring, np.arange(len(self.polygon) + 1))

    def boxes(self) -> FloatArray:
        """The bounds of each polygon, float64[p,4] (x0, y0, x1, y1)."""
        if not len(self.xy):
            return np.empty((0, 4))
        begin = np.searchsorted(self.polygon[self.ring], np.arange(len(self.kind)))
        low, high = np.minimum.reduceat(self.xy, begin), np.maximum.reduceat(self.xy, begin)
        return np.concatenate([low, high], axis=1)

    def keep_points(self, wanted: BoolArray) -> Rings:
        """Only these points; rings and polygons that lose all of theirs disappear."""
        ring_numbers, ring = _numbered_anew(self.ring[wanted])
        polygon_numbers, polygon = _numbered_anew(self.polygon[ring_numbers])
        return Rings(
            self.xy[wanted],
            self.point[wanted],
            self.fixed[wanted],
            ring,
            polygon,
            self.kind[polygon_numbers],
        )

    def keep_polygons(self, wanted: BoolArray) -> Rings:
        """Only these polygons."""
        return self.keep_points(wanted[self.polygon[self.ring]])


def rings_of(areas: AreaShapes, wanted: BoolArray, *, shared: bool = True) -> Rings:
    """The rings of the areas where `wanted` bool[a] is true.

    Without `shared` common borders are not looked for, and the rings must not be simplified.
    """
    keep = ~_last_of_ring(areas.ring) & wanted[areas.area[areas.ring]]  # rings unclosed from here
    rings, ring = _numbered_anew(areas.ring[keep])
    numbers, polygon = _numbered_anew(areas.area[rings])
    lonlat = areas.lonlat[keep]
    point = _positions(lonlat) if shared else np.zeros(len(ring), np.int64)
    fixed = _where_borders_part(point, ring) if shared else np.ones(len(ring), bool)
    xy = np.column_stack(world_from_lonlat(lonlat[:, 0], lonlat[:, 1]))
    return Rings(xy, point, fixed, ring, polygon, areas.kind[numbers])


def simplified(rings: Rings, tolerance_m: float) -> Rings:
    """Leave out points that bend a border by less than a triangle of `tolerance_m` squared / 2.

    Visvalingam and Whyatt's criterion (Cartographic Journal 30, 1993), a round at a time: in each
    round every point goes that matters less than both its neighbours. Rings of fewer than three
    points disappear.
    """
    least = tolerance_m**2 / 2
    for _ in range(_MOST_ROUNDS):
        going = _least_of_three(rings, least)
        if not going.any():
            break
        rings = rings.keep_points(~going)
        large = np.bincount(rings.ring)[rings.ring] >= 3
        if not large.all():
            rings = rings.keep_points(large)
    return rings


def _least_of_three(rings: Rings, least: float) -> BoolArray:
    before, after = _neighbours(rings.ring)
    a, b = rings.xy[before] - rings.xy, rings.xy[after] - rings.xy
    area = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / 2
    area = np.round(area, 6)  # either direction round the ring must come to the same number
    area[rings.fixed] = np.inf
    small = np.flatnonzero(area < least)
    mine, point, goes = area[small], rings.point[small], np.ones(len(small), bool)
    for other in (before[small], after[small]):
        goes &= (mine < area[other]) | ((mine == area[other]) & (point < rings.point[other]))
    going = np.zeros(len(area), bool)
    going[small[goes]] = True
    return going


def _neighbours(ring: IntArray) -> tuple[IntArray, IntArray]:
    """The index of the point before and after each point on its ring."""
    count = len(ring)
    before, after = np.arange(count) - 1, np.arange(count) + 1
    last = np.flatnonzero(_last_of_ring(ring))
    first = np.concatenate([[0], last[:-1] + 1]) if count else last
    before[first], after[last] = last, first
    return before, after


def _numbered_anew(ascending: IntArray) -> tuple[IntArray, IntArray]:
    """The distinct values of an ascending array, and for each entry the number of its value."""
    begins = np.diff(ascending, prepend=-1) != 0
    return ascending[begins], np.cumsum(begins) - 1


def _last_of_ring(ring: IntArray) -> BoolArray:
    return np.asarray(np.diff(ring, append=-1) != 0)


def _positions(lonlat: FloatArray) -> IntArray:
    """A number for each distinct position, told apart to the map's last digit (1e-7 degrees)."""
    grid = np.round(lonlat * 1e7).astype(np.int64)
    _, point = np.unique((grid[:, 0] << 32) + grid[:, 1], return_inverse=True)
    return np.asarray(point, np.int64)


def _where_borders_part(point: IntArray, ring: IntArray) -> BoolArray:
    """Whether the rings through a position come from, or go on to, different positions there."""
    if not len(point):
        return np.empty(0, bool)
    before, after = _neighbours(ring)
    order = np.argsort(point, kind="stable")
    begin = np.flatnonzero(np.diff(point[order], prepend=-1))
    parts = np.zeros(len(begin), bool)
    for side in (np.minimum, np.maximum):
        neighbour = side(point[before], point[after])[order]
        parts |= np.minimum.reduceat(neighbour, begin) != np.maximum.reduceat(neighbour, begin)
    return np.asarray(parts[point])
