"""One way of moving over the road graph, laid out for searching.

scipy takes a third of a second and tens of megabytes to import, so it is imported by the first
search: a process that only draws the map never pays for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from console.city.snap import Snapper
from console.model.geo import ground_scale

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

JUNCTION_M = 0.5
"""A place this near to a junction is at the junction."""

_LEAST_S = 1e-6
"""No arc takes less: a weight of 0 means "no arc" to csgraph."""


@dataclass(frozen=True)
class Network:
    """Edges of a graph of `nodes` nodes with their speeds in metres a second (see `graph.Edges`).

    `forward` and `backward` bool[e] say which directions are allowed, `snap_to` bool[e] which
    edges a place may be joined to.
    """

    nodes: int
    tail: IntArray
    head: IntArray
    metres: FloatArray
    mps: FloatArray
    forward: BoolArray
    backward: BoolArray
    snap_to: BoolArray
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    shape_xy: FloatArray

    @cached_property
    def seconds(self) -> FloatArray:
        """The time along each edge, float64[e]."""
        return np.maximum(self.metres / np.maximum(self.mps, 1e-3), _LEAST_S)

    @cached_property
    def snapper(self) -> Snapper | None:
        """The index that joins places to the network; None when the network is empty."""
        edges = np.flatnonzero(self.snap_to)
        if not len(edges):
            return None
        counts = (self.last - self.first)[edges].astype(np.int64)
        edge = np.repeat(edges, counts)
        ordinal = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
        start = self.first[edge] + ordinal
        a, b = self.shape_xy[start], self.shape_xy[start + 1]
        return Snapper(a, b, edge, _shares(segment_metres(a, b), counts))

    @cached_property
    def _reversed(self) -> tuple[IntArray, IntArray, FloatArray, IntArray]:
        """The arcs against the traffic as CSR: row starts, columns, seconds, edge of each arc.

        Of parallel arcs the quickest is kept.
        """
        f, b = np.flatnonzero(self.forward), np.flatnonzero(self.backward)
        edge = np.concatenate([f, b])
        source = np.concatenate([self.tail[f], self.head[b]])
        target = np.concatenate([self.head[f], self.tail[b]])
        order = np.lexsort((self.seconds[edge], source, target))
        edge, source, target = edge[order], source[order], target[order]
        first = np.ones(len(edge), bool)
        first[1:] = (source[1:] != source[:-1]) | (target[1:] != target[:-1])
        edge, source, target = edge[first], source[first], target[first]
        starts = np.searchsorted(target, np.arange(self.nodes + 1))
        return starts, source, self.seconds[edge], edge

    def search(self, edge: int, share: float, limit_s: float) -> tuple[FloatArray, IntArray]:
        """Dijkstra's algorithm towards a place on `edge`, `share` of its length from the tail.

        Returns for each node the seconds to the place, inf beyond `limit_s`, and the next node on
        the way (`nodes` for "the place itself", negative for none).
        """
        from scipy.sparse import csr_matrix  # noqa: PLC0415 - see the module's docstring
        from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415

        starts, source, seconds, _ = self._reversed
        ends, extra = self._approaches(edge, share)
        matrix = csr_matrix(
            (
                np.concatenate([seconds, extra]),
                np.concatenate([source, ends]).astype(np.int32),
                np.append(starts, len(source) + len(ends)).astype(np.int32),
            ),
            shape=(self.nodes + 1, self.nodes + 1),
        )
        here = np.array([self.nodes])
        found, towards = dijkstra(matrix, indices=here, limit=limit_s, return_predecessors=True)
        return found[0, :-1], towards[0, :-1].astype(np.int64)

    def _approaches(self, edge: int, share: float) -> tuple[IntArray, FloatArray]:
        """From which ends of the edge a place on it can be come to, and how long that takes."""
        total = self.seconds[edge]
        ways = []
        if self.forward[edge] or self.at_tail(edge, share):
            ways.append((self.tail[edge], share * total))
        if self.backward[edge] or self.at_head(edge, share):
            ways.append((self.head[edge], (1 - share) * total))
        ends = np.array([end for end, _ in ways], np.int64)
        return ends, np.maximum([s for _, s in ways], _LEAST_S)

    def at_tail(self, edge: Any, share: Any) -> Any:
        """Whether a place on a one-way edge is at its tail junction, and so on all roads there."""
        return share * self.metres[edge] < JUNCTION_M

    def at_head(self, edge: Any, share: Any) -> Any:
        """Whether it is at the head junction."""
        return (1 - share) * self.metres[edge] < JUNCTION_M

    def edge_between(self, source: int, target: int) -> int:
        """The quickest edge that leads from node `source` to node `target`."""
        starts, sources, _, edge = self._reversed
        row = slice(starts[target], starts[target + 1])
        return int(edge[row][np.flatnonzero(sources[row] == source)[0]])

    def line(self, edge: int) -> FloatArray:
        """The line of an edge from tail to head, float64[p,2] world."""
        return self.shape_xy[self.first[edge] : self.last[edge] + 1]


def segment_metres(a: FloatArray, b: FloatArray) -> FloatArray:
    """Ground metres between world points of float64[k,2], exact enough for a street."""
    middle = (a[:, 1] + b[:, 1]) / 2
    return np.asarray(np.hypot(*(b - a).T) * ground_scale(middle))


def _shares(metres: FloatArray, counts: IntArray) -> FloatArray:
    """How much of its edge is gone at either end of each segment, float64[s,2]."""
    gone = np.concatenate([[0], np.cumsum(metres)])
    begin = np.cumsum(counts) - counts
    total = gone[begin + counts] - gone[begin]
    base, length = np.repeat(gone[begin], counts), np.repeat(np.maximum(total, 1e-9), counts)
    return np.column_stack([(gone[:-1] - base) / length, (gone[1:] - base) / length])
