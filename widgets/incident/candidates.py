"""Who to send: a row a unit, with what it is, why it, how far, how soon."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from console.i18n import tr
from console.model.unit import UnitKind, UnitStatus
from widgets.bridge.language import spoken
from widgets.common import format as fmt
from widgets.common.focus import paint_focus
from widgets.common.labels import Header, Label
from widgets.common.symbols import paint_check_box, paint_unit
from widgets.common.theme import colour, font, px, theme
from widgets.common.tips import set_tip
from widgets.dispatch.ranking import Candidate, Contact

_V_CENTRE = Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
ETA_WIDTH = 58


def reason_of(candidate: Candidate) -> str:
    """Why a unit is worth sending, or not: the plan, its own cell, that it was here in vain."""
    reasons = [spoken(candidate.why)] if candidate.why else []
    if candidate.own_cell:
        reasons.insert(0 if not candidate.ticked else len(reasons), tr("incident.own_cell"))
    if candidate.ended is not None:
        step = tr(f"common.step.{candidate.ended.step.value}")
        ended = tr("incident.in_vain", time=fmt.hour_minute(candidate.ended.at), step=step)
        reasons = [ended, candidate.ended.why] if candidate.ended.why else [ended]
    reasons = reasons or [tr(f"common.unit_kind.{candidate.kind.value}")]
    return tr("common.dot").join(reasons)


def contact_in_words(contact: Contact) -> str:
    """Whether a unit can be reached, and how old its position is."""
    if contact.age_ms is None:
        return tr("incident.contact.no_position" if contact.connected else "incident.contact.never")
    key = "connected" if contact.connected else "disconnected"
    return tr(f"incident.contact.{key}", age=fmt.age(contact.age_ms))


class CandidateRow(QAbstractButton):
    """One unit; used by click or space it is ticked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.candidate: Candidate | None = None
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def show_candidate(self, candidate: Candidate, ticked: bool) -> None:
        """Show a unit."""
        self.candidate = candidate
        self.setChecked(ticked)
        words = tr(
            "incident.candidate",
            unit=spoken(candidate.name),
            reason=reason_of(candidate),
            distance=fmt.distance(candidate.metres),
            eta=fmt.eta(candidate.seconds),
            contact=contact_in_words(candidate.contact),
        )
        fault = candidate.contact.fault
        if fault is not None:
            words += "\n" + fmt.device_fault(fault)
        self.setAccessibleName(words)
        set_tip(self, words)
        self.update()

    def sizeHint(self) -> QSize:
        """Two lines of text."""
        return QSize(px(280), px(38))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down go from row to row; Enter belongs to the desk."""
        if event.key() == Qt.Key.Key_Down:
            self.focusNextChild()
        elif event.key() == Qt.Key.Key_Up:
            self.focusPreviousChild()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint check box, symbol, name and reason, distance, travel time."""
        if self.candidate is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isChecked() or self.underMouse():
            painter.fillRect(self.rect(), colour("surface.hover"))
        self._paint_symbols(painter, self.candidate)
        rooms = self._paint_figures(painter, self.candidate)
        self._paint_names(painter, self.candidate, *rooms)
        if self.hasFocus():
            paint_focus(painter, QRectF(self.rect()), px(3))

    def _paint_symbols(self, painter: QPainter, candidate: Candidate) -> None:
        middle = self.height() / 2
        box = QRectF(px(12), middle - px(8), px(16), px(16))
        paint_check_box(painter, box, self.isChecked())
        symbol = QRectF(px(38), middle - px(12), px(24), px(24))
        is_lost = not candidate.contact.reachable
        paint_unit(painter, symbol, candidate.kind, UnitStatus.FREE, is_lost)

    def _paint_figures(self, painter: QPainter, candidate: Candidate) -> tuple[float, float]:
        """Distance and travel time at the right, below them the contact; returns where each line
        begins.
        """
        right, reachable = self.width() - px(12), candidate.contact.reachable
        painter.setFont(font("value", bold=self.isChecked()))
        painter.setPen(colour("text.1" if reachable else "text.3"))
        eta = QRectF(right - px(ETA_WIDTH), px(2), px(ETA_WIDTH), px(18))
        painter.drawText(eta, _RIGHT, fmt.eta(candidate.seconds))
        painter.setFont(font("caption"))
        painter.setPen(colour("text.3"))
        words = fmt.distance(candidate.metres)
        width = painter.fontMetrics().horizontalAdvance(words)
        far = QRectF(eta.left() - px(4) - width, px(2), width + 1, px(18))
        painter.drawText(far, _V_CENTRE, words)
        painter.setPen(colour("text.3" if reachable else "priority.2"))
        contact = contact_in_words(candidate.contact)
        painter.drawText(QRectF(0, px(19), right, px(17)), _RIGHT, contact)
        below = right - painter.fontMetrics().horizontalAdvance(contact)
        return far.left() - px(8), below - px(8)

    def _paint_names(
        self, painter: QPainter, candidate: Candidate, name_right: float, reason_right: float
    ) -> None:
        left = px(72)
        painter.setFont(font("body"))
        painter.setPen(colour("text.1"))
        width = int(name_right - left)
        name = _cut(painter, spoken(candidate.name), width)
        painter.drawText(QRectF(left, px(2), width, px(18)), _V_CENTRE, name)
        painter.setFont(font("caption"))
        painter.setPen(colour("text.3" if candidate.ended is None else "priority.2"))
        width = int(reason_right - left)
        reason = _cut(painter, reason_of(candidate), width)
        painter.drawText(QRectF(left, px(19), width, px(17)), _V_CENTRE, reason)


def _cut(painter: QPainter, words: str, width: int) -> str:
    return painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, width)


class _Waiting(QWidget):
    """Rows keep their height while the ranking is on its way."""

    def sizeHint(self) -> QSize:
        return QSize(px(280), px(38) * 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        for row, share in enumerate((0.52, 0.68, 0.4, 0.58)):
            top = row * px(38) + px(14)
            painter.fillRect(
                QRectF(px(72), top, (self.width() - px(140)) * share, px(10)), colour("line.hair")
            )


class CandidateList(QWidget):
    """Head and rows. `ticked` carries a unit's id and whether it is to go; `hovered` whether the
    pointer is on the rows.
    """

    ticked = Signal(str, bool)
    hovered = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header = Header(30)
        self._far = Label("caption", "text.3")
        self._soon = Label("caption", "text.3")
        self._soon.setAlignment(_RIGHT)
        self.header.add(self._far)
        self.header.add(self._soon)
        self.rows: list[CandidateRow] = []
        self._waiting = _Waiting()
        self._waiting.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.nobody = Label("caption", "text.2", wrap=True)
        self.unmet = Label("caption", "priority.2", wrap=True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.header)
        self._column.addWidget(self._waiting)
        self._column.addWidget(self.nobody)
        self._column.addWidget(self.unmet)
        self._restyle()
        theme().changed.connect(self._restyle)

    def show_unmet(self, unmet: Mapping[UnitKind, int]) -> None:
        """How many of each kind the plan requires and nobody in contact can be."""
        kinds = [f"{tr(f'common.unit_kind.{kind.value}')} {count}" for kind, count in unmet.items()]
        self.unmet.setVisible(bool(kinds))
        self.unmet.setText(tr("incident.who.unmet", units=tr("common.dot").join(kinds)))

    def show_candidates(self, shown: list[tuple[Candidate, bool]], waiting: bool, why: str) -> None:
        """Show units and whether each is ticked; `why` says why there are none."""
        self._waiting.setVisible(waiting and not shown)
        self.nobody.setVisible(not waiting and not shown)
        self.nobody.setText(why)
        while len(self.rows) < len(shown):
            self._add_row()
        for row, (candidate, ticked) in zip(self.rows, shown, strict=False):
            row.show_candidate(candidate, ticked)
        for position, row in enumerate(self.rows):
            row.setVisible(position < len(shown))

    def retranslate(self) -> None:
        """Say the heads anew; rows follow with the next `show_candidates`."""
        self.header.title.setText(tr("incident.who.title"))
        self.header.remark.setText(tr("incident.who.remark"))
        self._far.setText(tr("incident.who.distance"))
        self._soon.setText(tr("incident.who.eta"))

    def enterEvent(self, event: QEnterEvent) -> None:
        """The pointer is on the list: its order must hold."""
        super().enterEvent(event)
        self.hovered.emit(True)

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer has gone."""
        super().leaveEvent(event)
        self.hovered.emit(False)

    def _add_row(self) -> None:
        row = CandidateRow()
        row.clicked.connect(lambda checked, row=row: self._tick(row, checked))
        self.rows.append(row)
        self._column.addWidget(row)

    def _tick(self, row: CandidateRow, checked: bool) -> None:
        if row.candidate is not None:
            self.ticked.emit(row.candidate.unit_id, checked)

    def _restyle(self) -> None:
        self._soon.setFixedWidth(px(ETA_WIDTH))
        for words in (self.nobody, self.unmet):
            words.setContentsMargins(px(12), 0, px(12), px(8))
