"""The closed loop as eight steps: which are done and when, which is now and how long it has."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.i18n import tr
from console.model.incident import LOOP, Incident, Stage
from console.model.plan import Plans
from widgets.common import format as fmt
from widgets.common.symbols import priority_colour
from widgets.common.theme import colour, font, px, theme
from widgets.common.tips import set_tip


class LoopStepper(QWidget):
    """Painted; follows `show_incident` and the clock of its panel."""

    def __init__(self, plans: Plans, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plans = plans
        self._incident: Incident | None = None
        self._times: dict[Stage, int] = {}
        self._now_ms = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def show_incident(self, incident: Incident, now_ms: int) -> None:
        """Show where `incident` stands at `now_ms`."""
        self._incident, self._now_ms = incident, now_ms
        self._times = incident.loop_times()
        set_tip(self, self._tell())
        self.setAccessibleName(self._tell())
        self.update()

    def sizeHint(self) -> QSize:
        """Three lines: marks, names, times."""
        return QSize(px(200), px(62))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the steps."""
        if self._incident is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        step = (self.width() - px(24)) / len(LOOP)
        centres = [px(12) + step * (i + 0.5) for i in range(len(LOOP))]
        current = self._current()
        for index in range(len(LOOP)):
            self._paint_link(painter, centres, index, current)
            self._paint_step(painter, centres[index], index, current)

    def _current(self) -> int:
        """The step that somebody has to take now: the one after the stage reached."""
        assert self._incident is not None
        if self._incident.stage not in LOOP:
            return -1
        return LOOP.index(self._incident.stage) + 1

    def _paint_link(
        self, painter: QPainter, centres: list[float], index: int, current: int
    ) -> None:
        if not index:
            return
        done = index <= current
        painter.setPen(QPen(colour("text.2" if done else "line.panel"), px(2) if done else px(1.5)))
        y = px(12)
        start, end = centres[index - 1] + px(9), centres[index] - px(9)
        painter.drawLine(QPointF(start, y), QPointF(end, y))

    def _paint_step(self, painter: QPainter, x: float, index: int, current: int) -> None:
        stage = LOOP[index]
        at = self._times.get(stage)
        reached = at is not None
        _paint_mark(painter, QPointF(x, px(12)), reached, index == current, index < current)
        name = colour("text.1" if index == current else "text.2" if reached else "text.3")
        painter.setFont(font("caption", bold=index == current))
        painter.setPen(name)
        wide = QRectF(x - px(60), px(21), px(120), px(18))
        painter.drawText(wide, Qt.AlignmentFlag.AlignCenter, _step_name(stage))
        painter.setFont(font("caption"))
        if index == current:
            self._paint_below(painter, x, *self._remaining())
        elif at is not None:
            self._paint_below(painter, x, fmt.hour_minute(at), colour("text.3"))

    def _remaining(self) -> tuple[str, QColor]:
        assert self._incident is not None
        deadline = self._plans.deadline(self._incident)
        if deadline is None:
            return "", colour("text.3")
        since = self._incident.stage_since
        near = self._now_ms - since >= 0.8 * (deadline - since)
        tint = priority_colour(self._incident.priority) if near else colour("text.3")
        return fmt.remaining(deadline, self._now_ms), tint

    def _paint_below(self, painter: QPainter, x: float, words: str, tint: QColor) -> None:
        """Words under a step begin where a time would, so that long ones do not meet the last."""
        painter.setPen(tint)
        width = painter.fontMetrics().horizontalAdvance(words)
        left = x - min(width, px(36)) / 2
        left = min(left, self.width() - px(12) - width)
        box = QRectF(left, px(38), width + 2, px(18))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)

    def _tell(self) -> str:
        assert self._incident is not None
        times, current = self._times, self._current()
        lines = [
            tr("incident.loop.reached", stage=_step_name(stage), time=fmt.clock_time(times[stage]))
            if stage in times
            else tr("incident.loop.skipped", stage=_step_name(stage))
            for stage in LOOP[: max(0, current)]
        ]
        return "\n".join(lines)


def _step_name(stage: Stage) -> str:
    return tr(f"incident.loop.{stage.value}")


def _paint_mark(
    painter: QPainter, at: QPointF, reached: bool, current: bool, is_past: bool
) -> None:
    """A dot with a tick for what happened, a ring with a dash for what was passed over."""
    painter.save()
    painter.translate(at)
    painter.scale(theme().scale, theme().scale)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if current:
        painter.setPen(QPen(colour("select"), 2))
        painter.drawEllipse(QPointF(0, 0), 6.5, 6.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("select"))
        painter.drawEllipse(QPointF(0, 0), 2.6, 2.6)
    elif reached:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("text.2"))
        painter.drawEllipse(QPointF(0, 0), 6, 6)
        painter.setPen(QPen(colour("surface.panel"), 1.6))
        tick = [QPointF(-2.8, 0.2), QPointF(-0.8, 2.4), QPointF(3, -2.2)]
        painter.drawPolyline(QPolygonF(tick))
    else:
        painter.setPen(QPen(colour("line.control"), 1.4))
        painter.drawEllipse(QPointF(0, 0), 5, 5)
        if is_past:
            painter.drawLine(QPointF(-2.4, 0), QPointF(2.4, 0))
    painter.restore()
