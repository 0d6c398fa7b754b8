"""The density chart: grey bars, red and orange only for P1 and P2, a lane of commands."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPen, QPicture
from PySide6.QtWidgets import QWidget

from console.i18n import tr
from widgets.common import format as fmt
from widgets.common.theme import colour, font, px, theme
from widgets.common.tips import show_tip
from widgets.timeline.density import BIN_MS, Density

LANE = 0.24
"""The share of the chart's height that the lane of commands takes."""


STEPS_S = (600.0, 1200.0, 1800.0, 3600.0, 7200.0, 14_400.0, 21_600.0, 43_200.0)


class TimeAxis(pg.AxisItem):  # type: ignore[misc]
    """Hours and minutes of the duty day; values are seconds since 1970-01-01 UTC."""

    def tickStrings(self, values: list[float], _scale: float, _spacing: float) -> list[str]:
        """The words at the ticks."""
        return [fmt.hour_minute(int(value * 1000)) for value in values]

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        """As near to each other as the words at them have room, from ten minutes up."""
        width = QFontMetrics(font("caption")).horizontalAdvance("00:00") + px(16)
        most = max(1.0, size / width)
        fitting = (step for step in STEPS_S if (high - low) / step <= most)
        return [(next(fitting, STEPS_S[-1]), 0.0)]


class Bars(pg.GraphicsObject):  # type: ignore[misc]
    """All bars as one picture: a rectangle a bin, and the parts of P1 and P2 on its top."""

    def __init__(self) -> None:
        super().__init__()
        self._picture = QPicture()
        self._box = QRectF()

    def show_density(self, counted: Density) -> None:
        """Draw other counts."""
        self.prepareGeometryChange()
        self._picture = QPicture()
        painter = QPainter(self._picture)
        painter.setPen(Qt.PenStyle.NoPen)
        width = BIN_MS / 1000
        for place in np.flatnonzero(counted.all):
            left = counted.first_ms / 1000 + float(place) * width
            self._draw_bar(painter, left, width * 0.8, counted, int(place))
        painter.end()
        span = len(counted.all) * width
        height = float(counted.all.max(initial=1))
        self._box = QRectF(counted.first_ms / 1000, 0, span, height)
        self.update()

    def _draw_bar(
        self, painter: QPainter, left: float, width: float, counted: Density, place: int
    ) -> None:
        bottom = 0.0
        quiet = counted.all[place] - counted.p1[place] - counted.p2[place]
        parts = (
            (quiet, "bar.quiet"),
            (counted.p2[place], "priority.2"),
            (counted.p1[place], "priority.1"),
        )
        for number, tint in parts:
            painter.setBrush(colour(tint))
            painter.drawRect(QRectF(left, bottom, width, float(number)))
            bottom += float(number)

    def paint(self, painter: QPainter, *_args: object) -> None:
        """Play the picture."""
        painter.drawPicture(QPointF(0, 0), self._picture)

    def boundingRect(self) -> QRectF:
        """Where the bars are."""
        return self._box


class DensityChart(pg.PlotWidget):  # type: ignore[misc]
    """Fixed to its span: it does not zoom, drag or open menus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent, axisItems={"bottom": TimeAxis("bottom")})
        self._counted: Density | None = None
        self._commands: NDArray[np.float64] = np.empty(0)
        self._bars = Bars()
        self._lane = pg.PlotDataItem(connect="pairs")
        self._base = pg.InfiniteLine(0, angle=0)
        self._now = pg.InfiniteLine(0, angle=90)
        self._freeze()
        for item in (self._base, self._bars, self._lane, self._now):
            self.addItem(item)
        self._restyle()
        theme().changed.connect(self._restyle)

    def show_counts(
        self, counted: Density, commands: NDArray[np.float64], now_ms: int, span_ms: int
    ) -> None:
        """Show `counted` bars and `commands` (float64 (n,), seconds) up to now."""
        self._counted, self._commands = counted, commands
        self._bars.show_density(counted)
        top = max(4.0, float(counted.all.max(initial=1)) * 1.1)
        low = -top * LANE / (1 - LANE)
        self._show_lane(commands, low)
        self._now.setPos(now_ms / 1000)
        self.setXRange((now_ms - span_ms) / 1000, now_ms / 1000 + span_ms / 1000 * 0.01, padding=0)
        self.setYRange(low, top, padding=0)

    def viewportEvent(self, event: QEvent) -> bool:
        """A tool tip says the figures of a bar."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            words = self._words_at(event)
            if words:
                show_tip(event.globalPos(), words, self)
            return True
        return bool(super().viewportEvent(event))

    def _words_at(self, event: QHelpEvent) -> str:
        counted = self._counted
        if counted is None:
            return ""
        at = self.plotItem.vb.mapSceneToView(self.mapToScene(event.pos())).x()
        place = int((at * 1000 - counted.first_ms) // BIN_MS)
        if not 0 <= place < len(counted.all):
            return ""
        begin = counted.first_ms + place * BIN_MS
        return tr(
            "timeline.bar",
            begin=fmt.hour_minute(begin),
            end=fmt.hour_minute(begin + BIN_MS),
            count=int(counted.all[place]),
            p1=int(counted.p1[place]),
            p2=int(counted.p2[place]),
        )

    def _show_lane(self, commands: NDArray[np.float64], low: float) -> None:
        middle, half = low * 0.55, low * 0.22
        x = np.repeat(commands, 2)
        y = np.tile([middle - half, middle + half], len(commands))
        self._lane.setData(x, y)

    def _freeze(self) -> None:
        self.setMouseEnabled(x=False, y=False)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.hideAxis("left")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plotItem.vb.setMouseMode(pg.ViewBox.PanMode)
        self.plotItem.vb.setDefaultPadding(0)

    def wheelEvent(self, event: QEvent) -> None:
        """The wheel does nothing here."""
        event.ignore()

    def _restyle(self) -> None:
        self.setBackground(colour("surface.panel"))
        axis = self.getAxis("bottom")
        axis.setPen(QPen(colour("line.panel"), 1))
        axis.setTextPen(QPen(colour("text.3")))
        axis.setTickFont(font("caption"))
        axis.setStyle(tickLength=-px(4), tickTextOffset=px(4))
        axis.setHeight(px(24))
        self._base.setPen(pg.mkPen(colour("line.panel"), width=1))
        self._now.setPen(pg.mkPen(colour("select"), width=px(1.5)))
        self._lane.setPen(pg.mkPen(colour("text.2"), width=px(2)))
