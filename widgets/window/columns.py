"""Queue, map and incident side by side; where three have no room, two take turns."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QWidget

from widgets.common.theme import px, tokens

_NARROWEST = {"queue": 0.8, "incident": 0.9, "map_minimum": 0.5}
"""How much of its width by design a column needs at least."""


class Columns(QSplitter):
    """`turns_changed` says whether queue and incident take turns now, and which of them shows."""

    turns_changed = Signal(bool, bool)

    def __init__(self, queue: QWidget, middle: QWidget, incident: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._queue, self._map, self._incident = queue, middle, incident
        self._take_turns = False
        self._incident_shows = False
        for column in (queue, middle, incident):
            self.addWidget(column)
        self.setStretchFactor(1, 1)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(1)

    def show_incident(self, shows: bool) -> None:
        """Where they take turns: the incident now, or the queue."""
        if shows != self._incident_shows:
            self._incident_shows = shows
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
            (self._incident, "incident"),
        )

    def _arrange(self) -> None:
        if not self.isVisible():
            return
        needed = sum(column.minimumWidth() for column, _ in self._named())
        take_turns = self.width() < needed + 2 * self.handleWidth()
        hidden = (self._queue if self._incident_shows else self._incident) if take_turns else None
        for column in (self._queue, self._incident):
            column.setVisible(column is not hidden)
        if take_turns != self._take_turns and not take_turns:
            self._take_turns = take_turns
            self.usual_sizes()
        self._take_turns = take_turns
        self.turns_changed.emit(take_turns, self._incident_shows)
