"""Where names could stand on the base map, for every level. The map chooses among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from console.city.basemap import BIN_PX, LABEL_KINDS, LEVELS_METRES_PER_PX, LINE_CLASSES
from console.city.bins import bin_keys, occupied
from console.intake.osm.lines import NAME_ONLY, STREAM, Chains

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_SPACING_PX = 600.0
"""A long road bears its name about this often."""

_HALF_WINDOW_PX = 60.0
"""A road is judged straight over this much on either side of its name."""

_STRAIGHT = 0.96
"""Least chord over arc for a name to lie on: a bend of about 30 degrees."""

_ROAD_RANK = {
    "motorway": 40,
    "primary": 42,
    "secondary": 44,
    "tertiary": 46,
    "residential": 50,
    "service": 54,
    "path": 56,
    "rail": 60,
    "stream": 58,
}
_WATER_RANK, _PARK_RANK = 30, 36
_NAMED_BELOW = {
    "motorway": 64.0,
    "primary": 32.0,
    "secondary": 16.0,
    "tertiary": 8.0,
    "stream": 8.0,
}
_OTHERS_BELOW = 4.0
_MOST_RANK = {64.0: 10, 32.0: 12, 16.0: 16, 8.0: 22, 4.0: 30, 2.0: 36}
"""The last rank of a place that is named at a level; finer levels name all."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """k candidates: `name` is an index into the names, the rest as in `basemap.Labels`."""

    name: IntArray
    kind: IntArray
    xy: FloatArray
    angle_deg: NDArray[np.float32]
    rank: NDArray[np.int32]
    span_m: NDArray[np.float32]

    def chosen(self, rows: NDArray[Any]) -> Candidates:
        """These rows."""
        return Candidates(*(getattr(self, field)[rows] for field in self.__slots__))


def point_candidates(
    name: Sequence[int],
    kind: Sequence[str],
    xy: FloatArray,
    rank: Sequence[int],
    span_m: Sequence[float],
) -> Candidates:
    """Level names at points: of places (any span: 0) or areas (as wide as the area)."""
    return Candidates(
        np.asarray(name, np.int64),
        np.array([LABEL_KINDS.index(k) for k in kind], np.int64),
        xy.reshape(-1, 2),
        np.zeros(len(name), np.float32),
        np.asarray(rank, np.int32),
        np.asarray(span_m, np.float32),
    )


def line_candidates(chains: Chains, metres_per_px: float, named: NDArray[np.bool_]) -> Candidates:
    """Names along lines, in the middle of straight stretches, about every 600 px.

    `named` bool[names] says which name numbers hold a text.
    """
    below = np.array([_below(c) for c in _CLASSES])[chains.line_class]
    chains = chains.chosen(named[chains.name] & (below >= metres_per_px))
    length = shapely.length(chains.lines)
    chains = chains.chosen(length >= 1.5 * _HALF_WINDOW_PX * metres_per_px)
    length = shapely.length(chains.lines)
    counts = np.maximum(1, np.floor(length / (_SPACING_PX * metres_per_px))).astype(np.int64)
    chain = np.repeat(np.arange(len(counts)), counts)
    ordinal = np.arange(len(chain)) - np.repeat(np.cumsum(counts) - counts, counts)
    middle = (ordinal + 0.5) / counts[chain] * length[chain]
    half = np.minimum(_HALF_WINDOW_PX * metres_per_px, middle)
    lines = chains.lines[chain]
    before, after = _at(lines, middle - half), _at(lines, middle + half)
    xy = _at(lines, middle)
    chord = after - before
    span = np.hypot(*chord.T)
    found = Candidates(
        chains.name[chain],
        np.where(_is_stream(chains.line_class[chain]), _WATER, _ROAD),
        (before + after + 2 * xy) / 4,  # half-way between the chord and the arc
        _upright(chord),
        np.array([_rank(c) for c in _CLASSES], np.int32)[chains.line_class[chain]],
        span.astype(np.float32),
    )
    return found.chosen(span >= _STRAIGHT * 2 * half)


def label_arrays(levels: list[list[Candidates]]) -> dict[str, NDArray[Any]]:
    """The arrays of the package's `labels` file from the candidates of each level."""
    sizes = BIN_PX * np.array(LEVELS_METRES_PER_PX)
    arrays: dict[str, NDArray[Any]] = {"bin_m": sizes}
    for number, (sets, size_m) in enumerate(zip(levels, sizes.tolist(), strict=True)):
        for name, values in _binned(sets, size_m).items():
            arrays[f"{number}.{name}"] = values
    return arrays


def places_at(places: Candidates, metres_per_px: float) -> Candidates:
    """The places that are named at a level."""
    return places.chosen(places.rank <= _MOST_RANK.get(metres_per_px, 99))


def areas_at(areas: Candidates, metres_per_px: float) -> Candidates:
    """The areas wide enough to bear a name at a level."""
    return areas.chosen(areas.span_m >= _HALF_WINDOW_PX * metres_per_px)


def rank_of_area(kind: str) -> int:
    """The rank of a named area: water before parks."""
    return _WATER_RANK if kind == "water" else _PARK_RANK


def _binned(sets: list[Candidates], size_m: float) -> dict[str, NDArray[Any]]:
    fields = Candidates.__slots__
    together = Candidates(*(np.concatenate([getattr(s, f) for s in sets]) for f in fields))
    keys = bin_keys(0, together.xy, size_m)
    order = np.lexsort((together.name, together.rank, keys))
    bins, offsets = occupied(keys[order])
    values = {field: getattr(together, field)[order] for field in fields}
    return {"keys": bins, "offsets": offsets, **values}


def _at(lines: NDArray[np.object_], distance: FloatArray) -> FloatArray:
    points = shapely.line_interpolate_point(lines, distance)
    return np.asarray(shapely.get_coordinates(points)).reshape(-1, 2)


def _upright(chord: FloatArray) -> NDArray[np.float32]:
    """The direction of a chord in degrees, turned so that text on it is not upside down."""
    angle = np.degrees(np.arctan2(chord[:, 1], chord[:, 0]))
    angle = np.where(angle > 90, angle - 180, np.where(angle <= -90, angle + 180, angle))
    return angle.astype(np.float32)


def _rank(line_class: str) -> int:
    return _ROAD_RANK[line_class.removesuffix("_bridge")]


def _below(line_class: str) -> float:
    return _NAMED_BELOW.get(line_class.removesuffix("_bridge"), _OTHERS_BELOW)


def _is_stream(line_class: IntArray) -> NDArray[np.bool_]:
    return np.asarray((line_class == STREAM) | (line_class == NAME_ONLY))


_CLASSES = (*LINE_CLASSES, "stream")  # the last for NAME_ONLY
_ROAD, _WATER = LABEL_KINDS.index("road"), LABEL_KINDS.index("water")
