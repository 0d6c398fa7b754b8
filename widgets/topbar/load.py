"""How busy it is: incidents reported in the last ten minutes, as ten bars and a figure.

Each bar stands for more than the one before, so that a quiet night and a storm can both be read.
"""

from __future__ import annotations

from bisect import bisect_right

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.common.theme import colour, px, theme

WINDOW_MS = 10 * 60_000
STEPS = (1, 2, 3, 5, 8, 13, 20, 30, 50, 80)
"""How many incidents fill each bar; beyond the last the mark at the row's end lights up."""


def filled(count: int) -> int:
    """How many bars `count` incidents fill."""
    return bisect_right(STEPS, count)


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
        for bar in range(len(STEPS)):
            tint = "text.2" if bar < filled(self._count) else "line.panel"
            painter.fillRect(QRectF(bar * px(6), px(4), px(4), px(8)), colour(tint))
        limit = "priority.2" if self._count > STEPS[-1] else "line.control"
        painter.fillRect(QRectF(len(STEPS) * px(6), 0, max(1, px(1)), px(14)), colour(limit))
