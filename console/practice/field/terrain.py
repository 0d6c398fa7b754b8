"""The ground that simulated units move on: a port, so that behaviour needs no city."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Protocol

from console.model.unit import UnitKind

Point = tuple[float, float]
"""World metres."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A way from one place to another: points in world metres and the seconds from its start at
    which each is passed at the kind's own speed.
    """

    points: tuple[Point, ...]
    seconds: tuple[float, ...]


class Terrain(Protocol):
    """Ways between places, for each kind of unit."""

    def leg(self, kind: UnitKind, start: Point, goal: Point) -> Leg | None:
        """The way from `start`, which is its first point, to `goal` or the road nearest it; None
        when there is no way.
        """
        ...

    def beat(self, kind: UnitKind, home: Point, rng: Random) -> tuple[Point, ...]:
        """The places that a unit with that home visits in turn while on patrol; one place, or none,
        for kinds that wait.
        """
        ...
