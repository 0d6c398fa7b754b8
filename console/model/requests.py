"""What people and devices ask for: one frozen class a request, in the imperative.

A request that cannot be granted is refused with a reason (`console.model.decide.Refused`); one that
is granted becomes facts.
"""

from __future__ import annotations

from dataclasses import dataclass

from console.model.command import Step
from console.model.text import Text
from console.model.unit import UnitStatus


@dataclass(frozen=True, slots=True)
class ReportIncident:
    """Report an incident at a WGS 84 position (degrees). `incident_id` is the reporter's UUIDv7."""

    incident_id: str
    type_code: str
    priority: int
    lon: float
    lat: float
    address: Text
    words: Text
    source: str


@dataclass(frozen=True, slots=True)
class AcceptIncident:
    """Take an incident on."""

    incident_id: str


@dataclass(frozen=True, slots=True)
class RejectIncident:
    """Turn an incident away, with a reason."""

    incident_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class MergeIncident:
    """Join an incident to another that is the same event."""

    incident_id: str
    into_id: str


@dataclass(frozen=True, slots=True)
class ChangePriority:
    """Weigh an incident anew: 1 (highest) to 4."""

    incident_id: str
    priority: int
    reason: str


@dataclass(frozen=True, slots=True)
class Order:
    """One unit to send; `command_id` is the sender's UUIDv7.

    `beside` names the unit's commands for other incidents that the sender knows of: it is to have
    this one beside them.
    """

    command_id: str
    unit_id: str
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DispatchUnits:
    """Send units to an incident; an incident not yet accepted is accepted by it."""

    incident_id: str
    orders: tuple[Order, ...]
    text: Text


@dataclass(frozen=True, slots=True)
class RecallCommand:
    """Call a unit back."""

    command_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class AdvanceCommand:
    """Say that a command has reached a step; devices say it of their own commands."""

    command_id: str
    step: Step
    text: str = ""


@dataclass(frozen=True, slots=True)
class AddNote:
    """Write into an incident's timeline."""

    incident_id: str
    text: str


@dataclass(frozen=True, slots=True)
class MarkSeen:
    """Record that a desk has an incident's card before it."""

    incident_id: str
    desk: str


@dataclass(frozen=True, slots=True)
class VerifyIncident:
    """Confirm that an incident is really dealt with."""

    incident_id: str


@dataclass(frozen=True, slots=True)
class CloseIncident:
    """Close an incident, saying how it ended."""

    incident_id: str
    outcome: str


@dataclass(frozen=True, slots=True)
class EvaluateIncident:
    """Judge how a closed incident was handled: 1 (poor) to 5 (excellent)."""

    incident_id: str
    rating: int
    text: str


@dataclass(frozen=True, slots=True)
class DeclareUnitStatus:
    """Say that a unit is free, off duty, or in distress."""

    unit_id: str
    status: UnitStatus


@dataclass(frozen=True, slots=True)
class AcknowledgeSos:
    """Tell a unit that calls for help that the centre has seen it; `called_at` names the call."""

    unit_id: str
    called_at: int


@dataclass(frozen=True, slots=True)
class EndSos:
    """Say, with a reason, that a unit which called for help is safe."""

    unit_id: str
    called_at: int
    reason: str


Request = (
    ReportIncident
    | AcceptIncident
    | RejectIncident
    | MergeIncident
    | ChangePriority
    | DispatchUnits
    | RecallCommand
    | AdvanceCommand
    | AddNote
    | MarkSeen
    | VerifyIncident
    | CloseIncident
    | EvaluateIncident
    | DeclareUnitStatus
    | AcknowledgeSos
    | EndSos
)


@dataclass(frozen=True, slots=True)
class Submission:
    """A request on its way: `key` (UUIDv7) makes a repeat of it harmless, `happened_at` is the
    sender's time (milliseconds since 1970-01-01 UTC), `seen` the number of the last event that the
    sender knew of when deciding, 0 for a sender that does not say.
    """

    key: str
    request: Request
    happened_at: int
    seen: int = 0
