"""Reading an OpenStreetMap file: what the city needs of it, as plain lists.

The file is read by compiled code; objects without one of `tags.KEYS` never reach Python, and
geometry comes as WKB, to be parsed in bulk. One broken object costs only itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely
from osmium.filter import KeyFilter
from osmium.osm import NODE, RELATION, WAY

from console.i18n import text_of
from console.intake.errors import Cancelled, IntakeError, Progress, ShouldStop
from console.intake.osm import tags as meaning
from console.intake.osm.extract import NAMELESS, Extract, Named, PlaceKind
from console.intake.osm.open_roads import OpenRoads
from console.intake.osm.passage import FREE, Judge, RoadAccess, RoadRestriction, sign_kmh_of
from console.intake.osm.tags import THING_OF_FILL, Tags
from console.intake.report import Report

_OBJECTS_PER_BYTE = 0.011
"""Objects that reach Python in a byte of `.osm.pbf`; only the progress bar hangs on it."""

BARRING_KEYS = (
    *("barrier", "access", "vehicle", "motor_vehicle", "motorcar", "motorcycle", "emergency"),
    *("foot", "maxheight", "maxwidth", "maxweight", "locked", "impassable", "ford"),
)
"""A node with none of these keys bars no road."""

_BARRING = frozenset(BARRING_KEYS)

_WKB_HEAD, _WKB_POINT = 18, 32
"""Hexadecimal digits of a line before its points, and of each of them."""

_REF_OF = attrgetter("ref")

Part = tuple[str, list[int]]
"""A line as hexadecimal WKB, and the map's node of each of its points."""

_EVERY = 2000
"""Objects between two looks at whether to stop."""


def read_osm(
    source: Path,
    table: OpenRoads,
    report: Report,
    progress: Progress,
    should_stop: ShouldStop,
) -> Extract:
    """Read `source`, its roads by `table`, counting into `report`.

    Raises IntakeError when the file is not readable to its end, Cancelled when `should_stop` is.
    """
    reader = _Reader(table, report)
    with readable(source):
        expected = max(1.0, source.stat().st_size * _OBJECTS_PER_BYTE)
        for number, thing in enumerate(_objects(source)):
            if number % _EVERY == 0:
                if should_stop():
                    raise Cancelled
                progress("osm.stage.read", min(0.99, number / expected))
            reader.take(thing)
    reader.keep_barriers_on_roads()
    return reader.extract


@contextmanager
def readable(source: Path) -> Iterator[None]:
    """Turn whatever osmium raises about the file as a whole into an IntakeError."""
    try:
        yield
    except FileNotFoundError as error:
        raise IntakeError(text_of("osm.no_file", file=source)) from error
    except (RuntimeError, OSError, ValueError) as error:
        raise IntakeError(text_of("osm.unreadable", file=source.name, detail=error)) from error


def _objects(source: Path) -> Iterator[Any]:
    """The ways, areas and places that the city may need, and the nodes that may bar a road."""
    things, nodes = KeyFilter(*meaning.KEYS), KeyFilter(*meaning.PLACE_KEYS, *BARRING_KEYS)
    things.enable_for(WAY | RELATION)
    nodes.enable_for(NODE)
    found = osmium.FileProcessor(str(source)).with_locations("flex_mem")
    return iter(found.with_filter(things).with_filter(nodes))


class _Reader:
    """Sorts objects into the extract. Buildings outnumber everything: theirs is the short way."""

    def __init__(self, table: OpenRoads, report: Report) -> None:
        self.extract = Extract()
        self._report = report
        self._judge = Judge(table)
        self._barriers: dict[int, RoadAccess] = {}
        self._wkb = osmium.geom.WKBFactory()

    def take(self, thing: Any) -> None:
        """Sort one object in."""
        if thing.is_way():
            kind = thing.tags.get("building", "")
            if kind:
                self._building(thing, kind)
            else:
                self._way(thing)
        elif thing.is_node():
            self._node(thing)
        else:
            self._relation(thing)

    def _node(self, node: Any) -> None:
        tags = dict(node.tags)
        if any(key in tags for key in meaning.PLACE_KEYS):
            kind = meaning.place_of(tags)
            if kind and node.location.valid():
                here = node.location
                self._place((here.lon_without_check(), here.lat_without_check()), kind, tags)
        if not _BARRING.isdisjoint(tags):
            judged = self._judge.node(tags)
            if judged.flags != FREE:
                self._barriers[node.id] = judged

    def keep_barriers_on_roads(self) -> None:
        """Of the nodes that may bar a road, keep those that lie on one, and report them."""
        barring = np.sort(np.array(list(self._barriers), np.int64))
        refs = np.frombuffer(self.extract.road_refs, np.int64)
        row = np.searchsorted(barring, refs)
        row = row[np.append(barring, 0)[row] == refs]
        for ref in barring[np.unique(row)].tolist():
            judged = self._barriers[ref]
            self.extract.barriers[ref] = judged.flags
            self._remark("barriers", f"node/{ref}", judged.restrictions)

    def _remark(self, thing: str, row: str, restrictions: Sequence[RoadRestriction]) -> None:
        for restriction in restrictions:
            self._report.remark(thing, row, restriction.text)

    def _place(self, lonlat: tuple[float, float], kind: PlaceKind, tags: Tags) -> None:
        self.extract.place_lonlat.append(lonlat)
        self.extract.place_kind.append(kind)
        self.extract.place_name.append(meaning.name_of(tags))
        self._report.accept("places")

    def _building(self, way: Any, kind: str) -> None:
        if "highway" in way.tags:  # a covered passage is both
            self._road(way)
        if kind == "no":
            self._skip("buildings", way, "osm.reason.not_a_building")
        elif "amenity" in way.tags:
            self._outline(way, "building", _named(way.tags))
        else:
            self._outline(way, "building", NAMELESS)

    def _way(self, way: Any) -> None:
        tags = way.tags
        if "highway" in tags:
            self._road(way)
        elif "railway" in tags:
            self._line(way, tags, "railways", meaning.rail_of(tags))
        elif fill := meaning.fill_of(tags):
            self._outline(way, fill, _named(tags))
        elif "waterway" in tags:
            self._line(way, tags, "waterways", meaning.stream_of(tags))

    def _outline(self, way: Any, fill: str, named: Named) -> None:
        if not way.is_closed():
            self._skip(THING_OF_FILL[fill], way, "osm.reason.open_way")
            return
        try:
            wkb = self._wkb.create_linestring(way)
        except (RuntimeError, osmium.InvalidLocationError):
            self._skip(THING_OF_FILL[fill], way, _why_no_line(way))
            return
        self.extract.outlines.add(way.id, wkb, fill, named)

    def _skip(self, thing: str, way: Any, reason: str) -> None:
        self._report.skip(thing, f"way/{way.id}", text_of(reason))

    def _road(self, way: Any) -> None:
        tags = dict(way.tags)
        road = meaning.road_of(tags)
        if road is None:
            self._skip("roads", way, "osm.reason.not_a_road_yet")
            return
        judged, name = self._judge.road(tags), meaning.name_of(tags)
        parts = self._road_parts(way)
        if not parts:
            self._skip("roads", way, _why_no_line(way))
            return
        self._report.accept("roads")
        self._remark("roads", f"way/{way.id}", judged.restrictions)
        kmh = sign_kmh_of(tags) or road.kmh
        for wkb, refs in parts:
            self.extract.road_refs.extend(refs)
            self.extract.roads.wkb.append(wkb)
            self.extract.roads.line_class.append(road.line_class)
            self.extract.roads.name.append(name)
            self.extract.road_kmh.append(kmh)
            self.extract.road_flags.append(judged.flags)

    def _road_parts(self, way: Any) -> list[Part]:
        """The way's line and the node of each of its points; in parts where nodes are missing."""
        nodes = way.nodes
        try:
            wkb = self._wkb.create_linestring(way)
        except (RuntimeError, osmium.InvalidLocationError):
            parts = _parts_that_are_there(way)
            self.extract.cut_roads += bool(parts)
            return parts
        if len(wkb) != _WKB_HEAD + _WKB_POINT * len(nodes):  # two nodes in one position, drawn once
            return _parts_that_are_there(way)
        return [(wkb, list(map(_REF_OF, map(nodes.__getitem__, range(len(nodes))))))]

    def _line(self, way: Any, tags: Tags, thing: str, line_class: int | None) -> None:
        if line_class is None:
            self._skip(thing, way, "osm.reason.not_drawn")
            return
        for wkb in self._parts(way, thing):
            self.extract.other_lines.wkb.append(wkb)
            self.extract.other_lines.line_class.append(line_class)
            self.extract.other_lines.name.append(meaning.name_of(tags))

    def _parts(self, way: Any, thing: str) -> list[str]:
        """The way's line as WKB; in parts where nodes are missing, as at the edge of an extract."""
        try:
            parts = [self._wkb.create_linestring(way)]
        except (RuntimeError, osmium.InvalidLocationError):
            parts = [wkb for wkb, _ in _parts_that_are_there(way)]
        if parts:
            self._report.accept(thing)
        else:
            self._skip(thing, way, _why_no_line(way))
        return parts

    def _relation(self, relation: Any) -> None:
        tags = relation.tags
        fill = meaning.fill_of(tags) if tags.get("type", "") == "multipolygon" else None
        if fill:
            self.extract.announced[relation.id] = THING_OF_FILL[fill]


def _named(tags: Tags) -> Named:
    return Named(meaning.name_of(tags), meaning.place_of(tags))


def is_whole(way: Any) -> bool:
    """Whether all nodes of a way are in the file."""
    return all(node.location.valid() for node in way.nodes)


def _why_no_line(way: Any) -> str:
    return "osm.reason.one_point" if is_whole(way) else "osm.reason.missing_node"


def _parts_that_are_there(way: Any) -> list[Part]:
    """The stretches of a way between missing nodes, two positions or more each."""
    runs: list[list[tuple[float, float]]] = [[]]
    refs: list[list[int]] = [[]]
    for node in way.nodes:
        if node.location.valid():
            runs[-1].append((node.lon, node.lat))
            refs[-1].append(node.ref)
        elif runs[-1]:
            runs.append([])
            refs.append([])
    return [
        (shapely.to_wkb(shapely.LineString(run), hex=True), nodes)
        for run, nodes in zip(runs, refs, strict=True)
        if len(set(run)) > 1
    ]
