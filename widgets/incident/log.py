"""What happened, newest first: absolute time, icon, sentence, who."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from console.i18n import tr
from widgets.common import format as fmt
from widgets.common.icons import paint_icon
from widgets.common.theme import colour, font, px, theme
from widgets.incident.sentences import Line

MAX_LINES = 200
"""Older lines are left to the record."""

_V_CENTRE = Qt.AlignmentFlag.AlignVCenter


class EventLog(QWidget):
    """Painted lines of 23 px."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[Line] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    @property
    def lines(self) -> list[Line]:
        """What it shows, newest first."""
        return self._lines

    def show_lines(self, lines: list[Line]) -> None:
        """Show `lines`, oldest first as they come."""
        self._lines = lines[::-1][:MAX_LINES]
        self.setAccessibleName("\n".join(self._whole(line) for line in self._lines[:20]))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """A row for each line."""
        return QSize(px(240), px(23) * len(self._lines))

    def minimumSizeHint(self) -> QSize:
        """Lines are cut in width, never in number."""
        return QSize(px(120), self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        """A tool tip says a whole line."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            row = event.pos().y() // px(23)
            if 0 <= row < len(self._lines):
                QToolTip.showText(event.globalPos(), self._whole(self._lines[row]), self)
                return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines that show."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("caption"))
        height = px(23)
        first = max(0, event.rect().top() // height)
        last = min(len(self._lines), event.rect().bottom() // height + 1)
        for row in range(first, last):
            self._paint_line(painter, row, QRectF(0, row * height, self.width(), height))

    def _paint_line(self, painter: QPainter, row: int, box: QRectF) -> None:
        line = self._lines[row]
        painter.setPen(colour("text.3"))
        painter.drawText(box.adjusted(px(12), 0, 0, 0), _V_CENTRE, fmt.clock_time(line.at))
        icon = QRectF(px(80), box.center().y() - px(6.5), px(13), px(13))
        paint_icon(painter, icon, line.icon, colour("text.3"))
        room = box.width() - px(100) - px(12)
        cut = painter.fontMetrics().elidedText(
            self._words(line), Qt.TextElideMode.ElideRight, int(room)
        )
        painter.setPen(colour("text.2" if row else "text.1"))
        painter.drawText(box.adjusted(px(100), 0, 0, 0), _V_CENTRE, cut)

    def _words(self, line: Line) -> str:
        return line.words + (tr("common.dot") + line.who if line.who else "")

    def _whole(self, line: Line) -> str:
        return f"{fmt.clock_time(line.at)}  {self._words(line)}"
