"""The frame of the incident's column: what scrolls, and beneath it what stays in its place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from widgets.common.states import Hairline
from widgets.common.theme import px, theme


class WorkColumn(QWidget):
    """`parts` one under the other, which scroll; beneath them `steps`, of which one shows at a
    time, and the `note`: however long the words above are, the next step is in its place.
    """

    def __init__(self, parts: Sequence[QWidget], steps: Sequence[QWidget], note: QWidget) -> None:
        super().__init__()
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._steps = QVBoxLayout()
        for step in steps:
            self._steps.addWidget(step)
        for part in parts:
            column.addWidget(part)
        column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(inner)
        self._note_row = QHBoxLayout()
        self._note_row.addWidget(note)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._scroll, 1)
        whole.addWidget(Hairline())
        whole.addLayout(self._steps)
        whole.addLayout(self._note_row)
        self._restyle()
        theme().changed.connect(self._restyle)

    def scroll_to_top(self) -> None:
        """Show the parts from the first on."""
        self._scroll.verticalScrollBar().setValue(0)

    def _restyle(self) -> None:
        self._steps.setContentsMargins(px(12), px(10), px(12), px(10))
        self._steps.setSpacing(px(8))
        self._note_row.setContentsMargins(px(12), px(8), px(12), px(10))
