"""What stands on and under the map: tool buttons, and the bar with legend, scale and position."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from console.i18n import tr
from console.model.geo import LonLat
from console.model.unit import UnitKind, UnitStatus
from layers.engine.camera_symbols import draw_camera
from layers.engine.palette import default_palette
from widgets.common import format as fmt
from widgets.common.buttons import Chip, FlatButton
from widgets.common.focus import paint_focus
from widgets.common.icons import paint_icon
from widgets.common.symbols import paint_incident, paint_unit
from widgets.common.theme import colour, font, px, theme

_NICE = (1, 2, 5)
_LONGEST_SCALE_PX = 110


class Tool(FlatButton):
    """A square button of the tool column."""

    def __init__(self, icon: str, key: str, parent: QWidget) -> None:
        super().__init__(key, parent)
        self._icon = icon
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(px(32), px(32))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint fill, icon and focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isChecked() or self.isDown():
            painter.fillRect(self.rect(), colour("surface.selected"))
        elif self.underMouse():
            painter.fillRect(self.rect(), colour("surface.hover"))
        side, ink = px(16), colour("text.1" if self.isChecked() else "text.2")
        inset = (self.width() - side) / 2
        paint_icon(painter, QRectF(inset, inset, side, side), self._icon, ink)
        if self.isChecked():
            painter.fillRect(QRectF(0, 0, px(2), self.height()), colour("text.1"))
        if self.hasFocus():
            paint_focus(painter, QRectF(self.rect()), px(3))


class ToolColumn(QWidget):
    """Tools one under another on a quiet ground."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 1, 1, 1)
        self._column.setSpacing(1)
        self.tools: list[Tool] = []

    def add(self, icon: str, key: str, action: Callable[[], None]) -> Tool:
        """One more tool; `key` is the one that does the same from the keyboard."""
        tool = Tool(icon, key, self)
        tool.clicked.connect(lambda _checked=False: action())
        self._column.addWidget(tool)
        self.tools.append(tool)
        return tool

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint ground, edge and the lines between."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour("line.panel"), 1))
        painter.setBrush(colour("surface.panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(5), px(5))
        painter.setPen(QPen(colour("line.hair"), 1))
        for tool in self.tools[1:]:
            painter.drawLine(1, tool.y() - 1, self.width() - 2, tool.y() - 1)


class ChipRows(QWidget):
    """Chips side by side, in as many rows as they need."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._chips: list[Chip] = []

    def add(self, chip: Chip) -> None:
        """One more at the end."""
        chip.setParent(self)
        self._chips.append(chip)

    def fit(self, width: int) -> None:
        """Take no more than `width` pixels, and the height that it needs."""
        gap, x, y, widest = px(6), 0, 0, 0
        for chip in self._chips:
            size = chip.sizeHint()
            if x and x + size.width() > width:
                x, y = 0, y + size.height() + gap
            chip.setGeometry(x, y, size.width(), size.height())
            x += size.width() + gap
            widest = max(widest, x - gap)
        self.resize(widest, y + px(26))


class LegendBar(QWidget):
    """28 px under the map: what the symbols mean, the scale, where the pointer is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ground_metres_per_px = 1.0
        self._pointer: LonLat | None = None
        self._distance = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """As high as the design says, as wide as the map."""
        return QSize(px(640), px(28))

    def minimumSizeHint(self) -> QSize:
        """The legend folds away before the map does."""
        return QSize(px(200), px(28))

    def show_scale(self, ground_metres_per_px: float) -> None:
        """The scale at the middle of the map."""
        if ground_metres_per_px != self._ground_metres_per_px:
            self._ground_metres_per_px = ground_metres_per_px
            self.update()

    def show_pointer(self, place: LonLat | None) -> None:
        """Where the pointer is."""
        self._pointer = place
        self.update()

    def show_distance(self, words: str) -> None:
        """What has been measured, or ""."""
        if words != self._distance:
            self._distance = words
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint from both ends; the legend gives way."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour("surface.panel"))
        painter.fillRect(0, 0, self.width(), 1, colour("line.hair"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("caption"))
        free = self._paint_right(painter)
        painter.setClipRect(QRectF(0, 0, free - px(12), self.height()))
        self._paint_legend(painter, free - px(12))

    def _paint_right(self, painter: QPainter) -> float:
        """Position, datum, scale; gives where they begin."""
        x = float(self.width() - px(12))
        x = self._words(painter, x, tr("map.datum"), "text.3") - px(10)
        sample = fmt.coordinates(-118.88888, -38.88888)
        place = fmt.coordinates(self._pointer.lon, self._pointer.lat) if self._pointer else ""
        width = QFontMetrics(font("caption")).horizontalAdvance(sample)
        self._words(painter, x, place, "text.2")
        x -= width + px(14)
        x = self._paint_scale(painter, x)
        if self._distance:
            x = self._words(painter, x - px(18), self._distance, "text.1")
        return x

    def _words(self, painter: QPainter, right: float, text: str, tint: str) -> float:
        width = painter.fontMetrics().horizontalAdvance(text)
        painter.setPen(colour(tint))
        box = QRectF(right - width, 0, width + 1, self.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
        return right - width

    def _paint_scale(self, painter: QPainter, right: float) -> float:
        metres = nice_length(self._ground_metres_per_px * px(_LONGEST_SCALE_PX))
        x = self._words(painter, right, fmt.distance(metres) if metres < 1000 else
                        f"{metres / 1000:g} km", "text.2") - px(8)  # fmt: skip
        length, base = metres / self._ground_metres_per_px, self.height() / 2 + px(4)
        painter.setPen(QPen(colour("text.2"), max(1, px(1))))
        painter.drawLine(round(x - length), round(base), round(x), round(base))
        for at in (x - length, x):
            painter.drawLine(round(at), round(base), round(at), round(base - px(5)))
        return x - length

    def _paint_legend(self, painter: QPainter, limit: float) -> None:
        x = float(px(12))
        for draw, words in self._entries():
            if not draw:
                painter.fillRect(QRectF(x, self.height() / 2 - px(7), 1, px(14)),
                                 colour("line.panel"))  # fmt: skip
                x += px(13)
                continue
            width = painter.fontMetrics().horizontalAdvance(words)
            side = px(20)
            need = len(draw) * (side + px(2)) + px(4) + width
            if x + need > limit:
                return
            for paint in draw:
                paint(painter, QRectF(x, (self.height() - side) / 2, side, side))
                x += side + px(2)
            painter.setPen(colour("text.2"))
            box = QRectF(x + px(4), 0, width + 1, self.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)
            x += px(4) + width + px(13)

    def _entries(self) -> list[tuple[Sequence[Callable[[QPainter, QRectF], None]], str]]:
        states = (UnitStatus.FREE, UnitStatus.EN_ROUTE, UnitStatus.ON_SCENE, UnitStatus.OFF)
        units = [([_unit(state)], tr(f"common.unit_status.{state.value}")) for state in states]
        rings = [_incident(priority) for priority in (1, 2, 3, 4)]
        return [
            *units,
            ([_unit(UnitStatus.FREE, stale=True)], tr("map.legend.stale")),
            ([], ""),
            (rings, tr("map.legend.priority")),
            ([], ""),
            ([_camera(online=True)], tr("map.legend.camera")),
            ([_camera(online=False)], tr("map.legend.offline")),
        ]


def nice_length(longest: float) -> float:
    """The largest of 1, 2, 5 × 10ⁿ not above `longest`."""
    power = 1.0
    while power * 10 <= longest:
        power *= 10
    while power > longest:
        power /= 10
    return max(step * power for step in _NICE if step * power <= longest)


def _unit(status: UnitStatus, stale: bool = False) -> Callable[[QPainter, QRectF], None]:
    return lambda painter, rect: paint_unit(painter, rect, UnitKind.FOOT, status, stale)


def _incident(priority: int) -> Callable[[QPainter, QRectF], None]:
    return lambda painter, rect: paint_incident(painter, rect, priority)


def _camera(online: bool) -> Callable[[QPainter, QRectF], None]:
    def paint(painter: QPainter, rect: QRectF) -> None:
        painter.save()
        painter.translate(rect.center())
        painter.scale(rect.width() / 18, rect.height() / 18)
        draw_camera(painter, default_palette(), "live" if online else "off", 90)
        painter.restore()

    return paint
