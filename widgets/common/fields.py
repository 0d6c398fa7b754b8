"""Fields to write in, that keep Enter and Escape to themselves."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from widgets.common.icons import paint_icon
from widgets.common.theme import colour, font, px, theme

_CONTROL = Qt.KeyboardModifier.ControlModifier


class Field(QLineEdit):
    """One line to write in. `entered` on Enter, `left` on Escape; neither reaches the window."""

    entered = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._restyle()
        theme().changed.connect(self._restyle)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Escape are said as signals; all else is text."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() == Qt.Key.Key_K and event.modifiers() == _CONTROL:
            event.ignore()  # finding belongs to the window, also from here
        else:
            super().keyPressEvent(event)

    def set_wrong(self, wrong: bool) -> None:
        """Mark what stands in it as not acceptable."""
        if bool(self.property("wrong")) != wrong:
            self.setProperty("wrong", wrong)
            self.style().unpolish(self)
            self.style().polish(self)

    def _restyle(self) -> None:
        self.setFont(font("caption"))
        self.setFixedHeight(px(32))


class Choice(QComboBox):
    """A list to choose from, closed to one line."""

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._restyle()
        theme().changed.connect(self._restyle)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape is said as a signal."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line as Qt does, and the arrow as ours."""
        super().paintEvent(event)
        side = px(14)
        box = QRectF(self.width() - side - px(9), (self.height() - side) / 2, side, side)
        paint_icon(QPainter(self), box, "down", colour("text.2"))

    def _restyle(self) -> None:
        self.setFont(font("caption"))
        self.setFixedHeight(px(32))
