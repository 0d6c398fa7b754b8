"""The commands given for the incident, each with its life step by step."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.i18n import tr
from console.model.command import PATH, Command, Step
from console.model.requests import RecallCommand
from console.model.unit import UnitKind, UnitStatus
from console.session import effective_status
from widgets.common import format as fmt
from widgets.common.buttons import Button, on_click
from widgets.common.desk import Desk
from widgets.common.labels import Header
from widgets.common.symbols import Mark, paint_mark, paint_unit
from widgets.common.theme import colour, font, px, theme
from widgets.common.tips import set_tip

TRACK = PATH[1:]
"""The steps of the track: *drafted* is the desk's own affair."""

_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
_V_CENTRE = Qt.AlignmentFlag.AlignVCenter
_MARKS: dict[Step, tuple[Mark, str, UnitStatus]] = {
    Step.ACKNOWLEDGED: ("triangle", "status.enroute", UnitStatus.EN_ROUTE),
    Step.EN_ROUTE: ("triangle", "status.enroute", UnitStatus.EN_ROUTE),
    Step.ON_SCENE: ("square", "status.onscene", UnitStatus.ON_SCENE),
    Step.DONE: ("check", "text.2", UnitStatus.FREE),
    Step.REFUSED: ("cross", "priority.2", UnitStatus.FREE),
    Step.TIMED_OUT: ("cross", "priority.2", UnitStatus.FREE),
    Step.RECALLED: ("cross", "status.off", UnitStatus.FREE),
}
_UNANSWERED: tuple[Mark, str, UnitStatus] = ("ring", "status.enroute", UnitStatus.FREE)


class CommandLife(QWidget):
    """Painted: the unit, its present step and since when, and the track of steps."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._command: Command | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def show_command(self, command: Command) -> None:
        """Follow a command."""
        self._command = command
        words = self._tell(command)
        set_tip(self, words)
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        """Two lines."""
        return QSize(px(240), px(46))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint unit, step and track."""
        if self._command is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        mark, tint, status = _MARKS.get(self._command.step, _UNANSWERED)
        # Whatever the command has come to: a unit in distress is that first.
        in_distress = self._is_in_distress(self._command.unit_id)
        status = UnitStatus.SOS if in_distress else status
        symbol = QRectF(px(12), px(5), px(24), px(24))
        paint_unit(painter, symbol, self._kind(self._command.unit_id), status)
        right = self._paint_step(painter, self._command, mark, colour(tint))
        self._paint_name(painter, self._command, right, in_distress)
        if self._command.reason and self._command.step.is_final:
            self._paint_reason(painter, self._command.reason)
        else:
            self._paint_track(painter, self._command, colour(tint))

    def _is_in_distress(self, unit_id: str) -> bool:
        fixes = self._desk.session.fixes
        return effective_status(self._desk.picture, fixes, unit_id) is UnitStatus.SOS

    def _named(self, unit_id: str) -> str:
        name = self._desk.unit_name(unit_id)
        distressed = self._is_in_distress(unit_id)
        return tr("incident.in_distress", unit=name) if distressed else name

    def _kind(self, unit_id: str) -> UnitKind:
        units = self._desk.city.units
        return units.kind[units.index(unit_id)] if unit_id in units else UnitKind.FOOT

    def _paint_step(self, painter: QPainter, command: Command, mark: Mark, tint: QColor) -> float:
        """The step, and how long it has held or when it ended, at the right."""
        painter.setFont(font("caption"))
        at = command.step_times[-1][1]
        when = fmt.clock_time(at) if command.step.is_final else fmt.age(self._desk.now_ms() - at)
        line = QRectF(0, px(3), self.width(), px(20))
        painter.setPen(colour("text.3"))
        painter.drawText(line, _RIGHT, when)
        left = self.width() - painter.fontMetrics().horizontalAdvance(when) - px(8)
        words = tr(f"common.step.{command.step.value}")
        left -= painter.fontMetrics().horizontalAdvance(words)
        trouble = command.step in (Step.REFUSED, Step.TIMED_OUT)
        painter.setPen(tint if trouble else colour("text.1"))
        painter.drawText(QRectF(left, px(3), px(200), px(20)), _V_CENTRE, words)
        paint_mark(painter, QPointF(left - px(9), px(13)), mark, tint, px(9))
        return left - px(20)

    def _paint_name(
        self, painter: QPainter, command: Command, right: float, in_distress: bool
    ) -> None:
        painter.setFont(font("body", bold=in_distress))
        usual = "text.2" if command.step.is_final else "text.1"
        painter.setPen(colour("priority.1" if in_distress else usual))
        box = QRectF(px(46), px(3), right - px(46), px(20))
        name = self._named(command.unit_id)
        cut = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(box.width()))
        painter.drawText(box, _V_CENTRE, cut)

    def _paint_reason(self, painter: QPainter, reason: str) -> None:
        painter.setFont(font("caption"))
        painter.setPen(colour("text.3"))
        box = QRectF(px(46), px(23), self.width() - px(46), px(18))
        cut = painter.fontMetrics().elidedText(
            reason, Qt.TextElideMode.ElideRight, int(box.width())
        )
        painter.drawText(box, _V_CENTRE, cut)

    def _paint_track(self, painter: QPainter, command: Command, tint: QColor) -> None:
        """One dot a step: filled when reached, its line drawn when passed."""
        reached = {step for step, _ in command.step_times}
        last = max((TRACK.index(s) for s in reached if s in TRACK), default=-1)
        left, right, y = px(50), self.width() - px(4), px(33)
        gap = (right - left) / (len(TRACK) - 1)
        for index in range(len(TRACK)):
            x = left + gap * index
            if index:
                painter.setPen(QPen(tint if index <= last else colour("line.panel"), px(1.5)))
                painter.drawLine(QPointF(x - gap + px(5), y), QPointF(x - px(5), y))
            painter.setPen(QPen(tint if index <= last else colour("line.control"), px(1.4)))
            painter.setBrush(tint if index <= last else Qt.BrushStyle.NoBrush)
            radius = px(3.5) if index == last else px(2.5)
            painter.drawEllipse(QPointF(x, y), radius, radius)

    def _tell(self, command: Command) -> str:
        """All steps with their times, for the tool tip and for who does not see the track."""
        lines = [self._named(command.unit_id)]
        said = {**dict(command.remarks), command.step_times[-1][0]: command.reason}
        for step, at in command.step_times:
            name = tr(f"common.step.{step.value}")
            reached = tr("incident.loop.reached", stage=name, time=fmt.clock_time(at))
            lines.append(" ".join(filter(None, (reached, said.get(step)))))
        return "\n".join(lines)


class CommandRow(QWidget):
    """A command and the button that calls the unit back."""

    recall_wanted = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._command_id = ""
        self.life = CommandLife(desk)
        self.recall = Button("plain", icon="recall")
        policy = self.recall.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.recall.setSizePolicy(policy)
        on_click(self.recall, lambda: self.recall_wanted.emit(self._command_id))
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.life, 1)
        self._row.addWidget(self.recall)
        self._restyle()
        theme().changed.connect(self._restyle)

    def show_command(self, command: Command, unit: str) -> None:
        """Follow a command; one that is over, or not sent yet, cannot be called back."""
        self._command_id = command.id
        self.life.show_command(command)
        words = tr("incident.recall.button", unit=unit)
        self.recall.set_words("", words)
        possible = not command.step.is_final and command.step is not Step.DRAFTED
        self.recall.setVisible(possible)
        self.recall.set_reason(self._desk.why_not(RecallCommand))

    def _restyle(self) -> None:
        self._row.setContentsMargins(0, 0, px(6), 0)
        self._row.setSpacing(px(4))


class CommandList(QWidget):
    """Head and rows, newest last. `recall_wanted` carries a command's id."""

    recall_wanted = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.header = Header(30)
        self.rows: list[CommandRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.header)

    def show_commands(self, commands: list[Command]) -> None:
        """Show the commands; *drafted* ones wait in this desk's outbox."""
        while len(self.rows) < len(commands):
            row = CommandRow(self._desk)
            row.recall_wanted.connect(self.recall_wanted)
            self.rows.append(row)
            self._column.addWidget(row)
        for row, command in zip(self.rows, commands, strict=False):
            row.show_command(command, self._desk.unit_name(command.unit_id))
        for position, row in enumerate(self.rows):
            row.setVisible(position < len(commands))
        waiting = sum(command.step is Step.DRAFTED for command in commands)
        active = sum(not command.step.is_final for command in commands) - waiting
        words = fmt.counted("common.units", active) if active else ""
        queued = fmt.counted("incident.sent.waiting", waiting) if waiting else ""
        self.header.remark.setText(tr("common.dot").join(filter(None, (words, queued))))
        self.setVisible(bool(commands))

    def retranslate(self) -> None:
        """Say the head anew."""
        self.header.title.setText(tr("incident.sent.title"))
