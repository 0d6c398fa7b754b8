"""Ways to an incident: solid for units that are to be sent, dashed for others, blue when under way.

Tags with rank and travel time stand beside the units, clear of symbols and each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from layers.engine.bulk import path_of
from layers.engine.layer import Floats, Kit, Layer
from layers.engine.pens import letters
from layers.engine.viewport import Viewport

_TAG_HEIGHT = 22.0
_TAG_DARK = QColor("#1E252B")
_TAG_EDGE = QColor("#8A96A1")
_NEAREST_POINT_PX = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class RouteMark:
    """A way of one unit, `xy` (p, 2) world from the unit to the incident (p may be 0).

    `rank` from 1 with `tag` its travel time in words; rank 0 is a command under way, untagged
    unless `tag` says something.
    """

    unit_id: str
    rank: int
    ticked: bool
    xy: Floats
    tag: str = ""

    @property
    def is_underway(self) -> bool:
        """Whether the unit was sent already."""
        return self.rank == 0


class RoutesLayer(Layer):
    """The lines. Their tags are a layer of their own, above the symbols."""

    name = "routes"

    def __init__(self) -> None:
        super().__init__()
        self.marks: Sequence[RouteMark] = ()
        self._paths: list[tuple[RouteMark, QPainterPath]] = []

    def prepare(self, view: Viewport, kit: Kit) -> None:
        """Bring the ways to the screen, the best one last."""
        del kit
        ordered = sorted(self.marks, key=lambda m: (not m.is_underway, m.ticked, -m.rank))
        self._paths = [(mark, _path(view, mark.xy)) for mark in ordered if len(mark.xy) > 1]

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Draw casings and lines."""
        del view
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for mark, path in self._paths:
            solid = mark.ticked or mark.is_underway
            casing = kit.palette.colour("map.route.casing", 0.85)
            painter.strokePath(path, _pen(casing, (6.0 if solid else 4.0) * kit.scale))
            painter.strokePath(path, _line_pen(mark, kit))


def _line_pen(mark: RouteMark, kit: Kit) -> QPen:
    if mark.is_underway:
        return _pen(kit.palette.colour("status.enroute"), 2.2 * kit.scale)
    if mark.ticked:
        return _pen(kit.palette.colour("map.route"), 2.4 * kit.scale)
    pen = _pen(kit.palette.colour("map.route", 0.62), 1.3 * kit.scale)
    pen.setDashPattern([5 / 1.3, 4 / 1.3])
    return pen


def _pen(colour: QColor, width: float) -> QPen:
    return QPen(
        colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.RoundJoin
    )


def _path(view: Viewport, xy: Floats) -> QPainterPath:
    """The way in logical pixels without points that lie on top of each other."""
    points = view.screen_from_world(xy)
    apart = np.hypot(*np.diff(points, axis=0).T).cumsum()
    block = np.floor(apart / _NEAREST_POINT_PX)
    keep = np.concatenate([[True], np.diff(block, prepend=-1.0) > 0])
    keep[-1] = True
    points = points[keep]
    return path_of(np.array([0, len(points)]), points)


class RouteTagsLayer(Layer):
    """Rank and travel time beside each offered unit."""

    name = "route_tags"

    def __init__(self, routes: RoutesLayer) -> None:
        super().__init__()
        self._routes = routes

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Draw the tags, the best first, each where it hides the least."""
        if not self._routes.visible:
            return
        taken: list[QRectF] = []
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        offered = [m for m in self._routes.marks if m.rank > 0 and len(m.xy)]
        for mark in sorted(offered, key=lambda m: m.rank):
            at = view.screen_from_world(mark.xy[0])[0]
            if not (0 <= at[0] <= view.width and 0 <= at[1] <= view.height):
                continue
            size = _tag_size(kit, mark)
            spot = _best_spot(QPointF(*at), size, kit, taken, view)
            taken.append(spot)
            _paint_tag(painter, kit, mark, spot)


def _tag_font(kit: Kit, bold: bool) -> QFont:
    font = QFont(kit.font)
    font.setPixelSize(round(13 * kit.scale))
    font.setBold(bold)
    return font


def _tag_size(kit: Kit, mark: RouteMark) -> tuple[float, float]:
    words = QFontMetricsF(_tag_font(kit, False)).horizontalAdvance(mark.tag)
    return words + 32 * kit.scale, _TAG_HEIGHT * kit.scale


def _best_spot(
    at: QPointF, size: tuple[float, float], kit: Kit, taken: list[QRectF], view: Viewport
) -> QRectF:
    """Of eight places around the unit the first that hides the least."""
    width, height = size
    gap = 20 * kit.scale
    sides = [(gap, -height / 2), (-gap - width, -height / 2), (-width / 2, -gap - height)]
    sides += [(-width / 2, gap), (gap, -gap - height), (-gap - width, -gap - height)]
    sides += [(gap, gap), (-gap - width, gap)]
    spots = [QRectF(at.x() + dx, at.y() + dy, width, height) for dx, dy in sides]
    frame = QRectF(4, 4, view.width - 8, view.height - 8)
    return min(spots, key=lambda spot: _hidden(spot, kit.obstacles, taken, frame))


def _hidden(spot: QRectF, boxes: Floats, taken: list[QRectF], frame: QRectF) -> float:
    """How many symbols and tags a tag at `spot` would cover; outside the frame counts most."""
    cost = 0.0 if frame.contains(spot) else 100.0
    cost += 50.0 * sum(spot.intersects(other) for other in taken)
    if len(boxes):
        apart = (boxes[:, 0] > spot.right()) | (boxes[:, 2] < spot.left())
        apart |= (boxes[:, 1] > spot.bottom()) | (boxes[:, 3] < spot.top())
        cost += float(np.count_nonzero(~apart))
    return cost


def _paint_tag(painter: QPainter, kit: Kit, mark: RouteMark, spot: QRectF) -> None:
    ink = kit.palette.colour("text.inverse")
    white = kit.palette.colour("select")
    front = ink if mark.ticked else white
    painter.setPen(QPen(ink if mark.ticked else _TAG_EDGE, max(1, round(kit.scale))))
    painter.setBrush(white if mark.ticked else _TAG_DARK)
    painter.drawRoundedRect(spot, 4 * kit.scale, 4 * kit.scale)
    baseline = spot.center().y() + 4.7 * kit.scale
    left = spot.left() + 12 * kit.scale
    rank = str(mark.rank)
    letters(painter, rank, _tag_font(kit, True), 13 * kit.scale, front, baseline=baseline, x=left)
    painter.setFont(_tag_font(kit, False))
    painter.setPen(front)
    words = spot.adjusted(0, 0, -8 * kit.scale, 0)
    painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, mark.tag)
