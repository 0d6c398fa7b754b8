"""How simulated people behave: habits by kind of unit, and the script of delays and accidents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from console.model.unit import UnitKind

Span = tuple[float, float]
"""Shortest and longest, drawn evenly between."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What a kind of unit does when nobody sends it anywhere.

    A patrolling kind goes round its beat at `pace` times its full speed, resting `rest_s` seconds
    at each place; the others wait at home. `beat_m` is how far from home (ground metres) it goes.
    """

    patrols: bool
    beat_m: float = 0.0
    pace: float = 1.0
    rest_s: Span = (0.0, 0.0)


HABITS: Mapping[UnitKind, Habits] = MappingProxyType(
    {
        UnitKind.FOOT: Habits(True, beat_m=280, pace=0.8, rest_s=(15, 90)),
        UnitKind.CAR: Habits(True, beat_m=1800, pace=0.55, rest_s=(5, 40)),
        UnitKind.MOTO: Habits(True, beat_m=1200, pace=0.5, rest_s=(5, 40)),
        UnitKind.BOAT: Habits(True, beat_m=1500, pace=0.5, rest_s=(10, 60)),
        UnitKind.DRONE: Habits(False),
        UnitKind.FIRE: Habits(False),
        UnitKind.AMBULANCE: Habits(False),
    }
)


@dataclass(frozen=True, slots=True)
class Script:
    """Delays (seconds, at speed 1) and accidents (shares of commands; silences an hour and unit).

    Acknowledging takes a log-normal time of median `acknowledge_median_s`: answer times of people
    have a long tail. `work_s` bounds how long the work at a scene takes round its type's usual.
    """

    read_s: Span = (2.0, 8.0)
    acknowledge_median_s: float = 8.0
    acknowledge_sigma: float = 0.5
    set_off_s: Span = (3.0, 12.0)
    work_share: Span = (0.6, 1.4)
    refuses: float = 0.03
    falls_silent: float = 0.03
    silences_per_hour: float = 0.1
    silent_s: Span = (60.0, 240.0)


LIVELY = Script()
"""People as they are."""

CALM = Script(
    read_s=(3.0, 3.0),
    acknowledge_sigma=0.0,
    set_off_s=(4.0, 4.0),
    work_share=(1.0, 1.0),
    refuses=0.0,
    falls_silent=0.0,
    silences_per_hour=0.0,
)
"""Always the same delays, nobody refuses, nobody falls silent: for tests and pictures."""
