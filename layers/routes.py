"""Ways to an incident: solid for units that are to be sent, dashed for others, blue when under way.

Tags with rank and travel time stand beside the units, clear of symbols and each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen

from layers.engine.bulk import draw_segments, touching
from layers.engine.layer import NO_BOXES, Floats, Kit, Layer, stamp_all
from layers.engine.occupied import boxes_around, clearest
from layers.engine.viewport import Viewport

_TAG_HEIGHT = 22.0
_TAG_DARK = QColor("#1E252B")
_TAG_EDGE = QColor("#8A96A1")
_NEAREST_POINT_PX = 0.7
_MARGIN_PX = 20.0
_BEAD_PX = 16.0
_TAG_WEIGHT = 50
"""A tag rather hides so many symbols than another tag."""


@dataclass(frozen=True, slots=True, eq=False)
class RouteMark:
    """A way of one unit, `xy` (p, 2) world from the unit to the incident (p may be 0).

    `rank` from 1 with `tag` its travel time in words; rank 0 is a command under way, `ticked` if
    it is for the selected incident, and untagged.
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
    """The lines. Their tags are a layer of their own, above the symbols.

    Lines are drawn segment by segment: a path with joins costs five times as much.
    """

    name = "routes"
    rank = 3

    def __init__(self) -> None:
        super().__init__()
        self.marks: Sequence[RouteMark] = ()
        self._ways: list[tuple[RouteMark, Floats]] = []

    def prepare(self, view: Viewport, kit: Kit) -> None:
        """Bring the ways to the screen, the best one last."""
        del kit
        ordered = sorted(self.marks, key=lambda m: (not m.is_underway, m.ticked, -m.rank))
        self._ways = [(m, _screen_way(view, m.xy)) for m in ordered if len(m.xy) > 1]

    def obstacles(self) -> Floats:
        """Boxes along the ways, but for thin ones of other incidents."""
        ways = [p for m, p in self._ways if m.ticked or not m.is_underway]
        return np.concatenate([NO_BOXES, *(_boxes_along(points) for points in ways)])

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Draw casings and lines."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for mark, points in self._ways:
            solid = touching(segments_of(points), view.width, view.height, _MARGIN_PX)
            if mark.ticked or not mark.is_underway:
                casing = kit.palette.colour("map.route.casing")
                painter.setPen(_pen(casing, (6.0 if mark.ticked else 4.0) * kit.scale))
                draw_segments(painter, solid)
            colour, width = _line(mark, kit)
            painter.setPen(_pen(colour, width, flat=not mark.ticked))
            if mark.ticked or mark.is_underway:
                draw_segments(painter, solid)
            else:
                dashed = dashes(points, 5 * kit.scale, 4 * kit.scale)
                draw_segments(painter, touching(dashed, view.width, view.height, _MARGIN_PX))


def _line(mark: RouteMark, kit: Kit) -> tuple[QColor, float]:
    """Colour and width of a way."""
    name = "status.enroute" if mark.is_underway else "map.route"
    if mark.ticked:
        return kit.palette.colour(name), (2.2 if mark.is_underway else 2.4) * kit.scale
    return kit.palette.colour(name, 0.62), 1.3 * kit.scale


def _pen(colour: QColor, width: float, flat: bool = False) -> QPen:
    cap = Qt.PenCapStyle.FlatCap if flat else Qt.PenCapStyle.SquareCap
    return QPen(QBrush(colour), width, Qt.PenStyle.SolidLine, cap)


def _screen_way(view: Viewport, xy: Floats) -> Floats:
    """The way in logical pixels without points that lie on top of each other."""
    points = view.screen_from_world(xy)
    apart = np.hypot(*np.diff(points, axis=0).T).cumsum()
    block = np.floor(apart / _NEAREST_POINT_PX)
    keep = np.concatenate([[True], np.diff(block, prepend=-1.0) > 0])
    keep[-1] = True
    return np.asarray(points[keep])


def segments_of(points: Floats) -> Floats:
    """The (p - 1, 4) segments of a line (p, 2)."""
    return np.concatenate([points[:-1], points[1:]], axis=1)


def dashes(points: Floats, on: float, off: float) -> Floats:
    """The (k, 4) dashes along a line (p, 2); one that meets a corner cuts it."""
    starts, along = _steps_along(points, on + off)
    ends = np.minimum(starts + on, along[-1])
    return np.column_stack([_at(points, along, starts), _at(points, along, ends)])


def _steps_along(points: Floats, step: float) -> tuple[Floats, Floats]:
    """Lengths 0, step, 2 step ... along a line, and the length up to each of its points."""
    lengths = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    return np.arange(0.0, along[-1], step), along


def _at(points: Floats, along: Floats, lengths: Floats) -> Floats:
    return np.column_stack([np.interp(lengths, along, points[:, axis]) for axis in (0, 1)])


def _boxes_along(points: Floats) -> Floats:
    """Small boxes strung along a way."""
    steps, along = _steps_along(points, _BEAD_PX)
    return boxes_around(_at(points, along, steps), 4.0)


class RouteTagsLayer(Layer):
    """Rank and travel time beside each offered unit."""

    name = "route_tags"
    rank = 4

    def __init__(self, routes: RoutesLayer) -> None:
        super().__init__()
        self._routes = routes
        self._sprites: list[int] = []
        self._boxes = NO_BOXES

    def prepare(self, view: Viewport, kit: Kit) -> None:
        """Find each tag its spot, the best unit first, where it hides the least."""
        self._sprites, self._boxes = [], NO_BOXES
        if not self._routes.visible:
            return
        offered = [m for m in self._routes.marks if m.rank > 0 and len(m.xy)]
        for mark in sorted(offered, key=lambda m: m.rank):
            at = view.screen_from_world(mark.xy[0])[0]
            if not (0 <= at[0] <= view.width and 0 <= at[1] <= view.height):
                continue
            sprite, size = self._tag(kit, mark)
            spots = _spots_around(at, size, 20 * kit.scale)
            taken = np.concatenate([kit.obstacles, np.repeat(self._boxes, _TAG_WEIGHT, axis=0)])
            best, _ = clearest(spots, taken, view.width, view.height)
            self._boxes = np.concatenate([self._boxes, spots[best : best + 1]])
            self._sprites.append(sprite)

    def obstacles(self) -> Floats:
        """The tags."""
        return self._boxes

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Draw the tags."""
        del view
        stamp_all(painter, kit, self._sprites, (self._boxes[:, :2] + self._boxes[:, 2:]) / 2)

    def _tag(self, kit: Kit, mark: RouteMark) -> tuple[int, tuple[float, float]]:
        """The sprite of a tag, and its width and height in logical pixels."""
        advance = QFontMetricsF(kit.caption).horizontalAdvance(mark.tag)
        width, height = advance / kit.scale + 32, _TAG_HEIGHT
        sprite = kit.atlas.sprite(
            ("tag", mark.rank, mark.ticked, mark.tag),
            width / 2 + 1,
            lambda p: _paint_tag(p, kit, mark, QRectF(-width / 2, -height / 2, width, height)),
        )
        return sprite, (width * kit.scale, height * kit.scale)


def _spots_around(at: Floats, size: tuple[float, float], gap: float) -> Floats:
    """Boxes (k, 4) of `size` around a unit at `at`, the most usual place first, the farther ones
    last."""
    width, height = size
    sides = list[tuple[float, float]]()
    for away, near in ((gap, 0.6 * gap), (1.7 * gap, 1.4 * gap)):
        sides += [(away, -height / 2), (-away - width, -height / 2), (-width / 2, -away - height)]
        sides += [(-width / 2, away), (near, -near - height), (-near - width, -near - height)]
        sides += [(near, near), (-near - width, near)]
    corners = np.add(sides, at)
    return np.concatenate([corners, np.add(corners, [width, height])], axis=1)


def _paint_tag(painter: QPainter, kit: Kit, mark: RouteMark, spot: QRectF) -> None:
    """Draw a tag in design pixels."""
    ink = kit.palette.colour("text.inverse")
    white = kit.palette.colour("select")
    front = ink if mark.ticked else white
    painter.setPen(QPen(ink if mark.ticked else _TAG_EDGE, 1))
    painter.setBrush(white if mark.ticked else _TAG_DARK)
    painter.drawRoundedRect(spot, 4, 4)
    painter.setPen(front)
    for font, words, flag in (
        (QFont(kit.font), mark.tag, Qt.AlignmentFlag.AlignRight),
        (QFont(kit.font), str(mark.rank), Qt.AlignmentFlag.AlignLeft),
    ):
        font.setPixelSize(13)
        font.setBold(flag == Qt.AlignmentFlag.AlignLeft)
        painter.setFont(font)
        painter.drawText(spot.adjusted(8, 0, -8, 0), flag | Qt.AlignmentFlag.AlignVCenter, words)
