"""What is read of a map file, as plain lists: geometry as hexadecimal WKB, positions in degrees."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import NamedTuple

from console.model.text import Text

PlaceKind = tuple[str, int]
"""Category and rank."""


@dataclass(slots=True)
class Lines:
    """Lines, with a line class and a name each."""

    wkb: list[str] = field(default_factory=list)
    line_class: list[int] = field(default_factory=list)
    name: list[Text] = field(default_factory=list)


class Named(NamedTuple):
    """What an area is called, and the place that it is."""

    name: Text
    place: PlaceKind | None


NAMELESS = Named(Text(), None)


@dataclass(slots=True)
class Areas:
    """Areas from ways (`wkb` is their closed line) or from relations (a multipolygon)."""

    number: list[int] = field(default_factory=list)
    wkb: list[str] = field(default_factory=list)
    fill: list[str] = field(default_factory=list)
    named: list[Named] = field(default_factory=list)

    def add(self, number: int, wkb: str, fill: str, named: Named) -> None:
        """Append one area: its way's or relation's number, geometry, fill class and name."""
        self.number.append(number)
        self.wkb.append(wkb)
        self.fill.append(fill)
        self.named.append(named)


@dataclass(slots=True)
class Extract:
    """Everything. Lists of a group run in parallel."""

    roads: Lines = field(default_factory=Lines)
    road_refs: array[int] = field(default_factory=lambda: array("q"))
    """The map's node of each point of `roads`, one after the other."""
    road_kmh: list[float] = field(default_factory=list)
    road_flags: list[int] = field(default_factory=list)
    barriers: dict[int, int] = field(default_factory=dict)
    """Nodes that not everybody may pass freely, and who may, as an edge's flags."""
    other_lines: Lines = field(default_factory=Lines)
    outlines: Areas = field(default_factory=Areas)
    multipolygons: Areas = field(default_factory=Areas)
    place_lonlat: list[tuple[float, float]] = field(default_factory=list)
    place_kind: list[PlaceKind] = field(default_factory=list)
    place_name: list[Text] = field(default_factory=list)
    announced: dict[int, str] = field(default_factory=dict)
    """Multipolygon relations by number, and what each would be."""
    cut_roads: int = 0
    """Roads of which a part lies outside the file."""
