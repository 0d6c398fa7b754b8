"""Areas made of several ways: a second pass over the file, only where it holds any.

Assembling is osmium's; a relation with missing members gives no area and no word, so those that
never come are looked into afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import osmium
from osmium.filter import EntityFilter, IdFilter

from console.i18n import text_of
from console.intake.osm import tags as meaning
from console.intake.osm.extract import Extract, Named
from console.intake.osm.read import is_whole, readable
from console.intake.report import Report


def read_multipolygons(source: Path, extract: Extract, report: Report) -> None:
    """Assemble the relations that `extract` announces; count what cannot be, with the reason.

    Raises IntakeError when the file cannot be read again.
    """
    if not extract.announced:
        return
    with readable(source):
        for area in _areas(source, set(extract.announced)):
            _take(area, extract)
        missing = set(extract.announced) - set(extract.multipolygons.number)
        _explain(source, {n: extract.announced[n] for n in missing}, report)
    for number in extract.multipolygons.number:
        report.accept(extract.announced[number])


def _areas(source: Path, relations: set[int]) -> Any:
    """The areas of these relations: osmium numbers the area of relation n 2n + 1."""
    found = osmium.FileProcessor(str(source)).with_locations("flex_mem")
    found = found.with_areas(IdFilter(relations)).with_filter(EntityFilter(osmium.osm.AREA))
    return found.with_filter(IdFilter({2 * number + 1 for number in relations}))


def _take(area: Any, extract: Extract) -> None:
    fill = meaning.fill_of(area.tags)
    if fill is None:
        return
    try:
        wkb = osmium.geom.WKBFactory().create_multipolygon(area)
    except RuntimeError:  # no ring could be closed: it stays missing and is explained
        return
    named = Named(meaning.name_of(area.tags), meaning.place_of(area.tags))
    extract.multipolygons.add(area.orig_id(), wkb, fill, named)


def _explain(source: Path, missing: Mapping[int, str], report: Report) -> None:
    if not missing:
        return
    members = _members(source, set(missing))
    whole = _ways(source, {way for ids in members.values() for way in ids})
    for number, thing in sorted(missing.items()):
        reason = _reason(members.get(number, set()), whole)
        report.skip(thing, f"relation/{number}", text_of(reason))


def _reason(members: set[int], whole: Mapping[int, bool]) -> str:
    if any(way not in whole for way in members):
        return "osm.reason.missing_member"
    if not all(whole[way] for way in members):
        return "osm.reason.missing_node"
    return "osm.reason.broken_ring"


def _members(source: Path, relations: set[int]) -> dict[int, set[int]]:
    """The ways that make up each of these relations."""
    found: Any = osmium.FileProcessor(str(source), osmium.osm.RELATION)
    return {
        relation.id: {m.ref for m in relation.members if m.type == "w"}
        for relation in found.with_filter(IdFilter(relations))
    }


def _ways(source: Path, wanted: set[int]) -> dict[int, bool]:
    """Which of these ways the file holds, and whether all their nodes are there too."""
    kinds = osmium.osm.NODE | osmium.osm.WAY
    found: Any = osmium.FileProcessor(str(source), kinds).with_locations()
    found = found.with_filter(EntityFilter(osmium.osm.WAY)).with_filter(IdFilter(wanted))
    return {way.id: is_whole(way) for way in found}
