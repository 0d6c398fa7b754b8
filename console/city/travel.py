"""How each kind of unit moves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from console.model.unit import UnitKind


class Way(StrEnum):
    """What a unit moves on: the roads that are open to it, or no road at all."""

    CAR = "car"
    SIREN = "siren"
    MOTO = "moto"
    FOOT = "foot"
    STRAIGHT = "straight"


USERS = (Way.CAR, Way.SIREN, Way.MOTO, Way.FOOT)
"""Who roads are open or shut to, in the order of the road graph's flags."""

WALK_MPS = 5.0 / 3.6
"""Walking speed, 5 km/h: also of a crew between its vehicle and the place."""


@dataclass(frozen=True, slots=True)
class TravelProfile:
    """What a unit moves on and how fast.

    `factor` multiplies the road's own speed; `mps` is the speed in metres a second of those who
    go straight or on foot.
    """

    way: Way
    factor: float = 1.0
    mps: float = WALK_MPS


ON_FOOT = TravelProfile(Way.FOOT)
BY_ROAD = TravelProfile(Way.CAR)
BY_MOTORCYCLE = TravelProfile(Way.MOTO)
WITH_SIREN = TravelProfile(Way.SIREN, factor=1.2)
BY_AIR = TravelProfile(Way.STRAIGHT, mps=45 / 3.6)
BY_WATER = TravelProfile(Way.STRAIGHT, mps=25 / 3.6)
"""Boats go straight at 25 km/h: waterways are not a network here, so their times are a guess."""

ROAD_PROFILES = {p.way: p for p in (BY_ROAD, WITH_SIREN, BY_MOTORCYCLE, ON_FOOT)}
"""The profile of each of `USERS`."""

_PROFILES = {
    UnitKind.FOOT: ON_FOOT,
    UnitKind.CAR: BY_ROAD,
    UnitKind.MOTO: BY_MOTORCYCLE,
    UnitKind.FIRE: WITH_SIREN,
    UnitKind.AMBULANCE: WITH_SIREN,
    UnitKind.DRONE: BY_AIR,
    UnitKind.BOAT: BY_WATER,
}


def profile_of(kind: UnitKind) -> TravelProfile:
    """The profile of a kind of unit: walkers ignore one-ways, sirens go 1.2 times as fast."""
    return _PROFILES[kind]
