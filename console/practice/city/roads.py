"""Roads: their classes, their names, and the register that hands out their numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from console.model.text import Text

RAIL: Final = "rail"
RANK: Final[dict[str, int]] = {
    "trunk": 0,
    "primary": 1,
    "secondary": 2,
    "tertiary": 3,
    "residential": 4,
    "service": 5,
    "rail": 6,
}
"""Order of importance; smaller is more important."""

HALF_WIDTH_M: Final[dict[str, float]] = {
    "trunk": 30.0,
    "primary": 22.0,
    "secondary": 17.0,
    "tertiary": 12.0,
    "residential": 7.5,
    "service": 7.0,
    "rail": 24.0,
}
"""From the middle of a road to where buildings may stand (pavement and forecourt included)."""

MAX_SPEED_KMH: Final[dict[str, int]] = {
    "trunk": 80,
    "trunk_link": 40,
    "primary": 60,
    "secondary": 50,
    "tertiary": 40,
    "residential": 30,
    "service": 15,
}


@dataclass(slots=True)
class Road:
    """One road: an OSM highway class (or rail) and its name."""

    cls: str
    name: Text = field(default_factory=Text)
    oneway: bool = False
    ring: bool = False


class Register:
    """All roads of a city; a road's number is its index."""

    def __init__(self) -> None:
        self.roads: list[Road] = []

    def add(self, cls: str, name: Text | None = None, *, ring: bool = False) -> int:
        """A new road's number. Ring roads are made smooth curves on the ground."""
        self.roads.append(Road(cls, name or Text(), ring=ring))
        return len(self.roads) - 1
