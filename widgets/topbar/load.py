"""How busy it is: incidents reported in the last ten minutes, as ten bars and a figure."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.common.theme import colour, px, theme

WINDOW_MS = 10 * 60_000
BARS = 10
"""One bar an incident; beyond ten the row is full and the mark at its end lights up."""


class LoadBars(QWidget):
    """Painted bars."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def show_count(self, count: int) -> None:
        """Fill as many bars."""
        if count != self._count:
            self._count = count
            self.update()

    def sizeHint(self) -> QSize:
        """Ten bars and the mark."""
        return QSize(px(62), px(14))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the bars and the mark."""
        painter = QPainter(self)
        for bar in range(BARS):
            tint = "text.2" if bar < self._count else "line.panel"
            painter.fillRect(QRectF(bar * px(6), px(4), px(4), px(8)), colour(tint))
        limit = "priority.2" if self._count > BARS else "line.control"
        painter.fillRect(QRectF(BARS * px(6), 0, max(1, px(1)), px(14)), colour(limit))
