"""Units in the field: their kinds, their status, and what the picture knows of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from console.model.command import Step


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


STALE_AFTER_MS = 90_000
"""From this age on a position says where a unit was, not where it is."""


@dataclass(frozen=True, slots=True)
class SosCall:
    """A unit's call for help, and what became of it; times are ms since 1970-01-01 UTC, 0: not yet.

    `at` is when the unit called, and names the call: a unit that calls again after somebody has
    acknowledged makes a new one. `acknowledged_by` and `ended_by` are actors (`person/NAME`).
    """

    at: int
    acknowledged_at: int = 0
    acknowledged_by: str = ""
    ended_at: int = 0
    ended_by: str = ""
    reason: str = ""
    """The word of who ended it; "" where the unit itself said that it is safe."""

    @property
    def is_open(self) -> bool:
        """Whether the unit is still in distress, as far as anybody has said."""
        return not self.ended_at


@dataclass(frozen=True, slots=True)
class UnitState:
    """What the journal says of one unit. `since` is milliseconds since 1970-01-01 UTC."""

    id: str
    declared: UnitStatus = UnitStatus.FREE
    status: UnitStatus = UnitStatus.FREE
    since: int = 0
    command_ids: tuple[str, ...] = ()
    """The unit's commands that are not over, oldest first."""
    sos: SosCall | None = None
    """Its last call for help."""

    @property
    def open_sos(self) -> SosCall | None:
        """Its call for help that is not over."""
        return self.sos if self.sos is not None and self.sos.is_open else None


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


@dataclass(frozen=True, slots=True)
class DeviceFault:
    """What is wrong with what a unit's device sends. `code` is "clock_off" where its positions are
    put right, else why they are refused: "outside_region", or a
    `console.model.sender_time.TimeFault`. `off_ms` is by how much its clock is ahead, 0 for little
    or unknown.
    """

    code: str
    off_ms: int = 0


class _HasStep(Protocol):
    @property
    def step(self) -> Step: ...


def shown_status(
    declared: UnitStatus, command_ids: Iterable[str], commands: Mapping[str, _HasStep]
) -> UnitStatus:
    """What a unit shows that has declared something and has these commands.

    Distress beats all; a second assignment never hides that the unit is on scene.
    """
    status = declared
    if status is _SOS:
        return status
    for command_id in command_ids:
        step = commands[command_id].step
        if step is _ON_SCENE:
            return UnitStatus.ON_SCENE
        if step is _EN_ROUTE:
            status = UnitStatus.EN_ROUTE
    return status


_SOS, _EN_ROUTE, _ON_SCENE = UnitStatus.SOS, Step.EN_ROUTE, Step.ON_SCENE
"""By name at hand: to get a member from its class takes longer than to compare it."""
