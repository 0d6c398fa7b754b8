"""What can happen: one frozen class a kind of event, in the past tense.

The kind's name on the wire and in the journal is stable (`incident.reported`); a changed shape is a
new version, and old events are upcast when read, never rewritten. A kind or version that this
program does not know is kept as `UnknownFact` and passed on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from console.model.command import Step
from console.model.text import Text
from console.model.unit import UnitStatus


@dataclass(frozen=True, slots=True)
class Fact:
    """Base of all facts: `kind` and `version` name the class in journal and wire."""

    kind: ClassVar[str]
    version: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class IncidentReported(Fact):
    """Somebody reported something. Position WGS 84 degrees; priority 1 (highest) to 4."""

    kind: ClassVar[str] = "incident.reported"
    incident_id: str
    number: str
    type_code: str
    priority: int
    lon: float
    lat: float
    address: Text
    words: Text
    source: str
    cell_code: str


@dataclass(frozen=True, slots=True)
class IncidentAccepted(Fact):
    """A duty officer took the incident on."""

    kind: ClassVar[str] = "incident.accepted"
    incident_id: str


@dataclass(frozen=True, slots=True)
class IncidentRejected(Fact):
    """It is not for this centre, or not real; the reason says which."""

    kind: ClassVar[str] = "incident.rejected"
    incident_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class IncidentMerged(Fact):
    """The same as another incident, which carries on for both."""

    kind: ClassVar[str] = "incident.merged"
    incident_id: str
    into_id: str


@dataclass(frozen=True, slots=True)
class PriorityChanged(Fact):
    """The incident weighs more or less than was thought."""

    kind: ClassVar[str] = "incident.priority_changed"
    incident_id: str
    priority: int
    reason: str


@dataclass(frozen=True, slots=True)
class NoteAdded(Fact):
    """A person wrote something into the incident's timeline."""

    kind: ClassVar[str] = "incident.note_added"
    incident_id: str
    text: str


@dataclass(frozen=True, slots=True)
class CardSeen(Fact):
    """An incident's card was on a desk: what people knew, for the replay."""

    kind: ClassVar[str] = "incident.card_seen"
    incident_id: str
    desk: str


@dataclass(frozen=True, slots=True)
class CommandIssued(Fact):
    """A unit is sent; the command's life starts at *queued*."""

    kind: ClassVar[str] = "command.issued"
    command_id: str
    incident_id: str
    unit_id: str
    text: Text


@dataclass(frozen=True, slots=True)
class CommandAdvanced(Fact):
    """A command reached its next step; `text` is what the unit, or whoever ended it, said."""

    kind: ClassVar[str] = "command.advanced"
    command_id: str
    incident_id: str
    unit_id: str
    step: Step
    text: str = ""


@dataclass(frozen=True, slots=True)
class IncidentHandled(Fact):
    """The last unit sent is done."""

    kind: ClassVar[str] = "incident.handled"
    incident_id: str


@dataclass(frozen=True, slots=True)
class IncidentFedBack(Fact):
    """The field said what it found and did; `unit_id` is who, "" from before that was kept."""

    kind: ClassVar[str] = "incident.fed_back"
    incident_id: str
    text: str
    unit_id: str = ""


@dataclass(frozen=True, slots=True)
class IncidentVerified(Fact):
    """The centre checked that it is really done."""

    kind: ClassVar[str] = "incident.verified"
    incident_id: str


@dataclass(frozen=True, slots=True)
class IncidentClosed(Fact):
    """Nothing is left to do; the outcome says how it ended."""

    kind: ClassVar[str] = "incident.closed"
    incident_id: str
    outcome: str


@dataclass(frozen=True, slots=True)
class IncidentEvaluated(Fact):
    """Somebody judged how it was handled: 1 (poor) to 5 (excellent)."""

    kind: ClassVar[str] = "incident.evaluated"
    incident_id: str
    rating: int
    text: str


@dataclass(frozen=True, slots=True)
class UnitStatusDeclared(Fact):
    """A unit said what it is doing, beside what its commands make it do."""

    kind: ClassVar[str] = "unit.status_declared"
    unit_id: str
    status: UnitStatus


@dataclass(frozen=True, slots=True)
class SosAcknowledged(Fact):
    """Somebody at the centre has the unit's call for help of `called_at` before them; `by` is who
    (`person/NAME`).
    """

    kind: ClassVar[str] = "unit.sos_acknowledged"
    unit_id: str
    called_at: int
    by: str


@dataclass(frozen=True, slots=True)
class SosEnded(Fact):
    """The unit is safe: it said so itself, or an officer did, with a word on why."""

    kind: ClassVar[str] = "unit.sos_ended"
    unit_id: str
    called_at: int
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class UnknownFact:
    """A fact of a kind or version this program does not know: kept as it came."""

    kind: str
    version: int
    raw: Mapping[str, Any]


KNOWN_FACTS: Mapping[tuple[str, int], type[Fact]] = {
    (cls.kind, cls.version): cls
    for cls in (
        IncidentReported,
        IncidentAccepted,
        IncidentRejected,
        IncidentMerged,
        PriorityChanged,
        NoteAdded,
        CardSeen,
        CommandIssued,
        CommandAdvanced,
        IncidentHandled,
        IncidentFedBack,
        IncidentVerified,
        IncidentClosed,
        IncidentEvaluated,
        UnitStatusDeclared,
        SosAcknowledged,
        SosEnded,
    )
}


def incidents_of(fact: Fact | UnknownFact) -> tuple[str, ...]:
    """The incidents that a fact concerns: its own, and the one that this was merged into."""
    incident_id = getattr(fact, "incident_id", None)
    if not incident_id:
        return ()
    if isinstance(fact, IncidentMerged) and fact.into_id:
        return incident_id, fact.into_id
    return (incident_id,)
