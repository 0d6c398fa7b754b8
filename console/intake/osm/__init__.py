"""OpenStreetMap extracts (`.osm.pbf`) become the streets of a city package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from console.city.arrays import bundle_batch, table_batch
from console.city.errors import CityError
from console.city.manifest import is_time_zone
from console.city.update import PackageUpdate
from console.i18n import text_of
from console.intake.errors import (
    Cancelled,
    IntakeError,
    Progress,
    ShouldStop,
    never_stop,
    no_progress,
)
from console.intake.osm.areas import area_shapes
from console.intake.osm.build import Builder, Built
from console.intake.osm.extract import Extract
from console.intake.osm.multipolygons import read_multipolygons
from console.intake.osm.open_roads import open_roads_of
from console.intake.osm.read import read_osm
from console.intake.osm.tags import THING_OF_FILL
from console.intake.osm.zones import zone_of
from console.intake.report import Report
from console.model.text import Text

__all__ = ["import_osm"]

_THINGS = ("roads", "railways", "waterways", "places", *sorted(set(THING_OF_FILL.values())))
"""What the manifest counts, also where there is none of it."""

_READING = 0.5
"""The share of an import that is reading the file."""


def import_osm(
    source: Path,
    city: Path,
    progress: Progress = no_progress,
    should_stop: ShouldStop = never_stop,
    time_zone: str = "",
) -> Report:
    """Build the streets of the package `city` from the extract `source`; other tables stay.

    `time_zone` is the city's, by its IANA name; without one it stays what it was, or is taken from
    the place where that leaves no doubt.

    Returns what was read, kept and left out. Raises IntakeError (the file cannot be read or holds
    no map, the package is damaged or cannot be written) or Cancelled; the package is then as it
    was.
    """
    report = Report("osm", source.name)
    if time_zone and not is_time_zone(time_zone):
        raise IntakeError(text_of("osm.no_zone", name=time_zone))
    with _target(city) as update:
        table = open_roads_of(city)
        extract = read_osm(source, table, report, _scaled(progress, 0.0, _READING), should_stop)
        read_multipolygons(source, extract, report)
        areas = area_shapes(extract, report)
        if not extract.roads.wkb and not len(areas.kind):
            raise IntakeError(text_of("osm.empty", file=source.name))
        builder = Builder(extract, areas, table)
        built = _built(builder, _scaled(progress, _READING, 0.95), should_stop)
        zone = time_zone or update.manifest.time_zone or zone_of(built.bounds)
        _remark(extract, builder, report)
        report.note(text_of("osm.note.zone" if zone else "osm.note.no_zone", name=zone))
        progress("osm.stage.write", 0.95)
        _write(update, built, source, report, zone)
    progress("osm.stage.write", 1.0)
    return report


@contextmanager
def _target(city: Path) -> Iterator[PackageUpdate]:
    """The package's update, with what goes wrong about the package said as an IntakeError."""
    try:
        with PackageUpdate(city) as update:
            yield update
    except CityError as error:
        raise IntakeError(error.message) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise IntakeError(text_of("osm.unwritable", folder=city, detail=reason)) from error


def _scaled(progress: Progress, begin: float, end: float) -> Progress:
    return lambda key, fraction: progress(key, begin + (end - begin) * fraction)


def _remark(extract: Extract, builder: Builder, report: Report) -> None:
    """Say what the counts alone do not."""
    relations = sum(thing == "buildings" for thing in extract.announced.values())
    ways = report.read("buildings") - relations
    report.note(text_of("osm.note.buildings", ways=ways, relations=relations))
    if extract.cut_roads:
        report.note(text_of("osm.note.cut_roads", count=extract.cut_roads))
    if builder.stacked:
        report.note(text_of("osm.note.stacked", count=builder.stacked))


def _built(builder: Builder, progress: Progress, should_stop: ShouldStop) -> Built:
    for stage_key, fraction in builder.steps():
        progress(stage_key, fraction)
        if should_stop():
            raise Cancelled
    return builder.built


def _write(
    update: PackageUpdate, built: Built, source: Path, report: Report, time_zone: str
) -> None:
    update.put("roads", bundle_batch(built.roads))
    update.put("lines", bundle_batch(built.lines))
    update.put("fills", bundle_batch(built.fills))
    update.put("labels", bundle_batch(built.labels))
    update.put("places", table_batch(built.places))
    nodes, edges = len(built.roads["node_xy"]), len(built.roads["metres"])
    update.commit(
        "osm",
        source.name,
        {**dict.fromkeys(_THINGS, 0), **report.accepted, "road_nodes": nodes, "road_edges": edges},
        name=built.name or Text(en=source.name.split(".")[0]),
        bounds=built.bounds,
        centre=built.centre,
        report_json=report.as_json(),
        time_zone=time_zone,
    )
