"""From road lines to the road graph's arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from console.city.graph import EdgeFlag, flags_for
from console.city.network import segment_metres
from console.city.travel import USERS

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Flags = NDArray[np.uint32]

_MAIN_NODES = 100
"""A part of the network with this many nodes is worth driving to (in a small graph: 5 % of it)."""


@dataclass(frozen=True, slots=True)
class RoadLines:
    """w roads: points `world` float64[m,2] of map nodes `ref` int64[m], of road `way` int64[m], in
    order; `kmh`, `flags` and `name` [w] of each road (see `graph.Edges`). `barrier_ref` int64[b]
    are nodes that not everybody may pass freely, `barrier_flags` uint32[b] who may.
    """

    world: FloatArray
    ref: IntArray
    way: IntArray
    kmh: NDArray[np.float32]
    flags: Flags
    name: NDArray[np.int32]
    barrier_ref: IntArray
    barrier_flags: Flags


@dataclass(frozen=True, slots=True)
class _Joined:
    """Edges and the nodes they join, `node_xy` float64[n,2]: roads first, then barriers."""

    node_xy: FloatArray
    tail: IntArray
    head: IntArray
    flags: Flags
    barrier_xy: FloatArray


def road_arrays(roads: RoadLines) -> dict[str, NDArray[Any]]:
    """The arrays of the package's `roads` file, as `console.city.graph` reads them.

    Roads nobody can use carry no edge. Two roads meet where they have a node of the map in common,
    not where they only cross: a bridge has a node right above one of the street beneath.
    """
    usable = roads.flags[roads.way] != 0
    world, way = roads.world[usable], roads.way[usable]
    refs, point, uses = np.unique(roads.ref[usable], return_inverse=True, return_counts=True)
    barrier = np.isin(refs, roads.barrier_ref)
    stops = np.flatnonzero(_ends(way) | (uses[point] > 1) | barrier[point])
    first, last = stops[:-1], stops[1:]
    same = way[first] == way[last]
    first, last = first[same], last[same]
    joined = _joined(roads, world, np.concatenate([first, last]), (refs, point, barrier))
    own = way[first]
    extra = len(joined.tail) - len(first)
    at = len(world) + 2 * np.arange(extra)
    flags = _with_parts(np.concatenate([roads.flags[own], joined.flags]), joined)
    return {
        "node_xy": joined.node_xy,
        "tail": joined.tail.astype(np.int32),
        "head": joined.head.astype(np.int32),
        "first": np.concatenate([first, at]).astype(np.int32),
        "last": np.concatenate([last, at + 1]).astype(np.int32),
        "metres": np.concatenate([_lengths(world, first, last), np.zeros(extra)]),
        "kmh": np.concatenate([roads.kmh[own], np.ones(extra, np.float32)]),
        "flags": flags,
        "name": np.concatenate([roads.name[own], np.zeros(extra, np.int32)]),
        "shape_xy": np.concatenate([world, np.repeat(joined.barrier_xy, 2, axis=0)]),
        "barriers": np.array([len(first)]),
    }


def _joined(
    roads: RoadLines,
    world: FloatArray,
    ends: IntArray,
    points: tuple[IntArray, IntArray, BoolArray],
) -> _Joined:
    """Join the ends of the roads' edges: `ends` are rows of `world`, all tails and then all heads.

    Every end at a barrier has a node of its own, and an edge to the barrier's: what may pass the
    barrier may turn there from any road to any other, what may not can go from none to another.
    """
    refs, point, barrier = points
    own = point[ends]
    shut_in = np.flatnonzero(barrier[own])
    key = own.copy()
    key[shut_in] = len(refs) + np.arange(len(shut_in))
    keys, node = np.unique(np.concatenate([key, own[shut_in]]), return_inverse=True)
    where = np.empty(len(keys), np.int64)
    where[node] = np.concatenate([ends, ends[shut_in]])
    half = len(ends) // 2
    order = np.argsort(roads.barrier_ref)
    row = order[np.searchsorted(roads.barrier_ref, refs[own[shut_in]], sorter=order)]
    return _Joined(
        node_xy=world[where],
        tail=np.concatenate([node[:half], node[shut_in]]),
        head=np.concatenate([node[half : 2 * half], node[2 * half :]]),
        flags=roads.barrier_flags[row],
        barrier_xy=world[ends[shut_in]],
    )


def _ends(way: IntArray) -> BoolArray:
    ends = np.ones(len(way), bool)
    if len(way):
        changes = way[1:] != way[:-1]
        ends[1:-1] = changes[:-1] | changes[1:]
    return ends


def _lengths(world: FloatArray, first: IntArray, last: IntArray) -> FloatArray:
    gone = np.concatenate([[0.0], np.cumsum(segment_metres(world[:-1], world[1:]))])
    return np.asarray(gone[last] - gone[first]) if len(first) else np.empty(0)


def _with_parts(flags: Flags, joined: _Joined) -> Flags:
    """Mark for each user the edges from which one gets about, and back: places are joined to no
    others; and those that one gets to only by way of edges that may not be crossed.

    A street cut off at the edge of the map, or a car park's loop drawn apart from its road, would
    otherwise make the place next to it unreachable; so would a street behind one that is open to
    residents only, if one arrived there as if it were open to all.
    """
    marked = flags.copy()
    for way in USERS:
        forward, backward, end = (
            (flags & np.uint32(flags_for(way, flag))) != 0
            for flag in (EdgeFlag.FORWARD, EdgeFlag.BACKWARD, EdgeFlag.END)
        )
        parts = _Parts(joined, forward, backward)
        marked |= parts.main() * np.uint32(flags_for(way, EdgeFlag.MAIN))
        if end.any():
            through = _Parts(joined, forward & ~end, backward & ~end)
            behind = parts.within & ~through.largest_within(parts)
            marked |= behind * np.uint32(flags_for(way, EdgeFlag.END))
    return marked


class _Parts:
    """The strongly connected parts of the network that some edges make, each direction apart."""

    def __init__(self, joined: _Joined, forward: BoolArray, backward: BoolArray) -> None:
        tail, head, nodes = joined.tail, joined.head, len(joined.node_xy)
        source = np.concatenate([tail[forward], head[backward]])
        target = np.concatenate([head[forward], tail[backward]])
        arcs = csr_matrix((np.ones(len(source), np.int8), (source, target)), shape=(nodes, nodes))
        _, self.of_node = connected_components(arcs, directed=True, connection="strong")
        self._used = np.unique(np.concatenate([source, target]))
        self.sizes = np.bincount(self.of_node[self._used], minlength=nodes)
        allowed = forward | backward
        self.within = allowed & (self.of_node[tail] == self.of_node[head])
        self._of_edge = self.of_node[tail]

    def main(self) -> BoolArray:
        """The edges of the parts that are worth going to."""
        large = self.sizes >= max(2, min(_MAIN_NODES, len(self._used) // 20))
        return np.asarray(self.within & large[self._of_edge])

    def largest_within(self, whole: _Parts) -> BoolArray:
        """The edges of the largest part within each part of `whole`."""
        used = self._used
        order = used[np.argsort(-self.sizes[self.of_node[used]], kind="stable")]
        outer, at = np.unique(whole.of_node[order], return_index=True)
        largest = np.full(len(whole.of_node), -1)
        largest[outer] = self.of_node[order[at]]
        inside = largest[whole._of_edge] == self._of_edge
        return np.asarray(self.within & inside)
