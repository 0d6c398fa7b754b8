"""Cameras: a body turned to where it looks, struck through when offline; pills for many."""

from __future__ import annotations

import math
from typing import Literal

from PySide6.QtGui import QColor, QFont, QPainter

from layers.engine.palette import Palette
from layers.engine.pens import arc, box, fill, letters, stroke

CAMERA_HALF_PX = 11.0
PTZ_HALF_PX = 14.0
RANK_HALF_PX = 10.0
PILL_HALF_PX = 34.0

CameraLook = Literal["live", "hot", "off"]

_BODY = "M-5.4 -3.3H2.2V-1.5L5.6 -3.2V3.2L2.2 1.5V3.3H-5.4Z"
_STRIKE = "M-5.6 6.6L5 -6.6"
_LIVE = QColor("#C3D2DE")
_PILL = QColor("#1E252B")
_PILL_TEXT = QColor("#E6ECF1")


def draw_camera(
    painter: QPainter, palette: Palette, look: CameraLook, azimuth_deg: float, ptz: bool = False
) -> None:
    """A camera's body with its dark halo, turned to `azimuth_deg` (clockwise from north)."""
    ink = palette.colour("text.inverse")
    painter.rotate(azimuth_deg - 90)
    fill(painter, _BODY, ink)
    stroke(painter, _BODY, ink, 3, round_joins=True)
    if look == "off":
        grey = palette.colour("status.off")
        stroke(painter, _BODY, grey, 1.1, round_joins=True)
        stroke(painter, _STRIKE, ink, 3.8)
        stroke(painter, _STRIKE, grey, 1.7)
    else:
        fill(painter, _BODY, palette.colour("select") if look == "hot" else _LIVE)
    if ptz and look != "off":
        _draw_turning(painter, ink)


def _draw_turning(painter: QPainter, ink: QColor) -> None:
    """A short double arrow in front of the lens: it can be turned."""
    painter.rotate(55)
    for colour, width in ((ink, 3.2), (_LIVE, 1.3)):
        stroke(painter, arc(10.5, 70 / 360), colour, width)
        stroke(painter, "M2.6 -12.6L-.2 -10.5L2.6 -8.2", colour, width)
    painter.rotate(70)
    stroke(painter, "M-2.6 -12.6L.2 -10.5L-2.6 -8.2", _LIVE, 1.3)


def draw_rank(painter: QPainter, palette: Palette, font: QFont, rank: int) -> None:
    """The white square with a camera's rank."""
    ink = palette.colour("text.inverse")
    badge = box(-7.5, -7.5, 15, 15, 3)
    fill(painter, badge, palette.colour("select"))
    stroke(painter, badge, ink, 1.5)
    bold = QFont(font)
    bold.setBold(True)
    letters(painter, str(rank), bold, 11, ink, baseline=4)


def rank_offset(azimuth_deg: float) -> tuple[float, float]:
    """Where a rank stands, in design pixels from its camera: behind the body."""
    turn = math.radians(azimuth_deg)
    return -math.sin(turn) * 15, math.cos(turn) * 15


def draw_camera_pill(painter: QPainter, palette: Palette, font: QFont, count: str) -> None:
    """Several cameras: a square pill with their number."""
    width = 24 + len(count) * 7.5
    pill = box(-width / 2, -10, width, 20, 4)
    fill(painter, pill, _PILL)
    stroke(painter, pill, palette.colour("map.wedge.stroke", 1.0), 1)
    left = -width / 2
    body = f"M{left + 5} -3H{left + 10}V-1.2L{left + 13} -3V3L{left + 10} 1.2V3H{left + 5}Z"
    fill(painter, body, _LIVE)
    letters(painter, count, font, 13, _PILL_TEXT, baseline=4.6, x=7.0)


def draw_unit_pill(painter: QPainter, palette: Palette, font: QFont, count: str) -> None:
    """Several units: a round pill with their number."""
    width = 26 + len(count) * 7.5
    pill = box(-width / 2, -10, width, 20, 10)
    colour = palette.colour("status.free")
    fill(painter, pill, _PILL)
    stroke(painter, pill, colour, 1)
    left = -width / 2
    painter.save()
    painter.translate(left + 10.5, 0)
    fill(painter, "M-2.2 -2.6A2.2 2.2 0 0 1 2.2 -2.6A2.2 2.2 0 0 1 -2.2 -2.6Z", colour)
    fill(painter, "M-4 4.6a4 4.2 0 0 1 8 0z", colour)
    painter.restore()
    letters(painter, count, font, 13, _PILL_TEXT, baseline=4.6, x=6.5)
