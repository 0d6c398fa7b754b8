"""The list of cards: arrows move, the wheel scrolls, every other key belongs to the desk."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from widgets.common.focus import FocusRing

_MOVES = frozenset(
    {
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
    }
)


HAND_MS = 3000
"""A pointer that has not moved for this long lies there, and points at nothing."""


class CardList(QListView):
    """`picked` carries the index that a person chose, by mouse or keyboard; `in_hand` whether
    somebody is pointing or stepping in the list.
    """

    picked = Signal(QModelIndex)
    in_hand = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        # Only a person's choice brings a card into view, never a row that was sorted anew.
        self.setAutoScroll(False)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clicked.connect(self.picked)
        self.ring = FocusRing(self)
        self._hand = QTimer(self)
        self._hand.setSingleShot(True)
        self._hand.setInterval(HAND_MS)
        self._hand.timeout.connect(lambda: self.in_hand.emit(False))

    def touch(self) -> None:
        """Somebody is at work in the list, for now."""
        if not self._hand.isActive():
            self.in_hand.emit(True)
        self._hand.start()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A pointer on its way to a card."""
        self.touch()
        super().mouseMoveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The list is scrolled."""
        self.touch()
        super().wheelEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer has gone."""
        super().leaveEvent(event)
        if self._hand.isActive():
            self._hand.stop()
            self.in_hand.emit(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose a card; what is no move goes to the window."""
        if event.key() not in _MOVES or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
            return
        self.touch()
        super().keyPressEvent(event)
        if self.currentIndex().isValid():
            self.picked.emit(self.currentIndex())
