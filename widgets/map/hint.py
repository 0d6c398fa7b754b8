"""A line on the map that says what the next click will do."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from widgets.common.theme import colour, font, px


class Hint(QWidget):
    """Shown while the map waits for a place; hidden otherwise. Lets the pointer through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._text = ""
        self.hide()

    def say(self, text: str) -> None:
        """Show `text`, or nothing for ""."""
        self._text = text
        self.setAccessibleName(text)
        width = QFontMetrics(font("body")).horizontalAdvance(text) + 2 * px(12)
        self.resize(width, px(32))
        self.setVisible(bool(text))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the line on a dark ground."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour("line.control"), 1))
        painter.setBrush(colour("surface.window", 0.92))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(4), px(4))
        painter.setFont(font("body"))
        painter.setPen(colour("text.1"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)
