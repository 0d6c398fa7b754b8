"""What one actor may see of the stream: everything else is taken out before it leaves the server.

An incident and all that concerns it belong to the incident's cell; what a unit says of itself, and
that it is under way elsewhere, to the cell where the unit is at home. A position may be seen where
it lies, and by those at whose place the unit is at home, wherever it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from console.access.policy import Actor, Data, Whereabouts, may_read
from console.model.command import Command
from console.model.event import Event
from console.model.facts import (
    CommandAdvanced,
    CommandIssued,
    IncidentMerged,
    IncidentReported,
    UnknownFact,
)
from console.model.incident import Incident
from console.model.text import Text
from console.model.unit import Fix, UnitState, UnitStatus, shown_status


class View:
    """The stream as `actor` may see it. Pure: what it knows it asks `where`."""

    def __init__(self, actor: Actor, where: Whereabouts) -> None:
        self._area = actor.area
        self._where = where
        self._operations = may_read(actor, Data.OPERATIONS)
        self._positions = may_read(actor, Data.POSITIONS)
        self._devices = may_read(actor, Data.DEVICES)
        self.names = may_read(actor, Data.NAMES)
        self.is_whole = self._area.is_whole and self._operations and self._positions
        self.tag = "" if self.is_whole and self._devices else self._tag()
        """Two views with the same tag are the same; "" is that of everything."""

    def events(self, events: Sequence[Event]) -> list[Event]:
        """Those of `events` that may be seen, in order."""
        if not self._operations:
            return []
        if self._area.is_whole:
            return list(events)
        seen = (self._seen_event(e) for e in events)
        return [event for event in seen if event is not None]

    def incidents(self, incidents: Iterable[Incident]) -> list[Incident]:
        """Those of `incidents` that may be seen."""
        if not self._operations:
            return []
        if self._area.is_whole:
            return list(incidents)
        return [self._cleared(i) for i in incidents if self._area.holds(i.cell_code)]

    def commands(self, commands: Iterable[Command]) -> list[Command]:
        """What of `commands` may be seen: of a unit sent elsewhere, its own officers see that it is
        under way, so that they do not send it a second time, but neither where to nor what for.
        """
        if not self._operations:
            return []
        if self._area.is_whole:
            return list(commands)
        seen = (self._seen_command(c) for c in commands)
        return [command for command in seen if command is not None]

    def _seen_command(self, command: Command) -> Command | None:
        if self._sees_incident(command.incident_id):
            return command
        if not self._area.holds(self._where.cell_of_unit(command.unit_id)):
            return None
        return replace(command, incident_id="", text=Text(), reason="", remarks=())

    def units(self, units: Iterable[UnitState], commands: Mapping[str, Command]) -> list[UnitState]:
        """What of `units` may be seen; `commands` are those that may be, by id."""
        if not self._operations:
            return []
        if self._area.is_whole:
            return list(units)
        seen = (self._seen_of(unit, commands) for unit in units)
        return [unit for unit in seen if unit is not None]

    def _seen_of(self, unit: UnitState, commands: Mapping[str, Command]) -> UnitState | None:
        """The unit as its events that may be seen make it, None without any: what it declares
        belongs to where it is at home, what it is sent to do to where that is.
        """
        is_ours = self._area.holds(self._where.cell_of_unit(unit.id))
        ids = tuple(c for c in unit.command_ids if c in commands)
        if not is_ours and not ids:
            return None
        declared = unit.declared if is_ours else UnitStatus.FREE
        status = shown_status(declared, ids, commands)
        since = unit.since
        if ids != unit.command_ids or not is_ours:
            since = max((at for c in ids for _, at in commands[c].step_times), default=0)
        sos = unit.sos if is_ours else None
        return UnitState(unit.id, declared, status, since, ids, sos)

    def _cleared(self, incident: Incident) -> Incident:
        """As `_redacted`, of what it came to."""
        into = incident.merged_into
        return replace(
            incident,
            merged_into=into if self._sees_incident(into) else "",
            merged_ids=tuple(i for i in incident.merged_ids if self._sees_incident(i)),
        )

    def _sees_incident(self, incident_id: str) -> bool:
        return self._area.holds(self._where.cell_of_incident(incident_id))

    def fixes(self, fixes: Iterable[Fix]) -> list[Fix]:
        """Those of `fixes` that may be seen."""
        if not self._positions:
            return []
        if self._area.is_whole:
            return list(fixes)
        return [f for f in fixes if self._sees_fix(f)]

    @property
    def seen_areas(self) -> tuple[str, ...]:
        """The beginnings of the codes of the cells in which positions may be seen."""
        return self._area.prefixes if self._positions else ()

    def sees_cell(self, code: str | None) -> bool:
        """Whether positions in the cell `code`, or of units at home there, may be seen."""
        return self._positions and self._area.holds(code)

    def sees_work(self, unit_id: str) -> bool:
        """Whether the unit is sent to an incident that may be seen."""
        work = self._where.cells_of_work(unit_id) if self._operations else ()
        return any(self._area.holds(code) for code in work)

    def devices(self, unit_ids: frozenset[str]) -> frozenset[str]:
        """Those of the units on line that may be known of."""
        if not self._devices:
            return frozenset()
        if self._area.is_whole:
            return unit_ids
        home = self._where.cell_of_unit
        return frozenset(u for u in unit_ids if self._area.holds(home(u)))

    def _sees_fix(self, fix: Fix) -> bool:
        at_home = self._area.holds(self._where.cell_of_unit(fix.unit_id))
        return at_home or self._area.holds(self._where.cell_at(fix.lon, fix.lat))

    def _cell_of(self, event: Event) -> str | None:
        fact = event.fact
        if isinstance(fact, IncidentReported):
            return fact.cell_code
        if isinstance(fact, UnknownFact):
            return None  # of a kind that nobody here knows: it may name anybody, anywhere
        incident_id = getattr(fact, "incident_id", None)
        if incident_id is not None:
            return self._where.cell_of_incident(incident_id)
        unit_id = getattr(fact, "unit_id", None)
        return None if unit_id is None else self._where.cell_of_unit(unit_id)

    def _seen_event(self, event: Event) -> Event | None:
        if self._area.holds(self._cell_of(event)):
            return self._redacted(event)
        fact = event.fact
        if not isinstance(fact, CommandIssued | CommandAdvanced):
            return None
        if not self._area.holds(self._where.cell_of_unit(fact.unit_id)):
            return None
        if isinstance(fact, CommandIssued):
            return replace(event, fact=replace(fact, incident_id="", text=Text()))
        return replace(event, fact=replace(fact, incident_id="", text=""))

    def _redacted(self, event: Event) -> Event:
        """An incident may be merged into one elsewhere; which one is not told."""
        fact = event.fact
        if not isinstance(fact, IncidentMerged):
            return event
        if self._sees_incident(fact.into_id):
            return event
        return replace(event, fact=replace(fact, into_id=""))

    def _tag(self) -> str:
        flags = (self._operations, self._positions, self._devices)
        said = ",".join(self._area.prefixes) + "".join("+-"[not flag] for flag in flags)
        return hashlib.sha256(said.encode()).hexdigest()[:32]
