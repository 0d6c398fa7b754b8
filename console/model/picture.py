"""The picture: what is so, as the fold of everything that happened.

Live it is the fold up to now, in replay up to a moment, in an exercise of a private journal. The
values in it are frozen; the picture itself grows in place, because a desk folds a million events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from console.model.command import Command, Step
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
    NoteAdded,
    PriorityChanged,
    UnitStatusDeclared,
    UnknownFact,
)
from console.model.geo import LonLat
from console.model.incident import Incident, Stage
from console.model.unit import UnitState, UnitStatus


@dataclass(slots=True)
class Touched:
    """Which incidents, commands and units some events have touched, by id."""

    incidents: set[str] = field(default_factory=set)
    commands: set[str] = field(default_factory=set)
    units: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Undo:
    """What an event is about to change: mappings, keys and what stands there (None: nothing)."""

    seq: int
    values: tuple[tuple[MutableMapping[str, Any], str, Any], ...]


class Picture:
    """Incidents, commands and units as they stand after event `seq`.

    `timelines` False leaves out the events of each incident, which only a desk shows.
    """

    def __init__(self, *, timelines: bool = True) -> None:
        self.seq = 0
        self._incidents: MutableMapping[str, Incident] = {}
        self._commands: MutableMapping[str, Command] = {}
        self._units: dict[str, UnitState] = {}
        self._timelines: dict[str, list[Event]] = {}
        self._last_numbers: dict[str, int] = {}
        self._with_timelines = timelines

    @property
    def incidents(self) -> Mapping[str, Incident]:
        """All incidents by id, in the order they were reported."""
        return MappingProxyType(self._incidents)

    @property
    def commands(self) -> Mapping[str, Command]:
        """All commands by id, in the order they were issued."""
        return MappingProxyType(self._commands)

    def last_number(self, series: str) -> int:
        """The highest serial given in a series of incident numbers (`E-20261121`), 0 for none."""
        return self._last_numbers.get(series, 0)

    def unit(self, unit_id: str) -> UnitState:
        """What the journal says of a unit; one it never mentions is free."""
        return self._units.get(unit_id) or UnitState(unit_id)

    def timeline(self, incident_id: str) -> tuple[Event, ...]:
        """The events that concern an incident, its commands' among them, oldest first."""
        return tuple(self._timelines.get(incident_id, ()))

    def commands_of(self, incident_id: str) -> tuple[Command, ...]:
        """The commands given for an incident, oldest first."""
        incident = self._incidents.get(incident_id)
        return tuple(self._commands[c] for c in incident.command_ids) if incident else ()

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
            fold = _FOLDS.get(type(event.fact))
            if fold is not None:
                fold(self, event, event.fact, touched)
            self._remember(event, touched)
        return touched

    def undo_of(self, event: Event) -> Undo:
        """How to take `event` back, which is about to be applied."""
        fact = event.fact
        places: tuple[tuple[MutableMapping[str, Any], str | None], ...] = (
            (self._incidents, getattr(fact, "incident_id", None)),
            (self._commands, getattr(fact, "command_id", None)),
            (self._units, getattr(fact, "unit_id", None)),
            (self._last_numbers, _series_of(fact)),
        )
        return Undo(self.seq, tuple((m, key, m.get(key)) for m, key in places if key is not None))

    def take_back(self, undo: Undo) -> None:
        """Make it as if the event had not been; the newest must go first."""
        for mapping, key, value in undo.values:
            if value is not None:
                mapping[key] = value
            else:
                mapping.pop(key, None)
        if self._with_timelines:
            for timeline in self._timelines.values():
                while timeline and timeline[-1].seq > undo.seq:
                    timeline.pop()
        self.seq = undo.seq

    def _remember(self, event: Event, touched: Touched) -> None:
        incident_id = getattr(event.fact, "incident_id", None)
        if incident_id is not None:
            touched.incidents.add(incident_id)
            if self._with_timelines:
                self._timelines.setdefault(incident_id, []).append(event)

    def _report(self, event: Event, fact: IncidentReported, _touched: Touched) -> None:
        at = event.happened_at
        series, _, serial = fact.number.rpartition("-")
        if serial.isdecimal():
            self._last_numbers[series] = max(self.last_number(series), int(serial))
        self._incidents[fact.incident_id] = Incident(
            id=fact.incident_id,
            number=fact.number,
            type_code=fact.type_code,
            priority=fact.priority,
            position=LonLat(fact.lon, fact.lat),
            address=fact.address,
            words=fact.words,
            source=fact.source,
            cell_code=fact.cell_code,
            stage=Stage.REPORTED,
            reported_at=at,
            stage_times=((Stage.REPORTED, at),),
        )

    def _reach(self, incident_id: str, stage: Stage, at: int, **changes: Any) -> None:
        old = self._incidents.get(incident_id)
        if old is not None:
            times = (*old.stage_times, (stage, at))
            self._incidents[incident_id] = replace(old, stage=stage, stage_times=times, **changes)

    def _reprioritise(self, _event: Event, fact: PriorityChanged, _touched: Touched) -> None:
        old = self._incidents.get(fact.incident_id)
        if old is not None:
            self._incidents[fact.incident_id] = replace(old, priority=fact.priority)

    def _issue(self, event: Event, fact: CommandIssued, touched: Touched) -> None:
        at = event.happened_at
        self._commands[fact.command_id] = Command(
            id=fact.command_id,
            incident_id=fact.incident_id,
            unit_id=fact.unit_id,
            text=fact.text,
            step=Step.QUEUED,
            step_times=((Step.QUEUED, at),),
        )
        self._add_to_incident(fact, at)
        unit = self.unit(fact.unit_id)
        active = (*unit.command_ids, fact.command_id)
        self._set_unit(replace(unit, command_ids=active), at, touched)
        touched.commands.add(fact.command_id)

    def _add_to_incident(self, fact: CommandIssued, at: int) -> None:
        incident = self._incidents.get(fact.incident_id)
        if incident is None:
            return
        commands = (*incident.command_ids, fact.command_id)
        if incident.stage is Stage.DISPATCHED:
            self._incidents[fact.incident_id] = replace(incident, command_ids=commands)
        else:
            self._reach(fact.incident_id, Stage.DISPATCHED, at, command_ids=commands)

    def _advance(self, event: Event, fact: CommandAdvanced, touched: Touched) -> None:
        old = self._commands.get(fact.command_id)
        if old is None:
            return
        at = event.happened_at
        self._commands[fact.command_id] = replace(
            old,
            step=fact.step,
            step_times=(*old.step_times, (fact.step, at)),
            reason=fact.text or old.reason,
        )
        touched.commands.add(fact.command_id)
        unit = self.unit(old.unit_id)
        if fact.step.is_final:
            active = tuple(c for c in unit.command_ids if c != fact.command_id)
            unit = replace(unit, command_ids=active)
        self._set_unit(unit, at, touched)

    def _declare(self, event: Event, fact: UnitStatusDeclared, touched: Touched) -> None:
        unit = replace(self.unit(fact.unit_id), declared=fact.status)
        self._set_unit(unit, event.happened_at, touched)

    def _set_unit(self, unit: UnitState, at: int, touched: Touched) -> None:
        status = self._status_of(unit)
        since = unit.since if status == unit.status else at
        self._units[unit.id] = replace(unit, status=status, since=since)
        touched.units.add(unit.id)

    def _status_of(self, unit: UnitState) -> UnitStatus:
        """Distress beats all; a second assignment never hides that the unit is on scene."""
        steps = {self._commands[c].step for c in unit.command_ids}
        if unit.declared is UnitStatus.SOS:
            return UnitStatus.SOS
        if Step.ON_SCENE in steps:
            return UnitStatus.ON_SCENE
        if Step.EN_ROUTE in steps:
            return UnitStatus.EN_ROUTE
        return unit.declared


def _series_of(fact: Fact | UnknownFact) -> str | None:
    """The series that a report's number belongs to."""
    return fact.number.rpartition("-")[0] if isinstance(fact, IncidentReported) else None


_Fold = Callable[[Picture, Event, Any, Touched], None]


def _stage_fold(stage: Stage, **fields: str) -> _Fold:
    """A fold that brings the incident to `stage`; `fields` names fact fields to copy over."""

    def fold(picture: Picture, event: Event, fact: Any, _touched: Touched) -> None:
        changes = {own: getattr(fact, theirs) for own, theirs in fields.items()}
        picture._reach(fact.incident_id, stage, event.happened_at, **changes)

    return fold


def _nothing(_picture: Picture, _event: Event, _fact: Any, _touched: Touched) -> None:
    """For facts that only stand in the timeline."""


_FOLDS: Mapping[type[Fact] | type, _Fold] = {
    IncidentReported: Picture._report,
    IncidentAccepted: _stage_fold(Stage.ACCEPTED),
    IncidentRejected: _stage_fold(Stage.REJECTED, outcome="reason"),
    IncidentMerged: _stage_fold(Stage.MERGED, merged_into="into_id"),
    PriorityChanged: Picture._reprioritise,
    NoteAdded: _nothing,
    CommandIssued: Picture._issue,
    CommandAdvanced: Picture._advance,
    IncidentHandled: _stage_fold(Stage.HANDLED),
    IncidentFedBack: _stage_fold(Stage.FED_BACK),
    IncidentVerified: _stage_fold(Stage.VERIFIED),
    IncidentClosed: _stage_fold(Stage.CLOSED, outcome="outcome"),
    IncidentEvaluated: _stage_fold(Stage.EVALUATED),
    UnitStatusDeclared: Picture._declare,
}
