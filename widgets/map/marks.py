"""From the desk's values (picture, fixes, roster, plans) to what the map's layers draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from console.city import short_cell_code
from console.i18n import tr
from console.model.command import Command
from console.model.geo import world_from_lonlat
from console.model.incident import Incident, Stage
from console.model.unit import STALE_AFTER_MS, UnitKind, UnitStatus
from console.session import effective_status, sos_calls
from layers.distress import DistressMark
from layers.incidents import IncidentMark
from layers.routes import RouteMark
from layers.units import NO_UNITS, UnitMarks
from widgets.bridge.language import spoken
from widgets.common import format as fmt
from widgets.common.desk import Desk
from widgets.common.selection import RouteOffer

CLOSED_SHOWN_MS = 10 * 60_000
"""An incident that was closed stays on the map this long."""


class UnitSource:
    """Units of the roster as marks; names are read once a language.

    A tick in which units only moved makes new positions and nothing else.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ids = list(desk.city.units.id)
        self._titles: list[str] = []
        self._made = NO_UNITS
        self._made_for = -1
        self._home_xy = np.empty((0, 2))
        self._heard = self._fix_of = np.empty(0, np.int64)
        """The marks that a fix is known of, and the rows of those fixes."""

    def forget_words(self) -> None:
        """Read the names anew: the language is another."""
        self._titles = []

    def marks(self) -> UnitMarks:
        """All units but those that left this desk's area: where they were last, or at home if they
        never said.
        """
        units, fixes = self._desk.city.units, self._desk.session.fixes
        self._titles = self._titles or [spoken(name) for name in units.name]
        # Who left the area was somewhere else than at home when it did: no place would be true.
        rows = [row for row, unit_id in enumerate(self._ids) if unit_id not in fixes.gone]
        ids = [self._ids[row] for row in rows]
        states = [effective_status(self._desk.picture, fixes, unit_id) for unit_id in ids]
        self._home_xy = np.array(units.xy, np.float64).reshape(-1, 2)[rows]
        row_of = {unit_id: row for row, unit_id in enumerate(fixes.all()[0])}
        known = [(mark, row_of[u]) for mark, u in enumerate(ids) if u in row_of]
        self._heard, self._fix_of = np.array(known, np.int64).reshape(-1, 2).T
        self._made_for = fixes.version
        self._made = replace(
            NO_UNITS,
            ids=ids,
            kind=[units.kind[row] for row in rows],
            status=states,
            titles=[self._titles[row] for row in rows],
            details=self._details(ids, states),
        )
        return self.moved()

    def moved(self) -> UnitMarks:
        """The marks as they were, where units are now."""
        fixes = self._desk.session.fixes
        if self._made_for != fixes.version:
            return self.marks()
        _, fix_xy, fix_heading, fix_at = fixes.all()
        xy, heard, row = self._home_xy.copy(), self._heard, self._fix_of
        heading, fixed_at = np.full(len(xy), np.nan, np.float32), np.zeros(len(xy), np.int64)
        xy[heard], heading[heard], fixed_at[heard] = fix_xy[row], fix_heading[row], fix_at[row]
        return replace(self._made, xy=xy, heading_deg=heading, fixed_at=fixed_at)

    def _details(self, ids: Sequence[str], states: Sequence[UnitStatus]) -> list[str]:
        """What the hover card says: what the unit is doing, and what is wrong with its device."""
        words = {status: tr(f"common.unit_status.{status.value}") for status in UnitStatus}
        join, faults = tr("map.join"), self._desk.session.device_faults
        details = [words[s] + join + i for i, s in zip(ids, states, strict=True)]
        for mark, unit_id in enumerate(ids if faults else ()):
            if unit_id in faults:
                details[mark] += join + fmt.device_fault(faults[unit_id])
        return details


def distress_marks(desk: Desk) -> list[DistressMark]:
    """Units that call for help, where they were last, or at home; not one of which no place on the
    map would be true.
    """
    calls = sos_calls(desk.picture, desk.session.fixes)
    marks = (_distress_mark(desk, unit_id, not c.acknowledged_at) for unit_id, c in calls.items())
    return [mark for mark in marks if mark is not None]


def _distress_mark(desk: Desk, unit_id: str, waits: bool) -> DistressMark | None:
    units, fix = desk.city.units, desk.session.fixes.of(unit_id)
    row = units.index(unit_id) if unit_id in units else -1
    if fix is not None:
        x, y = world_from_lonlat(fix.lon, fix.lat)
    elif row >= 0 and unit_id not in desk.session.fixes.gone:
        x, y = units.xy[row]
    else:
        return None
    age = desk.now_ms() - fix.at if fix is not None else STALE_AFTER_MS + 1
    words = tr("map.unit.stale", age=fmt.age(age)) if fix is not None else tr("map.unit.never")
    return DistressMark(
        unit_id=unit_id,
        kind=units.kind[row] if row >= 0 else UnitKind.FOOT,
        x=float(x),
        y=float(y),
        waits=waits,
        stale=age > STALE_AFTER_MS,
        title=desk.unit_name(unit_id),
        detail=words if age > STALE_AFTER_MS else tr("common.unit_status.sos"),
    )


def incident_marks(desk: Desk) -> list[IncidentMark]:
    """Incidents that are open or were closed a short while ago."""
    now = desk.now_ms()
    return [_incident_mark(desk, i) for i in desk.picture.incidents.values() if _is_shown(i, now)]


def offered_routes(offers: Sequence[RouteOffer]) -> list[RouteMark]:
    """The ways of those who could be sent."""
    return [RouteMark(o.unit_id, o.rank, o.ticked, o.route_xy, fmt.eta(o.seconds)) for o in offers]


def commands_under_way(desk: Desk) -> list[Command]:
    """Commands whose unit is on its way to a place."""
    return [
        command
        for command in desk.picture.commands.values()
        if not command.step.is_final
        and desk.picture.unit(command.unit_id).status is UnitStatus.EN_ROUTE
    ]


def _is_shown(incident: Incident, now_ms: int) -> bool:
    if incident.stage in (Stage.MERGED, Stage.REJECTED):
        return False
    return incident.stage.is_open or now_ms - incident.stage_since < CLOSED_SHOWN_MS


def _incident_mark(desk: Desk, incident: Incident) -> IncidentMark:
    standing = desk.standing(incident)
    x, y = incident.position.world
    age = fmt.age(desk.now_ms() - incident.reported_at)
    words = [short_cell_code(incident.cell_code), standing.state, age]
    return IncidentMark(
        id=incident.id,
        x=x,
        y=y,
        priority=min(max(incident.priority, 1), 4),
        share=standing.share,
        over=standing.over,
        closed=not incident.stage.is_open,
        flashing=incident.priority == 1 and incident.stage is Stage.REPORTED,
        title=desk.title_of(incident),
        detail=tr("map.join").join(word for word in words if word),
    )
