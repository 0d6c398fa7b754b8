"""How each kind of unit moves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from console.model.unit import UnitKind


class Way(StrEnum):
    """What a unit moves on."""

    ROAD = "road"
    FOOT = "foot"
    STRAIGHT = "straight"


WALK_MPS = 5.0 / 3.6
"""Walking speed, 5 km/h: also of a crew between its vehicle and the place."""


@dataclass(frozen=True, slots=True)
class TravelProfile:
    """What a unit moves on and how fast.

    `factor` multiplies the road's own speed (`Way.ROAD`); `mps` is the speed in metres a second of
    the other ways.
    """

    way: Way
    factor: float = 1.0
    mps: float = WALK_MPS


ON_FOOT = TravelProfile(Way.FOOT)
BY_ROAD = TravelProfile(Way.ROAD)
WITH_SIREN = TravelProfile(Way.ROAD, factor=1.2)
BY_AIR = TravelProfile(Way.STRAIGHT, mps=45 / 3.6)
BY_WATER = TravelProfile(Way.STRAIGHT, mps=25 / 3.6)
"""Boats go straight at 25 km/h: waterways are not a network here, so their times are a guess."""

_PROFILES = {
    UnitKind.FOOT: ON_FOOT,
    UnitKind.CAR: BY_ROAD,
    UnitKind.MOTO: BY_ROAD,
    UnitKind.FIRE: WITH_SIREN,
    UnitKind.AMBULANCE: WITH_SIREN,
    UnitKind.DRONE: BY_AIR,
    UnitKind.BOAT: BY_WATER,
}


def profile_of(kind: UnitKind) -> TravelProfile:
    """The profile of a kind of unit: walkers ignore one-ways, sirens go 1.2 times as fast."""
    return _PROFILES[kind]
