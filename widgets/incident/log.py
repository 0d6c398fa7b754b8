"""What happened, newest first: absolute time, icon, sentence, who. A click opens a long line."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.i18n import tr
from widgets.common import format as fmt
from widgets.common.icons import paint_icon
from widgets.common.theme import colour, font, px, theme
from widgets.incident.sentences import Line

MAX_LINES = 200
"""Older lines are left to the record."""

_V_CENTRE = Qt.AlignmentFlag.AlignVCenter
_WRAPPED = int(Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere)


class EventLog(QWidget):
    """Painted lines of 23 px; one that is cut opens to its whole length by a click."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[Line] = []
        self._open: set[Line] = set()
        self._boxes: list[QRect] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        theme().changed.connect(self._lay_out)

    @property
    def lines(self) -> list[Line]:
        """What it shows, newest first."""
        return self._lines

    def show_lines(self, lines: list[Line]) -> None:
        """Show `lines`, oldest first as they come."""
        self._lines = lines[::-1][:MAX_LINES]
        self._open.intersection_update(self._lines)
        self.setAccessibleName("\n".join(self._whole(line) for line in self._lines[:20]))
        self._lay_out()

    def sizeHint(self) -> QSize:
        """All lines, beneath each other."""
        return QSize(px(240), self._boxes[-1].bottom() + 1 if self._boxes else 0)

    def minimumSizeHint(self) -> QSize:
        """Lines are cut in width, never in number."""
        return QSize(px(120), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width, other heights."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lay_out()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A line that opens says so."""
        row = self._row_at(event.position().toPoint())
        opens = row >= 0 and (self._is_cut(row) or self._lines[row] in self._open)
        shape = Qt.CursorShape.PointingHandCursor if opens else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open a line that is cut, or shut it."""
        row = self._row_at(event.position().toPoint())
        if row < 0 or event.button() != Qt.MouseButton.LeftButton:
            return
        line = self._lines[row]
        if line in self._open:
            self._open.discard(line)
        elif self._is_cut(row):
            self._open.add(line)
        self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines that show."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("caption"))
        for row, box in enumerate(self._boxes):
            if box.intersects(event.rect()):
                self._paint_line(painter, row, box)

    def _lay_out(self) -> None:
        self._boxes, top = [], 0
        for line in self._lines:
            height = px(23) if line not in self._open else self._words_box(line).height() + px(8)
            self._boxes.append(QRect(0, top, self.width(), height))
            top += height
        self.updateGeometry()
        self.update()

    def _words_box(self, line: Line) -> QRect:
        """The words of a line over as many lines as they need."""
        room = QRect(0, 0, self._room(), 1 << 20)
        return QFontMetrics(font("caption")).boundingRect(room, _WRAPPED, self._words(line))

    def _room(self) -> int:
        return self.width() - px(112)

    def _row_at(self, at: QPoint) -> int:
        return next((row for row, box in enumerate(self._boxes) if box.contains(at)), -1)

    def _is_cut(self, row: int) -> bool:
        words = self._words(self._lines[row])
        return (
            "\n" in words or QFontMetrics(font("caption")).horizontalAdvance(words) > self._room()
        )

    def _paint_line(self, painter: QPainter, row: int, box: QRect) -> None:
        line, first = self._lines[row], QRectF(box.left(), box.top(), box.width(), px(23))
        painter.setPen(colour("text.3"))
        painter.drawText(first.adjusted(px(12), 0, 0, 0), _V_CENTRE, fmt.clock_time(line.at))
        icon = QRectF(px(80), first.center().y() - px(6.5), px(13), px(13))
        paint_icon(painter, icon, line.icon, colour("text.3"))
        painter.setPen(colour("text.2" if row else "text.1"))
        words = self._words(line)
        if line in self._open:
            painter.drawText(box.adjusted(px(100), px(3), -px(12), 0), _WRAPPED, words)
            return
        flat = " ".join(words.split())
        cut = painter.fontMetrics().elidedText(flat, Qt.TextElideMode.ElideRight, self._room())
        painter.drawText(first.adjusted(px(100), 0, 0, 0), _V_CENTRE, cut)

    def _words(self, line: Line) -> str:
        return line.words + (tr("common.dot") + line.who if line.who else "")

    def _whole(self, line: Line) -> str:
        return f"{fmt.clock_time(line.at)}  {self._words(line)}"
