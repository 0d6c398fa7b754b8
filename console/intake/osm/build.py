"""From what was read to the tables of the package."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from console.city.basemap import FILL_CLASSES, LEVELS_METRES_PER_PX
from console.intake.osm import labels as naming
from console.intake.osm.areas import AreaShapes
from console.intake.osm.extract import Extract
from console.intake.osm.fills import BUILDING, fill_levels
from console.intake.osm.lines import (
    PARTS_METRES_PER_PX,
    Chains,
    joined,
    line_arrays,
    on_land,
    simplified,
)
from console.intake.osm.open_roads import OpenRoads
from console.intake.osm.rings import rings_of
from console.intake.osm.roads import RoadLines, road_arrays
from console.model.geo import LonLat, world_from_lonlat
from console.model.text import Text

FloatArray = NDArray[np.float64]
Geometries = NDArray[np.object_]
Arrays = dict[str, Any]

_NAMES_A_CITY = 12
"""The last rank of a place that a whole package may be called after (a village)."""


@dataclass(slots=True)
class Names:
    """Every text once, by number; number 0 is "no name"."""

    numbers: dict[Text, int] = field(default_factory=lambda: {Text(): 0})

    def number(self, texts: Sequence[Text]) -> NDArray[np.int64]:
        """The number of each text."""
        known = self.numbers
        return np.array([known.setdefault(t, len(known)) for t in texts], np.int64)

    @property
    def columns(self) -> Arrays:
        """The texts in the order of their numbers, a list for each language."""
        return {"zh": [t.zh for t in self.numbers], "en": [t.en for t in self.numbers]}


@dataclass(slots=True)
class Built:
    """The tables of a package, as arrays; `places` a table, the others bundles."""

    roads: Arrays = field(default_factory=dict)
    lines: Arrays = field(default_factory=dict)
    fills: Arrays = field(default_factory=dict)
    labels: Arrays = field(default_factory=dict)
    places: Arrays = field(default_factory=dict)
    name: Text = field(default_factory=Text)
    bounds: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    centre: LonLat = field(default_factory=lambda: LonLat(0.0, 0.0))


class Builder:
    """Builds the tables step by step, so that the caller can show progress and stop between."""

    def __init__(self, extract: Extract, areas: AreaShapes, table: OpenRoads) -> None:
        self._extract = extract
        self._table = table
        self._areas = areas
        self._names = Names()
        self.built = Built()
        self.stacked = 0
        """Nodes of roads in the very place of another: streets are not joined there."""

    def steps(self) -> Iterator[tuple[str, float]]:
        """Do the work; yields the key of each step and its share of the building before it."""
        yield "osm.stage.geometry", 0.0
        roads = _parsed(self._extract.roads.wkb)
        others = _parsed(self._extract.other_lines.wkb)
        yield "osm.stage.graph", 0.15
        self._graph(roads)
        self._whereabouts(roads)
        yield "osm.stage.lines", 0.3
        parts = self._lines(roads, others)
        yield "osm.stage.fills", 0.55
        self._fills()
        yield "osm.stage.labels", 0.8
        self._places()
        self._labels(parts)

    def _graph(self, roads: Geometries) -> None:
        e, names = self._extract, Names()
        lonlat, way = shapely.get_coordinates(roads, return_index=True)
        lines = RoadLines(
            _world(lonlat),
            np.frombuffer(e.road_refs, np.int64),
            way,
            np.array(e.road_kmh, np.float32),
            np.array(e.road_flags, np.uint32),
            names.number(e.roads.name).astype(np.int32),
            np.array(list(e.barriers), np.int64),
            np.array(list(e.barriers.values()), np.uint32),
        )
        slow = {"slow_kmh": self._table.slow_kmh, "gate_s": self._table.gate_s}
        self.built.roads = {
            **road_arrays(lines),
            **{name: np.array(values, np.float32) for name, values in slow.items()},
            **{f"name_{language}": texts for language, texts in names.columns.items()},
        }
        self.stacked = _stacked(lonlat, lines.ref)

    def _whereabouts(self, roads: Geometries) -> None:
        """Bounds and centre: of the roads, as areas may reach far out of an extract."""
        lonlat = shapely.get_coordinates(roads) if len(roads) else self._areas.lonlat
        west, south = (float(v) for v in lonlat.min(axis=0))
        east, north = (float(v) for v in lonlat.max(axis=0))
        self.built.bounds = west, south, east, north
        lon, lat = np.median(lonlat, axis=0)
        self.built.centre = LonLat(float(lon), float(lat))

    def _lines(self, roads: Geometries, others: Geometries) -> list[Chains]:
        """Fill the lines; returns the chains of each stored part, coarsest first."""
        e = self._extract
        line_class = np.array(e.roads.line_class + e.other_lines.line_class, np.int64)
        name = self._names.number(e.roads.name + e.other_lines.name)
        chains = joined(_to_world(np.concatenate([roads, others])), line_class, name)
        chains = on_land(chains, self._water())
        parts = []
        for metres_per_px in reversed(PARTS_METRES_PER_PX):
            chains = simplified(chains, metres_per_px)
            parts.append(chains)
        parts.reverse()
        self.built.lines = line_arrays(parts)
        return parts

    def _water(self) -> Geometries:
        """Waters in world metres, islands filled."""
        rows = np.flatnonzero(self._areas.kind == FILL_CLASSES.index("water")).tolist()
        parts = shapely.get_parts(_to_world(self._areas.polygons(rows)))
        return np.asarray(shapely.polygons(shapely.get_exterior_ring(parts)), object)

    def _fills(self) -> None:
        is_building = self._areas.kind == BUILDING
        self.built.fills = fill_levels(
            rings_of(self._areas, ~is_building),
            rings_of(self._areas, is_building, shared=False),
        )

    def _places(self) -> None:
        e, areas = self._extract, self._areas
        rows = [i for i, (_, place) in enumerate(areas.named) if place]
        inside = _inside(areas.polygons(rows))
        lonlat = np.concatenate([np.reshape(e.place_lonlat, (-1, 2)), inside])
        kinds = e.place_kind + [place for _, place in areas.named if place]
        names = e.place_name + [areas.named[i].name for i in rows]
        self.built.places = {
            "name_zh": [n.zh for n in names],
            "name_en": [n.en for n in names],
            "category": [category for category, _ in kinds],
            "xy": _world(lonlat),
            "rank": np.array([rank for _, rank in kinds], np.int32),
        }
        self.built.name = self._city_name(lonlat, kinds, names)

    def _city_name(
        self, lonlat: FloatArray, kinds: Sequence[tuple[str, int]], names: Sequence[Text]
    ) -> Text:
        """The largest place's name, of equals the nearest to the centre's; empty for none."""
        centre = self.built.centre
        distance = np.hypot(lonlat[:, 0] - centre.lon, lonlat[:, 1] - centre.lat)
        ranked = [
            (rank, float(distance[i]), i)
            for i, (_, rank) in enumerate(kinds)
            if rank <= _NAMES_A_CITY and names[i]
        ]
        return names[min(ranked)[2]] if ranked else Text()

    def _labels(self, parts: list[Chains]) -> None:
        places, named_areas = self._place_labels(), self._area_labels()
        named = np.arange(len(self._names.numbers)) > 0
        levels = []
        for metres_per_px in LEVELS_METRES_PER_PX:
            part = next(i for i, m in enumerate(PARTS_METRES_PER_PX) if m <= metres_per_px)
            lines = naming.line_candidates(parts[part], metres_per_px, named)
            levels.append(
                [
                    naming.places_at(places, metres_per_px),
                    naming.areas_at(named_areas, metres_per_px),
                    lines,
                ]
            )
        self.built.labels = {**naming.label_arrays(levels), **self._names.columns}

    def _place_labels(self) -> naming.Candidates:
        table = self.built.places
        names = [Text(*pair) for pair in zip(table["name_zh"], table["name_en"], strict=True)]
        rows = [i for i, name in enumerate(names) if name and table["category"][i] != "park"]
        return naming.point_candidates(
            self._names.number([names[i] for i in rows]).tolist(),
            ["place"] * len(rows),
            table["xy"][rows],
            table["rank"][rows],
            [0.0] * len(rows),
        )

    def _area_labels(self) -> naming.Candidates:
        """The names of waters and parks, each in the middle of its area."""
        areas = self._areas
        shown = {FILL_CLASSES.index(k): k for k in ("water", "park")}
        rows = [i for i, k in enumerate(areas.kind.tolist()) if k in shown and areas.named[i].name]
        kinds = [shown[int(areas.kind[i])] for i in rows]
        world = _to_world(areas.polygons(rows))
        box = shapely.bounds(world).reshape(-1, 4)
        return naming.point_candidates(
            self._names.number([areas.named[i].name for i in rows]).tolist(),
            kinds,
            _inside(world),
            [naming.rank_of_area(k) for k in kinds],
            (box[:, 2] - box[:, 0]).tolist(),
        )


def _stacked(lonlat: FloatArray, ref: NDArray[np.int64]) -> int:
    grid = np.round(lonlat * 1e7).astype(np.int64)
    return _distinct(ref) - _distinct((grid[:, 0] << 32) + grid[:, 1])


def _distinct(values: NDArray[np.int64]) -> int:
    ordered = np.sort(values)  # np.unique without an index hashes, which takes four times as long
    return int(np.count_nonzero(np.diff(ordered))) + bool(len(ordered))


def _inside(polygons: Geometries) -> FloatArray:
    """A point in each."""
    return np.asarray(shapely.get_coordinates(shapely.point_on_surface(polygons))).reshape(-1, 2)


def _parsed(wkb: Sequence[str]) -> Geometries:
    """The geometries of hexadecimal WKB: six times as fast by way of bytes."""
    raw = np.array([bytes.fromhex(geometry) for geometry in wkb], object)
    return np.asarray(shapely.from_wkb(raw), object)


def _world(lonlat: FloatArray) -> FloatArray:
    return np.column_stack(world_from_lonlat(lonlat[:, 0], lonlat[:, 1]))


def _to_world(geometries: Geometries) -> Geometries:
    return np.asarray(shapely.transform(geometries, _world), object)
