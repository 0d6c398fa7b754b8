"""The sign on the card of a call for help: its ring flashes until somebody has acknowledged."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.i18n import tr
from widgets.common.desk import Desk
from widgets.common.theme import colour, px, theme

HALF_FLASH_MS = 500
_SIDE_PX = 52


class SosMark(QWidget):
    """*SOS* in a disc with a ring: 1 Hz, half of it on; with reduced motion two steady ones."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._waits = False
        self._lit = True
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._timer = QTimer(self)
        self._timer.setInterval(HALF_FLASH_MS)
        self._timer.timeout.connect(self._turn)
        desk.motion_changed.connect(self._settle)
        theme().changed.connect(self.updateGeometry)

    def show_call(self, waits: bool) -> None:
        """Whether somebody has still to acknowledge."""
        if waits != self._waits:
            self._waits = waits
            self._settle()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(px(_SIDE_PX), px(_SIDE_PX))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint disc, letters and ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        front, ground = ("text.inverse", "priority.1") if self._waits else ("priority.1", "")
        centre, unit = QPointF(self.width() / 2, self.height() / 2), self.width() / _SIDE_PX
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(front))
        painter.drawEllipse(centre, 18 * unit, 18 * unit)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for radius in self._rings():
            painter.setPen(QPen(colour(front), 2.5 * unit))
            painter.drawEllipse(centre, radius * unit, radius * unit)
        letters = theme().font("body", bold=True)
        letters.setPixelSize(round(13 * unit))
        painter.setFont(letters)
        painter.setPen(colour(ground or "text.inverse"))
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, tr("sos.mark"))

    def _rings(self) -> tuple[float, ...]:
        if not self._waits:
            return ()
        if self._desk.reduced_motion:
            return (21.5, 25.0)
        return (22.5,) if self._lit else ()

    def _settle(self, _reduced: bool = False) -> None:
        if self._waits and not self._desk.reduced_motion:
            self._timer.start()
        else:
            self._timer.stop()
        self._lit = True
        self.update()

    def _turn(self) -> None:
        self._lit = not self._lit
        self.update()
