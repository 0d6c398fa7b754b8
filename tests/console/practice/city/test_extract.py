from __future__ import annotations

from collections import Counter

import numpy as np
import osmium
import shapely
from osmium.osm import Area

from tests.console.practice.city.conftest import ReadCity


def tagged(city: ReadCity) -> list[dict[str, str]]:
    return city.points + [w.tags for w in city.ways] + [tags for _, tags in city.relations]


def test_ids_ascend_and_every_node_is_there(small_city: ReadCity) -> None:
    for ids in small_city.ids.values():
        assert ids == sorted(set(ids))
    assert all(n in small_city.nodes for w in small_city.ways for n in w.nodes)
    used = {n for w in small_city.ways for n in w.nodes}
    assert len(small_city.nodes) - len(used) == len(small_city.points)


def test_coordinates_are_quantised(small_city: ReadCity) -> None:
    lonlat = np.array(list(small_city.nodes.values()))
    assert np.abs(lonlat * 1e7 - np.round(lonlat * 1e7)).max() < 1e-3


def test_the_river_assembles_with_its_island(small_city: ReadCity) -> None:
    processor = osmium.FileProcessor(str(small_city.files.osm)).with_areas()
    rivers = [
        (area.num_rings(), dict(area.tags))
        for area in processor
        if isinstance(area, Area) and not area.from_way() and area.tags.get("water") == "river"
    ]
    assert [rings for rings, _ in rivers] == [(1, 1)]


def test_every_name_is_in_both_languages(small_city: ReadCity) -> None:
    named = [t for t in tagged(small_city) if "name" in t]
    assert len(named) > 300
    for tags in named:
        assert tags["name"] == tags["name:zh"]
        assert tags["name:en"].isascii()
        assert not tags["name:zh"].isascii()


def test_what_a_duty_room_looks_for_is_on_the_map(small_city: ReadCity) -> None:
    amenities = Counter(t.get("amenity") for t in tagged(small_city))
    for kind in ("school", "hospital", "police", "fire_station", "clinic", "townhall"):
        assert amenities[kind] >= 2, kind
    places = Counter(t.get("place") for t in tagged(small_city))
    assert places["city"] == 1
    assert places["suburb"] >= 2
    assert places["quarter"] >= 2
    assert any(t.get("leisure") == "park" for t in tagged(small_city))
    assert {t.get("landuse") for t in tagged(small_city)} >= {"residential", "commercial"}


def test_buildings_keep_off_roads_and_water(small_city: ReadCity) -> None:
    def area(nodes: list[int]) -> shapely.Polygon:
        return shapely.Polygon([small_city.nodes[n] for n in nodes])

    buildings = np.array([area(w.nodes) for w in small_city.ways if "building" in w.tags])
    tree = shapely.STRtree(buildings)
    roads = [shapely.LineString(small_city.xy(w)) for w in small_city.roads()]
    waters = [area(w.nodes) for w in small_city.ways if w.tags.get("natural") == "water"]
    assert len(tree.query(roads, predicate="intersects")[0]) == 0
    assert len(tree.query(waters, predicate="intersects")[0]) == 0
    pairs = tree.query(buildings, predicate="overlaps")[0]
    assert len(pairs) < 0.001 * len(buildings)


def test_buildings_have_heights(small_city: ReadCity) -> None:
    for way in small_city.ways:
        if "building" in way.tags:
            assert float(way.tags["height"]) == 3.0 * int(way.tags["building:levels"])
            assert way.nodes[0] == way.nodes[-1]
