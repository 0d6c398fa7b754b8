"""The ground that simulated units move on: a port, so that behaviour needs no city."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from console.model.unit import UnitKind

Point = tuple[float, float]
"""World metres."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A way from one place to another: `xy` float64[p,2] world metres, p > 0, and `seconds`
    float64[p] from its start at which each point is passed at the kind's own speed.
    """

    xy: NDArray[np.float64]
    seconds: NDArray[np.float64]


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
