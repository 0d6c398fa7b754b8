"""The base map's areas: simplified for every level, sorted into bins."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from console.city.basemap import BIN_PX, FILL_CLASSES, LEVELS_METRES_PER_PX
from console.city.bins import bin_keys, occupied
from console.intake.osm.rings import Rings, simplified

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

PARTS_METRES_PER_PX = (64.0, 32.0, 16.0, 8.0, 4.0, 2.0, 0.5)
"""What is stored; 1 m/px uses the finest."""

LEAST_PX = 2.0
"""Areas smaller than this both ways are left out of a level."""

BUILDING = FILL_CLASSES.index("building")
COARSEST_WITH_BUILDINGS = 4.0
LEAST_BUILDING_PX = 1.0


def fill_levels(areas: Rings, buildings: Rings) -> dict[str, NDArray[Any]]:
    """The arrays of the package's `fills` file. Buildings keep their corners on every level."""
    arrays: dict[str, NDArray[Any]] = {
        "level_part": np.searchsorted(
            -np.array(PARTS_METRES_PER_PX), -np.array(LEVELS_METRES_PER_PX)
        ),
        "bin_m": BIN_PX * np.array(PARTS_METRES_PER_PX),
    }
    for number in range(len(PARTS_METRES_PER_PX) - 1, -1, -1):
        metres_per_px = PARTS_METRES_PER_PX[number]
        areas = _large_enough(simplified(areas, metres_per_px), LEAST_PX * metres_per_px)
        shown = [areas]
        if metres_per_px <= COARSEST_WITH_BUILDINGS:
            shown.append(_large_enough(buildings, LEAST_BUILDING_PX * metres_per_px))
        for name, values in _binned(shown, BIN_PX * metres_per_px).items():
            arrays[f"{number}.{name}"] = values
    return arrays


def _large_enough(rings: Rings, least_m: float) -> Rings:
    boxes = rings.boxes()
    large = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0) >= least_m
    return rings if large.all() else rings.keep_polygons(large)


def _binned(sets: list[Rings], size_m: float) -> dict[str, NDArray[Any]]:
    rings = sets[0] if len(sets) == 1 else _together(*sets)
    boxes = rings.boxes()
    large = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0) > size_m
    keys = bin_keys(rings.kind, (boxes[:, :2] + boxes[:, 2:]) / 2, size_m)
    small = np.flatnonzero(~large)
    order = small[np.argsort(keys[small], kind="stable")]
    bins, offsets = occupied(keys[order])
    return {"keys": bins, "offsets": offsets, **_small(rings, order), **_large(rings, large)}


def _together(first: Rings, second: Rings) -> Rings:
    return Rings(
        np.concatenate([first.xy, second.xy]),
        np.concatenate([first.point, second.point]),
        np.concatenate([first.fixed, second.fixed]),
        np.concatenate([first.ring, second.ring + len(first.polygon)]),
        np.concatenate([first.polygon, second.polygon + len(first.kind)]),
        np.concatenate([first.kind, second.kind]),
    )


def _small(rings: Rings, order: IntArray) -> dict[str, NDArray[Any]]:
    """Polygons in this order: their rings in a row, their points in a row."""
    first_ring = np.searchsorted(rings.polygon, np.arange(len(rings.kind) + 1))
    ring_order, polygon_rings = _ranges(first_ring[order], first_ring[order + 1])
    xy, ring_offsets = _closed(rings, ring_order)
    return {"polygon_rings": polygon_rings, "ring_offsets": ring_offsets, "xy": xy}


def _large(rings: Rings, large: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
    chosen = np.flatnonzero(large[rings.polygon])
    xy, offsets = _closed(rings, chosen)
    begin = offsets[:-1]
    boxes = np.empty((0, 4))
    if len(begin):
        low, high = np.minimum.reduceat(xy, begin), np.maximum.reduceat(xy, begin)
        boxes = np.concatenate([low, high], axis=1)
    return {
        "large_class": rings.kind[rings.polygon[chosen]],
        "large_boxes": boxes,
        "large_offsets": offsets,
        "large_xy": xy,
    }


def _closed(rings: Rings, order: IntArray) -> tuple[FloatArray, IntArray]:
    """The points of these rings, each ring closed, and where each begins (and the end)."""
    starts = rings.starts
    begin, end = starts[order], starts[order + 1]
    index, offsets = _ranges(begin, end + 1)
    if len(order):
        index[offsets[1:] - 1] = begin
    return rings.xy[index].reshape(-1, 2), offsets


def _ranges(begin: IntArray, end: IntArray) -> tuple[IntArray, IntArray]:
    """All indices of the ranges [begin, end) one after another, and where each range begins."""
    lengths = end - begin
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    index = np.arange(offsets[-1]) + np.repeat(begin - offsets[:-1], lengths)
    return index, offsets
