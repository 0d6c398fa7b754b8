"""The selected camera: what is known of it, and its live picture."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QWidget

from console.city import short_cell_code
from console.i18n import tr
from console.model.geo import LonLat
from widgets.bridge.language import follow_language, spoken
from widgets.common import format as fmt
from widgets.common.buttons import Button, on_click
from widgets.common.desk import Desk
from widgets.common.states import IconMark
from widgets.selected.fact_card import FactCard

_FACTS = ("view", "cell", "place")


class CameraCard(FactCard):
    """Follows the camera that somebody pointed at on the map or found by search."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(IconMark("cam", "text.1", 24), _FACTS, parent)
        self._desk = desk
        self.open = Button("quiet", icon="eye")
        self.centre = Button("quiet", icon="target")
        for button in (self.open, self.centre):
            self.buttons.addWidget(button)
        self.buttons.addStretch(1)
        on_click(self.open, lambda: desk.selection.open_camera(self.camera_id))
        on_click(self.centre, self._centre)
        self.shut.connect(lambda: desk.selection.inspect_camera(""))
        desk.selection.camera_inspected.connect(self.refresh)
        desk.camera_health.changed.connect(self.refresh)
        follow_language(self.refresh)

    @property
    def camera_id(self) -> str:
        """The camera that is shown, "" for none."""
        return self._desk.selection.inspected_camera_id

    def refresh(self, _what: object = None) -> None:
        """Say what is known of it."""
        cameras = self._desk.city.cameras
        known = self.camera_id in cameras
        self.setVisible(known)
        if not known:
            return
        row = cameras.index(self.camera_id)
        self.title.setText(spoken(cameras.name[row]))
        ptz = tr("incident.camera.ptz") if cameras.ptz[row] else ""
        words = filter(None, (self._state(row), ptz, self.camera_id))
        self.detail.setText(tr("common.dot").join(words))
        view = self._view(float(cameras.azimuth_deg[row]), float(cameras.angle_deg[row]))
        self.show_fact("view", tr("selected.view"), view)
        cell = int(cameras.cell[row])
        code = short_cell_code(self._desk.city.cells.code[cell]) if cell >= 0 else ""
        self.show_fact("cell", tr("incident.fact.cell"), code)
        place = LonLat.of_world(*cameras.xy[row])
        self.show_fact("place", tr("selected.place"), fmt.coordinates(place.lon, place.lat))
        self.open.set_words(tr("selected.open_camera"))
        self.centre.set_words(tr("selected.centre"))

    def _state(self, row: int) -> str:
        health = self._desk.camera_health
        failure = health.failure(self.camera_id)
        if failure is not None:
            return tr(f"video.reason.{failure}")
        return tr("selected.online" if health.online()[row] else "selected.offline")

    def _view(self, azimuth_deg: float, angle_deg: float) -> str:
        if math.isnan(azimuth_deg):
            return tr("selected.view_unknown")
        if math.isnan(angle_deg):
            return tr("selected.looks_to", azimuth=round(azimuth_deg))
        return tr("selected.looks_wide", azimuth=round(azimuth_deg), angle=round(angle_deg))

    def _centre(self) -> None:
        cameras = self._desk.city.cameras
        place = LonLat.of_world(*cameras.xy[cameras.index(self.camera_id)])
        self._desk.selection.centre_on(place.lon, place.lat)
