"""The strip at the bottom right: incidents per three minutes, and when commands were given."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.i18n import tr
from widgets.bridge.language import follow_language
from widgets.common.desk import Desk
from widgets.common.labels import Header, Label
from widgets.common.panel import Panel
from widgets.common.segments import Segments
from widgets.common.theme import px, theme
from widgets.timeline.chart import DensityChart
from widgets.timeline.density import density

HOURS = (1, 6, 24)
_REDRAW_S = 5
_BURST_MS = 500


class TimelinePanel(Panel):
    """Head with the span to choose, and the chart."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._age_s = 0
        self.header = Header(34)
        self.spans = Segments(len(HOURS))
        self.chart = DensityChart()
        self._names = [Label("caption", "text.3", parent=self.chart) for _ in range(2)]
        self._now = Label("caption", "text.1", parent=self.chart)
        self._burst = QTimer(self)
        self._burst.setSingleShot(True)
        self._burst.setInterval(_BURST_MS)
        self._burst.timeout.connect(self.redraw)
        self._lay_out()
        self._connect()
        follow_language(self._retranslate)
        theme().changed.connect(self._restyle)

    def entry(self) -> QWidget:
        """The span."""
        return self.spans.parts[self.spans.index]

    def redraw(self) -> None:
        """Count anew and draw."""
        now = self._desk.now_ms()
        span_ms = HOURS[self.spans.index] * 3_600_000
        picture = self._desk.picture
        reports = ((i.reported_at, i.priority) for i in picture.incidents.values())
        counted = density(reports, now, span_ms)
        issued = [c.step_times[0][1] / 1000 for c in picture.commands.values()]
        commands = np.array([at for at in issued if at >= (now - span_ms) / 1000], np.float64)
        self.chart.show_counts(counted, commands, now, span_ms)
        self._age_s = 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the lanes' names beside their lanes."""
        super().resizeEvent(event)
        self._place_names()

    def _lay_out(self) -> None:
        self.header.add(self.spans)
        self._chart_row = QHBoxLayout()
        self._chart_row.addWidget(self.chart)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(self._chart_row, 1)
        self.spans.choose(0)
        self._restyle()

    def _connect(self) -> None:
        self.spans.chosen.connect(lambda _index: self.redraw())
        self._desk.second.connect(self._tick)
        self._desk.bridge.incidents_changed.connect(self._follow)
        self._desk.bridge.people_changed.connect(self._show_rights)

    def _follow(self, _incident_ids: object) -> None:
        if not self._burst.isActive():
            self._burst.start()

    def _tick(self) -> None:
        self._age_s += 1
        if self._age_s >= _REDRAW_S:
            self.redraw()

    def _retranslate(self) -> None:
        self.setAccessibleName(tr("timeline.title"))
        self.header.title.setText(tr("timeline.title"))
        self._show_rights()
        self.spans.set_words(
            [tr("timeline.hours", count=hours) for hours in HOURS],
            [tr("timeline.hours_tip", count=hours) for hours in HOURS],
        )
        for label, name in zip(self._names, ("incidents", "commands"), strict=True):
            label.setText(tr(f"timeline.lane.{name}"))
        self._now.setText(tr("timeline.now"))
        self._restyle()
        self.redraw()

    def _show_rights(self) -> None:
        self.header.remark.setText(self._desk.why_not_see("operations") or tr("timeline.remark"))

    def _place_names(self) -> None:
        height = self.chart.height() - px(24)
        for label, share in zip(self._names, (0.55, 0.87), strict=True):
            label.move(QPoint(0, round(height * share) - label.height() // 2))
        self._now.move(QPoint(self.chart.width() - self._now.width() - px(14), 0))

    def _restyle(self) -> None:
        self._chart_row.setContentsMargins(px(12), 0, px(12), px(4))
        for label in (*self._names, self._now):
            label.adjustSize()
        left = max(label.width() for label in self._names) + px(8)
        self.chart.getPlotItem().setContentsMargins(left, px(8), 0, 0)
        self._place_names()
