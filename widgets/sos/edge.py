"""The edge of the window while nobody has acknowledged a call for help: seen across the room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QWidget

from widgets.common.theme import colour, px, theme

EDGE_PX = 10


class AlarmEdge(QWidget):
    """A frame over all of `window`, that takes no click and stays on top. It does not flash: only
    a small symbol may.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        window.installEventFilter(self)
        theme().changed.connect(self._cover)

    def show_alarm(self, on: bool) -> None:
        """Whether somebody waits for an answer."""
        self.setVisible(on)
        if on:
            self._cover()
            self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window has another size, or something was laid over it."""
        kinds = (QEvent.Type.Resize, QEvent.Type.ChildAdded, QEvent.Type.Show)
        if event.type() in kinds and not self.isHidden():
            self._cover()
            self.raise_()
        return super().eventFilter(watched, event)

    def _cover(self) -> None:
        window = self.parentWidget()
        if window is None:
            return
        self.setGeometry(window.rect())
        inner = self.rect().adjusted(*(px(EDGE_PX) * sign for sign in (1, 1, -1, -1)))
        # Only the frame is there: what is inside is painted as if this were not.
        self.setMask(QRegion(self.rect()).subtracted(QRegion(inner)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the frame."""
        QPainter(self).fillRect(self.rect(), colour("priority.1"))
