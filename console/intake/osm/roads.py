"""From road lines to the road graph's arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from console.city.graph import EdgeFlag
from console.city.network import segment_metres

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_MAIN_NODES = 100
"""A part of the network with this many nodes is worth driving to (in a small graph: 5 % of it)."""


@dataclass(frozen=True, slots=True)
class RoadLines:
    """w roads: points `lonlat` and `world` float64[m,2] of road `way` int64[m], in order; `kmh`
    and `flags` [w] of each road (see `graph.Edges`).
    """

    lonlat: FloatArray
    world: FloatArray
    way: IntArray
    kmh: NDArray[np.float32]
    flags: NDArray[np.uint8]


def road_arrays(roads: RoadLines) -> dict[str, NDArray[Any]]:
    """The arrays of the package's `roads` file, as `console.city.graph` reads them.

    Roads nobody can use carry no edge. Two roads meet where they have a point in common: the same
    node of the map has the same position to the last digit, so no node numbers are needed.
    """
    usable = roads.flags[roads.way] != 0
    world, way = roads.world[usable], roads.way[usable]
    point, first_seen, uses = _distinct(roads.lonlat[usable])
    ends = _ends(way)
    stops = np.flatnonzero(ends | (uses[point] > 1))
    first, last = stops[:-1], stops[1:]
    same = way[first] == way[last]
    first, last = first[same], last[same]
    junctions, node = np.unique(point[np.concatenate([first, last])], return_inverse=True)
    tail, head = node[: len(first)], node[len(first) :]
    flags = _with_main(roads.flags[way[first]], tail, head, len(junctions))
    return {
        "node_xy": world[first_seen[junctions]],
        "tail": tail.astype(np.int32),
        "head": head.astype(np.int32),
        "first": first.astype(np.int32),
        "last": last.astype(np.int32),
        "metres": _lengths(world, first, last),
        "kmh": roads.kmh[way[first]],
        "flags": flags,
        "shape_xy": world,
    }


def _distinct(lonlat: FloatArray) -> tuple[IntArray, IntArray, IntArray]:
    """The number of each point's position, where each position is first seen, and how often."""
    grid = np.round(lonlat * 1e7).astype(np.int64)
    keys = (grid[:, 0] << 32) + grid[:, 1]
    _, first_seen, point, uses = np.unique(
        keys, return_index=True, return_inverse=True, return_counts=True
    )
    return point, first_seen, uses


def _ends(way: IntArray) -> BoolArray:
    ends = np.ones(len(way), bool)
    if len(way):
        changes = way[1:] != way[:-1]
        ends[1:-1] = changes[:-1] | changes[1:]
    return ends


def _lengths(world: FloatArray, first: IntArray, last: IntArray) -> FloatArray:
    gone = np.concatenate([[0.0], np.cumsum(segment_metres(world[:-1], world[1:]))])
    return np.asarray(gone[last] - gone[first]) if len(first) else np.empty(0)


def _with_main(
    flags: NDArray[np.uint8], tail: IntArray, head: IntArray, nodes: int
) -> NDArray[np.uint8]:
    """Mark the edges from which one gets about, and back: places are joined to no others.

    A street cut off at the edge of the map, or a car park's loop drawn apart from its road, would
    otherwise make the place next to it unreachable.
    """
    forward = (flags & EdgeFlag.CAR_FORWARD) != 0
    backward = (flags & EdgeFlag.CAR_BACKWARD) != 0
    walked = (flags & EdgeFlag.FOOT) != 0
    by_car = _in_main(tail, head, forward, backward, nodes)
    on_foot = _in_main(tail, head, walked, walked, nodes)
    main = by_car * np.uint8(EdgeFlag.CAR_MAIN) + on_foot * np.uint8(EdgeFlag.FOOT_MAIN)
    return np.asarray(flags | main, np.uint8)


def _in_main(
    tail: IntArray, head: IntArray, forward: BoolArray, backward: BoolArray, nodes: int
) -> BoolArray:
    source = np.concatenate([tail[forward], head[backward]])
    target = np.concatenate([head[forward], tail[backward]])
    arcs = csr_matrix((np.ones(len(source), np.int8), (source, target)), shape=(nodes, nodes))
    _, part = connected_components(arcs, directed=True, connection="strong")
    used = np.unique(np.concatenate([source, target]))
    sizes = np.bincount(part[used], minlength=nodes)
    main = sizes >= max(2, min(_MAIN_NODES, len(used) // 20))
    return np.asarray((part[tail] == part[head]) & main[part[tail]] & (forward | backward))
