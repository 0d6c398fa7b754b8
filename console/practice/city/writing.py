"""The practice city as files: an OpenStreetMap extract, and catalogues for the ordinary intake."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray
from osmium.osm.mutable import Node, Relation, Way

from console.model.text import Text
from console.practice.city.administration import Administration
from console.practice.city.areas import Areas, Tags, named
from console.practice.city.blocks import Block
from console.practice.city.buildings import Buildings
from console.practice.city.cameras import Camera
from console.practice.city.fabric import Fabric
from console.practice.city.network import Network
from console.practice.city.places import Place
from console.practice.city.roads import MAX_SPEED_KMH
from console.practice.city.roster import Member
from console.practice.city.warp import lonlat_from_ground

FloatArray = NDArray[np.float64]
STOREY_M = 3.0
CRS84 = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}


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
    fabric: Fabric,
    blocks: list[Block],
    network: Network,
    areas: Areas,
    buildings: Buildings,
    places: list[Place],
) -> dict[str, int]:
    """Write the `.osm.pbf`; how many ways of each kind it holds."""
    extract = Extract(network.ground.all())
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
    _add_places(extract, fabric, blocks, places)
    for way in network.ways:
        extract.way(way.vertices, _way_tags(network, way.cls, way.road, way.bridge, way.oneway))
    _add_buildings(extract, buildings)
    extract.write(path)
    return {"roads": len(network.ways), "buildings": len(buildings.block), "places": len(places)}


def _way_tags(network: Network, cls: str, road: int, bridge: bool, oneway: bool) -> Tags:
    name = network.register.roads[road].name
    tags: Tags = {"railway": "rail"} if cls == "rail" else {"highway": cls}
    if name:
        tags |= named(name)
    if cls in MAX_SPEED_KMH:
        tags["maxspeed"] = str(MAX_SPEED_KMH[cls])
    if oneway:
        tags["oneway"] = "yes"
    if bridge:
        tags |= {"bridge": "yes", "layer": "2" if cls == "rail" else "1"}
    return tags


KEY_OF = {
    "suburb": "place",
    "quarter": "place",
    "museum": "tourism",
    "sports_centre": "leisure",
    "station": "railway",
}


def _add_places(extract: Extract, fabric: Fabric, blocks: list[Block], places: list[Place]) -> None:
    for place in places:
        tags = named(place.name, **{KEY_OF.get(place.kind, "amenity"): place.kind})
        if place.block < 0:
            extract.node(place.x, place.y, tags)
        else:
            ring = fabric.outline(blocks[place.block].face)
            extract.way([*ring, ring[0]], tags)


def _add_buildings(extract: Extract, buildings: Buildings) -> None:
    for corners, floors, tag in zip(
        buildings.corners, buildings.floors.tolist(), buildings.tag, strict=True
    ):
        height = f"{floors * STOREY_M:g}"
        tags = {"building": tag, "building:levels": str(floors), "height": height}
        extract.loose_way(corners, tags, True)


def write_grid(
    path: Path, fabric: Fabric, blocks: list[Block], administration: Administration
) -> None:
    """Write the cells as GeoJSON in CRS84, rings quantised to 1e-7°."""
    lonlat = lonlat_from_ground(fabric.xy)
    faces = [shapely.Polygon(lonlat[fabric.outline(b.face)]) for b in blocks]
    features = []
    for cell in administration.cells:
        whole = shapely.coverage_union_all([faces[b] for b in cell.blocks])
        features.append(
            {
                "type": "Feature",
                "properties": {
                    "code": cell.code,
                    **_both("name", cell.name),
                    **_both("community", cell.community),
                    **_both("street", cell.street),
                    **_both("district", administration.district(cell)),
                    "households": cell.households,
                },
                "geometry": shapely.geometry.mapping(
                    shapely.orient_polygons(shapely.normalize(whole))
                ),
            }
        )
    collection = {"type": "FeatureCollection", "name": "grid", "crs": CRS84, "features": features}
    path.write_text(json.dumps(collection, ensure_ascii=False, separators=(",", ":")), "utf-8")


def _both(key: str, text: Text) -> dict[str, str]:
    return {f"{key}_zh": text.zh, f"{key}_en": text.en}


def write_cameras(path: Path, cameras: list[Camera]) -> None:
    """Write the cameras as CSV; azimuth clockwise from north, degrees; range in metres."""
    lonlat = lonlat_from_ground(np.array([[c.x, c.y] for c in cameras]))
    header = ["id", "name_zh", "name_en", "lon", "lat", "azimuth_deg", "angle_deg", "range_m", "ptz", "online", "stream"]
    _write_csv(
        path,
        header,
        (
            [
                f"C-{k:05d}",
                c.name.zh,
                c.name.en,
                f"{lon:.7f}",
                f"{lat:.7f}",
                f"{c.azimuth_deg:g}",
                f"{c.angle_deg:g}",
                f"{c.range_m:g}",
                int(c.ptz),
                int(c.online),
                f"practice://scene/{c.scene}",
            ]
            for k, (c, (lon, lat)) in enumerate(zip(cameras, lonlat, strict=True), 1)
        ),
    )


def write_units(path: Path, members: list[Member]) -> None:
    """Write the units as CSV."""
    lonlat = lonlat_from_ground(np.array([[m.x, m.y] for m in members]))
    header = ["id", "name_zh", "name_en", "kind", "lon", "lat", "base_zh", "base_en"]
    _write_csv(
        path,
        header,
        (
            [
                f"U-{k:04d}",
                m.name.zh,
                m.name.en,
                m.kind.value,
                f"{lon:.7f}",
                f"{lat:.7f}",
                m.base.zh,
                m.base.en,
            ]
            for k, (m, (lon, lat)) in enumerate(zip(members, lonlat, strict=True), 1)
        ),
    )


def _write_csv(path: Path, header: list[str], rows: Iterable[list[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
