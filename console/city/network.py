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
    """Edges of a graph of `nodes` nodes with the seconds they take (see `graph.Edges`).

    `forward` and `backward` bool[e] say which directions are allowed, `snap_to` bool[e] which
    edges a place may be joined to. Edges with `end` bool[e] are open only at the end of a way: they
    may be left at its start and entered towards its goal, but not crossed.

    That is searched on three storeys. All other edges are on the first; each node of an `end` edge
    stands once more on the second, where ways start, and on the third, where they arrive, and one
    comes only from the second to the first and from the first to the third.
    """

    nodes: int
    tail: IntArray
    head: IntArray
    metres: FloatArray
    seconds: FloatArray
    forward: BoolArray
    backward: BoolArray
    end: BoolArray
    snap_to: BoolArray
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    shape_xy: FloatArray

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
    def _end_nodes(self) -> IntArray:
        """The nodes of the edges that are open only at the end of a way, in order."""
        end = self.end & (self.forward | self.backward)
        return np.unique(np.concatenate([self.tail[end], self.head[end]]))

    @property
    def place(self) -> int:
        """The number of the place itself among the stops of a search."""
        return self.nodes + 2 * len(self._end_nodes)

    @cached_property
    def _node_of(self) -> IntArray:
        """The node of each stop, a node on some storey."""
        return np.concatenate([np.arange(self.nodes), self._end_nodes, self._end_nodes])

    def node_of(self, stop: int) -> int:
        """The node of a stop."""
        return int(self._node_of[stop])

    def _stops(self, node: IntArray, end: BoolArray, storey: int) -> IntArray:
        """The stops of nodes of edges: on `storey` (0 where ways start, 1 where they arrive) where
        `end`, else on the first.
        """
        upper = self.nodes + storey * len(self._end_nodes) + np.searchsorted(self._end_nodes, node)
        return np.where(end, upper, node)

    @cached_property
    def leaving(self) -> tuple[IntArray, IntArray]:
        """The stops at which one who starts on an edge leaves it, at its tail and at its head."""
        return self._stops(self.tail, self.end, 0), self._stops(self.head, self.end, 0)

    @cached_property
    def _arcs(self) -> tuple[IntArray, IntArray, IntArray]:
        """Every arc: the stop it leads from, the stop it leads to, and its edge (-1: a storey)."""
        f, b = np.flatnonzero(self.forward), np.flatnonzero(self.backward)
        edge = np.concatenate([f, b])
        source = np.concatenate([self.tail[f], self.head[b]])
        target = np.concatenate([self.head[f], self.tail[b]])
        end = self.end[edge]
        if not end.any():
            return source, target, edge
        stairs = np.full(2 * len(self._end_nodes), -1)
        starts, arrivals = (
            self._stops(self._end_nodes, np.ones(len(self._end_nodes), bool), s) for s in (0, 1)
        )
        up, to = source[end], target[end]
        yes = np.ones(len(up), bool)
        return (
            np.concatenate(
                [
                    *(source[~end], self._stops(up, yes, 0), self._stops(up, yes, 1)),
                    *(starts, self._end_nodes),
                ]
            ),
            np.concatenate(
                [
                    *(target[~end], self._stops(to, yes, 0), self._stops(to, yes, 1)),
                    *(self._end_nodes, arrivals),
                ]
            ),
            np.concatenate([edge[~end], edge[end], edge[end], stairs]),
        )

    @cached_property
    def _reversed(self) -> tuple[IntArray, IntArray, FloatArray, IntArray]:
        """The arcs against the traffic as CSR: row starts, columns, seconds, edge of each arc.

        Of parallel arcs the quickest is kept.
        """
        source, target, edge = self._arcs
        seconds = np.where(edge < 0, 0.0, self.seconds[edge]) if len(edge) else np.empty(0)
        seconds = np.maximum(seconds, _LEAST_S)
        order = np.lexsort((seconds, source, target))
        edge, source, target, seconds = edge[order], source[order], target[order], seconds[order]
        first = np.ones(len(edge), bool)
        first[1:] = (source[1:] != source[:-1]) | (target[1:] != target[:-1])
        starts = np.searchsorted(target[first], np.arange(self.place + 1))
        return starts, source[first], seconds[first], edge[first]

    def search(self, edge: int, share: float, limit_s: float) -> tuple[FloatArray, IntArray]:
        """Dijkstra's algorithm towards a place on `edge`, `share` of its length from the tail.

        Returns for each stop the seconds to the place, inf beyond `limit_s`, and the next stop on
        the way (`place` for "the place itself", negative for none).
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
            shape=(self.place + 1, self.place + 1),
        )
        here = np.array([self.place])
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
        stops = self._stops(ends, np.full(len(ends), self.end[edge]), 1)
        return stops, np.maximum([s for _, s in ways], _LEAST_S)

    def at_tail(self, edge: Any, share: Any) -> Any:
        """Whether a place on a one-way edge is at its tail junction, and so on all roads there."""
        return share * self.metres[edge] < JUNCTION_M

    def at_head(self, edge: Any, share: Any) -> Any:
        """Whether it is at the head junction."""
        return (1 - share) * self.metres[edge] < JUNCTION_M

    def edge_between(self, source: int, target: int) -> int:
        """The quickest edge from stop `source` to stop `target`; -1 between storeys."""
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
