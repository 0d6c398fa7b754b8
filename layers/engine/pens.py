"""Small words for drawing symbols: stroke and fill SVG path data in design pixels."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPainterPath, QPen

from layers.engine.svgpath import svg_path

Shape = str | QPainterPath


def flat_pen(
    colour: QColor, width: float, dash: Sequence[float] = (), round_joins: bool = False
) -> QPen:
    """A pen with flat ends; `dash` in the same units as `width`, as SVG has it."""
    join = Qt.PenJoinStyle.RoundJoin if round_joins else Qt.PenJoinStyle.MiterJoin
    pen = QPen(QBrush(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, join)
    if dash:
        pen.setDashPattern([length / width for length in dash])
    return pen


def fill(painter: QPainter, shape: Shape, colour: QColor) -> None:
    """Fill a path."""
    painter.fillPath(_path(shape), colour)


def stroke(
    painter: QPainter,
    shape: Shape,
    colour: QColor,
    width: float,
    *,
    dash: Sequence[float] = (),
    round_joins: bool = False,
) -> None:
    """Stroke a path; `dash` in the same units as `width`, as SVG has it."""
    painter.strokePath(_path(shape), flat_pen(colour, width, dash, round_joins))


def circle(radius: float, x: float = 0.0, y: float = 0.0) -> QPainterPath:
    """A circle, beginning at its right like SVG's."""
    path = QPainterPath()
    path.addEllipse(QPointF(x, y), radius, radius)
    return path


def box(x: float, y: float, width: float, height: float, radius: float = 0.0) -> QPainterPath:
    """A rectangle, its corners rounded by `radius`."""
    path = QPainterPath()
    path.addRoundedRect(QRectF(x, y, width, height), radius, radius)
    return path


def arc(radius: float, share: float) -> QPainterPath:
    """An arc clockwise from the top, `share` (0 to 1) of a circle."""
    around = QRectF(-radius, -radius, 2 * radius, 2 * radius)
    path = QPainterPath(QPointF(0, -radius))
    path.arcTo(around, 90, -360 * min(share, 0.9999))
    return path


def letters(
    painter: QPainter,
    text: str,
    font: QFont,
    size_px: float,
    colour: QColor,
    *,
    baseline: float,
    x: float = 0.0,
) -> None:
    """Text centred on `x` with its baseline at `baseline`; as outlines, so any scale is sharp."""
    face = QFont(font)
    face.setPixelSize(100)
    path = QPainterPath()
    path.addText(0, 0, face, text)
    across = path.boundingRect()
    painter.save()
    painter.translate(x, baseline)
    painter.scale(size_px / 100, size_px / 100)
    painter.translate(-across.center().x(), 0)
    painter.fillPath(path, colour)
    painter.restore()


def _path(shape: Shape) -> QPainterPath:
    return svg_path(shape) if isinstance(shape, str) else shape
