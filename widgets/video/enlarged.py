"""A tile shown large, in a window of its own over the desk."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.clock import Clock
from widgets.bridge.video import VideoBridge
from widgets.common.screen import room_of
from widgets.common.theme import px
from widgets.video.tile import TileSpec, VideoTile

WIDTH, HEIGHT = 960, 540


class EnlargedTile(QWidget):
    """The same stream in a larger size: no second connection. It stays whatever is selected, until
    Escape or a double click closes it.
    """

    closed = Signal()

    def __init__(self, video: VideoBridge, clock: Clock, spec: TileSpec, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(spec.title)
        self.camera_id = spec.camera_id
        self._tile = VideoTile(video, clock, spec, self)
        self._tile.enlarge_wanted.connect(lambda _camera: self.close())
        self._tile.close_wanted.connect(lambda _camera: self.close())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._tile)
        wanted, room = QSize(px(WIDTH), px(HEIGHT)), QSize(*room_of(self.screen()).window_px)
        fits = wanted.boundedTo(room) == wanted
        self.resize(wanted if fits else wanted.scaled(room, Qt.AspectRatioMode.KeepAspectRatio))
        self._tile.setFocus(Qt.FocusReason.OtherFocusReason)

    def closeEvent(self, event: QCloseEvent) -> None:
        """The stream goes back to the size of its tile."""
        self._tile.release()
        self.closed.emit()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)
