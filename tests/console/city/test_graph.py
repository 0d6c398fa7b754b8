from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from console.city.graph import EdgeFlag, RoadGraph, flags_for
from console.city.network import segment_metres
from console.city.travel import BY_AIR, BY_ROAD, ON_FOOT, WALK_MPS, WITH_SIREN, Way, profile_of
from console.model.geo import ground_distance_m, world_from_lonlat
from console.model.unit import UnitKind
from tests.helpers.roads import AGAINST, BOTH, ONE_WAY, PATH, graph_from

STEP = 0.002

Road = tuple[list[tuple[int, int]], int, float]
"""A road through corners of a lattice, its flags, its speed in km/h."""


def graph_of(*roads: Road) -> RoadGraph:
    lonlat = np.array([(10 + c * STEP, 50 + r * STEP) for points, _, _ in roads for c, r in points])
    way = np.repeat(np.arange(len(roads)), [len(points) for points, _, _ in roads])
    kmh = np.array([kmh for _, _, kmh in roads], np.float32)
    return graph_from(lonlat, way, kmh, np.array([flags for _, flags, _ in roads], np.uint32))


def corner(c: float, r: float) -> tuple[float, float]:
    x, y = world_from_lonlat(10 + c * STEP, 50 + r * STEP)
    return float(x), float(y)


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(segment_metres(np.array([corner(*a)]), np.array([corner(*b)]))[0])


def bellman_ford(graph: RoadGraph, target: int, on_foot: bool) -> NDArray[np.float64]:
    """Seconds from each node, by relaxing every edge until nothing changes."""
    e, way = graph.edges, Way.FOOT if on_foot else Way.CAR
    forward, backward = graph.has(way, EdgeFlag.FORWARD), graph.has(way, EdgeFlag.BACKWARD)
    seconds = np.full(len(graph.node_xy), np.inf)
    seconds[target] = 0
    for _ in range(len(seconds)):
        for tail, head, length, kmh, there, back in zip(
            e.tail, e.head, e.metres, e.kmh, forward, backward, strict=True
        ):
            cost = length / (WALK_MPS if on_foot else kmh / 3.6)
            if there:
                seconds[tail] = min(seconds[tail], seconds[head] + cost)
            if back:
                seconds[head] = min(seconds[head], seconds[tail] + cost)
    return seconds


steps = st.lists(st.sampled_from([(1, 0), (-1, 0), (0, 1), (0, -1)]), min_size=1, max_size=6)


def walk(start: tuple[int, int], taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Lattice corners one by one, so that roads only ever cross at a common point."""
    columns, rows = zip(start, *taken, strict=True)
    return list(zip(accumulate(columns), accumulate(rows), strict=True))


corners = st.tuples(st.integers(0, 4), st.integers(0, 4))
roads = st.tuples(
    st.builds(walk, corners, steps),
    st.sampled_from([BOTH, BOTH, ONE_WAY, AGAINST, PATH]),
    st.sampled_from([20.0, 30.0, 60.0]),
)
CROSS: Road = ([(0, 2), (1, 2), (2, 2), (3, 2), (4, 2)], BOTH, 30.0)
networks = st.lists(roads, min_size=1, max_size=12).map(lambda drawn: graph_of(CROSS, *drawn))


def nodes_joined(graph: RoadGraph, way: Way) -> list[int]:
    """Nodes that a place at the same position is surely joined to."""
    e = graph.edges
    main = graph.has(way, EdgeFlag.MAIN)
    return sorted({*e.tail[main].tolist(), *e.head[main].tolist()})


@settings(max_examples=60, deadline=None)
@given(networks, st.booleans(), st.randoms(use_true_random=False))
def test_travel_times_are_those_of_brute_force(graph, on_foot, random) -> None:  # type: ignore[no-untyped-def]
    nodes = nodes_joined(graph, Way.FOOT if on_foot else Way.CAR)
    target = random.choice(nodes)
    profile = ON_FOOT if on_foot else BY_ROAD
    reach = graph.reach(*graph.node_xy[target].tolist(), profile, limit_s=1e9)
    expected = bellman_ford(graph, target, on_foot)[nodes]
    assert reach.seconds_from(graph.node_xy[nodes]) == pytest.approx(expected, abs=0.3)


@settings(max_examples=40, deadline=None)
@given(networks, st.tuples(*[st.floats(-0.5, 4.5)] * 4), st.sampled_from([BY_ROAD, ON_FOOT]))
def test_a_route_takes_the_time_it_was_said_to_take(graph, ends, profile) -> None:  # type: ignore[no-untyped-def]
    start, target = corner(*ends[:2]), corner(*ends[2:])
    reach = graph.reach(*target, profile, limit_s=1e9)
    said = float(reach.seconds_from(np.array([start]))[0])
    route = reach.path_from(*start)
    assert (len(route.xy) > 0) == np.isfinite(said)
    if len(route.xy):
        assert route.seconds[-1] == pytest.approx(said, rel=1e-6, abs=1e-3)
        assert (np.diff(route.seconds) >= 0).all()
        assert route.xy[0] == pytest.approx(start) and route.xy[-1] == pytest.approx(target)
        assert reach.metres_from(*start) == pytest.approx(route.metres)


@settings(max_examples=40, deadline=None)
@given(networks, st.randoms(use_true_random=False))
def test_a_detour_over_a_third_place_is_never_quicker(graph, random) -> None:  # type: ignore[no-untyped-def]
    nodes = nodes_joined(graph, Way.CAR)
    a, b, c = (graph.node_xy[random.choice(nodes)] for _ in range(3))
    to_c = graph.reach(*c.tolist(), BY_ROAD, limit_s=1e9).seconds_from(np.stack([a, b]))
    a_to_b = graph.reach(*b.tolist(), BY_ROAD, limit_s=1e9).seconds_from(a[None])[0]
    assert to_c[0] <= a_to_b + to_c[1] + 0.5


def test_a_one_way_is_driven_round_and_walked_against() -> None:
    # a square: its south side may only be driven eastwards
    square = graph_of(
        ([(0, 0), (2, 0)], ONE_WAY, 36.0),
        ([(2, 0), (2, 1), (0, 1), (0, 0)], BOTH, 36.0),
    )
    west, east = corner(0.5, 0), corner(1.5, 0)
    round_about = square.path(*east, *west, BY_ROAD)
    assert round_about.metres > 2 * metres((0, 0), (0, 1)) + metres((0, 0), (2, 0))
    assert square.path(*west, *east, BY_ROAD).metres == pytest.approx(
        metres((0.5, 0), (1.5, 0)), 1e-4
    )
    assert square.path(*east, *west, ON_FOOT).metres == pytest.approx(
        metres((0.5, 0), (1.5, 0)), 1e-4
    )


def test_vehicles_keep_off_paths_and_walkers_take_them() -> None:
    graph = graph_of(
        ([(0, 0), (0, 4), (4, 4), (4, 0)], BOTH, 36.0),
        ([(0, 0), (4, 0)], PATH, 0.0),
    )
    ends = (*corner(0, 0), *corner(4, 0))
    assert graph.path(*ends, ON_FOOT).metres == pytest.approx(metres((0, 0), (4, 0)), 1e-3)
    assert graph.path(*ends, BY_ROAD).metres > 2 * metres((0, 0), (0, 4))


def test_lengths_are_on_the_ground_not_on_the_stretched_map() -> None:
    graph = graph_of(([(0, 0), (4, 0)], BOTH, 36.0))
    ground = float(ground_distance_m(*corner(0, 0), *corner(4, 0)))
    assert graph.path(*corner(0, 0), *corner(4, 0), BY_ROAD).metres == pytest.approx(
        ground, rel=2e-3
    )
    assert graph.path(*corner(0, 0), *corner(4, 0), BY_ROAD).seconds[-1] == pytest.approx(
        ground / 10, rel=2e-3
    )


def test_the_last_metres_beside_the_road_are_walked() -> None:
    graph = graph_of(([(0, 0), (4, 0)], BOTH, 36.0))
    on_road, beside = corner(2, 0), corner(2, 0.5)
    gap_s = float(ground_distance_m(*on_road, *beside)) / WALK_MPS
    start = np.array([corner(0, 0)])
    near = graph.reach(*on_road, BY_ROAD).seconds_from(start)[0]
    assert graph.reach(*beside, BY_ROAD).seconds_from(start)[0] - near == pytest.approx(
        gap_s, rel=0.01
    )


def test_a_siren_is_quicker_by_a_fifth_on_the_road() -> None:
    graph = graph_of(([(0, 0), (4, 0)], BOTH, 36.0))
    ends = (*corner(0, 0), *corner(4, 0))
    calm, siren = graph.path(*ends, BY_ROAD), graph.path(*ends, WITH_SIREN)
    assert calm.seconds[-1] / siren.seconds[-1] == pytest.approx(1.2)


def test_beyond_the_limit_is_out_of_reach() -> None:
    graph = graph_of(([(0, 0), (4, 0)], BOTH, 36.0))
    seconds = graph.reach(*corner(0, 0), BY_ROAD, limit_s=30).seconds_from(
        np.array([corner(1, 0), corner(4, 0)])
    )
    assert np.isfinite(seconds[0]) and np.isinf(seconds[1])


def test_a_place_is_not_joined_to_a_stub_that_leads_nowhere() -> None:
    graph = graph_of(
        ([(0, 0), (2, 0), (4, 0)], BOTH, 36.0),
        ([(2, 0), (2, 2)], ONE_WAY, 36.0),  # nobody comes back from its end
    )
    seconds = graph.reach(*corner(0, 0), BY_ROAD).seconds_from(np.array([corner(2, 1.5)]))
    assert np.isfinite(seconds[0])


def test_drones_and_boats_go_straight() -> None:
    graph = graph_of(([(0, 0), (4, 0)], BOTH, 36.0))
    route = graph.path(*corner(0, 0), *corner(3, 3), profile_of(UnitKind.DRONE))
    assert len(route.xy) == 2
    ground = float(ground_distance_m(*corner(0, 0), *corner(3, 3)))
    assert route.seconds[-1] == pytest.approx(ground / 12.5)
    assert graph.reach(*corner(0, 0), BY_AIR, limit_s=1).route_from(*corner(3, 3)).shape == (0, 2)


def test_a_city_without_roads_has_no_routes() -> None:
    graph = graph_of(([(0, 0), (4, 0)], 0, 36.0))
    assert graph.path(*corner(0, 0), *corner(1, 0), BY_ROAD).xy.shape == (0, 2)
    reach = graph.reach(*corner(0, 0), BY_ROAD)
    assert np.isinf(reach.seconds_from(np.array([corner(1, 0)]))).all()
    assert reach.metres_from(*corner(1, 0)) == float("inf")
    assert reach.seconds_from(np.empty((0, 2))).shape == (0,)


def test_preparing_ahead_changes_nothing() -> None:
    graph_of(([(0, 0), (4, 0)], 0, 36.0)).prepare()
    graph = graph_of(([(0, 0), (4, 0)], BOTH, 36.0))
    graph.prepare()
    assert graph.path(*corner(0, 0), *corner(4, 0), BY_ROAD).metres == pytest.approx(
        metres((0, 0), (4, 0)), rel=1e-3
    )


def test_a_closed_ring_is_a_road_too() -> None:
    ring = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    graph = graph_of((ring, ONE_WAY, 36.0), ([(0, 0), (-1, 0)], BOTH, 36.0))
    there = graph.path(*corner(0.5, 0), *corner(0.5, 1), BY_ROAD).metres
    back = graph.path(*corner(0.5, 1), *corner(0.5, 0), BY_ROAD).metres
    assert there == pytest.approx(metres((0, 0), (1, 0)) + metres((1, 0), (1, 1)), rel=1e-2)
    assert back == pytest.approx(there, rel=1e-2)


CLOSED = flags_for(Way.FOOT, EdgeFlag.FORWARD | EdgeFlag.BACKWARD)
"""Open to those on foot alone."""

AT_THE_END = BOTH | flags_for(Way.CAR, EdgeFlag.END)


def test_a6_a_barrier_bars_the_way_to_whom_it_bars() -> None:
    # a square whose south side has a bollard in its middle
    south: Road = ([(0, 0), (2, 0), (4, 0)], BOTH, 36.0)
    around: Road = ([(4, 0), (4, 4), (0, 4), (0, 0)], BOTH, 36.0)
    lonlat = np.array([(10 + c * STEP, 50 + r * STEP) for p, _, _ in (south, around) for c, r in p])
    way, kmh = np.repeat([0, 1], [3, 4]), np.full(2, 36.0, np.float32)
    graph = graph_from(lonlat, way, kmh, np.full(2, BOTH, np.uint32), {1: CLOSED})
    west, east = corner(1.5, 0), corner(2.5, 0)
    straight_m = metres((1.5, 0), (2.5, 0))
    assert graph.path(*west, *east, ON_FOOT).metres == pytest.approx(straight_m, 1e-3)
    assert graph.path(*west, *east, BY_ROAD).metres > 10 * straight_m
    assert graph.path(*east, *west, WITH_SIREN).metres > 10 * straight_m


def test_a6_a_slow_barrier_costs_its_seconds_in_the_time_and_on_the_route() -> None:
    lonlat = np.array([(10 + c * STEP, 50.0) for c in (0, 2, 4)])
    one, kmh = np.array([0, 0, 0]), np.full(1, 36.0, np.float32)
    free = graph_from(lonlat, one, kmh, np.array([BOTH], np.uint32))
    slow = BOTH | flags_for(Way.CAR, EdgeFlag.SLOW)
    barred = graph_from(lonlat, one, kmh, np.array([BOTH], np.uint32), {1: slow})
    ends = (*corner(1, 0), *corner(3, 0))
    assert barred.path(*ends, BY_ROAD).seconds[-1] == pytest.approx(
        free.path(*ends, BY_ROAD).seconds[-1] + 10
    )
    reach = barred.reach(*ends[2:], BY_ROAD)
    assert reach.seconds_from(np.array([ends[:2]]))[0] == pytest.approx(
        barred.path(*ends, BY_ROAD).seconds[-1]
    )
    assert barred.path(*ends, WITH_SIREN).seconds[-1] == pytest.approx(
        free.path(*ends, WITH_SIREN).seconds[-1]
    )


def test_a6_what_is_open_at_the_end_of_a_way_is_not_crossed() -> None:
    # the short side of a square is for residents; a lane leads on from its middle
    graph = graph_of(
        ([(0, 0), (2, 0), (4, 0)], AT_THE_END, 36.0),
        ([(2, 0), (2, -1)], BOTH, 36.0),
        ([(-2, 0), (0, 0), (0, 4), (4, 4), (4, 0), (6, 0)], BOTH, 36.0),
    )
    west, east, home, lane = corner(-1, 0), corner(5, 0), corner(1, 0), corner(2, -0.5)
    across = metres((-1, 0), (5, 0))
    assert graph.path(*west, *east, BY_ROAD).metres > across + metres((0, 0), (0, 4))
    assert graph.path(*west, *east, WITH_SIREN).metres == pytest.approx(across, 1e-3)
    for goal in (home, lane):
        for start in (west, east):
            there, back = graph.path(*start, *goal, BY_ROAD), graph.path(*goal, *start, BY_ROAD)
            assert there.metres == pytest.approx(back.metres, 1e-3)
            assert 0 < there.metres < across
    assert graph.path(*home, *lane, BY_ROAD).metres == pytest.approx(
        metres((1, 0), (2, 0)) + metres((2, 0), (2, -0.5)), 1e-3
    )


def test_a6_who_stands_a_hand_beyond_a_place_in_a_one_way_is_there() -> None:
    square = graph_of(
        ([(0, 0), (2, 0)], ONE_WAY, 36.0),
        ([(2, 0), (2, 1), (0, 1), (0, 0)], BOTH, 36.0),
    )
    beyond = corner(1.001, 0)  # 14 cm
    assert square.path(*beyond, *corner(1, 0), BY_ROAD).seconds[-1] < 1
    assert square.path(*corner(1.1, 0), *corner(1, 0), BY_ROAD).seconds[-1] > 30


def test_a6_a_route_knows_its_streets() -> None:
    graph = graph_of(([(0, 0), (2, 0)], BOTH, 36.0), ([(2, 0), (2, 2)], BOTH, 36.0))
    route = graph.path(*corner(1, 0.1), *corner(2, 1), BY_ROAD)
    assert len(route.edge) == len(route.xy)
    assert route.edge[1] == -1  # the first step is walked
    assert list(dict.fromkeys(route.edge[2:].tolist())) == [0, 1]


SIDES = [((c, r), (c + 1, r)) for c in range(4) for r in range(5)] + [
    ((c, r), (c, r + 1)) for c in range(5) for r in range(4)
]
END_ONE_WAY = ONE_WAY | flags_for(Way.CAR, EdgeFlag.END)
some_sides = st.lists(
    st.sampled_from([BOTH, BOTH, ONE_WAY, AGAINST, PATH, AT_THE_END, AT_THE_END, END_ONE_WAY]),
    min_size=len(SIDES),
    max_size=len(SIDES),
).map(lambda kinds: graph_of(*(([a, b], k, 36.0) for (a, b), k in zip(SIDES, kinds, strict=True))))


def by_hand(
    graph: RoadGraph, goal: int, *, crossing: bool, away: bool = False
) -> NDArray[np.float64]:
    """Seconds from the middle of each edge to that of edge `goal`, by relaxing every arc of (node,
    storey) until nothing changes: 0 where a way starts, 1 in the city, 2 where it arrives. With
    `crossing` all edges may be crossed; `away` asks for the seconds from `goal` to each instead.
    """
    e, n = graph.edges, len(graph.node_xy)
    forward, backward = graph.has(Way.CAR, EdgeFlag.FORWARD), graph.has(Way.CAR, EdgeFlag.BACKWARD)
    if away:
        forward, backward = backward, forward
    end = graph.has(Way.CAR, EdgeFlag.END) & (not crossing)
    cost = e.metres / 10
    left = np.full((3, n), np.inf)  # seconds to the goal
    arrival = 2 if end[goal] else 1
    if forward[goal]:
        left[arrival, e.tail[goal]] = cost[goal] / 2
    if backward[goal]:
        left[arrival, e.head[goal]] = cost[goal] / 2
    before = None
    while before is None or not np.array_equal(before, left):
        before = left.copy()
        for edges, storeys in ((end, (0, 2)), (~end, (1,))):
            there, back = edges & forward, edges & backward
            for level in (left[storey] for storey in storeys):
                np.minimum.at(level, e.tail[there], level[e.head[there]] + cost[there])
                np.minimum.at(level, e.head[back], level[e.tail[back]] + cost[back])
        left[1] = np.minimum(left[1], left[2])
        left[0] = np.minimum(left[0], left[1])
    storey = np.where(end, 0, 1)
    by_head = np.where(forward, left[storey, e.head], np.inf)
    by_tail = np.where(backward, left[storey, e.tail], np.inf)
    seconds = np.minimum(by_head, by_tail) + cost / 2
    seconds[goal] = 0
    return np.asarray(seconds)


@settings(max_examples=40, deadline=None)
@given(some_sides, st.randoms(use_true_random=False))
def test_a6_ends_are_searched_as_by_hand_and_all_stays_reachable(graph, random) -> None:  # type: ignore[no-untyped-def]
    main = np.flatnonzero(graph.has(Way.CAR, EdgeFlag.MAIN)).tolist()
    if not main:
        return
    goal, e = random.choice(main), graph.edges
    middles = (e.shape_xy[e.first] + e.shape_xy[e.last]) / 2
    reach = graph.reach(*middles[goal].tolist(), BY_ROAD, limit_s=1e9)
    said = reach.seconds_from(middles[main])
    assert said == pytest.approx(by_hand(graph, goal, crossing=False)[main], abs=0.3)
    there, back = (by_hand(graph, goal, crossing=True, away=away)[main] for away in (False, True))
    assert np.isfinite(said[np.isfinite(there) & np.isfinite(back)]).all()
    for start, seconds in zip(main, said.tolist(), strict=True):
        if np.isfinite(seconds):
            route = reach.path_from(*middles[start].tolist())
            assert route.seconds[-1] == pytest.approx(seconds, abs=0.3)
