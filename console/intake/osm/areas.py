"""Areas as flat arrays: the closed lines of ways, and the rings of multipolygons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from console.city.basemap import FILL_CLASSES
from console.i18n import text_of
from console.intake.osm.extract import Areas, Extract, Named
from console.intake.osm.tags import THING_OF_FILL
from console.intake.report import Report

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Geometries = NDArray[np.object_]

_WKB_LINE_HEAD = 9
"""Bytes before the points in a line's WKB: byte order, type, number of points."""


@dataclass(frozen=True, slots=True)
class AreaShapes:
    """a areas of r closed rings of m points: `lonlat` float64[m,2] degrees, `ring` int64[m] and
    `area` int64[r] ascend; `kind` int64[a] indexes FILL_CLASSES; `named` says what
    each is called.
    """

    lonlat: FloatArray
    ring: IntArray
    area: IntArray
    kind: IntArray
    named: Sequence[Named]

    def polygons(self, rows: Sequence[int]) -> Geometries:
        """These few areas as shapely geometry in degrees, holes and all."""
        return np.array([self._polygon(row) for row in rows], object)

    def _polygon(self, row: int) -> Any:
        first, last = np.searchsorted(self.area, [row, row + 1])
        begin = np.searchsorted(self.ring, np.arange(first, last + 1))
        rings = [shapely.Polygon(self.lonlat[a:b]) for a, b in pairwise(begin)]
        return rings[0] if len(rings) == 1 else _even_odd(rings)


def area_shapes(extract: Extract, report: Report) -> AreaShapes:
    """Parse all areas, counting those of ways, without the ones whose outline crosses itself."""
    outlines, ways = extract.outlines, extract.multipolygons
    lonlat, ring = _parsed_lines(outlines.wkb)
    sound = _sound(lonlat, ring, len(outlines.wkb))
    _count(outlines, sound, report)
    kept = np.flatnonzero(sound).tolist()
    keep_point = sound[ring]
    ring = (np.cumsum(sound) - 1)[ring[keep_point]]
    more_lonlat, more_ring, more_area = _parsed_multipolygons(ways.wkb)
    fills = [*(outlines.fill[i] for i in kept), *ways.fill]
    named = [*(outlines.named[i] for i in kept), *ways.named]
    report.accept("places", sum(place is not None for _, place in named))
    return AreaShapes(
        np.concatenate([lonlat[keep_point], more_lonlat]),
        np.concatenate([ring, more_ring + len(kept)]),
        np.concatenate([np.arange(len(kept)), more_area + len(kept)]),
        np.array([_FILL_INDEX[f] for f in fills], np.int64),
        named,
    )


def _parsed_lines(wkb: Sequence[str]) -> tuple[FloatArray, IntArray]:
    """The points of lines and the number of the line of each.

    Lines' WKB is a head of nine bytes and the points, so all of it is parsed at once.
    """
    sizes = np.array([len(line) // 2 for line in wkb], np.int64)
    raw = np.frombuffer(bytes.fromhex("".join(wkb)), np.uint8)
    head = np.zeros(len(raw), bool)
    head[((np.cumsum(sizes) - sizes)[:, None] + np.arange(_WKB_LINE_HEAD)).ravel()] = True
    points = raw[~head].view("<f8").reshape(-1, 2).astype(np.float64)
    return points, np.repeat(np.arange(len(sizes)), (sizes - _WKB_LINE_HEAD) // 16)


def _parsed_multipolygons(wkb: Sequence[str]) -> tuple[FloatArray, IntArray, IntArray]:
    """The points of multipolygons' rings, the ring of each point and the area of each ring."""
    shapes = np.asarray(shapely.from_wkb(np.array([bytes.fromhex(w) for w in wkb], object)))
    parts, of_area = shapely.get_parts(shapes, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    lonlat, ring = shapely.get_coordinates(rings, return_index=True)
    return lonlat, ring, of_area[of_part]


def _sound(lonlat: FloatArray, ring: IntArray, count: int) -> BoolArray:
    """Whether each closed line encloses an area; one that touches itself in a point does."""
    sound = np.bincount(ring, minlength=count) >= 4
    rows = np.flatnonzero(sound)
    usable = sound[ring]
    lines = shapely.linearrings(lonlat[usable], indices=(np.cumsum(sound) - 1)[ring[usable]])
    simple = np.asarray(shapely.is_simple(lines))
    for row in np.flatnonzero(~simple).tolist():
        reason = shapely.is_valid_reason(shapely.Polygon(np.asarray(lines)[row]))
        simple[row] = reason.startswith("Ring Self-intersection")
    sound[rows] = simple
    return sound


def _count(outlines: Areas, sound: BoolArray, report: Report) -> None:
    good: Counter[str] = Counter()
    for fill, number, is_sound in zip(outlines.fill, outlines.number, sound.tolist(), strict=True):
        if is_sound:
            good[fill] += 1
        else:
            reason = text_of("osm.reason.broken_ring")
            report.skip(THING_OF_FILL[fill], f"way/{number}", reason)
    for fill, count in good.items():
        report.accept(THING_OF_FILL[fill], count)


def _even_odd(rings: Sequence[shapely.Polygon]) -> Any:
    shape: Any = rings[0]
    for ring in rings[1:]:
        shape = shapely.symmetric_difference(shape, ring)
    return shape


_FILL_INDEX = {name: index for index, name in enumerate(FILL_CLASSES)}
