"""What travel times cost in a large city: `python -m tests.bench.travel_times --json FILE`.

A made-up network of about 200,000 junctions. Each figure is the median of several runs; `against`
is scipy's Dijkstra alone on the same network, the least that a full search can cost.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from console.city.graph import RoadGraph
from console.city.network import Network
from console.city.travel import BY_ROAD, ON_FOOT, Way
from tests.bench.report import Row, main
from tests.helpers.roads import BOTH, ONE_WAY, graph_from

SIDE = 450
STEP_DEG = 0.0007
UNITS = 10_000
REACH_MS = 120.0
SNAP_MS = 150.0


def lattice() -> RoadGraph:
    """SIDE x SIDE jittered junctions, three quarters of the streets between them, some one-way."""
    rng = np.random.default_rng(1)
    columns, rows = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    grid = np.stack([118 + columns * STEP_DEG, 32 + rows * STEP_DEG], -1)
    grid = np.round(grid + rng.uniform(-1, 1, grid.shape) * STEP_DEG / 4, 7)
    ends = [
        np.stack([grid[:, :-1], grid[:, 1:]], 2).reshape(-1, 2, 2),
        np.stack([grid[:-1], grid[1:]], 2).reshape(-1, 2, 2),
    ]
    streets = np.concatenate(ends)
    streets = streets[rng.random(len(streets)) < 0.75]
    one_way = rng.random(len(streets)) < 0.15
    flags = np.where(one_way, ONE_WAY, BOTH).astype(np.uint32)
    kmh = rng.choice([30.0, 40.0, 60.0], len(streets)).astype(np.float32)
    return graph_from(streets.reshape(-1, 2), np.repeat(np.arange(len(streets)), 2), kmh, flags)


def rows() -> Iterable[Row]:
    """All figures."""
    graph = lattice()
    low, high = graph.node_xy.min(axis=0), graph.node_xy.max(axis=0)
    x, y = (float(v) for v in (low + high) / 2)
    units = np.random.default_rng(2).uniform(low, high, (UNITS, 2))
    yield Row("junctions", len(graph.node_xy), "")
    yield Row("edges", len(graph.edges.metres), "")
    started = time.perf_counter()
    reach = graph.reach(x, y, BY_ROAD)
    yield Row("first search, structures built", (time.perf_counter() - started) * 1e3, "ms")
    full = _median_ms(lambda: graph.reach(x, y, BY_ROAD, limit_s=1e9))
    yield Row("search of the whole city", full, "ms", _dijkstra_ms(graph, x, y), REACH_MS)
    near = _median_ms(lambda: graph.reach(x, y, BY_ROAD, limit_s=600))
    yield Row("search within 10 minutes", near, "ms", full)
    graph.reach(x, y, ON_FOOT)
    walk = _median_ms(lambda: graph.reach(x, y, ON_FOOT, limit_s=1800))
    yield Row("search on foot within 30 minutes", walk, "ms", full)
    times = _median_ms(lambda: reach.seconds_from(units))
    yield Row(f"times of {UNITS} units", times, "ms", full, SNAP_MS)
    yield Row(
        "one route",
        _median_ms(lambda: reach.path_from(float(units[7, 0]), float(units[7, 1]))),
        "ms",
        full,
    )


def _dijkstra_ms(graph: RoadGraph, x: float, y: float) -> float:
    """scipy's search on the same arcs, with nothing of ours around it."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    network: Network = graph._network(Way.CAR)
    starts, source, seconds, _ = network._reversed
    shape = (network.nodes, network.nodes)
    matrix = csr_matrix((seconds, source.astype(np.int32), starts.astype(np.int32)), shape=shape)
    node = np.argmin(np.hypot(*(graph.node_xy - (x, y)).T), keepdims=True)
    return _median_ms(lambda: dijkstra(matrix, indices=node, return_predecessors=True))


def _median_ms(work: Callable[[], NDArray[np.float64] | object], times: int = 7) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1e3


if __name__ == "__main__":
    sys.exit(main(rows))
