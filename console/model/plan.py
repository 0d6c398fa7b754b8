"""What kinds of incident there are, whom each wants, and how long each step may take.

Event codes and deadlines differ by city: they are tables that a city imports, never constants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from console.model.incident import Incident, Stage
from console.model.text import Text
from console.model.unit import UnitKind


@dataclass(frozen=True, slots=True)
class Want:
    """A unit kind that a response plan sends, how many, and why (shown under the unit's name).

    What is `required` goes whatever the officer finds out; the rest is there to be chosen.
    """

    kind: UnitKind
    count: int
    why: Text
    required: bool = False


@dataclass(frozen=True, slots=True)
class IncidentType:
    """One row of the type table: its code, name, usual priority (1 highest to 4), and plan."""

    code: str
    name: Text
    priority: int
    hint: Text
    wants: tuple[Want, ...]


@dataclass(frozen=True, slots=True)
class PriorityRule:
    """What a priority means for the desk, in seconds.

    `acknowledge_s` is how long a unit may take to acknowledge before the incident needs an officer
    again; the queue lists an incident as if it ran out `head_start_s` earlier than it does.
    """

    acknowledge_s: int
    head_start_s: int


@dataclass(frozen=True, slots=True)
class ContactRule:
    """When a unit of a kind counts as out of contact, in seconds: it is not sent by a plan then.

    A connected unit is after `position_s` without a new position, a disconnected one after
    `silence_s`.
    """

    position_s: int
    silence_s: int

    def is_reachable(self, connected: bool, position_age_ms: int | None) -> bool:
        """Whether a unit is: `position_age_ms` is None for one that never told a position."""
        if position_age_ms is None:
            return connected
        return position_age_ms <= (self.position_s if connected else self.silence_s) * 1000


@dataclass(frozen=True, slots=True)
class Plans:
    """The type table, the deadlines, a rule for each priority from 1 to 4 and for each kind of
    unit.

    `deadlines_s` maps (priority, stage) to the seconds that may pass *in* that stage.
    """

    types: Mapping[str, IncidentType]
    deadlines_s: Mapping[tuple[int, Stage], int]
    priorities: Mapping[int, PriorityRule]
    contact: Mapping[UnitKind, ContactRule]

    def type_of(self, code: str) -> IncidentType:
        """The type with `code`; an unknown code serves as its own name and wants nobody."""
        known = self.types.get(code)
        return known or IncidentType(code, Text(code, code), 4, Text(), ())

    def deadline(self, incident: Incident) -> int | None:
        """When the present stage must be left (ms since 1970-01-01 UTC); None for no deadline."""
        seconds = self.deadlines_s.get((incident.priority, incident.stage))
        return None if seconds is None else incident.stage_since + seconds * 1000
