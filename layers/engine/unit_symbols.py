"""Units: the frame says the kind, the colour and a mark say the status, hollow says stale.

A 16-unit box centred on 0, 0; our own drawing.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QColor, QPainter, QPainterPath

from console.model.unit import UnitKind, UnitStatus
from layers.engine.palette import Palette
from layers.engine.pens import box, circle, fill, stroke
from layers.engine.svgpath import svg_path

UNIT_HALF_PX = 17.0
ARROW_HALF_PX = 24.0
SYMBOL_SCALE = 1.12
"""Units are 18 px: the 16-unit box, a little larger."""

STATUS_COLOURS = {
    UnitStatus.FREE: "status.free",
    UnitStatus.EN_ROUTE: "status.enroute",
    UnitStatus.ON_SCENE: "status.onscene",
    UnitStatus.OFF: "status.off",
    UnitStatus.SOS: "priority.1",
}

_OFF_BODY = QColor("#3A424A")
_OFF_GLYPH = QColor("#C5CDD5")
_CHEVRON = "M-3.6 -15.8L0 -19.4L3.6 -15.8"
_STRIKE = "M-8.5 8.5L8.5 -8.5"


def _drone_frame() -> QPainterPath:
    path = svg_path("M-2.4 -2.4H2.4V2.4H-2.4Z")
    path = path.united(
        svg_path("M-5.6 -4.4L-4.4 -5.6L5.6 4.4L4.4 5.6ZM5.6 -4.4L4.4 -5.6L-5.6 4.4L-4.4 5.6Z")
    )
    for x in (-5, 5):
        for y in (-5, 5):
            path = path.united(circle(2.7, x, y))
    return path


_CAR = (
    "M-7 -4.5A2.5 2.5 0 0 1 -4.5 -7H4.5A2.5 2.5 0 0 1 7 -4.5V4.5A2.5 2.5 0 0 1 4.5 7H-4.5"
    "A2.5 2.5 0 0 1 -7 4.5Z"
)
_AMBULANCE = "M-3.2 -7.5H3.2L7.5 -3.2V3.2L3.2 7.5H-3.2L-7.5 3.2V-3.2Z"
_BOAT = "M-8 .6H8L5.2 6.8H-5.2ZM-3.6 -.8V-4.2H1L3.2 -.8ZM-2.4 -4.6V-7.4H-1V-4.6Z"
_FLAME = (
    "M.3 -5.4C.8 -3 3.9 -1.6 3.9 1.5A3.9 3.7 0 0 1 -3.9 1.5C-3.9 -.3 -2.9 -1.2 -2.3 -2.6"
    "C-1.6 -1.9 -1.2 -1.4 -1 -.7C-.2 -2 .5 -3.5 .3 -5.4Z"
)
_FLAME_CORE = "M.1 .6C.4 1.7 1.6 2 1.6 3.4A1.6 1.5 0 0 1 -1.6 3.4C-1.6 2.4 -.5 1.9 .1 .6Z"
_CROSS = "M-1.6 -4.8H1.6V-1.6H4.8V1.6H1.6V4.8H-1.6V1.6H-4.8V-1.6H-1.6Z"

_FRAMES: dict[UnitKind, Callable[[], QPainterPath]] = {
    UnitKind.FOOT: lambda: circle(7),
    UnitKind.CAR: lambda: svg_path(_CAR),
    UnitKind.MOTO: lambda: svg_path("M0 -8L7.2 -4V4L0 8L-7.2 4V-4Z"),
    UnitKind.FIRE: lambda: svg_path("M-7 -7H7V7H-7Z"),
    UnitKind.AMBULANCE: lambda: svg_path(_AMBULANCE),
    UnitKind.DRONE: _drone_frame,
    UnitKind.BOAT: lambda: svg_path(_BOAT),
}


def _foot(p: QPainter, ink: QColor, _: QColor) -> None:
    fill(p, circle(2.05, 0, -2.5), ink)
    fill(p, "M-4 4.4a4 4.1 0 0 1 8 0z", ink)


def _car(p: QPainter, ink: QColor, ground: QColor) -> None:
    fill(p, "M-5.2 3V.1L-4 -.6L-2.8 -3.7H2.8L4 -.6L5.2 .1V3Z", ink)
    fill(p, "M-2 -2.5H2L2.7 -.7H-2.7Z", ground)
    fill(p, box(-4.8, 2.6, 2.3, 2), ink)
    fill(p, box(2.5, 2.6, 2.3, 2), ink)


def _moto(p: QPainter, ink: QColor, _: QColor) -> None:
    for x in (-3.1, 3.1):
        stroke(p, circle(1.9, x, 1.9), ink, 1.4)
    stroke(p, "M-3.1 1.9L-1.2 -.9H2L3.1 1.9M2 -.9L1.2 -3.2H3.2", ink, 1.4)


def _fire(p: QPainter, ink: QColor, ground: QColor) -> None:
    fill(p, _FLAME, ink)
    fill(p, _FLAME_CORE, ground)


def _drone(p: QPainter, ink: QColor, _: QColor) -> None:
    for x in (-5, 5):
        for y in (-5, 5):
            fill(p, circle(0.95, x, y), ink)


def _boat(p: QPainter, ink: QColor, _: QColor) -> None:
    stroke(p, "M-4.6 3.1H4.6", ink, 1.3)
    fill(p, box(-2.3, -3.3, 2.2, 1.5), ink)


_GLYPHS: dict[UnitKind, Callable[[QPainter, QColor, QColor], None]] = {
    UnitKind.FOOT: _foot,
    UnitKind.CAR: _car,
    UnitKind.MOTO: _moto,
    UnitKind.FIRE: _fire,
    UnitKind.AMBULANCE: lambda p, ink, _: fill(p, _CROSS, ink),
    UnitKind.DRONE: _drone,
    UnitKind.BOAT: _boat,
}


def draw_unit(
    painter: QPainter, palette: Palette, kind: UnitKind, status: UnitStatus, stale: bool
) -> None:
    """A unit without its heading, centred on 0, 0, with its dark halo."""
    frame = _FRAMES[kind]()
    ink, colour = palette.colour("text.inverse"), palette.colour(STATUS_COLOURS[status])
    fill(painter, frame, ink)
    stroke(painter, frame, ink, 2.6, round_joins=True)
    if stale:
        _draw_stale(painter, kind, frame, ink, colour)
    elif status is UnitStatus.OFF:
        _draw_off(painter, kind, frame, ink, colour)
    else:
        fill(painter, frame, colour)
        _GLYPHS[kind](painter, ink, colour)
    if status is UnitStatus.ON_SCENE and not stale:
        fill(painter, box(-8, 9.6, 16, 4.4), ink)
        fill(painter, box(-7, 10.6, 14, 2.4), colour)
    if status is UnitStatus.SOS:
        stroke(painter, circle(12), ink, 4)
        stroke(painter, circle(12), colour, 2)


def _draw_stale(
    painter: QPainter, kind: UnitKind, frame: QPainterPath, ink: QColor, colour: QColor
) -> None:
    fill(painter, frame, ink)
    stroke(painter, frame, colour, 1.35, dash=(2.4, 1.5))
    _GLYPHS[kind](painter, colour, ink)


def _draw_off(
    painter: QPainter, kind: UnitKind, frame: QPainterPath, ink: QColor, colour: QColor
) -> None:
    fill(painter, frame, _OFF_BODY)
    stroke(painter, frame, colour, 1)
    _GLYPHS[kind](painter, _OFF_GLYPH, _OFF_BODY)
    stroke(painter, _STRIKE, ink, 3.6)
    stroke(painter, _STRIKE, colour, 1.7)


def draw_heading(
    painter: QPainter, palette: Palette, status: UnitStatus, stale: bool, heading_deg: float
) -> None:
    """The arrow beside a unit's frame, `heading_deg` clockwise from north; doubled under way."""
    ink, colour = palette.colour("text.inverse"), palette.colour(STATUS_COLOURS[status])
    painter.rotate(heading_deg)
    arrow = "M0 -15.2L3.6 -10.6H-3.6Z"
    fill(painter, arrow, ink if stale else colour)
    stroke(painter, arrow, colour if stale else ink, 1.1 if stale else 1.0)
    if status is UnitStatus.EN_ROUTE and not stale:
        stroke(painter, _CHEVRON, ink, 3.4)
        stroke(painter, _CHEVRON, colour, 1.6)
