"""The practice city as an OpenStreetMap extract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import osmium
from numpy.typing import NDArray
from osmium.osm.mutable import Node, Relation, Way

from console.practice.city.areas import Areas, Tags, named
from console.practice.city.buildings import Buildings
from console.practice.city.layout import Layout
from console.practice.city.network import Network
from console.practice.city.network import Way as NetworkWay
from console.practice.city.places import Place
from console.practice.city.roads import MAX_SPEED_KMH, RAIL
from console.practice.city.warp import lonlat_from_ground

FloatArray = NDArray[np.float64]

STOREY_M = 3.0

KEY_OF = {
    "city": "place",
    "suburb": "place",
    "quarter": "place",
    "museum": "tourism",
    "sports_centre": "leisure",
    "station": "railway",
}

DRAWN_AS_AREAS = frozenset({"school"})
"""Places that are mapped by their grounds; the others by a node, as small stations usually are."""


class Extract:
    """Nodes, ways and relations gathered in order, then written with ascending ids."""

    def __init__(self, ground: FloatArray) -> None:
        self._ground = ground
        self._loose: list[FloatArray] = []
        self._next = len(ground)
        self._used = np.zeros(len(ground), bool)
        self._node_tags: dict[int, Tags] = {}
        self._ways: list[tuple[list[int], Tags]] = []
        self._relations: list[tuple[list[tuple[str, int, str]], Tags]] = []

    def way(self, vertices: list[int], tags: Tags) -> int:
        """A way over ground vertices; its id."""
        self._used[vertices] = True
        self._ways.append(([v + 1 for v in vertices], tags))
        return len(self._ways)

    def loose_way(self, xy: FloatArray, tags: Tags, closed: bool) -> int:
        """A way over nodes of its own at ground metres (n, 2); its id."""
        ids = self._add_loose(xy)
        self._ways.append(([*ids, ids[0]] if closed else ids, tags))
        return len(self._ways)

    def node(self, x: float, y: float, tags: Tags) -> None:
        """A tagged node of its own."""
        self._node_tags[self._add_loose(np.array([[x, y]]))[0]] = tags

    def relation(self, members: list[tuple[str, int, str]], tags: Tags) -> None:
        """A relation over members (type, id, role)."""
        self._relations.append((members, tags))

    def _add_loose(self, xy: FloatArray) -> list[int]:
        first = self._next + 1
        self._loose.append(xy)
        self._next += len(xy)
        return list(range(first, first + len(xy)))

    def write(self, path: Path) -> None:
        """Write the extract; an existing file is replaced."""
        with osmium.SimpleWriter(str(path), overwrite=True) as writer:
            self._write_nodes(writer)
            for number, (ids, tags) in enumerate(self._ways, 1):
                writer.add_way(Way(id=number, version=1, nodes=ids, tags=tags))
            for number, (members, tags) in enumerate(self._relations, 1):
                writer.add_relation(Relation(id=number, version=1, members=members, tags=tags))

    def _write_nodes(self, writer: Any) -> None:
        lonlat = lonlat_from_ground(np.concatenate([self._ground, *self._loose])).tolist()
        shared = len(self._ground)
        for k, (lon, lat) in enumerate(lonlat):
            if k >= shared or self._used[k]:
                tags = self._node_tags.get(k + 1, {})
                writer.add_node(Node(id=k + 1, version=1, location=(lon, lat), tags=tags))


def write_extract(
    path: Path,
    layout: Layout,
    *,
    network: Network,
    areas: Areas,
    buildings: Buildings,
    places: list[Place],
) -> None:
    """Write everything that is on the map to `path` (`.osm.pbf`)."""
    extract = Extract(network.ground.all())
    _add_areas(extract, areas)
    _add_places(extract, layout, places)
    for way in network.ways:
        extract.way(way.vertices, _way_tags(network, way))
    _add_buildings(extract, buildings)
    extract.write(path)


def _add_areas(extract: Extract, areas: Areas) -> None:
    for area in areas.relations:
        outer = [("w", extract.loose_way(xy, {}, True), "outer") for xy in area.outer]
        inner = [("w", extract.loose_way(xy, tags, True), "inner") for tags, xy in area.inner]
        extract.relation(outer + inner, {"type": "multipolygon", **area.tags})
    for shape in areas.shapes:
        if shape.xy is not None:
            extract.loose_way(shape.xy, shape.tags, shape.closed)
        else:
            ring = [*shape.vertices, shape.vertices[0]] if shape.closed else shape.vertices
            extract.way(ring, shape.tags)


def _way_tags(network: Network, way: NetworkWay) -> Tags:
    name = network.register.roads[way.road].name
    tags: Tags = {"railway": "rail"} if way.cls == RAIL else {"highway": way.cls}
    if name:
        tags |= named(name)
    if way.cls in MAX_SPEED_KMH:
        tags["maxspeed"] = str(MAX_SPEED_KMH[way.cls])
    if way.oneway:
        tags["oneway"] = "yes"
    if way.bridge:
        tags |= {"bridge": "yes", "layer": "2" if way.cls == RAIL else "1"}
    return tags


def _add_places(extract: Extract, layout: Layout, places: list[Place]) -> None:
    for place in places:
        tags = named(place.name, **{KEY_OF.get(place.kind, "amenity"): place.kind})
        if place.kind not in DRAWN_AS_AREAS or place.block < 0:
            extract.node(place.x, place.y, tags)
        else:
            ring = layout.fabric.outline(layout.blocks[place.block].face)
            extract.way([*ring, ring[0]], tags)


def _add_buildings(extract: Extract, buildings: Buildings) -> None:
    for corners, floors, tag in zip(
        buildings.corners, buildings.floors.tolist(), buildings.tag, strict=True
    ):
        height = f"{floors * STOREY_M:g}"
        tags = {"building": tag, "building:levels": str(floors), "height": height}
        extract.loose_way(corners, tags, True)
