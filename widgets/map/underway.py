"""The ways of units that were sent: found off the GUI thread, shortened as the units come on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from console.city.travel import profile_of
from console.model.command import Command
from layers.routes import RouteMark
from layers.units import UnitMarks
from widgets.bridge.worker import run_in_background
from widgets.common.desk import Desk
from widgets.map.marks import commands_under_way

OFF_ROUTE_M = 200.0
"""World metres from its way beyond which a unit is given a new one."""

Way = NDArray[np.float64]
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class RouteSearch:
    """A search for a way from `start` to `goal` (world points), and the `way` that it found: None
    while it runs, no points where none leads there.
    """

    start: Place
    goal: Place
    way: Way | None = None

    def serves(self, at: Place, goal: Place) -> bool:
        """Whether a search from `at` to `goal` would find no more than this one did."""
        return goal == self.goal and math.dist(at, self.start) <= OFF_ROUTE_M


class UnderwayRoutes(QObject):
    """One way for each command whose unit is en route. `changed` when one was found."""

    changed = Signal()

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._searches: dict[str, RouteSearch] = {}
        self._ids: Sequence[str] = ()
        self._rows: dict[str, int] = {}

    def marks(self, units: UnitMarks) -> list[RouteMark]:
        """The ways as they are left from where the units are now; missing ones are looked for."""
        commands = {c.id: c for c in commands_under_way(self._desk)}
        for gone in self._searches.keys() - commands.keys():
            del self._searches[gone]
        found: list[RouteMark] = []
        if not commands:
            return found
        if units.ids is not self._ids:
            self._ids = units.ids
            self._rows = {unit_id: row for row, unit_id in enumerate(units.ids)}
        for command in commands.values():
            row = self._rows.get(command.unit_id)
            if row is not None:
                left = self._left(command, units.xy[row])
                if left is not None:
                    chosen = command.incident_id == self._desk.selection.incident_id
                    found.append(RouteMark(command.unit_id, 0, chosen, left))
        return found

    def _left(self, command: Command, at: Way) -> Way | None:
        incident = self._desk.picture.incidents.get(command.incident_id)
        if incident is None or command.unit_id not in self._desk.city.units:
            return None
        search, here, goal = self._searches.get(command.id), _place(at), incident.position.world
        if search is not None and search.way is not None and len(search.way) > 1:
            rest, away = rest_of_way(search.way, at)
            if away <= OFF_ROUTE_M and goal == search.goal:
                return rest
        # where no way was found none is looked for again until the unit or the incident has moved
        if search is None or (search.way is not None and not search.serves(here, goal)):
            self._find(command, RouteSearch(here, goal))
        return None

    def _find(self, command: Command, search: RouteSearch) -> None:
        self._searches[command.id] = search
        units, roads = self._desk.city.units, self._desk.city.roads
        profile = profile_of(units.kind[units.index(command.unit_id)])
        run_in_background(
            lambda: np.asarray(roads.path(*search.start, *search.goal, profile).xy, np.float64),
            lambda way: self._keep(command.id, replace(search, way=way)),
            lambda _error: self._keep(command.id, replace(search, way=np.empty((0, 2)))),
            owner=self,
        )

    def _keep(self, command_id: str, search: RouteSearch) -> None:
        self._searches[command_id] = search
        self.changed.emit()


def _place(xy: Way) -> Place:
    return float(xy[0]), float(xy[1])


def rest_of_way(way: Way, at: Way) -> tuple[Way, float]:
    """What is left of a way (p, 2) from its point nearest to `at`, beginning at `at`, and how far
    `at` is from it (world metres)."""
    start, step = way[:-1], np.diff(way, axis=0)
    squared = np.maximum((step**2).sum(1), 1e-9)
    share = np.clip((((at - start) * step).sum(1)) / squared, 0.0, 1.0)
    nearest = start + share[:, None] * step
    away = np.hypot(*(nearest - at).T)
    leg = int(np.argmin(away))
    return np.concatenate([at.reshape(1, 2), way[leg + 1 :]]), float(away[leg])
