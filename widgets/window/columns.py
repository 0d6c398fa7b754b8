"""The columns of the desk: queue, map, and the details of what is selected."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from widgets.common.desk import Desk
from widgets.common.theme import px, tokens
from widgets.incident.panel import IncidentPanel
from widgets.selected import CameraCard, UnitCard

_NARROWEST = {"queue": 0.8, "incident": 0.9, "map_minimum": 0.5}
"""How much of its width by design a column needs at least."""


class DeskColumns(QSplitter):
    """Queue, map and details side by side; where three have no room, two take turns.

    `turns_changed` says whether queue and details take turns now, and whether the details show.
    """

    turns_changed = Signal(bool, bool)

    def __init__(self, queue: QWidget, middle: QWidget, details: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._queue, self._map, self._details = queue, middle, details
        self._take_turns = False
        self._details_show = False
        for column in (queue, middle, details):
            self.addWidget(column)
        self.setStretchFactor(1, 1)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(1)

    def show_details(self, shows: bool) -> None:
        """Where they take turns: the details now, or the queue."""
        if shows != self._details_show:
            self._details_show = shows
            self._arrange()

    def usual_sizes(self) -> None:
        """Give every column the width it has by design."""
        designed = tokens()["columns_px"]
        for column, name in self._named():
            column.setMinimumWidth(px(round(designed[name] * _NARROWEST[name])))
        queue, incident = px(designed["queue"]), px(designed["incident"])
        self.setSizes([queue, max(1, self.width() - queue - incident), incident])
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        """Only a splitter that shows knows how wide it is."""
        super().showEvent(event)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width has room for three, or for two."""
        super().resizeEvent(event)
        self._arrange()

    def _named(self) -> tuple[tuple[QWidget, str], ...]:
        return (
            (self._queue, "queue"),
            (self._map, "map_minimum"),
            (self._details, "incident"),
        )

    def _arrange(self) -> None:
        if not self.isVisible():
            return
        needed = sum(column.minimumWidth() for column, _ in self._named())
        take_turns = self.width() < needed + 2 * self.handleWidth()
        hidden = (self._queue if self._details_show else self._details) if take_turns else None
        for column in (self._queue, self._details):
            column.setVisible(column is not hidden)
        if take_turns != self._take_turns and not take_turns:
            self._take_turns = take_turns
            self.usual_sizes()
        self._take_turns = take_turns
        self.turns_changed.emit(take_turns, self._details_show)


class DetailColumn(QWidget):
    """The card of the selected unit or camera, above the incident.

    `step_back` puts away the topmost thing that is open in the column.
    """

    def __init__(self, desk: Desk, incident: IncidentPanel) -> None:
        super().__init__()
        self._desk = desk
        self._incident = incident
        self.unit = UnitCard(desk)
        self.camera = CameraCard(desk)
        self.unit.send_wanted.connect(incident.send_unit)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.unit)
        column.addWidget(self.camera)
        column.addWidget(incident, 1)

    def step_back(self) -> bool:
        """Put away what an officer is writing, then a card; False when nothing was open."""
        if self._incident.step_back():
            return True
        selection = self._desk.selection
        if selection.unit_id or selection.inspected_camera_id:
            selection.select_unit("")
            selection.inspect_camera("")
            return True
        return False
