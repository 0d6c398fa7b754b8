"""Why an area could not be put together: a second look at the few objects that failed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import osmium
from osmium.filter import EntityFilter, IdFilter

from console.i18n import text_of
from console.intake.osm.read import Extract, readable
from console.intake.report import Report


def explain(source: Path, extract: Extract, report: Report) -> None:
    """Count every area that was announced and never came, with the reason why.

    Raises IntakeError when the file cannot be read again.
    """
    ways, relations = extract.unfinished_ways, extract.unfinished_relations
    if not ways and not relations:
        return
    with readable(source):
        members = _members(source, set(relations))
        faults = _faults(source, {way for ids in members.values() for way in ids} | set(ways))
    for number, thing in ways.items():
        reason = faults.get(number) or _RING
        report.skip(thing, f"way/{number}", text_of(reason))
    for number, thing in relations.items():
        reason = _reason(members.get(number, set()), faults)
        report.skip(thing, f"relation/{number}", text_of(reason))


def _reason(members: set[int], faults: Mapping[int, str | None]) -> str:
    if any(way not in faults for way in members):
        return "osm.reason.missing_member"
    incomplete = any(faults[way] == _NODE for way in members)
    return _NODE if incomplete else _RING


def _members(source: Path, relations: set[int]) -> dict[int, set[int]]:
    """The ways that make up each of these relations."""
    if not relations:
        return {}
    found: Any = osmium.FileProcessor(str(source), osmium.osm.RELATION)
    return {
        relation.id: {m.ref for m in relation.members if m.type == "w"}
        for relation in found.with_filter(IdFilter(relations))
    }


def _faults(source: Path, wanted: set[int]) -> dict[int, str | None]:
    """Of those of these ways that the file holds: what is wrong with each, None for nothing."""
    kinds = osmium.osm.NODE | osmium.osm.WAY
    found: Any = osmium.FileProcessor(str(source), kinds).with_locations()
    found = found.with_filter(EntityFilter(osmium.osm.WAY)).with_filter(IdFilter(wanted))
    return {way.id: _fault(way) for way in found}


def _fault(way: Any) -> str | None:
    if not all(node.location.valid() for node in way.nodes):
        return _NODE
    if way.tags.get("building", "") == "no":
        return "osm.reason.not_a_building"
    if not way.is_closed() or len(way.nodes) < 4:
        return "osm.reason.open_way"
    return None


_NODE = "osm.reason.missing_node"
_RING = "osm.reason.broken_ring"
