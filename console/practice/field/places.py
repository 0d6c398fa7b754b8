"""Where simulated incidents happen: a port, so that the generator needs no city."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Protocol

from console.model.text import Text
from console.practice.field.phrases import Near


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in WGS 84 degrees and its address."""

    lon: float
    lat: float
    address: Text


class Places(Protocol):
    """Where incidents happen."""

    def spot(self, near: Near, rng: Random) -> Spot:
        """A place on or beside a road: anywhere, by the water, or by a school."""
        ...
