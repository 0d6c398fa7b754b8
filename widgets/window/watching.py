"""Joins the video strip to the selection: what it follows, what is opened, what is marked."""

from __future__ import annotations

from PySide6.QtCore import QObject

from console.city import Visibility
from console.i18n import tr
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
        desk.camera_health.changed.connect(self._follow)
        strip.stream_changed.connect(desk.camera_health.learn)
        language_bridge().changed.connect(self._follow)

    def _follow(self) -> None:
        """Follow the cameras that may give a picture; ranks are those of the list and the map."""
        cameras, health = self._desk.city.cameras, self._desk.camera_health
        online = health.online()
        self._strip.show_cameras(
            [
                self._spec(camera_id, self._tag(camera_id, rank))
                for rank, camera_id in enumerate(self._desk.selection.sightings, 1)
                if online[cameras.index(camera_id)] or health.failure(camera_id) is not None
            ]
        )

    def _tag(self, camera_id: str, rank: int) -> str:
        """The rank, and what keeps the camera from seeing the place."""
        view = self._desk.selection.view(camera_id)
        if view is Visibility.VISIBLE:
            return str(rank)
        return tr("common.dot").join([str(rank), tr(f"incident.camera.{view.value}")])

    def _open(self, camera_id: str) -> None:
        self._strip.open_camera(self._spec(camera_id, ""))

    def _spec(self, camera_id: str, tag: str) -> TileSpec:
        cameras = self._desk.city.cameras
        row = cameras.index(camera_id)
        return TileSpec(camera_id, spoken(cameras.name[row]), cameras.stream[row], tag)
