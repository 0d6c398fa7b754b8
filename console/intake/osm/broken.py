"""Why an area could not be put together: a second look at the few objects that failed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import osmium
from osmium.filter import EntityFilter, IdFilter

from console.i18n import text_of
from console.intake.osm.read import readable
from console.intake.report import Report


def explain(source: Path, unfinished: Mapping[str, str], report: Report) -> None:
    """Count every area that never came ("way/12" and what it was) with the reason why.

    Raises IntakeError when the file cannot be read again.
    """
    if not unfinished:
        return
    with readable(source):
        members = _members(source, _ids(unfinished, "relation"))
        ways = {way for ids in members.values() for way in ids} | _ids(unfinished, "way")
        complete = _ways(source, ways)
    for origin, thing in unfinished.items():
        kind, number = origin.split("/")
        parts = {int(number)} if kind == "way" else members.get(int(number), set())
        report.skip(thing, origin, text_of(_reason(parts, complete)))


def _reason(parts: set[int], complete: Mapping[int, bool]) -> str:
    if any(way not in complete for way in parts):
        return "osm.reason.missing_member"
    if not all(complete[way] for way in parts):
        return "osm.reason.missing_node"
    return "osm.reason.broken_ring"


def _ids(unfinished: Mapping[str, str], kind: str) -> set[int]:
    return {int(o.split("/")[1]) for o in unfinished if o.startswith(f"{kind}/")}


def _members(source: Path, relations: set[int]) -> dict[int, set[int]]:
    """The ways that make up each of these relations."""
    if not relations:
        return {}
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
    return {way.id: all(n.location.valid() for n in way.nodes) for way in found}
