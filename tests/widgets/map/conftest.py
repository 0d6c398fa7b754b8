"""A map panel over a desk without a server, with tiles that come when they are told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.model.geo import world_from_lonlat
from tests.helpers.desk_city import PLACE
from tests.helpers.tile_source import FakeTiles
from tests.widgets.conftest import DeskRig
from widgets.map.canvas import MapCanvas
from widgets.map.panel import MapPanel


@dataclass
class MapRig:
    """The panel, and an operator's hand."""

    panel: MapPanel
    tiles: FakeTiles
    desk: DeskRig

    @property
    def canvas(self) -> MapCanvas:
        return self.panel.canvas

    def pixel_of(self, lon: float, lat: float) -> QPoint:
        x, y = world_from_lonlat(lon, lat)
        px, py = self.canvas.view.screen_from_world([(float(x), float(y))])[0]
        return QPoint(round(px), round(py))

    def move(self, at: QPoint, held: bool = False) -> None:
        buttons = Qt.MouseButton.LeftButton if held else Qt.MouseButton.NoButton
        self._mouse(QEvent.Type.MouseMove, at, Qt.MouseButton.NoButton, buttons)

    def press(self, at: QPoint) -> None:
        left = Qt.MouseButton.LeftButton
        self._mouse(QEvent.Type.MouseButtonPress, at, left, left)

    def release(self, at: QPoint) -> None:
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        self._mouse(QEvent.Type.MouseButtonRelease, at, left, none)

    def click(self, at: QPoint) -> None:
        self.press(at)
        self.release(at)

    def wheel(self, at: QPoint, notches: float) -> None:
        event = QWheelEvent(
            QPointF(at),
            QPointF(self.canvas.mapToGlobal(at)),
            QPoint(),
            QPoint(0, round(120 * notches)),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.canvas, event)

    def settle(self) -> None:
        """Let a move that is under way come to its end."""
        self.canvas._glide.go(self.canvas.view, self.canvas.target, animate=False)

    def _mouse(
        self, kind: QEvent.Type, at: QPoint, button: Qt.MouseButton, buttons: Qt.MouseButton
    ) -> None:
        place, none = QPointF(at), Qt.KeyboardModifier.NoModifier
        everywhere = QPointF(self.canvas.mapToGlobal(at))
        QApplication.sendEvent(
            self.canvas, QMouseEvent(kind, place, everywhere, button, buttons, none)
        )


@pytest.fixture
def make_map(rig: DeskRig, qtbot: QtBot) -> Callable[[], MapRig]:
    """Makes the panel, after the test has made things happen."""

    def make() -> MapRig:
        tiles = FakeTiles()
        panel = MapPanel(rig.desk, tiles)
        qtbot.addWidget(panel)
        panel.resize(900, 600)
        panel.show()
        qtbot.waitExposed(panel)
        return MapRig(panel, tiles, rig)

    return make


@pytest.fixture
def map_rig(make_map: Callable[[], MapRig]) -> MapRig:
    """The panel with the middle of the city on it, at 1 m a pixel."""
    made = make_map()
    x, y = world_from_lonlat(*PLACE)
    made.canvas._show(made.canvas.view.centred(float(x), float(y), 1.0))
    return made
