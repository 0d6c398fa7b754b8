"""From the desk's values (picture, fixes, roster, plans) to what the map's layers draw."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from console.city import short_cell_code
from console.i18n import tr
from console.model.command import Command
from console.model.geo import world_from_lonlat
from console.model.incident import Incident, Stage
from console.model.unit import UnitKind, UnitStatus
from console.session import effective_status, sos_calls
from layers.distress import DistressMark
from layers.incidents import IncidentMark
from layers.routes import RouteMark
from layers.units import UnitMarks
from widgets.bridge.language import spoken
from widgets.common import format as fmt
from widgets.common.desk import Desk
from widgets.common.selection import RouteOffer

OLD_MS = 90_000
"""From this age on the position of a unit in distress is drawn as an old one."""

CLOSED_SHOWN_MS = 10 * 60_000
"""An incident that was closed stays on the map this long."""


class UnitSource:
    """Units of the roster as marks; names are read once a language."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._rows = {unit_id: row for row, unit_id in enumerate(desk.city.units.id)}
        self._ids = list(self._rows)
        self._titles: list[str] = []

    def forget_words(self) -> None:
        """Read the names anew: the language is another."""
        self._titles = []

    def marks(self) -> UnitMarks:
        """All units but those that left this desk's area: where they were last, or at home if they
        never said.
        """
        units = self._desk.city.units
        self._titles = self._titles or [spoken(name) for name in units.name]
        xy, heading, fixed_at = self._positions()
        words = {status: tr(f"common.unit_status.{status.value}") for status in UnitStatus}
        join, rows = tr("map.join"), self._shown()
        ids = [self._ids[row] for row in rows]
        states = [self._status_of(unit_id) for unit_id in ids]
        return UnitMarks(
            ids=ids,
            xy=xy[rows],
            kind=[units.kind[row] for row in rows],
            status=states,
            heading_deg=heading[rows],
            fixed_at=fixed_at[rows],
            titles=[self._titles[row] for row in rows],
            details=[words[s] + join + i for i, s in zip(ids, states, strict=True)],
        )

    def _shown(self) -> list[int]:
        """The rows of the roster that are drawn. Who left the area was somewhere else than at home
        when it did: no place on the map would be true.
        """
        gone = self._desk.session.fixes.gone
        return [row for row, unit_id in enumerate(self._ids) if unit_id not in gone]

    def _status_of(self, unit_id: str) -> UnitStatus:
        return effective_status(self._desk.picture, self._desk.session.fixes, unit_id)

    def _positions(
        self,
    ) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.int64]]:
        xy = np.array(self._desk.city.units.xy, np.float64).reshape(-1, 2)
        heading = np.full(len(xy), np.nan, np.float32)
        fixed_at = np.zeros(len(xy), np.int64)
        unit_ids, fix_xy, fix_heading, fix_at = self._desk.session.fixes.all()
        known = [(self._rows[u], i) for i, u in enumerate(unit_ids) if u in self._rows]
        if known:
            rows, order = np.array(known).T
            xy[rows], heading[rows] = fix_xy[order], fix_heading[order]
            fixed_at[rows] = fix_at[order]
        return xy, heading, fixed_at


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
    age = desk.now_ms() - fix.at if fix is not None else OLD_MS + 1
    words = tr("map.unit.stale", age=fmt.age(age)) if fix is not None else tr("map.unit.never")
    return DistressMark(
        unit_id=unit_id,
        kind=units.kind[row] if row >= 0 else UnitKind.FOOT,
        x=float(x),
        y=float(y),
        waits=waits,
        stale=age > OLD_MS,
        title=desk.unit_name(unit_id),
        detail=words if age > OLD_MS else tr("common.unit_status.sos"),
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


def world_of(incident: Incident) -> tuple[float, float]:
    """Where an incident is, world metres."""
    x, y = world_from_lonlat(incident.position.lon, incident.position.lat)
    return float(x), float(y)


def _is_shown(incident: Incident, now_ms: int) -> bool:
    if incident.stage in (Stage.MERGED, Stage.REJECTED):
        return False
    return incident.stage.is_open or now_ms - incident.stage_since < CLOSED_SHOWN_MS


def _incident_mark(desk: Desk, incident: Incident) -> IncidentMark:
    standing = desk.standing(incident)
    x, y = world_of(incident)
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
