"""The base map's lines: joined, simplified for every level, sorted into bins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from console.city.basemap import BIN_PX, LEVELS_METRES_PER_PX, LINE_CLASSES
from console.city.bins import bin_keys, occupied

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Geometries = NDArray[np.object_]

TOLERANCE_PX = 0.35
"""How far a simplified line may run beside the true one, in pixels of its level."""

LEAST_PX = 0.5
"""Lines smaller than this both ways are left out of a level."""

PARTS_METRES_PER_PX = (64.0, 32.0, 16.0, 8.0, 4.0, 2.0, 0.5)
"""What is stored; 1 m/px uses the finest, as simplifying for it would hardly save a point."""

COARSEST_METRES_PER_PX = {
    "motorway": 64.0,
    "primary": 64.0,
    "rail": 32.0,
    "secondary": 32.0,
    "tertiary": 16.0,
    "stream": 16.0,
    "residential": 8.0,
    "service": 4.0,
    "path": 2.0,
}
"""From which level on a class is on the map."""

STREAM = LINE_CLASSES.index("stream")
NAME_ONLY = len(LINE_CLASSES)
"""The class of a river's line where the river is drawn as an area: it only bears the name."""


@dataclass(frozen=True, slots=True)
class Chains:
    """c joined lines in world metres, with the class and the number of the name of each."""

    lines: Geometries
    line_class: IntArray
    name: IntArray

    def chosen(self, wanted: NDArray[np.bool_]) -> Chains:
        """The chains where `wanted` is true."""
        return Chains(self.lines[wanted], self.line_class[wanted], self.name[wanted])


def joined(lines: Geometries, line_class: IntArray, name: IntArray) -> Chains:
    """Join pieces of the same class and name end to end: a street becomes one line, which
    simplifies better and leaves no gaps where short pieces fall away.
    """
    if not len(lines):
        return Chains(np.empty(0, object), np.empty(0, np.int64), np.empty(0, np.int64))
    group_keys, group = np.unique(name * 64 + line_class, return_inverse=True)
    order = np.argsort(group, kind="stable")
    merged = shapely.line_merge(shapely.multilinestrings(lines[order], indices=group[order]))
    parts, of_group = shapely.get_parts(merged, return_index=True)
    keys = group_keys[of_group]
    return Chains(parts, keys % 64, keys // 64)


def on_land(chains: Chains, water: Geometries) -> Chains:
    """Leave out streams where they run through `water` (polygons in world metres, islands
    included); the whole line stays as one that only bears the name.
    """
    streams = np.flatnonzero(chains.line_class == STREAM)
    row, area = shapely.STRtree(water).query(chains.lines[streams], predicate="intersects")
    wet = np.unique(row)
    if not len(wet):
        return chains
    basins = [shapely.union_all(water[area[row == r]]) for r in wet]
    rivers = chains.lines[streams[wet]]
    land, of_river = shapely.get_parts(shapely.difference(rivers, basins), return_index=True)
    is_dry = ~np.isin(np.arange(len(chains.lines)), streams[wet])
    names = chains.name[streams[wet]]
    return Chains(
        np.concatenate([chains.lines[is_dry], rivers, land]),
        np.concatenate(
            [chains.line_class[is_dry], np.full(len(wet), NAME_ONLY), np.full(len(land), STREAM)]
        ),
        np.concatenate([chains.name[is_dry], names, np.zeros(len(of_river), np.int64)]),
    )


def coarsest_of_class() -> FloatArray:
    """For each line class, and `NAME_ONLY`, the coarsest metres per pixel at which it is drawn."""
    classes = [*LINE_CLASSES, "stream"]
    return np.array([COARSEST_METRES_PER_PX[c.removesuffix("_bridge")] for c in classes])


def simplified(chains: Chains, metres_per_px: float) -> Chains:
    """What of the chains is on the map at a level, simplified for it."""
    chains = chains.chosen(coarsest_of_class()[chains.line_class] >= metres_per_px)
    tolerance = TOLERANCE_PX * metres_per_px
    lines = np.asarray(shapely.simplify(chains.lines, tolerance, preserve_topology=False), object)
    x0, y0, x1, y1 = shapely.bounds(lines).T
    large = np.maximum(x1 - x0, y1 - y0) >= LEAST_PX * metres_per_px
    return Chains(lines, chains.line_class, chains.name).chosen(large)


def line_arrays(levels: list[Chains]) -> dict[str, NDArray[Any]]:
    """The arrays of the package's `lines` file from the chains of each stored part."""
    arrays: dict[str, NDArray[Any]] = {
        "level_part": np.searchsorted(
            -np.array(PARTS_METRES_PER_PX), -np.array(LEVELS_METRES_PER_PX)
        ),
        "bin_m": BIN_PX * np.array(PARTS_METRES_PER_PX),
    }
    for number, chains in enumerate(levels):
        size_m = float(arrays["bin_m"][number])
        for name, values in _binned(chains, size_m).items():
            arrays[f"{number}.{name}"] = values
    return arrays


def _binned(chains: Chains, size_m: float) -> dict[str, NDArray[Any]]:
    chains = chains.chosen(chains.line_class != NAME_ONLY)
    segments, of_chain = _cut(*_segments(chains.lines), size_m)
    middles = (segments[:, :2] + segments[:, 2:]) / 2
    keys = bin_keys(chains.line_class[of_chain], middles, size_m)
    order = np.argsort(keys, kind="stable")  # stable: runs of a line stay runs
    bins, offsets = occupied(keys[order])
    return {"segments": segments[order], "keys": bins, "offsets": offsets}


def _segments(lines: Geometries) -> tuple[FloatArray, IntArray]:
    """All segments float64[k,4] of the lines and the number of the line of each."""
    xy, of_line = shapely.get_coordinates(lines, return_index=True)
    same = of_line[1:] == of_line[:-1]
    return np.concatenate([xy[:-1], xy[1:]], axis=1)[same], of_line[1:][same]


def _cut(segments: FloatArray, owner: IntArray, size_m: float) -> tuple[FloatArray, IntArray]:
    """Cut segments longer than a bin into equal pieces that are not."""
    extent = np.abs(segments[:, 2:] - segments[:, :2]).max(axis=1, initial=0)
    pieces = np.maximum(1, np.ceil(extent / size_m)).astype(np.int64)
    if (pieces == 1).all():
        return segments, owner
    of_segment = np.repeat(np.arange(len(segments)), pieces)
    cut = segments[of_segment]
    long = np.flatnonzero(pieces[of_segment] > 1)
    whole = of_segment[long]
    ordinal = long - (np.cumsum(pieces) - pieces)[whole]
    share = np.column_stack([ordinal, ordinal + 1]) / pieces[whole, None]
    a, step = segments[whole, :2], segments[whole, 2:] - segments[whole, :2]
    cut[long] = np.concatenate([a + share[:, :1] * step, a + share[:, 1:] * step], axis=1)
    return cut, owner[of_segment]
