"""The incident card: three lines, always. What and age, where and cell, state and what remains."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from console.city import short_cell_code
from console.i18n import tr
from widgets.common import format as fmt
from widgets.common.desk import Desk
from widgets.common.focus import paint_focus
from widgets.common.symbols import paint_incident, paint_mark, priority_colour
from widgets.common.theme import colour, font, px, tokens
from widgets.queue.list_view import CardList
from widgets.queue.model import ROW_ROLE, QueueModel
from widgets.queue.rows import Row

_LEFT, _RIGHT, _TOP = 46, 12, 9
_V_CENTRE = Qt.AlignmentFlag.AlignVCenter
_RIGHT_ALIGNED = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class CardDelegate(QStyledItemDelegate):
    """Paints cards of 84 px at scale 1."""

    def __init__(self, desk: Desk, model: QueueModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._model = model

    def sizeHint(
        self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """As wide as the list, 84 px high."""
        return QSize(option.rect.width(), px(84))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one card."""
        row: Row = index.data(ROW_ROLE)
        box = QRectF(option.rect)
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, box, row, state)
        self._paint_ring(painter, box, row)
        self._paint_title(painter, self._line(box, 0), row)
        self._paint_place(painter, self._line(box, 1), row)
        self._paint_state(painter, self._line(box, 2), row)
        if state & QStyle.StateFlag.State_HasFocus and self._keyboard():
            paint_focus(painter, box, px(3))
        painter.restore()

    def _keyboard(self) -> bool:
        view = self.parent()
        return isinstance(view, CardList) and view.ring.is_shown

    def _paint_ground(
        self, painter: QPainter, box: QRectF, row: Row, state: QStyle.StateFlag
    ) -> None:
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected or self._is_fresh(row):
            painter.fillRect(box, colour("surface.selected"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(box, colour("surface.hover"))
        if selected:
            painter.fillRect(QRectF(box.left(), box.top(), px(3), box.height()), colour("select"))
        painter.fillRect(QRectF(box.left(), box.bottom() - 1, box.width(), 1), colour("line.hair"))

    def _is_fresh(self, row: Row) -> bool:
        since = self._model.arrived_ms_ago(row.incident.id)
        return since is not None and since < tokens()["motion_ms"]["highlight_new"]

    def _paint_ring(self, painter: QPainter, box: QRectF, row: Row) -> None:
        ring = QRectF(box.left() + px(10), box.top() + px(10), px(28), px(28))
        standing = row.standing
        paint_incident(
            painter,
            ring,
            row.incident.priority,
            share=standing.share,
            over=standing.over,
            closed=not row.incident.stage.is_open,
        )

    def _line(self, box: QRectF, number: int) -> QRectF:
        top = (0, 22, 42)[number]
        height = (22, 20, 20)[number]
        left = box.left() + px(_LEFT)
        width = box.width() - px(_LEFT) - px(_RIGHT)
        return QRectF(left, box.top() + px(_TOP + top), width, px(height))

    def _paint_title(self, painter: QPainter, line: QRectF, row: Row) -> None:
        right = self._paint_age(painter, line, row)
        urgent = row.incident.priority <= 2 and row.incident.stage.is_open
        painter.setFont(font("card_title", bold=urgent))
        painter.setPen(colour("text.1" if row.incident.stage.is_open else "text.2"))
        title = self._desk.title_of(row.incident)
        self._draw_cut(painter, QRectF(line.left(), line.top(), right, line.height()), title)

    def _paint_age(self, painter: QPainter, line: QRectF, row: Row) -> float:
        """Draw the age at the right; returns the width that is left before it."""
        until = self._desk.now_ms() if row.incident.stage.is_open else row.incident.stage_since
        words = fmt.age(until - row.incident.reported_at)
        painter.setFont(font("card_title"))
        painter.setPen(self._hot_or(row, "text.1"))
        painter.drawText(line, _RIGHT_ALIGNED, words)
        taken = max(px(46), painter.fontMetrics().horizontalAdvance(words) + px(8))
        return line.width() - taken

    def _paint_tag(self, painter: QPainter, line: QRectF, right: float) -> float:
        words = tr("queue.new_tag")
        painter.setFont(font("caption"))
        width = painter.fontMetrics().horizontalAdvance(words) + px(10)
        box = QRectF(line.left() + right - width, line.top(), width, px(20))
        painter.setPen(colour("text.3"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), px(3), px(3))
        painter.setPen(colour("text.1"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
        return right - width - px(8)

    def _paint_place(self, painter: QPainter, line: QRectF, row: Row) -> None:
        """The cell stays whole; the address is cut."""
        painter.setFont(font("caption"))
        painter.setPen(colour("text.2"))
        place, cell = self._desk.place_of(row.incident), short_cell_code(row.incident.cell_code)
        tail = tr("common.dot") + cell if cell and place else cell
        room = line.width() - painter.fontMetrics().horizontalAdvance(tail)
        cut = painter.fontMetrics().elidedText(place, Qt.TextElideMode.ElideRight, int(room))
        painter.drawText(line, _V_CENTRE, cut + tail)

    def _paint_state(self, painter: QPainter, line: QRectF, row: Row) -> None:
        standing = row.standing
        centre = QPointF(line.left() + px(4.5), line.center().y())
        paint_mark(painter, centre, standing.mark, colour(standing.tint), px(9))
        painter.setFont(font("caption"))
        room = line.width() - self._paint_extra(painter, line, row)
        if self._model.is_unseen(row):
            room = self._paint_tag(painter, line, room)  # here, for the title needs all its room
        x = line.left() + px(17)
        plain, hot = colour("text.1"), self._hot_or(row, "text.3")
        x = self._paint_words(painter, line, x, standing.state, tint=plain, room=room)
        self._paint_words(painter, line, x, standing.detail, tint=hot, room=room)

    def _paint_words(
        self, painter: QPainter, line: QRectF, x: float, words: str, *, tint: QColor, room: float
    ) -> float:
        painter.setPen(tint)
        box = QRectF(x, line.top(), max(0.0, line.left() + room - x), line.height())
        self._draw_cut(painter, box, words)
        return x + painter.fontMetrics().horizontalAdvance(words) + px(8)

    def _paint_extra(self, painter: QPainter, line: QRectF, row: Row) -> float:
        """What stands at the right of the last line: merged reports, or what is still to be sent.

        Returns the width that it takes.
        """
        words = ""
        if self._desk.pending(row.incident.id):
            words = tr("queue.pending")
        elif row.reports > 1:
            words = fmt.counted("queue.reports", row.reports)
        painter.setPen(colour("text.2"))
        painter.drawText(line, _RIGHT_ALIGNED, words)
        return painter.fontMetrics().horizontalAdvance(words) + px(8) if words else 0.0

    def _hot_or(self, row: Row, tint: str) -> QColor:
        return priority_colour(row.incident.priority) if row.standing.hot else colour(tint)

    @staticmethod
    def _draw_cut(painter: QPainter, box: QRectF, words: str) -> None:
        metrics = painter.fontMetrics()
        cut = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(box.width()))
        painter.drawText(box, _V_CENTRE, cut)
