"""The policy, pure: which role may ask for what, where, and read what.

One table, `RIGHTS`; `permit` holds it against a request. `docs/people-and-rights.md` shows the
same table to people and is held to this one by a test.

Refused (console.model.decide)
 └── Denied    not for this role, or not in this area; recorded as `access.refused`
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from console.access.area import WHOLE, Area
from console.model.command import Step
from console.model.decide import Refused
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
    RecallCommand,
    RejectIncident,
    ReportIncident,
    Request,
    VerifyIncident,
)


class Role(StrEnum):
    """What somebody is to the centre."""

    DUTY_OFFICER = "duty_officer"
    SUPERVISOR = "supervisor"
    TRAINER = "trainer"
    GRID_WORKER = "grid_worker"
    DATA_KEEPER = "data_keeper"
    ADMINISTRATOR = "administrator"
    DEVICE = "device"
    PRACTICE = "practice"
    """The holder of a practice server's secret: the simulated field, and who signs in by itself."""
    SYSTEM = "system"
    """The server's own parts; nobody can be it over the wire."""


PEOPLE_ROLES = (
    Role.DUTY_OFFICER,
    Role.SUPERVISOR,
    Role.TRAINER,
    Role.GRID_WORKER,
    Role.DATA_KEEPER,
    Role.ADMINISTRATOR,
)
"""The roles that a person may have."""


class Data(StrEnum):
    """What can be read."""

    OPERATIONS = "operations"
    """Incidents, commands and what units say of themselves: the events."""
    POSITIONS = "positions"
    DEVICES = "devices"
    """Which units are on line."""
    NAMES = "names"
    """What people are called."""
    PEOPLE = "people"
    """Accounts: role, area, whether disabled."""
    ACCESS_LOG = "access_log"


class Call(StrEnum):
    """What can be called, beside reading."""

    SUBMIT = "submit"
    STREAM = "stream"
    FIELD = "field"
    ENROL = "enrol"
    """Make the one-time code that enrols a device."""
    MANAGE_PEOPLE = "manage_people"
    PRACTISE = "practise"
    """Sign in as a practice person, and register simulated devices without a code."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What one role may do."""

    requests: frozenset[type]
    reads: frozenset[Data]
    calls: frozenset[Call]


_OFFICERS = frozenset(
    {
        AcceptIncident,
        AcknowledgeSos,
        AddNote,
        AdvanceCommand,
        ChangePriority,
        CloseIncident,
        DeclareUnitStatus,
        DispatchUnits,
        EndSos,
        MarkSeen,
        MergeIncident,
        RecallCommand,
        RejectIncident,
        ReportIncident,
        VerifyIncident,
    }
)
"""Named one by one: a request that is new is nobody's until somebody gives it to a role."""

_SUPERVISORS = _OFFICERS | {EvaluateIncident}
_SCENE = frozenset({Data.OPERATIONS, Data.POSITIONS, Data.DEVICES, Data.NAMES})
_DESK = frozenset({Call.SUBMIT, Call.STREAM})

RIGHTS: Mapping[Role, Rights] = {
    Role.DUTY_OFFICER: Rights(_OFFICERS, _SCENE, _DESK | {Call.ENROL}),
    Role.SUPERVISOR: Rights(_SUPERVISORS, _SCENE | {Data.ACCESS_LOG}, _DESK | {Call.ENROL}),
    Role.TRAINER: Rights(frozenset({MarkSeen}), _SCENE, _DESK),
    Role.GRID_WORKER: Rights(
        frozenset({ReportIncident, AddNote, MarkSeen}),
        frozenset({Data.OPERATIONS, Data.NAMES}),
        _DESK,
    ),
    Role.DATA_KEEPER: Rights(
        frozenset(), frozenset({Data.DEVICES, Data.NAMES}), frozenset({Call.STREAM})
    ),
    Role.ADMINISTRATOR: Rights(
        frozenset(),
        frozenset({Data.DEVICES, Data.NAMES, Data.PEOPLE, Data.ACCESS_LOG}),
        frozenset({Call.STREAM, Call.ENROL, Call.MANAGE_PEOPLE}),
    ),
    Role.DEVICE: Rights(
        frozenset({ReportIncident, AdvanceCommand, DeclareUnitStatus}),
        frozenset(),
        frozenset({Call.SUBMIT, Call.FIELD}),
    ),
    Role.PRACTICE: Rights(_SUPERVISORS, _SCENE, _DESK | {Call.ENROL, Call.PRACTISE}),
    Role.SYSTEM: Rights(_SUPERVISORS, frozenset(Data), frozenset()),
}

_HEADS = {Role.DEVICE: "unit", Role.PRACTICE: "system", Role.SYSTEM: "system"}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody whose identity the connection has proved.

    `name` is a person's name, a unit's id or a part of the server; `area` what a person answers
    for; `desk` where they sit, "" for unknown; `session` the id of the sign-in, or of the device's
    enrolment, that let them in: what they were let in by is what they stay by.
    """

    role: Role
    name: str
    area: Area = WHOLE
    desk: str = field(default="", compare=False)
    session: str = field(default="", compare=False)

    @property
    def who(self) -> str:
        """Who it is, wherever they sit: `person/NAME`, `unit/ID` or `system/PART`."""
        return f"{_HEADS.get(self.role, 'person')}/{self.name}"

    @property
    def is_person(self) -> bool:
        """Whether it is somebody who signed in, and no device or part of the server."""
        return self.role in PEOPLE_ROLES

    @property
    def rights(self) -> Rights:
        """What the role may do."""
        return RIGHTS[self.role]

    def __str__(self) -> str:
        return f"{self.who}@{self.desk}" if self.desk else self.who


class Denied(Refused):
    """The policy says no: another role or another area may, or nobody."""


FIELD_STEPS = frozenset(
    {
        Step.DELIVERED,
        Step.READ,
        Step.ACKNOWLEDGED,
        Step.EN_ROUTE,
        Step.ON_SCENE,
        Step.DONE,
        Step.REFUSED,
    }
)
"""Steps that the field reaches; a desk may enter them too, for a unit that reports by radio."""


def _unknown(_key: str) -> None:
    return None


Place = tuple[float, float]
"""Longitude and latitude, WGS 84 degrees."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where things are, by the code of their cell: None for what nobody knows, "" for no cell."""

    cell_of_incident: Callable[[str], str | None] = _unknown
    incident_of_command: Callable[[str], str | None] = _unknown
    unit_of_command: Callable[[str], str | None] = _unknown
    cell_of_unit: Callable[[str], str | None] = _unknown
    """The cell where a unit is at home."""
    cell_at: Callable[[float, float], str] = lambda _lon, _lat: ""
    cell_now: Callable[[str], str | None] = _unknown
    """The cell where a unit was seen last."""
    cells_of_work: Callable[[str], Sequence[str | None]] = lambda _unit: ()
    """The cells of the incidents that a unit is sent to."""
    cells_at: Callable[[Sequence[Place]], Sequence[str]] | None = None
    """`cell_at` for many places at once, where there is a quicker way."""

    def cells_of_help(self, unit_id: str) -> list[str | None]:
        """Where somebody may help a unit in distress: at its home, where it is, where it works."""
        return [self.cell_of_unit(unit_id), self.cell_now(unit_id), *self.cells_of_work(unit_id)]

    def cells_of(self, places: Sequence[Place]) -> Sequence[str]:
        """The cell of each of `places`, in order."""
        if self.cells_at is not None:
            return self.cells_at(places)
        return [self.cell_at(lon, lat) for lon, lat in places]


def permit(actor: Actor, request: Request, where: Whereabouts) -> None:
    """Raise Denied when `actor` may not make `request`."""
    if actor.role is Role.SYSTEM:
        return
    if type(request) not in actor.rights.requests:
        if actor.role is Role.DEVICE:
            raise Denied("not_for_devices")
        raise Denied("not_your_role")
    if isinstance(request, AdvanceCommand) and request.step not in FIELD_STEPS:
        raise Denied("not_a_field_step", step=request.step.value)
    if actor.role is Role.DEVICE:
        _permit_device(actor.name, request, where)
    elif not actor.area.is_whole:
        _permit_within(actor.area, request, where)


def _permit_device(unit_id: str, request: Request, where: Whereabouts) -> None:
    # A command that does not exist is refused as another's: ids cannot be probed for.
    if isinstance(request, AdvanceCommand):
        if where.unit_of_command(request.command_id) != unit_id:
            raise Denied("not_your_command")
    elif isinstance(request, DeclareUnitStatus) and request.unit_id != unit_id:
        raise Denied("not_your_unit")


def _permit_within(area: Area, request: Request, where: Whereabouts) -> None:
    # What does not exist is refused as out of the area, for the same reason.
    cells = _cells_of(request, where)
    # A unit in distress is everybody's who is near it; all else must lie in the area altogether.
    enough = any if isinstance(request, AcknowledgeSos | EndSos) else all
    if not enough(area.holds(code) for code in cells):
        raise Denied("not_in_your_area")
    if isinstance(request, DispatchUnits):
        for order in request.orders:
            if not area.holds(where.cell_of_unit(order.unit_id)):
                raise Denied("unit_not_in_your_area", unit=order.unit_id)


def _cells_of(request: Request, where: Whereabouts) -> list[str | None]:
    """The cells that a request concerns."""
    match request:
        case ReportIncident(lon=lon, lat=lat):
            return [where.cell_at(lon, lat)]
        case RecallCommand(command_id=command_id) | AdvanceCommand(command_id=command_id):
            incident_id = where.incident_of_command(command_id)
            return [None if incident_id is None else where.cell_of_incident(incident_id)]
        case AcknowledgeSos(unit_id=unit_id) | EndSos(unit_id=unit_id):
            return where.cells_of_help(unit_id)
        case DeclareUnitStatus(unit_id=unit_id):
            return [where.cell_of_unit(unit_id)]
        case MergeIncident(incident_id=incident_id, into_id=into_id):
            return [where.cell_of_incident(incident_id), where.cell_of_incident(into_id)]
        case _:
            return [where.cell_of_incident(request.incident_id)]


def may_call(actor: Actor, call: Call) -> bool:
    """Whether the role may make `call`."""
    return call in actor.rights.calls


def may_read(actor: Actor, data: Data) -> bool:
    """Whether the role may read `data`, within its area."""
    return data in actor.rights.reads
