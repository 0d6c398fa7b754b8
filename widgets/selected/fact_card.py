"""The frame of a card: symbol, name, what it is; facts by name; what can be done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.i18n import tr
from widgets.common.buttons import Button, on_click
from widgets.common.labels import Label
from widgets.common.theme import colour, px, theme


class FactCard(QWidget):
    """A card with a symbol, facts called `facts`, and a row of buttons. `shut` says that somebody
    has put it away.
    """

    shut = Signal()

    def __init__(
        self, symbol: QWidget, facts: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.title = Label("title", bold=True, elide=True)
        self.detail = Label("caption", "text.2", elide=True)
        self.close_button = Button("plain", icon="close", key="Esc")
        self._names = {name: Label("body", "text.3") for name in facts}
        self.values = {name: Label("body", elide=True) for name in facts}
        self.buttons = QHBoxLayout()
        self._lay_out(symbol)
        on_click(self.close_button, self.shut.emit)
        self._restyle()
        theme().changed.connect(self._restyle)
        self.hide()

    def add_beside_close(self, button: Button) -> None:
        """Put a button where it is not in the way of those that are used every day."""
        self._top.insertWidget(self._top.count() - 1, button, 0, Qt.AlignmentFlag.AlignTop)

    def show_fact(self, name: str, label: str, value: str) -> None:
        """Say a fact; one without a value is left out."""
        self._names[name].setText(label)
        self.values[name].setText(value)
        self._names[name].setVisible(bool(value))
        self.values[name].setVisible(bool(value))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Raised above the incident's column, parted from it by a line."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour("surface.raised"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, colour("line.panel"))

    def _lay_out(self, symbol: QWidget) -> None:
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self.title)
        names.addWidget(self.detail)
        self._top = QHBoxLayout()
        self._top.addWidget(symbol, 0, Qt.AlignmentFlag.AlignTop)
        self._top.addLayout(names, 1)
        self._top.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        for row, (name, value) in enumerate(self.values.items()):
            self._grid.addWidget(self._names[name], row, 0)
            self._grid.addWidget(value, row, 1)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._top)
        self._column.addLayout(self._grid)
        self._column.addLayout(self.buttons)

    def _restyle(self) -> None:
        self._column.setContentsMargins(px(12), px(10), px(8), px(10))
        self._column.setSpacing(px(8))
        self._top.setSpacing(px(10))
        self._grid.setHorizontalSpacing(px(14))
        self._grid.setVerticalSpacing(px(2))
        self.buttons.setSpacing(px(6))
        self.close_button.set_words("", tr("selected.close"))
