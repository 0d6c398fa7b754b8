"""The base map: lines, fills and label candidates for each level, simplified when imported.

A level's data are sorted by class and bin, so what one tile needs is a few slices of a mapped
file. All coordinates are world metres (EPSG:3857, y north).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from console.city.arrays import Array, Bundle, Strings
from console.city.bins import Bounds, slices_in, widened
from console.city.clip import clip_ring
from console.model.text import Text

FloatArray = NDArray[np.float64]
OffsetArray = NDArray[np.int64]

LEVELS_METRES_PER_PX = (64.0, 32.0, 16.0, 8.0, 4.0, 2.0, 1.0, 0.5)
"""World metres per pixel of each level, coarsest first."""

BIN_PX = 256
"""Side of a bin in pixels of its level: half a tile."""

ROAD_CLASSES = (
    "motorway",
    "primary",
    "secondary",
    "tertiary",
    "residential",
    "service",
    "path",
    "rail",
)
LINE_CLASSES = (*ROAD_CLASSES, "stream", *(f"{name}_bridge" for name in ROAD_CLASSES))
FILL_CLASSES = ("water", "park", "residential", "commercial", "industrial", "school", "building")
LABEL_KINDS = ("road", "water", "park", "place")

_CUT_FROM_POINTS = 64
"""Rings with fewer points are handed over whole: cutting them costs more than drawing them."""


@dataclass(frozen=True, slots=True)
class Labels:
    """k label candidates, the most important first.

    `kind` is one of `LABEL_KINDS`; `xy` float64[k,2] the middle of the label; `angle_deg`
    float32[k] its direction, anticlockwise from east, upright (-90 < angle <= 90); `rank` int32[k],
    0 most important; `span_m` float32[k] world metres of straight line it may take (0: any).
    """

    text: Sequence[Text]
    kind: Sequence[str]
    xy: FloatArray
    angle_deg: NDArray[np.float32]
    rank: NDArray[np.int32]
    span_m: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.xy)


class Level:
    """One level of the base map; its arrays are views of the package's files.

    Queries take world bounds (x0, y0, x1, y1). A class the level does not hold gives nothing; a
    name that is no class raises ValueError.
    """

    line_classes = LINE_CLASSES
    fill_classes = FILL_CLASSES

    def __init__(self, number: int, lines: Bundle, fills: Bundle, labels: Bundle) -> None:
        self.metres_per_px = LEVELS_METRES_PER_PX[number]
        self._lines = _Part(lines, int(lines.array("level_part")[number]))
        self._fills = _Part(fills, int(fills.array("level_part")[number]))
        self._labels = _Part(labels, number)

    def lines(self, line_class: str, bounds: Bounds) -> FloatArray:
        """The segments of a class that touch `bounds`, float64[k,4] as x0, y0, x1, y1."""
        found = self._lines.near("segments", LINE_CLASSES.index(line_class), bounds)
        x0, y0, x1, y1 = bounds
        low = np.minimum(found[:, :2], found[:, 2:])
        high = np.maximum(found[:, :2], found[:, 2:])
        touching = (low[:, 0] <= x1) & (high[:, 0] >= x0) & (low[:, 1] <= y1) & (high[:, 1] >= y0)
        return found if touching.all() else found[touching]

    def polylines(self, line_class: str, bounds: Bounds) -> tuple[OffsetArray, FloatArray]:
        """The same segments joined where they follow each other.

        Returns offsets int64[p+1] into xy float64[m,2], p polylines.
        """
        return _joined(self.lines(line_class, bounds))

    def fills(self, fill_class: str, bounds: Bounds) -> tuple[OffsetArray, FloatArray]:
        """The closed rings of a class near `bounds`, to be filled even-odd.

        Returns ring offsets int64[r+1] into xy float64[m,2]. Large rings are cut a little outside
        `bounds`.
        """
        wanted = FILL_CLASSES.index(fill_class)
        rings = [self._fills.rings(a, b) for a, b in self._fills.near_slices(wanted, bounds)]
        rings += [_cut(ring, bounds) for ring in self._fills.large_rings(wanted, bounds)]
        return _stacked(rings)

    def labels(self, bounds: Bounds) -> Labels:
        """The label candidates whose middle lies in `bounds`, the same order every time."""
        x0, y0, x1, y1 = bounds
        part = self._labels
        rows = np.concatenate(
            [np.arange(a, b) for a, b in part.near_slices(0, bounds)] or [np.empty(0, np.int64)]
        )
        xy = part.get("xy")[rows]
        inside = (xy[:, 0] >= x0) & (xy[:, 1] >= y0) & (xy[:, 0] <= x1) & (xy[:, 1] <= y1)
        rows = rows[inside]
        rows = rows[np.lexsort((rows, part.get("rank")[rows]))]
        return self._candidates(part, rows)

    @staticmethod
    def _candidates(part: _Part, rows: NDArray[np.int64]) -> Labels:
        zh, en = part.names
        names = part.get("name")[rows].tolist()
        kinds = part.get("kind")[rows].tolist()
        return Labels(
            text=[Text(zh[n], en[n]) for n in names],
            kind=[LABEL_KINDS[k] for k in kinds],
            xy=part.get("xy")[rows],
            angle_deg=part.get("angle_deg")[rows],
            rank=part.get("rank")[rows],
            span_m=part.get("span_m")[rows],
        )


class _Part:
    """The arrays of one part of a bundle; several levels may share a part."""

    def __init__(self, bundle: Bundle, number: int) -> None:
        self._bundle = bundle
        self._number = number
        self._arrays: dict[str, Array] = {}
        self.bin_m = float(bundle.array("bin_m")[number])

    def get(self, name: str) -> Array:
        """The array called `name` of this part."""
        found = self._arrays.get(name)
        if found is None:
            found = self._arrays[name] = self._bundle.array(f"{self._number}.{name}")
        return found

    @cached_property
    def names(self) -> tuple[Strings, Strings]:
        """The label texts, Chinese and English."""
        return self._bundle.strings("zh"), self._bundle.strings("en")

    def near_slices(self, wanted: int, bounds: Bounds) -> list[tuple[int, int]]:
        """Slices of the things of a class whose bins lie near `bounds`.

        Things are no larger than a bin and stand in the bin of their middle, so those up to half
        a bin away may reach in.
        """
        near = widened(bounds, self.bin_m / 2)
        return slices_in(self.get("keys"), self.get("offsets"), wanted, near, self.bin_m)

    def near(self, name: str, wanted: int, bounds: Bounds) -> FloatArray:
        """The rows of array `name` in those slices."""
        values = self.get(name)
        found = [values[a:b] for a, b in self.near_slices(wanted, bounds)]
        return np.concatenate(found) if found else np.empty((0, values.shape[1]))

    def rings(self, first: int, last: int) -> tuple[OffsetArray, FloatArray]:
        """The rings of the polygons [first, last)."""
        ring_offsets = self.get("ring_offsets")
        polygon_rings = self.get("polygon_rings")
        ends = ring_offsets[polygon_rings[first] : polygon_rings[last] + 1]
        return ends - ends[0], self.get("xy")[ends[0] : ends[-1]]

    def large_rings(self, wanted: int, bounds: Bounds) -> list[FloatArray]:
        """The rings, larger than a bin, of a class whose boxes touch `bounds`."""
        boxes, offsets = self.get("large_boxes"), self.get("large_offsets")
        x0, y0, x1, y1 = bounds
        touching = (self.get("large_class") == wanted) & (boxes[:, 0] <= x1) & (boxes[:, 2] >= x0)
        touching &= (boxes[:, 1] <= y1) & (boxes[:, 3] >= y0)
        xy = self.get("large_xy")
        return [xy[offsets[i] : offsets[i + 1]] for i in np.flatnonzero(touching).tolist()]


class BaseMap:
    """The base map of a city: `levels`, coarsest first (see `LEVELS_METRES_PER_PX`)."""

    def __init__(self, lines: Bundle, fills: Bundle, labels: Bundle) -> None:
        numbers = range(len(LEVELS_METRES_PER_PX))
        self.levels = tuple(Level(n, lines, fills, labels) for n in numbers)


def _cut(ring: FloatArray, bounds: Bounds) -> tuple[OffsetArray, FloatArray]:
    if len(ring) > _CUT_FROM_POINTS:
        ring = clip_ring(ring, widened(bounds, (bounds[2] - bounds[0]) / 8))
    return np.array([0, len(ring)]), ring


def _stacked(rings: list[tuple[OffsetArray, FloatArray]]) -> tuple[OffsetArray, FloatArray]:
    rings = [(ends, xy) for ends, xy in rings if len(xy)]
    if not rings:
        return np.zeros(1, np.int64), np.empty((0, 2))
    lengths = np.concatenate([np.diff(ends) for ends, _ in rings])
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return offsets, np.concatenate([xy for _, xy in rings])


def _joined(segments: FloatArray) -> tuple[OffsetArray, FloatArray]:
    if not len(segments):
        return np.zeros(1, np.int64), np.empty((0, 2))
    begins = np.ones(len(segments), bool)
    begins[1:] = (segments[1:, :2] != segments[:-1, 2:]).any(axis=1)
    run = np.cumsum(begins)  # 1-based number of the run of each segment
    xy = np.empty((len(segments) + run[-1], 2))
    ends_at = np.arange(len(segments)) + run
    xy[ends_at] = segments[:, 2:]
    xy[(ends_at - 1)[begins]] = segments[begins, :2]
    offsets = np.append((ends_at - 1)[begins], len(xy))
    return offsets.astype(np.int64), xy
