"""The map's symbols as they stand in lists: incident rings, unit shapes, small marks of state.

Drawn in a 16-unit box round 0,0; what colour says, a shape says too.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from PySide6.QtCore import QByteArray, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF
from PySide6.QtSvg import QSvgRenderer

from console.model.unit import UnitKind, UnitStatus
from widgets.common.theme import colour, theme

Mark = Literal["dot", "ring", "triangle", "square", "check", "cross"]

_RADIUS = 7.6
_STATUS_COLOUR = {
    UnitStatus.FREE: "status.free",
    UnitStatus.EN_ROUTE: "status.enroute",
    UnitStatus.ON_SCENE: "status.onscene",
    UnitStatus.OFF: "status.off",
    UnitStatus.SOS: "priority.1",
}


def priority_colour(priority: int) -> QColor:
    """The colour of a priority, 1 to 4."""
    return colour(f"priority.{min(max(priority, 1), 4)}")


def status_colour(status: UnitStatus) -> QColor:
    """The colour of a unit's status."""
    return colour(_STATUS_COLOUR[status])


def paint_incident(
    painter: QPainter,
    rect: QRectF,
    priority: int,
    *,
    share: float | None = None,
    over: bool = False,
    closed: bool = False,
) -> None:
    """Draw an incident's ring into `rect`.

    The inner ring is the priority, the outer dial the `share` (0 to 1) of its deadline that is
    used, the triangle says that it is `over`; a `closed` one is grey with a tick.
    """
    painter.save()
    _enter_box(painter, rect, 24.0)
    if closed:
        _paint_closed(painter)
    else:
        _paint_ring(painter, priority)
        if share is not None:
            _paint_dial(painter, priority, share)
        if over:
            _paint_triangle(painter, QPointF(_RADIUS + 1, -_RADIUS - 1), 4.6, priority)
    painter.restore()


def paint_unit(
    painter: QPainter, rect: QRectF, kind: UnitKind, status: UnitStatus, stale: bool = False
) -> None:
    """Draw a unit's shape into `rect`: hollow when its position is `stale`, struck when off."""
    _unit_renderer(kind.value, status.value, stale).render(painter, rect)


def paint_mark(painter: QPainter, centre: QPointF, mark: Mark, tint: QColor, side: float) -> None:
    """Draw a small mark of state, `side` pixels across."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(centre)
    painter.scale(side / 9, side / 9)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tint)
    _MARKS[mark](painter, tint)
    painter.restore()


def paint_check_box(painter: QPainter, rect: QRectF, checked: bool, enabled: bool = True) -> None:
    """Draw a check box into `rect`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    edge = colour("line.control" if enabled else "line.panel")
    fill = colour("action.primary") if checked and enabled else QColor(Qt.GlobalColor.transparent)
    painter.setPen(QPen(colour("action.primary") if checked and enabled else edge, 1.5))
    painter.setBrush(fill)
    radius = theme().px(3)
    painter.drawRoundedRect(rect.adjusted(0.75, 0.75, -0.75, -0.75), radius, radius)
    if checked:
        painter.setPen(
            QPen(colour("text.inverse" if enabled else "text.disabled"), rect.width() / 8)
        )
        _tick(painter, rect.center(), rect.width() / 16)
    painter.restore()


def _enter_box(painter: QPainter, rect: QRectF, units: float) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.center())
    painter.scale(rect.width() / units, rect.height() / units)


def _paint_closed(painter: QPainter) -> None:
    grey = colour("status.off")
    painter.setPen(QPen(grey, 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(0, 0), _RADIUS - 0.5, _RADIUS - 0.5)
    painter.setPen(QPen(grey, 1.5))
    painter.drawPolyline(QPolygonF([QPointF(-3, 0), QPointF(-0.8, 2.4), QPointF(3.2, -2.4)]))


def _paint_ring(painter: QPainter, priority: int) -> None:
    tint = priority_colour(priority)
    inset, pen = _RING_PENS[priority](tint)
    painter.setPen(pen)
    painter.setBrush(tint if priority == 1 else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(0, 0), _RADIUS - inset, _RADIUS - inset)
    painter.setPen(colour("text.inverse") if priority == 1 else tint)
    painter.setFont(_digit_font())
    painter.drawText(QRectF(-8, -8, 16, 16), Qt.AlignmentFlag.AlignCenter, str(priority))


def _pen(tint: QColor, width: float, dash: list[float] | None = None) -> QPen:
    pen = QPen(tint, width)
    if dash:
        pen.setDashPattern([length / width for length in dash])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


_RING_PENS = {
    1: lambda tint: (0.5, _pen(tint, 1.0)),
    2: lambda tint: (1.0, _pen(tint, 2.3)),
    3: lambda tint: (0.6, _pen(tint, 1.2)),
    4: lambda tint: (0.6, _pen(tint, 1.3, [2.2, 2.2])),
}


def _digit_font() -> QFont:
    made = theme().font("body", bold=True)
    made.setPixelSize(10)
    return made


def _paint_dial(painter: QPainter, priority: int, share: float) -> None:
    radius = _RADIUS + 2.5
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour("line.chip.on"), 1.5))
    painter.drawEllipse(QPointF(0, 0), radius, radius)
    pen = QPen(priority_colour(priority), 2.0 if priority == 1 else 1.6)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    box = QRectF(-radius, -radius, 2 * radius, 2 * radius)
    painter.drawArc(box, 90 * 16, -round(min(max(share, 0.0), 1.0) * 360 * 16))


def _paint_triangle(painter: QPainter, at: QPointF, side: float, priority: int) -> None:
    painter.setPen(QPen(colour("text.inverse"), 1.2))
    painter.setBrush(priority_colour(priority))
    points = [QPointF(0, -side), QPointF(side, side * 0.74), QPointF(-side, side * 0.74)]
    painter.drawPolygon(QPolygonF([point + at for point in points]))


def _tick(painter: QPainter, centre: QPointF, unit: float) -> None:
    points = [QPointF(-4.4, 0.2), QPointF(-1.4, 3.2), QPointF(4.6, -3.2)]
    painter.drawPolyline(QPolygonF([centre + point * unit for point in points]))


def _mark_ring(painter: QPainter, tint: QColor) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(tint, 1.6))
    painter.drawEllipse(QPointF(0, 0), 3.4, 3.4)


def _mark_check(painter: QPainter, tint: QColor) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(tint, 1.6))
    _tick(painter, QPointF(0, 0), 0.9)


def _mark_cross(painter: QPainter, tint: QColor) -> None:
    painter.setPen(QPen(tint, 1.6))
    painter.drawLine(QPointF(-3.4, -3.4), QPointF(3.4, 3.4))
    painter.drawLine(QPointF(-3.4, 3.4), QPointF(3.4, -3.4))


_MARKS = {
    "dot": lambda painter, _tint: painter.drawEllipse(QPointF(0, 0), 4.0, 4.0),
    "ring": _mark_ring,
    "triangle": lambda painter, _tint: painter.drawPolygon(
        QPolygonF([QPointF(0, -4.5), QPointF(5, 4.5), QPointF(-5, 4.5)])
    ),
    "square": lambda painter, _tint: painter.drawRect(QRectF(-4, -4, 8, 8)),
    "check": _mark_check,
    "cross": _mark_cross,
}

_UNIT_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-11 -11 22 22">'
    '<g fill="{halo}" stroke="{halo}" stroke-width="2.6" stroke-linejoin="round">{frame}</g>'
    "<g {frame_style}>{frame}</g>{glyph}{extra}</svg>"
)
_STRUCK = (
    '<path d="M-8.5 8.5L8.5 -8.5" stroke="{halo}" stroke-width="3.6"/>'
    '<path d="M-8.5 8.5L8.5 -8.5" stroke="{tint}" stroke-width="1.7"/>'
)


@cache
def _unit_shapes() -> dict[str, dict[str, str]]:
    path = files("resources") / "styles" / "units.json"
    loaded: dict[str, dict[str, str]] = json.loads(path.read_text("utf-8"))
    return loaded


@lru_cache(maxsize=128)
def _unit_renderer(kind: str, status: str, stale: bool) -> QSvgRenderer:
    shape = _unit_shapes()[kind]
    halo, tint = colour("text.inverse").name(), status_colour(UnitStatus(status)).name()
    style, ink, fill, extra = f'fill="{tint}"', halo, tint, ""
    if stale:
        style = f'fill="{halo}" stroke="{tint}" stroke-width="1.35" stroke-dasharray="2.4 1.5"'
        ink, fill = tint, halo
    elif status == UnitStatus.OFF:
        style = f'fill="{colour("line.panel").name()}" stroke="{tint}" stroke-width="1"'
        ink, fill = colour("text.2").name(), colour("line.panel").name()
        extra = _STRUCK.format(halo=halo, tint=tint)
    glyph = shape["glyph"].format(ink=ink, fill=fill)
    svg = _UNIT_SVG.format(
        halo=halo, frame=shape["frame"], frame_style=style, glyph=glyph, extra=extra
    )
    return QSvgRenderer(QByteArray(svg.encode()))
