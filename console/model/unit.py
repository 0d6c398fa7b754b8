"""Units in the field: their kinds, their status, and what the picture knows of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class UnitKind(StrEnum):
    """What a unit is; its shape on the map."""

    FOOT = "foot"
    CAR = "car"
    MOTO = "moto"
    FIRE = "fire"
    AMBULANCE = "ambulance"
    DRONE = "drone"
    BOAT = "boat"


class UnitStatus(StrEnum):
    """What a unit is doing; its colour on the map."""

    FREE = "free"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    OFF = "off"
    SOS = "sos"


@dataclass(frozen=True, slots=True)
class UnitState:
    """What the journal says of one unit. `since` is milliseconds since 1970-01-01 UTC."""

    id: str
    declared: UnitStatus = UnitStatus.FREE
    status: UnitStatus = UnitStatus.FREE
    since: int = 0
    command_ids: tuple[str, ...] = ()
    """The unit's commands that are not over, oldest first."""


@dataclass(frozen=True, slots=True)
class Fix:
    """Where a unit was. `lon`/`lat` WGS 84 degrees, `heading_deg` clockwise from north or None,
    `speed_mps` metres a second or None, `at` milliseconds since 1970-01-01 UTC (the device's time).
    """

    unit_id: str
    lon: float
    lat: float
    at: int
    heading_deg: float | None = None
    speed_mps: float | None = None
