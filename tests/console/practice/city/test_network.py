from __future__ import annotations

from collections import Counter

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from console.practice.city.drives import Drives
from console.practice.city.layout import Layout
from console.practice.city.network import build_network, strong_components
from tests.console.practice.city.conftest import ReadCity

DRIVABLE = {
    "trunk", "trunk_link", "primary", "secondary", "tertiary", "residential", "service",
}  # fmt: skip


def share_in_main_component(city: ReadCity, classes: set[str]) -> float:
    """The share of segments whose both ends are in the largest strongly connected component."""
    arcs = []
    for way in city.roads():
        if way.tags["highway"] in classes:
            for a, b in zip(way.nodes, way.nodes[1:], strict=False):
                arcs.append((a, b))
                if way.tags.get("oneway") != "yes":
                    arcs.append((b, a))
    ends = np.array(arcs)
    size = int(ends.max()) + 1
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(size, size))
    label = connected_components(graph, connection="strong")[1][ends]
    main = np.bincount(label[:, 0]).argmax()
    return float((label == main).all(axis=1).mean())


def test_one_can_drive_from_everywhere_to_everywhere(small_city: ReadCity) -> None:
    assert share_in_main_component(small_city, DRIVABLE) >= 0.98
    assert share_in_main_component(small_city, DRIVABLE | {"footway"}) >= 0.98


def test_every_seed_is_connected() -> None:
    for seed in (1, 2):
        network = build_network(Layout.of_seed(seed, 6000.0), Drives(), seed)
        roads = [w for w in network.ways if w.cls != "rail"]
        label = strong_components(roads)
        ends = np.array([v for w in roads for v in w.vertices])
        counts = np.bincount(label[ends])
        assert counts.max() / counts.sum() >= 0.98


def test_broad_roads_are_all_named_and_lanes_mostly(small_city: ReadCity) -> None:
    for way in small_city.roads():
        if way.tags["highway"] in {"trunk", "primary", "secondary", "tertiary"}:
            assert way.tags.get("name")
    lanes = [w for w in small_city.roads() if w.tags["highway"] == "residential"]
    assert sum("name" in w.tags for w in lanes) > 0.8 * len(lanes)


def test_streets_have_names_of_their_own(small_city: ReadCity) -> None:
    lanes = [w for w in small_city.roads() if w.tags["highway"] == "residential"]
    names = Counter(w.tags["name"] for w in lanes if "name" in w.tags)
    # A lane is more than one way only where it crosses a canal.
    assert len(names) > 0.95 * sum(names.values())


def test_roads_meet_in_shared_nodes_or_pass_on_a_bridge(small_city: ReadCity) -> None:
    roads = [w for w in small_city.roads() if w.tags["highway"] != "footway"]
    lines = np.array([shapely.LineString(small_city.xy(w)) for w in roads])
    first, second = shapely.STRtree(lines).query(lines, predicate="crosses")
    for a, b in zip(first, second, strict=True):
        if a < b and roads[a].tags.get("layer") == roads[b].tags.get("layer"):
            assert set(roads[a].nodes) & set(roads[b].nodes), (roads[a].tags, roads[b].tags)


def test_rings_pass_over_avenues() -> None:
    layout = Layout.of_seed(5, 6000.0)
    network = build_network(layout, Drives(), 5)
    users: dict[int, set[str]] = {}
    for way in network.ways:
        for v in way.vertices[1:-1]:
            users.setdefault(v, set()).add(way.cls)
    assert not [u for u in users.values() if "trunk" in u and "primary" in u]
    assert sum(w.cls == "trunk_link" for w in network.ways) > 50
    assert any(w.cls == "trunk" and w.bridge for w in network.ways)


def test_drives_lead_into_estates_from_the_street(small_city: ReadCity) -> None:
    streets = {
        n
        for w in small_city.roads()
        if w.tags["highway"] in {"residential", "tertiary"}
        for n in w.nodes
    }
    drives = [w for w in small_city.roads() if w.tags["highway"] == "service"]
    assert len(drives) > 100
    assert all(streets & {w.nodes[0], w.nodes[-1]} for w in drives)


def test_bridges_are_where_the_water_is(small_city: ReadCity) -> None:
    ways = dict(zip(small_city.ids["w"], small_city.ways, strict=True))
    members, tags = next(r for r in small_city.relations if r[1].get("water") == "river")
    outer = next(ref for _, ref, role in members if role == "outer")
    river = shapely.Polygon(small_city.xy(ways[outer]))
    shapely.prepare(river)
    crossing = [w for w in small_city.roads() if river.intersects(_line(small_city, w.nodes))]
    assert len(crossing) >= 4
    assert all(w.tags.get("bridge") == "yes" and w.tags["layer"] == "1" for w in crossing)
    assert tags["name:zh"] == "澜江"


def _line(city: ReadCity, nodes: list[int]) -> shapely.LineString:
    return shapely.LineString([city.nodes[n] for n in nodes])
