"""A row of choices of which one holds, painted flat."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from widgets.common.buttons import FlatButton
from widgets.common.focus import paint_focus
from widgets.common.theme import colour, font, px

_STEPS = {int(Qt.Key.Key_Left): -1, int(Qt.Key.Key_Right): 1}


class _Segment(FlatButton):
    """One choice of several; its neighbours share its edges."""

    stepped = Signal(int)

    def __init__(self, first: bool, last: bool, parent: QWidget) -> None:
        super().__init__(parent=parent)
        self._first = first
        self._last = last
        self.figure = ""
        self.setCheckable(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right choose a neighbour; up and down belong to the desk."""
        by = _STEPS.get(event.key())
        if by is not None:
            self.stepped.emit(by)
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(font("caption"))
        gap = px(6) if self.figure else 0
        words = metrics.horizontalAdvance(self.text()) + gap
        return QSize(words + metrics.horizontalAdvance(self.figure) + px(20), px(28))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        painter.setFont(font("caption"))
        painter.setPen(colour("text.1" if self.isChecked() else "text.2"))
        box = QRectF(px(10), 0, self.width(), self.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.figure:
            right = QRectF(0, 0, self.width() - px(10), self.height())
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(right, flags, self.figure)
        if self.ring.is_shown:
            paint_focus(painter, QRectF(self.rect()), px(4))

    def _paint_ground(self, painter: QPainter) -> None:
        fill = QColor(Qt.GlobalColor.transparent)
        if self.isChecked():
            fill = colour("surface.selected")
        elif self.underMouse():
            fill = colour("surface.hover")
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        rect.adjust(0 if self._first else -1 - px(4), 0, 0 if self._last else px(4), 0)
        painter.setPen(QPen(colour("line.panel"), 1))
        painter.setBrush(fill)
        painter.drawRoundedRect(rect, px(4), px(4))
        if not self._last:
            painter.drawLine(self.width() - 1, 0, self.width() - 1, self.height())


class Segments(QWidget):
    """A row of choices of which one holds. `chosen` carries its index when a person changes it."""

    chosen = Signal(int)

    def __init__(self, count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.parts = [_Segment(i == 0, i == count - 1, self) for i in range(count)]
        for index, part in enumerate(self.parts):
            self._group.addButton(part, index)
            row.addWidget(part)
            part.stepped.connect(self._step)
        self.parts[0].setChecked(True)
        self._group.idClicked.connect(self.chosen)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def index(self) -> int:
        """Which choice holds, -1 for none."""
        return self._group.checkedId()

    def _step(self, by: int) -> None:
        index = self.index + by
        if 0 <= index < len(self.parts):
            self.parts[index].setFocus(Qt.FocusReason.TabFocusReason)
            self.parts[index].click()

    def choose(self, index: int) -> None:
        """Make a choice hold, without saying `chosen`."""
        self.parts[index].setChecked(True)

    def choose_none(self) -> None:
        """Let no choice hold: nobody has chosen yet."""
        self._group.setExclusive(False)
        for part in self.parts:
            part.setChecked(False)
        self._group.setExclusive(True)

    def set_words(self, texts: list[str], tips: list[str] | None = None) -> None:
        """What stands on each choice."""
        for part, text, tip in zip(self.parts, texts, tips or [""] * len(texts), strict=True):
            part.set_words(text, tip)

    def set_figures(self, figures: list[str]) -> None:
        """The number behind each choice."""
        for part, figure in zip(self.parts, figures, strict=True):
            if part.figure != figure:
                part.figure = figure
                part.updateGeometry()
                part.update()
