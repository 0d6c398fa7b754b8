"""The picture: what is so, as the fold of everything that happened.

Live it is the fold up to now, in replay up to a moment, in an exercise of a private journal. Inside
grow records, because a server folds a million events when it starts; outside one sees frozen
values, made of a record when somebody looks and kept until the record changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from console.model.command import FINAL_STEPS, Command, Step
from console.model.event import Event
from console.model.facts import (
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
    PriorityChanged,
    SosAcknowledged,
    SosEnded,
    UnitStatusDeclared,
    UnknownFact,
    incidents_of,
)
from console.model.incident import Incident, Stage
from console.model.records import (
    CommandRecord,
    IncidentRecord,
    Records,
    UnitRecord,
    View,
)
from console.model.timelines import Timelines
from console.model.unit import SosCall, UnitState, UnitStatus, shown_status

FOLD_VERSION = 3
"""To be raised with every change of what the fold makes of the same events: stored pictures of
another version are thrown away and made anew."""


@dataclass(slots=True)
class Touched:
    """Which incidents, commands and units some events have touched, by id."""

    incidents: set[str] = field(default_factory=set)
    commands: set[str] = field(default_factory=set)
    units: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Undo:
    """What an event is about to change, by id; None for what is not there yet."""

    seq: int
    incidents: tuple[tuple[str, Incident | None] | None, ...]
    command: tuple[str, Command | None] | None
    unit: tuple[str, UnitState | None] | None
    number: tuple[str, int | None] | None


class Picture:
    """Incidents, commands and units as they stand after event `seq`.

    `timelines` False leaves out the events of each incident, which only a desk shows. `incidents`
    and `commands` are those of a stored picture, which may bring them in when they are asked for.
    """

    def __init__(
        self,
        *,
        timelines: bool = True,
        incidents: Records[IncidentRecord, Incident] | None = None,
        commands: Records[CommandRecord, Command] | None = None,
    ) -> None:
        self.seq = 0
        self._incidents = Records(IncidentRecord.of) if incidents is None else incidents
        self._commands = Records(CommandRecord.of) if commands is None else commands
        self._units: Records[UnitRecord, UnitState] = Records(UnitRecord.of)
        self._timelines = Timelines(self._incidents) if timelines else None
        self._numbers_given: dict[str, int] = {}
        self._callers: set[str] = set()

    @property
    def incidents(self) -> Mapping[str, Incident]:
        """All incidents by id, in the order they were reported."""
        return View(self._incidents)

    @property
    def commands(self) -> Mapping[str, Command]:
        """All commands by id, in the order they were issued."""
        return View(self._commands)

    @property
    def units(self) -> Mapping[str, UnitState]:
        """The units that the journal mentions, by id."""
        return View(self._units)

    @property
    def numbers_given(self) -> Mapping[str, int]:
        """How many incident numbers were given in each series."""
        return self._numbers_given

    def given_in(self, series: str) -> int:
        """How many incident numbers were given in a series (`E-20261121`)."""
        return self._numbers_given.get(series, 0)

    def unit(self, unit_id: str) -> UnitState:
        """What the journal says of a unit; one it never mentions is free."""
        record = self._units.find(unit_id)
        return UnitState(unit_id) if record is None else record.value

    @property
    def sos_calls(self) -> dict[str, SosCall]:
        """The calls for help that are not over, by unit, the oldest first."""
        calls = ((u, self.unit(u).open_sos) for u in self._callers)
        found = [(call.at, unit_id, call) for unit_id, call in calls if call is not None]
        return {unit_id: call for _, unit_id, call in sorted(found, key=lambda f: f[:2])}

    def timeline(self, incident_id: str) -> tuple[Event, ...]:
        """The events that concern an incident, its commands' among them, oldest first."""
        return () if self._timelines is None else self._timelines.of(incident_id)

    def is_whole(self, incident_id: str) -> bool:
        """Whether the incident's timeline is known from its beginning."""
        return self._timelines is None or self._timelines.is_whole(incident_id)

    def recall(self, incident_id: str, events: Iterable[Event], through: int) -> bool:
        """Take over the beginning of an incident's timeline: all its events up to `through`.

        False, and nothing taken, where that leaves a gap before those it has already.
        """
        timelines = self._timelines
        return timelines is not None and timelines.load(incident_id, events, through, self.seq)

    def authoritative(self, incident_id: str) -> Incident | None:
        """The incident that carries on for this one: itself, or the end of its chain of merges.

        None where this desk does not know it.
        """
        incident = self.incidents.get(incident_id)
        while incident is not None and incident.merged_into:
            incident = self.incidents.get(incident.merged_into)
        return incident

    def report_count(self, incident_id: str) -> int:
        """How many reports the incident stands for: its own, and all that were merged into it."""
        incident = self.incidents.get(incident_id)
        merged = incident.merged_ids if incident is not None else ()
        return 1 + sum(self.report_count(i) for i in merged)

    def commands_of(self, incident_id: str) -> tuple[Command, ...]:
        """The commands given for an incident, oldest first."""
        incident = self._incidents.find(incident_id)
        return tuple(self.commands[c] for c in incident.command_ids) if incident else ()

    def skip_to(self, seq: int) -> None:
        """Everything up to `seq` that this picture is to know, it knows: the rest is others'."""
        self.seq = max(self.seq, seq)

    def apply(self, events: Iterable[Event]) -> Touched:
        """Fold `events`, which must follow on `seq`; an event at or before `seq` is passed over.

        An unknown fact moves `seq` and nothing else.
        """
        touched = Touched()
        for event in events:
            if event.seq <= self.seq:
                continue
            self.seq = event.seq
            fold = FOLDS.get(type(event.fact))  # type: ignore[arg-type] # unknown ones are not in it
            if fold is not None:
                fold(self, event.happened_at, event.fact)
            self._remember(event, touched)
        return touched

    def changed(self) -> Touched:
        """What has changed since somebody looked at its value last, and the incidents of commands
        that have. After a replay this is all it touched; noting it down meanwhile costs more.
        """
        commands = self._commands.changed()
        incidents = {record.fact.incident_id for record in commands.values()}
        incidents |= self._incidents.changed().keys()
        return Touched(incidents, set(commands), set(self._units.changed()))

    def copy(self) -> Picture:
        """Another picture of the same, that grows on its own; without timelines."""
        other = Picture(
            timelines=False, incidents=self._incidents.copied(), commands=self._commands.copied()
        )
        other._units = self._units.copied()
        other._numbers_given = dict(self._numbers_given)
        other._callers = set(self._callers)
        other.seq = self.seq
        return other

    def undo_of(self, event: Event) -> Undo:
        """How to take `event` back, which is about to be applied."""
        fact = event.fact
        series = _series_of(fact)
        return Undo(
            self.seq,
            tuple(self._incidents.entry(i) for i in incidents_of(fact)),
            self._commands.entry(getattr(fact, "command_id", None)),
            self._units.entry(getattr(fact, "unit_id", None)),
            None if series is None else (series, self._numbers_given.get(series)),
        )

    def take_back(self, undo: Undo) -> None:
        """Make it as if the event had not been; the newest must go first."""
        for incident in undo.incidents:
            self._incidents.restore(incident)
        self._commands.restore(undo.command)
        self._units.restore(undo.unit)
        if undo.number is not None:
            series, serial = undo.number
            self._numbers_given.pop(series, None)
            if serial is not None:
                self._numbers_given[series] = serial
        if self._timelines is not None:
            self._timelines.undo_after(undo.seq)
        self.seq = undo.seq

    def newest_incidents(self, limit: int) -> list[str]:
        """The ids of the last `limit` incidents to be reported, the last first."""
        return self._incidents.newest(limit)

    def not_at_hand(self, incident_ids: Iterable[str]) -> list[str]:
        """Those of the incidents that a stored picture would have to bring in."""
        return [i for i in incident_ids if i not in self._incidents]

    def fetch(self, incident_ids: Sequence[str]) -> tuple[list[Incident], list[Command]]:
        """Incidents of a stored picture that are not at hand, and their commands. Any thread may
        ask; `take_in` is to be called with them on the picture's own.
        """
        incidents = self._incidents.fetch_all(incident_ids)
        return incidents, self._commands.fetch_all([c for i in incidents for c in i.command_ids])

    def take_in(self, incidents: Iterable[Incident], commands: Iterable[Command]) -> None:
        """Have at hand what was fetched, but for what is there meanwhile."""
        self._incidents.take_in({i.id: i for i in incidents})
        self._commands.take_in({c.id: c for c in commands})

    def at_hand(self) -> tuple[list[Incident], list[Command]]:
        """The incidents and commands in memory: in a stored picture those that are not over, and
        the newest; else all.
        """
        incidents = [record.value for record in self._incidents.values()]
        return incidents, [record.value for record in self._commands.values()]

    def keep(
        self,
        seq: int,
        incidents: Iterable[Incident],
        commands: Iterable[Command],
        units: Iterable[UnitState],
        numbers_given: Mapping[str, int],
    ) -> None:
        """Take over what another picture held after event `seq`; it tells no timelines."""
        for incident in incidents:
            self._incidents[incident.id] = IncidentRecord.of(incident)
            if self._timelines is not None:
                self._timelines.miss_beginning(incident.id)
        for command in commands:
            self._commands[command.id] = CommandRecord.of(command)
        for unit in units:
            self._units[unit.id] = UnitRecord.of(unit)
            if unit.sos is not None:
                self._callers.add(unit.id)
        self._numbers_given.update(numbers_given)
        self.seq = seq

    def _remember(self, event: Event, touched: Touched) -> None:
        fact = event.fact
        for incident_id in incidents_of(fact):
            touched.incidents.add(incident_id)
            if self._timelines is not None:
                self._timelines.add(incident_id, event)
        if isinstance(fact, CommandIssued | CommandAdvanced):
            touched.commands.add(fact.command_id)
        if isinstance(fact, _OF_A_UNIT):
            touched.units.add(fact.unit_id)

    def _report(self, at: int, fact: IncidentReported) -> None:
        series, _, serial = fact.number.rpartition("-")
        if serial.isdecimal():
            self._numbers_given[series] = self.given_in(series) + 1
        self._incidents[fact.incident_id] = IncidentRecord(fact, at)

    def _reprioritise(self, _at: int, fact: PriorityChanged) -> None:
        incident = self._incidents.find(fact.incident_id)
        if incident is not None:
            incident.priority = fact.priority
            incident.frozen = None

    def _issue(self, at: int, fact: CommandIssued) -> None:
        self._commands[fact.command_id] = CommandRecord(fact, at)
        incident = self._incidents.find(fact.incident_id)
        if incident is not None:
            incident.command_ids.append(fact.command_id)
            if incident.stage is not _DISPATCHED:
                incident.reach(_DISPATCHED, at)
            incident.frozen = None
        unit = self._unit(fact.unit_id)
        unit.command_ids.append(fact.command_id)
        self._set_status(unit, at)

    def _advance(self, at: int, fact: CommandAdvanced) -> None:
        try:
            command = self._commands[fact.command_id]
        except KeyError:
            return
        before, step = command.step, fact.step
        command.step = step
        command.step_times.append((step, at))
        if step in FINAL_STEPS:
            command.reason = fact.text
        elif fact.text:
            command.remarks = (*command.remarks, (step, fact.text))
        command.frozen = None
        if step in _SHOWING or before in _SHOWING:
            unit = self._unit(command.unit_id)
            if step in FINAL_STEPS and fact.command_id in unit.command_ids:
                unit.command_ids.remove(fact.command_id)
            self._set_status(unit, at)

    def _handle(self, at: int, fact: IncidentHandled) -> None:
        incident = self._incidents.find(fact.incident_id)
        if incident is not None:
            incident.handled_count = len(incident.command_ids)
            incident.reach(Stage.HANDLED, at)

    def _feed_back(self, at: int, fact: IncidentFedBack) -> None:
        """Each unit's words are a fact of their own; the first of them brings the stage."""
        incident = self._incidents.find(fact.incident_id)
        if incident is not None and incident.stage is not Stage.FED_BACK:
            incident.reach(Stage.FED_BACK, at)

    def _merge(self, at: int, fact: IncidentMerged) -> None:
        incident = self._incidents.find(fact.incident_id)
        if incident is not None:
            incident.reach(Stage.MERGED, at)
            incident.merged_into = fact.into_id
        target = self._incidents.find(fact.into_id)
        if target is not None:
            target.merged_ids = (*target.merged_ids, fact.incident_id)
            target.frozen = None

    def _declare(self, at: int, fact: UnitStatusDeclared) -> None:
        unit = self._unit(fact.unit_id)
        unit.declared = fact.status
        if fact.status is _SOS:
            unit.sos = SosCall(at)
            self._callers.add(unit.id)
        elif unit.sos is not None and unit.sos.is_open:
            # Before there were facts about the end of a call, another word ended it.
            unit.sos = replace(unit.sos, ended_at=at, ended_by=f"unit/{unit.id}")
        self._set_status(unit, at)

    def _acknowledge_sos(self, at: int, fact: SosAcknowledged) -> None:
        self._change_sos(fact, acknowledged_at=at, acknowledged_by=fact.by)

    def _end_sos(self, at: int, fact: SosEnded) -> None:
        self._change_sos(fact, ended_at=at, ended_by=fact.by, reason=fact.reason)

    def _change_sos(self, fact: SosAcknowledged | SosEnded, **changes: Any) -> None:
        unit = self._units.find(fact.unit_id)
        if unit is not None and unit.sos is not None and unit.sos.at == fact.called_at:
            unit.sos = replace(unit.sos, **changes)
            unit.frozen = None

    def _unit(self, unit_id: str) -> UnitRecord:
        unit = self._units.find(unit_id)
        if unit is None:
            unit = self._units[unit_id] = UnitRecord.of(UnitState(unit_id))
        return unit

    def _set_status(self, unit: UnitRecord, at: int) -> None:
        status = self._status_of(unit)
        if status is not unit.status:
            unit.status = status
            unit.since = at
        unit.frozen = None

    def _status_of(self, unit: UnitRecord) -> UnitStatus:
        return shown_status(unit.declared, unit.command_ids, self._commands)


_DISPATCHED, _SOS = Stage.DISPATCHED, UnitStatus.SOS
"""By name at hand: to get a member from its class takes longer than to compare it."""

_OF_A_UNIT = (CommandIssued, CommandAdvanced, UnitStatusDeclared, SosAcknowledged, SosEnded)

_SHOWING = FINAL_STEPS | {Step.EN_ROUTE, Step.ON_SCENE}
"""The steps of a command that show in its unit's status."""


def _series_of(fact: Fact | UnknownFact) -> str | None:
    """The series that a report's number belongs to."""
    return fact.number.rpartition("-")[0] if isinstance(fact, IncidentReported) else None


Fold = Callable[[Picture, int, Any], None]


def _stage_fold(stage: Stage, field_of_outcome: str = "") -> Fold:
    """A fold that brings the incident to `stage`, with the outcome that the fact's field says."""

    def fold(picture: Picture, at: int, fact: Any) -> None:
        incident = picture._incidents.find(fact.incident_id)
        if incident is not None:
            incident.reach(stage, at)
            if field_of_outcome:
                incident.outcome = getattr(fact, field_of_outcome)

    return fold


FOLDS: Mapping[type[Fact], Fold] = {
    IncidentReported: Picture._report,
    IncidentAccepted: _stage_fold(Stage.ACCEPTED),
    IncidentRejected: _stage_fold(Stage.REJECTED, "reason"),
    IncidentMerged: Picture._merge,
    PriorityChanged: Picture._reprioritise,
    CommandIssued: Picture._issue,
    CommandAdvanced: Picture._advance,
    IncidentHandled: Picture._handle,
    IncidentFedBack: Picture._feed_back,
    IncidentVerified: _stage_fold(Stage.VERIFIED),
    IncidentClosed: _stage_fold(Stage.CLOSED, "outcome"),
    IncidentEvaluated: _stage_fold(Stage.EVALUATED),
    UnitStatusDeclared: Picture._declare,
    SosAcknowledged: Picture._acknowledge_sos,
    SosEnded: Picture._end_sos,
}
"""What a picture makes of each kind of fact, given as the picture, the time it happened (ms UTC)
and something with the fields in `FOLDED_FIELDS`. Other kinds change nothing but timelines. To be
called in order, and for a picture without timelines; `Picture.skip_to` ends it."""

_ONLY_FIELDS: Mapping[type[Fact], tuple[str, ...]] = {
    CommandAdvanced: ("command_id", "step", "text"),
    IncidentAccepted: ("incident_id",),
    IncidentHandled: ("incident_id",),
    IncidentFedBack: ("incident_id",),
    IncidentVerified: ("incident_id",),
    IncidentEvaluated: ("incident_id",),
}

FOLDED_FIELDS: Mapping[type[Fact], tuple[str, ...]] = {
    cls: _ONLY_FIELDS.get(cls) or tuple(f.name for f in fields(cls)) for cls in FOLDS
}
"""What a fold reads of a fact."""
