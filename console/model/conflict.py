"""What others changed since the sender looked, where it makes the sender's decision another.

Two officers who act on one incident at once must not undo each other's work without a word: a
submission says which event its sender had seen (`Submission.seen`), and a decision that rests on
what is not so any more is refused with what changed.

Exception
 └── Outdated    something changed meanwhile that the sender had to know of
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from console.model.command import Step
from console.model.event import Event
from console.model.facts import (
    CommandAdvanced,
    CommandIssued,
    Fact,
    IncidentAccepted,
    IncidentClosed,
    IncidentEvaluated,
    IncidentHandled,
    IncidentMerged,
    IncidentRejected,
    IncidentVerified,
    NoteAdded,
    PriorityChanged,
    UnknownFact,
)
from console.model.picture import Picture
from console.model.requests import (
    AcceptIncident,
    AdvanceCommand,
    ChangePriority,
    CloseIncident,
    DispatchUnits,
    EvaluateIncident,
    MergeIncident,
    RecallCommand,
    RejectIncident,
    Request,
    VerifyIncident,
)


class Outdated(Exception):  # noqa: N818 - an answer, not a fault
    """The decision rests on what is not so any more; `events` are what changed, oldest first."""

    def __init__(self, events: Sequence[Event]) -> None:
        super().__init__(events)
        self.events = tuple(events)


_ENDINGS = frozenset({IncidentRejected, IncidentMerged, IncidentClosed})
_NEW_FACTS = _ENDINGS | {NoteAdded, PriorityChanged, CommandIssued}
"""What makes an incident more, or other, than the one that somebody wanted to end."""

_OVERTAKEN_BY: Mapping[type, frozenset[type]] = {
    AcceptIncident: _ENDINGS,
    RejectIncident: _NEW_FACTS | {IncidentAccepted},
    MergeIncident: _NEW_FACTS | {IncidentAccepted},
    ChangePriority: _ENDINGS | {PriorityChanged},
    DispatchUnits: _ENDINGS | {CommandIssued, IncidentHandled, IncidentVerified},
    VerifyIncident: _NEW_FACTS,
    CloseIncident: _NEW_FACTS,
    EvaluateIncident: frozenset({IncidentEvaluated}),
    RecallCommand: frozenset({CommandAdvanced}),
    AdvanceCommand: frozenset({CommandAdvanced}),
}
"""Which facts about its incident, or its command, make a request another decision."""


def incidents_asked_about(picture: Picture, request: Request) -> tuple[str, ...]:
    """The incidents whose changes may overtake `request`; none for one that nothing overtakes."""
    if type(request) not in _OVERTAKEN_BY:
        return ()
    if isinstance(request, RecallCommand | AdvanceCommand):
        command = picture.commands.get(request.command_id)
        return () if command is None else (command.incident_id,)
    if isinstance(request, MergeIncident):
        return request.incident_id, request.into_id
    return (str(getattr(request, "incident_id", "")),)


def overtaking(request: Request, events: Iterable[Event], sender: str) -> list[Event]:
    """Those of `events`, about the incidents asked about and after what the sender had seen, that
    make `request` another decision. What the sender did is known to the sender.
    """
    return [e for e in events if e.actor != sender and _overtakes(request, e.fact)]


def _overtakes(request: Request, fact: Fact | UnknownFact) -> bool:
    kinds = _OVERTAKEN_BY[type(request)]
    if isinstance(request, RecallCommand | AdvanceCommand):
        wanted = request.step if isinstance(request, AdvanceCommand) else Step.RECALLED
        if not isinstance(fact, CommandAdvanced) or fact.command_id != request.command_id:
            return False
        return fact.step.is_final and fact.step is not wanted
    asked_about = getattr(request, "incident_id", None)
    subject = getattr(fact, "incident_id", None)
    if subject == asked_about:
        return type(fact) in kinds
    if isinstance(request, MergeIncident) and subject == request.into_id:
        return type(fact) in _ENDINGS
    # What is left was merged into it: no reason to send nobody, but one not to end it.
    return kinds >= _NEW_FACTS and getattr(fact, "into_id", None) == asked_about
