"""Pure decisions: what a request makes of the picture, or why it is refused.

Exception
 └── Refused    the request cannot be granted; says why, by code
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from console.model.command import Command, Step, may_advance
from console.model.facts import (
    CardSeen,
    CommandAdvanced,
    CommandIssued,
    Fact,
    IncidentAccepted,
    IncidentClosed,
    IncidentEvaluated,
    IncidentFedBack,
    IncidentHandled,
    IncidentMerged,
    IncidentRejected,
    IncidentReported,
    IncidentVerified,
    NoteAdded,
    PriorityChanged,
    SosAcknowledged,
    SosEnded,
    UnitStatusDeclared,
)
from console.model.geo import LonLat
from console.model.incident import Incident, Stage
from console.model.picture import Picture
from console.model.requests import (
    AcceptIncident,
    AcknowledgeSos,
    AddNote,
    AdvanceCommand,
    ChangePriority,
    CloseIncident,
    DeclareUnitStatus,
    DispatchUnits,
    EndSos,
    EvaluateIncident,
    MarkSeen,
    MergeIncident,
    Order,
    RecallCommand,
    RejectIncident,
    ReportIncident,
    Request,
    VerifyIncident,
)
from console.model.unit import SosCall, UnitStatus

MAX_TEXT = 2000
MAX_CODE = 64
"""Of a type, a source, and an id that a client makes."""
"""Characters that one note, reason or feedback may hold."""


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """The request cannot be granted. `code` names a sentence `refusal.<code>`, `args_` fill it."""

    def __init__(self, code: str, **args: str) -> None:
        super().__init__(code, args)
        self.code = code
        self.args_ = args


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a decision may know beside the picture: the city's cells, its roster, and who asks.

    `cell_at` gives the code of the cell at WGS 84 degrees, "" for none; `knows_unit` whether the
    roster has a unit. `asked_by` is the actor: `person/NAME`, `unit/ID` or `system/PART`; `zone`
    the city's time zone, which dates incidents; `number_of` the serial of a series' n-th incident.
    """

    cell_at: Callable[[float, float], str]
    knows_unit: Callable[[str], bool]
    asked_by: str = ""
    zone: tzinfo = UTC
    number_of: Callable[[str, int], int] = lambda _series, nth: nth


def decide(picture: Picture, request: Request, now_ms: int, around: Surroundings) -> list[Fact]:
    """The facts that `request` makes, in order; none for a request that is already so.

    Raises Refused.
    """
    return list(_DECISIONS[type(request)](picture, request, now_ms, around))


def stream_of(fact: Fact) -> str:
    """The stream a fact belongs to."""
    command_id = getattr(fact, "command_id", None)
    if command_id is not None:
        return f"command/{command_id}"
    incident_id = getattr(fact, "incident_id", None)
    return f"incident/{incident_id}" if incident_id is not None else f"unit/{fact.unit_id}"  # type: ignore[attr-defined]


def streams_of(incident: Incident) -> list[str]:
    """The streams that hold what concerns an incident; those of merged ones hold more than that."""
    merged = (f"incident/{i}" for i in incident.merged_ids)
    return [f"incident/{incident.id}", *(f"command/{c}" for c in incident.command_ids), *merged]


def _incident(picture: Picture, incident_id: str) -> Incident:
    found = picture.incidents.get(incident_id)
    if found is None:
        raise Refused("no_such_incident")
    return found


def _open_incident(picture: Picture, incident_id: str) -> Incident:
    found = _incident(picture, incident_id)
    if not found.stage.is_open:
        raise Refused("incident_over", number=found.number)
    return found


def _command(picture: Picture, command_id: str) -> Command:
    found = picture.commands.get(command_id)
    if found is None:
        raise Refused("no_such_command")
    return found


def _text(text: str, required: str = "") -> str:
    stripped = text.strip()
    if required and not stripped:
        raise Refused(required)
    if len(stripped) > MAX_TEXT:
        raise Refused("text_too_long", limit=str(MAX_TEXT))
    return stripped


_is_code = re.compile(rf"[\w.-]{{1,{MAX_CODE}}}").fullmatch
"""Whether a text is for programs: letters of any script, digits and `._-`, and not too long."""


def _priority(priority: int) -> int:
    if priority not in (1, 2, 3, 4):
        raise Refused("bad_priority")
    return priority


def _number(picture: Picture, now_ms: int, around: Surroundings) -> str:
    """The next number of the city's day: E-YYYYMMDD-NNNN."""
    day = datetime.fromtimestamp(now_ms / 1000, around.zone).strftime("%Y%m%d")
    series = f"E-{day}"
    return f"{series}-{around.number_of(series, picture.given_in(series) + 1):04d}"


def _report(p: Picture, r: ReportIncident, now: int, around: Surroundings) -> Iterable[Fact]:
    if r.incident_id in p.incidents:
        raise Refused("incident_exists")
    if not LonLat(r.lon, r.lat).is_valid():
        raise Refused("bad_position")
    for words in (r.words.zh, r.words.en, r.address.zh, r.address.en):
        _text(words)
    if not _is_code(r.incident_id):
        raise Refused("bad_id", limit=str(MAX_CODE))
    if not _is_code(r.type_code):
        raise Refused("bad_type_code", limit=str(MAX_CODE))
    if not _is_code(r.source):
        raise Refused("bad_source", limit=str(MAX_CODE))
    yield IncidentReported(
        incident_id=r.incident_id,
        number=_number(p, now, around),
        type_code=r.type_code,
        priority=_priority(r.priority),
        lon=r.lon,
        lat=r.lat,
        address=r.address,
        words=r.words,
        source=r.source,
        cell_code=around.cell_at(r.lon, r.lat),
    )


def _accept(p: Picture, r: AcceptIncident, _now: int, _around: Surroundings) -> Iterable[Fact]:
    if _open_incident(p, r.incident_id).stage is Stage.REPORTED:
        yield IncidentAccepted(r.incident_id)


def _reject(p: Picture, r: RejectIncident, _now: int, _around: Surroundings) -> Iterable[Fact]:
    found = _open_incident(p, r.incident_id)
    if found.stage not in (Stage.REPORTED, Stage.ACCEPTED):
        raise Refused("already_dispatched", number=found.number)
    if found.merged_ids:
        raise Refused("merge_target", number=found.number, count=str(len(found.merged_ids)))
    yield IncidentRejected(r.incident_id, _text(r.reason, "reason_missing"))


def _merge(p: Picture, r: MergeIncident, _now: int, _around: Surroundings) -> Iterable[Fact]:
    found = _open_incident(p, r.incident_id)
    _open_incident(p, r.into_id)
    if r.into_id == r.incident_id:
        raise Refused("merge_with_itself")
    if found.stage not in (Stage.REPORTED, Stage.ACCEPTED):
        raise Refused("already_dispatched", number=found.number)
    yield IncidentMerged(r.incident_id, r.into_id)


def _reprioritise(p: Picture, r: ChangePriority, _n: int, _a: Surroundings) -> Iterable[Fact]:
    found = _open_incident(p, r.incident_id)
    if found.priority != _priority(r.priority):
        yield PriorityChanged(r.incident_id, r.priority, _text(r.reason))


def _dispatch(p: Picture, r: DispatchUnits, _now: int, around: Surroundings) -> Iterable[Fact]:
    found = _open_incident(p, r.incident_id)
    if not r.orders:
        raise Refused("nobody_to_send")
    for order in r.orders:
        _check_order(p, found, order, around)
    if len({o.unit_id for o in r.orders}) < len(r.orders):
        raise Refused("unit_twice")
    if len({o.command_id for o in r.orders}) < len(r.orders):
        raise Refused("command_exists")
    if found.stage is Stage.REPORTED:
        yield IncidentAccepted(r.incident_id)
    for order in r.orders:
        yield CommandIssued(order.command_id, r.incident_id, order.unit_id, r.text)


def _check_order(p: Picture, incident: Incident, order: Order, around: Surroundings) -> None:
    if not around.knows_unit(order.unit_id):
        raise Refused("no_such_unit", unit=order.unit_id)
    if order.command_id in p.commands:
        raise Refused("command_exists")
    unit = p.unit(order.unit_id)
    if unit.declared is UnitStatus.OFF:
        raise Refused("unit_off_duty", unit=order.unit_id)
    if unit.open_sos is not None:
        raise Refused("unit_in_distress", unit=order.unit_id)
    if any(p.commands[c].incident_id == incident.id for c in unit.command_ids):
        raise Refused("already_sent", unit=order.unit_id)
    if not set(unit.command_ids) <= set(order.beside):
        raise Refused("unit_engaged", unit=order.unit_id)


def _recall(p: Picture, r: RecallCommand, _now: int, _around: Surroundings) -> Iterable[Fact]:
    return _advanced(p, r.command_id, Step.RECALLED, _text(r.reason))


def _advance(p: Picture, r: AdvanceCommand, _now: int, around: Surroundings) -> Iterable[Fact]:
    command, text = _command(p, r.command_id), _text(r.text)
    is_late = command.step.is_final and text not in ("", command.reason)
    if is_late and around.asked_by == f"unit/{command.unit_id}":
        # Without a network its words came after the command's end: they still reach the incident.
        return [NoteAdded(command.incident_id, text)]
    return _advanced(p, r.command_id, r.step, text)


def _advanced(p: Picture, command_id: str, step: Step, text: str) -> Iterable[Fact]:
    command = _command(p, command_id)
    if command.step is step:
        return
    if not may_advance(command.step, step):
        raise Refused("step_not_possible", now=command.step.value, to=step.value)
    ended = CommandAdvanced(command_id, command.incident_id, command.unit_id, step, text)
    yield ended
    if step.is_final:
        yield from _after_end(p, ended)


def _after_end(p: Picture, ended: CommandAdvanced) -> Iterable[Fact]:
    """When the last unit of a round is through, however it ended, the incident is handled if one
    of them is done; what each of those said is the feedback.

    A round that was recalled to the last unit leaves an incident as handled as it was before.
    """
    incident = p.incidents[ended.incident_id]
    ends = [_end_of(c, ended) for c in p.commands_of(incident.id)[incident.handled_count :]]
    if incident.stage is not Stage.DISPATCHED or not all(step.is_final for _, step, _ in ends):
        return
    done = [(unit_id, text) for unit_id, step, text in ends if step is Step.DONE]
    is_taken_back = all(step is Step.RECALLED for _, step, _ in ends)
    if done or (is_taken_back and incident.handled_count):
        yield IncidentHandled(incident.id)
        yield from (IncidentFedBack(incident.id, text, unit) for unit, text in done if text)


def _end_of(command: Command, ended: CommandAdvanced) -> tuple[str, Step, str]:
    """Unit, step and words of a command, where `ended` is about to happen."""
    if command.id == ended.command_id:
        return ended.unit_id, ended.step, ended.text
    return command.unit_id, command.step, command.reason


def _note(p: Picture, r: AddNote, _now: int, _around: Surroundings) -> Iterable[Fact]:
    _incident(p, r.incident_id)
    yield NoteAdded(r.incident_id, _text(r.text, "text_missing"))


def _seen(p: Picture, r: MarkSeen, _now: int, _around: Surroundings) -> Iterable[Fact]:
    _incident(p, r.incident_id)
    yield CardSeen(r.incident_id, r.desk)


def _verify(p: Picture, r: VerifyIncident, _now: int, _around: Surroundings) -> Iterable[Fact]:
    found = _open_incident(p, r.incident_id)
    if found.stage is Stage.VERIFIED:
        return
    if found.stage not in (Stage.HANDLED, Stage.FED_BACK):
        raise Refused("not_handled_yet", number=found.number)
    yield IncidentVerified(r.incident_id)


def _close(p: Picture, r: CloseIncident, _now: int, _around: Surroundings) -> Iterable[Fact]:
    found = _open_incident(p, r.incident_id)
    if any(not c.step.is_final for c in p.commands_of(found.id)):
        raise Refused("units_still_sent", number=found.number)
    if found.stage is Stage.REPORTED:
        raise Refused("not_accepted_yet", number=found.number)
    yield IncidentClosed(r.incident_id, _text(r.outcome, "outcome_missing"))


def _evaluate(p: Picture, r: EvaluateIncident, _now: int, _around: Surroundings) -> Iterable[Fact]:
    found = _incident(p, r.incident_id)
    if found.stage not in (Stage.CLOSED, Stage.EVALUATED):
        raise Refused("not_closed_yet", number=found.number)
    if r.rating not in (1, 2, 3, 4, 5):
        raise Refused("bad_rating")
    yield IncidentEvaluated(r.incident_id, r.rating, _text(r.text))


def _declare(p: Picture, r: DeclareUnitStatus, _now: int, around: Surroundings) -> Iterable[Fact]:
    if not around.knows_unit(r.unit_id):
        raise Refused("no_such_unit", unit=r.unit_id)
    if r.status not in (UnitStatus.FREE, UnitStatus.OFF, UnitStatus.SOS):
        raise Refused("status_not_declared", status=r.status.value)
    unit = p.unit(r.unit_id)
    call = unit.open_sos
    if r.status is UnitStatus.SOS:
        # Only a call that somebody has seen already is another one when it comes again.
        if call is None or call.acknowledged_at:
            yield UnitStatusDeclared(r.unit_id, r.status)
    elif call is not None:
        if r.status is UnitStatus.OFF or around.asked_by != f"unit/{r.unit_id}":
            raise Refused("sos_stands", unit=r.unit_id)
        yield SosEnded(r.unit_id, call.at, around.asked_by)
        yield UnitStatusDeclared(r.unit_id, r.status)
    elif unit.declared is not r.status:
        yield UnitStatusDeclared(r.unit_id, r.status)


def _sos(p: Picture, unit_id: str, called_at: int) -> SosCall:
    """The unit's open call for help, which must be the one that was meant."""
    call = p.unit(unit_id).open_sos
    if call is None:
        raise Refused("no_sos", unit=unit_id)
    if call.at != called_at:
        raise Refused("sos_called_again", unit=unit_id)
    return call


def _acknowledge_sos(
    p: Picture, r: AcknowledgeSos, _now: int, around: Surroundings
) -> Iterable[Fact]:
    if not _sos(p, r.unit_id, r.called_at).acknowledged_at:
        yield SosAcknowledged(r.unit_id, r.called_at, around.asked_by)


def _end_sos(p: Picture, r: EndSos, _now: int, around: Surroundings) -> Iterable[Fact]:
    call = _sos(p, r.unit_id, r.called_at)
    reason = _text(r.reason, "reason_missing")
    yield SosEnded(r.unit_id, call.at, around.asked_by, reason)
    yield UnitStatusDeclared(r.unit_id, UnitStatus.FREE)


_Decision = Callable[[Picture, Any, int, Surroundings], Iterable[Fact]]

_DECISIONS: dict[type, _Decision] = {
    ReportIncident: _report,
    AcceptIncident: _accept,
    RejectIncident: _reject,
    MergeIncident: _merge,
    ChangePriority: _reprioritise,
    DispatchUnits: _dispatch,
    RecallCommand: _recall,
    AdvanceCommand: _advance,
    AddNote: _note,
    MarkSeen: _seen,
    VerifyIncident: _verify,
    CloseIncident: _close,
    EvaluateIncident: _evaluate,
    DeclareUnitStatus: _declare,
    AcknowledgeSos: _acknowledge_sos,
    EndSos: _end_sos,
}
