"""Joins the video strip to the selection: what it follows, what is opened, what is marked."""

from __future__ import annotations

from PySide6.QtCore import QObject

from widgets.bridge.language import language_bridge, spoken
from widgets.common.desk import Desk
from widgets.video.strip import VideoStrip
from widgets.video.tile import TileSpec


class Watching(QObject):
    """Shows the cameras that see the selected incident, and those that people open."""

    def __init__(self, desk: Desk, strip: VideoStrip) -> None:
        super().__init__(strip)
        self._desk = desk
        self._strip = strip
        selection = desk.selection
        selection.sightings_changed.connect(self._follow)
        selection.camera_opened.connect(self._open)
        selection.camera_changed.connect(strip.select_camera)
        strip.camera_activated.connect(selection.select_camera)
        language_bridge().changed.connect(self._follow)

    def _follow(self) -> None:
        cameras = self._desk.city.cameras
        seen = [c for c in self._desk.selection.sightings if cameras.online[cameras.index(c)]]
        self._strip.show_cameras([self._spec(c, str(rank)) for rank, c in enumerate(seen, 1)])

    def _open(self, camera_id: str) -> None:
        self._strip.open_camera(self._spec(camera_id, ""))

    def _spec(self, camera_id: str, tag: str) -> TileSpec:
        cameras = self._desk.city.cameras
        row = cameras.index(camera_id)
        return TileSpec(camera_id, spoken(cameras.name[row]), cameras.stream[row], tag)
