"""What is done with an incident now and then: another priority, joining it to another incident."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QMenu, QWidget

from console.i18n import tr
from console.model.geo import ground_distance_m, world_from_lonlat
from console.model.incident import Incident, Stage
from console.model.requests import ChangePriority, MergeIncident
from widgets.common import format as fmt
from widgets.common.buttons import Button, on_click
from widgets.common.desk import Desk
from widgets.common.theme import font

MOST_OFFERED = 8
"""How many open incidents, the nearest first, an incident may be merged into from the menu."""

_TO_MERGE = (Stage.REPORTED, Stage.ACCEPTED)


class IncidentMenu(Button):
    """A button with a menu. `priority_wanted` carries the new priority, `merge_wanted` the id of
    the incident to merge into.
    """

    priority_wanted = Signal(int)
    merge_wanted = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("plain", icon="more", parent=parent)
        self._desk = desk
        self._incident: Incident | None = None
        on_click(self, self.open)

    def show_incident(self, incident: Incident) -> None:
        """Serve this incident."""
        self._incident = incident
        self.set_words("", tr("incident.menu.tip"))
        self.setVisible(incident.stage.is_open)

    def open(self) -> None:
        """Open the menu under the button."""
        if self._incident is None or not self._incident.stage.is_open:
            return
        menu = QMenu(self)
        menu.setFont(font("caption"))
        menu.setToolTipsVisible(True)
        self.fill_priorities(menu.addMenu(tr("incident.menu.priority")), self._incident)
        menu.addSeparator()
        self.fill_merge(menu.addMenu(tr("incident.menu.merge")), self._incident)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))

    def fill_priorities(self, menu: QMenu, incident: Incident) -> None:
        """The four priorities, the present one ticked."""
        if self._closed(menu, self._desk.why_not(ChangePriority)):
            return
        for priority in (1, 2, 3, 4):
            action = menu.addAction(tr(f"common.priority.p{priority}"))
            action.setCheckable(True)
            action.setChecked(priority == incident.priority)
            action.setEnabled(priority != incident.priority)
            action.triggered.connect(partial(self._want_priority, priority))

    def fill_merge(self, menu: QMenu, incident: Incident) -> None:
        """The open incidents near this one, the nearest first."""
        sent = "" if incident.stage in _TO_MERGE else tr("incident.menu.merge_sent")
        near = self._nearest(incident)
        nowhere = "" if near else tr("incident.menu.merge_nowhere")
        if self._closed(menu, self._desk.why_not(MergeIncident) or sent or nowhere):
            return
        now = self._desk.now_ms()
        for other, metres in near:
            words = tr(
                "incident.menu.into",
                title=self._desk.title_of(other),
                number=other.number,
                distance=fmt.distance(metres),
                age=fmt.age(now - other.reported_at),
            )
            menu.addAction(words).triggered.connect(partial(self._want_merge, other.id))

    def _nearest(self, incident: Incident) -> list[tuple[Incident, float]]:
        here = world_from_lonlat(incident.position.lon, incident.position.lat)
        found = [
            (other, float(ground_distance_m(*here, *world_from_lonlat(*_lonlat(other)))))
            for other in self._desk.picture.incidents.values()
            if other.stage.is_open and other.id != incident.id
        ]
        return sorted(found, key=lambda pair: pair[1])[:MOST_OFFERED]

    def _closed(self, menu: QMenu, reason: str) -> bool:
        """Whether nothing can be chosen; the menu's only line says why."""
        if reason:
            menu.addAction(reason).setEnabled(False)
        return bool(reason)

    def _want_priority(self, priority: int, _checked: bool = False) -> None:
        self.priority_wanted.emit(priority)

    def _want_merge(self, incident_id: str, _checked: bool = False) -> None:
        self.merge_wanted.emit(incident_id)


def _lonlat(incident: Incident) -> tuple[float, float]:
    return incident.position.lon, incident.position.lat
