"""The overview of keys, laid over the desk; any key or click puts it away."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from console.i18n import tr
from widgets.bridge.language import follow_language
from widgets.common.labels import Label
from widgets.common.theme import colour, px, theme

KEYS = (
    ("↑ ↓", "incident"),
    ("Enter", "dispatch"),
    ("A", "accept"),
    ("V", "verify"),
    ("C", "close"),
    ("M", "note"),
    ("N", "new"),
    ("1 – 6", "layers"),
    ("+ −", "zoom"),
    ("Home", "fit"),
    ("B", "bottom"),
    ("Ctrl K", "find"),
    ("F6", "panels"),
    ("Tab", "next"),
    ("Esc", "back"),
    ("Ctrl 0", "distance"),
    ("F9", "sos"),
    ("F1  ?", "keys"),
)
"""What is on the keyboard, in the order of work."""

ROWS = -(-len(KEYS) // 2)


class KeyOverview(QWidget):
    """Covers its parent, dimmed, with the list of keys in the middle."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = Label("title", bold=True)
        self._names = [Label("body", "text.2") for _ in KEYS]
        self._card = QFrame()
        self._card.setObjectName("dialog")
        self._grid = QGridLayout()
        for row, (keys, _name) in enumerate(KEYS):
            cap = Label("body")
            cap.setText(keys)
            at, column = row % ROWS, row // ROWS * 2
            self._grid.addWidget(cap, at, column)
            self._grid.addWidget(self._names[row], at, column + 1)
            self._grid.addWidget(cap, row % 9, row // 9 * 2)
            self._grid.addWidget(self._names[row], row % 9, row // 9 * 2 + 1)
        self._column = QVBoxLayout(self._card)
        self._column.addWidget(self._title)
        self._column.addLayout(self._grid)
        whole = QVBoxLayout(self)
        whole.addWidget(self._card, 0, Qt.AlignmentFlag.AlignCenter)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()
        self._restyle()
        theme().changed.connect(self._restyle)
        follow_language(self._retranslate)

    def open(self) -> None:
        """Lay it over the desk."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Any key puts it away."""
        event.accept()
        self.hide()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """So does a click."""
        event.accept()
        self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Dim what is beneath."""
        QPainter(self).fillRect(self.rect(), colour("surface.window", 0.72))

    def _retranslate(self) -> None:
        self.setAccessibleName(tr("window.keys.title"))
        self._title.setText(tr("window.keys.title"))
        for label, (_keys, name) in zip(self._names, KEYS, strict=True):
            label.setText(tr(f"window.keys.{name}"))

    def _restyle(self) -> None:
        self._column.setContentsMargins(px(24), px(16), px(24), px(24))
        self._column.setSpacing(px(12))
        self._grid.setHorizontalSpacing(px(24))
        self._grid.setVerticalSpacing(px(8))
