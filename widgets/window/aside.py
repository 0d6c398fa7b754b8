"""The right column: the card of what is selected, above the incident."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.common.desk import Desk
from widgets.incident.panel import IncidentPanel
from widgets.selected import CameraCard, UnitCard


class Aside(QWidget):
    """`step_back` puts away the topmost thing that is open in the column."""

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
