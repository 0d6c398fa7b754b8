"""Fields to write in, that keep Enter and Escape to themselves."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from console.i18n import tr
from widgets.common.icons import paint_icon
from widgets.common.theme import colour, font, px, theme

_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
_NEAR_LIMIT = 0.8
"""From this share of the limit on the characters are counted."""
_CONTROL = Qt.KeyboardModifier.ControlModifier


class Field(QLineEdit):
    """One line to write in. `entered` on Enter, `left` on Escape; neither reaches the window.

    It may hold `limit` characters (0 for no limit); what is longer is never cut, but counted and
    marked, and `excess` says in words by how much.
    """

    entered = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None, *, limit: int = 0) -> None:
        super().__init__(parent)
        self._limit = limit
        self.textChanged.connect(self._count)
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

    def excess(self) -> str:
        """By how much the words in it are too long, "" where they are not."""
        over = self._length() - self._limit
        is_over = self._limit and over > 0
        return tr("common.too_long", over=over, limit=self._limit) if is_over else ""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line as Qt does, and the count once the limit is near."""
        super().paintEvent(event)
        if self._is_counted():
            painter = QPainter(self)
            painter.setFont(font("caption"))
            painter.setPen(colour("priority.1" if self.excess() else "text.3"))
            box = QRectF(self.rect()).adjusted(0, 0, -px(8), 0)
            painter.drawText(box, _RIGHT, self._figures())

    def _length(self) -> int:
        return len(self.text().strip())

    def _is_counted(self) -> bool:
        return 0 < self._limit * _NEAR_LIMIT <= self._length()

    def _figures(self) -> str:
        return f"{self._length():,} / {self._limit:,}"

    def _count(self) -> None:
        if self._limit:
            room = self.fontMetrics().horizontalAdvance(self._figures()) + round(px(8))
            self.setTextMargins(0, 0, room if self._is_counted() else 0, 0)
            self.set_wrong(bool(self.excess()))

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
