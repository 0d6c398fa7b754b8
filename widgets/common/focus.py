"""The focus ring: drawn where the keyboard is, and only for who came there by the keyboard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from widgets.common.theme import colour, px

_BY_KEYBOARD = frozenset({Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason})


class FocusRing(QObject):
    """Tells whether `widget` is to show its ring, and has it painted anew when that changes."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.is_shown = False
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The keyboard has come, or gone."""
        if isinstance(event, QFocusEvent):
            self.is_shown = event.gotFocus() and event.reason() in _BY_KEYBOARD
            if isinstance(watched, QWidget):
                watched.update()
        return False


def paint_focus(painter: QPainter, rect: QRectF, radius: float) -> None:
    """The keyboard's ring: 2 px just inside `rect`, so that no neighbour can hide it."""
    painter.setPen(QPen(colour("focus.ring"), px(2)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inset = px(2) / 2
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius, radius)
