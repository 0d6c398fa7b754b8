"""Reading an OpenStreetMap file: what the city needs of it, as plain lists.

The file is read by compiled code; objects without one of `tags.KEYS` never reach Python, and
geometry comes as WKB, to be parsed in bulk. One broken object costs only itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import osmium
import shapely
from osmium.filter import KeyFilter

from console.i18n import text_of
from console.intake.errors import Cancelled, IntakeError, Progress, ShouldStop
from console.intake.osm import tags as meaning
from console.intake.osm.tags import THING_OF_FILL, Road, Tags
from console.intake.report import Report
from console.model.text import Text

_OBJECTS_PER_BYTE = 0.011
"""Objects that reach Python in a byte of `.osm.pbf`; only the progress bar hangs on it."""

_NO_NAME = Text()

_EVERY = 2000
"""Objects between two looks at whether to stop."""


@dataclass(slots=True)
class Lines:
    """Lines as WKB in degrees, with a line class and a name each."""

    wkb: list[str] = field(default_factory=list)
    line_class: list[int] = field(default_factory=list)
    name: list[Text] = field(default_factory=list)


@dataclass(slots=True)
class Extract:
    """What was read: geometry as WKB, positions in degrees; lists of a group run in parallel."""

    roads: Lines = field(default_factory=Lines)
    road_kmh: list[float] = field(default_factory=list)
    road_flags: list[int] = field(default_factory=list)
    other_lines: Lines = field(default_factory=Lines)
    area_wkb: list[str] = field(default_factory=list)
    area_class: list[str] = field(default_factory=list)
    area_name: list[Text] = field(default_factory=list)
    place_lonlat: list[tuple[float, float]] = field(default_factory=list)
    place_kind: list[tuple[str, int]] = field(default_factory=list)
    place_name: list[Text] = field(default_factory=list)
    area_place: list[tuple[str, int] | None] = field(default_factory=list)
    unfinished_ways: dict[int, str] = field(default_factory=dict)
    unfinished_relations: dict[int, str] = field(default_factory=dict)
    """Areas that a way or relation announced and that never came, and what they were."""
    cut_roads: int = 0


def read_osm(source: Path, report: Report, progress: Progress, should_stop: ShouldStop) -> Extract:
    """Read `source`, counting into `report`.

    Raises IntakeError when the file is not readable to its end, Cancelled when `should_stop` is.
    """
    reader = _Reader(report)
    with readable(source):
        expected = max(1.0, source.stat().st_size * _OBJECTS_PER_BYTE)
        for number, thing in enumerate(_objects(source)):
            if number % _EVERY == 0:
                if should_stop():
                    raise Cancelled
                progress("osm.stage.read", min(0.99, number / expected))
            reader.take(thing)
    return reader.finish()


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
    wanted = KeyFilter(*meaning.KEYS)
    return iter(
        osmium.FileProcessor(str(source))
        .with_locations("flex_mem")
        .with_areas(wanted)
        .with_filter(wanted)
    )


class _Reader:
    """Sorts objects into the extract. Buildings outnumber everything: theirs is the short way."""

    def __init__(self, report: Report) -> None:
        self.extract = Extract()
        self._report = report
        self._wkb = osmium.geom.WKBFactory()
        self._assembled: set[int] = set()

    def take(self, thing: Any) -> None:
        """Sort one object in."""
        if thing.is_way():
            if "building" in thing.tags:
                self.extract.unfinished_ways[thing.id] = "buildings"
            else:
                self._way(thing)
        elif thing.is_area():
            self._area(thing)
        elif thing.is_node():
            self._node(thing)
        else:
            self._relation(thing)

    def _node(self, node: Any) -> None:
        tags = node.tags
        if "place" in tags or "amenity" in tags or "railway" in tags or "leisure" in tags:
            kind = meaning.place_of(tags)
            if kind and node.location.valid():
                here = node.location
                self._place((here.lon_without_check(), here.lat_without_check()), kind, tags)

    def _place(self, lonlat: tuple[float, float], kind: tuple[str, int], tags: Tags) -> None:
        self.extract.place_lonlat.append(lonlat)
        self.extract.place_kind.append(kind)
        self.extract.place_name.append(meaning.name_of(tags))
        self._report.accept("places")

    def _way(self, way: Any) -> None:
        tags = way.tags
        if "highway" in tags:
            self._road(way, tags)
        elif "railway" in tags:
            self._line(way, tags, "railways", meaning.rail_of(tags))
        elif tags.get("waterway", "dock") not in ("riverbank", "dock"):
            self._line(way, tags, "waterways", meaning.stream_of(tags))
        elif fill := meaning.fill_of(tags):
            self.extract.unfinished_ways[way.id] = THING_OF_FILL[fill]

    def _road(self, way: Any, tags: Tags) -> None:
        road = meaning.road_of(tags)
        if road is None:
            self._report.skip("roads", f"way/{way.id}", text_of("osm.reason.not_a_road_yet"))
            return
        parts = self._parts(way, "roads")
        for wkb in parts:
            self._add_road(wkb, road, meaning.name_of(tags))

    def _add_road(self, wkb: str, road: Road, name: Text) -> None:
        extract = self.extract
        extract.roads.wkb.append(wkb)
        extract.roads.line_class.append(road.line_class)
        extract.roads.name.append(name)
        extract.road_kmh.append(road.kmh)
        extract.road_flags.append(road.flags)

    def _line(self, way: Any, tags: Tags, thing: str, line_class: int | None) -> None:
        if line_class is None:
            self._report.skip(thing, f"way/{way.id}", text_of("osm.reason.not_drawn"))
            return
        for wkb in self._parts(way, thing):
            self.extract.other_lines.wkb.append(wkb)
            self.extract.other_lines.line_class.append(line_class)
            self.extract.other_lines.name.append(meaning.name_of(tags))

    def _parts(self, way: Any, thing: str) -> list[str]:
        """The way's line as WKB; in parts where nodes are missing, as at the edge of an extract."""
        try:
            parts = [self._wkb.create_linestring(way)]
        except osmium.InvalidLocationError:
            parts = parts_that_are_there(way)
            self.extract.cut_roads += bool(parts)
            reason = "osm.reason.missing_node"
        except RuntimeError:
            whole = all(node.location.valid() for node in way.nodes)
            parts, reason = [], "osm.reason.one_point" if whole else "osm.reason.missing_node"
        if parts:
            self._report.accept(thing)
        else:
            self._report.skip(thing, f"way/{way.id}", text_of(reason))
        return parts

    def _relation(self, relation: Any) -> None:
        tags, number = relation.tags, relation.id
        fill = meaning.fill_of(tags) if tags.get("type", "") == "multipolygon" else None
        if fill and number not in self._assembled:  # its area comes with its last way: earlier
            self.extract.unfinished_relations[number] = THING_OF_FILL[fill]

    def _area(self, area: Any) -> None:
        tags = area.tags
        fill = meaning.fill_of(tags)
        if fill is None:
            return
        try:
            wkb = self._wkb.create_multipolygon(area)
        except RuntimeError:  # announced or not, it stays unfinished
            return
        if area.from_way():
            self.extract.unfinished_ways.pop(area.orig_id(), None)
        else:
            self._assembled.add(area.orig_id())
        self._add_area(wkb, fill, tags)

    def _add_area(self, wkb: str, fill: str, tags: Tags) -> None:
        extract = self.extract
        extract.area_wkb.append(wkb)
        extract.area_class.append(fill)
        if fill == "building" and "amenity" not in tags:
            extract.area_name.append(_NO_NAME)
            extract.area_place.append(None)
        else:
            extract.area_name.append(meaning.name_of(tags))
            extract.area_place.append(meaning.place_of(tags))

    def finish(self) -> Extract:
        """Count the areas; returns what was read."""
        extract = self.extract
        for fill, count in Counter(extract.area_class).items():
            self._report.accept(THING_OF_FILL[fill], count)
        self._report.accept("places", sum(place is not None for place in extract.area_place))
        return extract


def parts_that_are_there(way: Any) -> list[str]:
    """The stretches of a way between missing nodes, two nodes or more each, as WKB."""
    runs: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if node.location.valid():
            runs[-1].append((node.lon, node.lat))
        elif runs[-1]:
            runs.append([])
    return [shapely.to_wkb(shapely.LineString(run), hex=True) for run in runs if len(run) > 1]
