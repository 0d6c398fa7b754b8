"""Cameras: a body turned to where it looks, struck through when offline; marks and badges."""

from __future__ import annotations

import math
from typing import Literal

from PySide6.QtGui import QColor, QFont, QPainter

from layers.engine.palette import Palette
from layers.engine.pens import arc, box, fill, letters, stroke

CAMERA_HALF_PX = 11.0
PTZ_HALF_PX = 14.0
RANK_HALF_PX = 10.0
RANK_AWAY_PX = 15.0
MARK_HALF_PX = 4.0
BADGE_HALF_PX = 34.0

CameraLook = Literal["live", "hot", "off"]

_BODY = "M-5.4 -3.3H2.2V-1.5L5.6 -3.2V3.2L2.2 1.5V3.3H-5.4Z"
_STRIKE = "M-5.6 6.6L5 -6.6"
_LIVE = QColor("#C3D2DE")
_PILL = QColor("#1E252B")
_PILL_TEXT = QColor("#E6ECF1")
_QUIET = QColor(24, 28, 32, 225)
_MARK = QColor("#7D8A96")
_MARK_EDGE = QColor(11, 13, 15, 150)


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
    return -math.sin(turn) * RANK_AWAY_PX, math.cos(turn) * RANK_AWAY_PX


def draw_camera_mark(painter: QPainter, palette: Palette, several: bool, online: bool) -> None:
    """A camera, or several at one place, where only that one is there is worth showing."""
    half = 2.8 if several else 2.0
    dot = box(-half, -half, 2 * half, 2 * half, 1)
    fill(painter, box(-half - 1, -half - 1, 2 * half + 2, 2 * half + 2, 1.6), _MARK_EDGE)
    if online:
        fill(painter, dot, _MARK)
    else:
        stroke(painter, dot, palette.colour("status.off"), 0.8)


def draw_camera_badge(painter: QPainter, palette: Palette, font: QFont, count: str) -> None:
    """Many cameras: a square badge with their number, quiet."""
    width = badge_width(count, glyph=24)
    badge = box(-width / 2, -9, width, 18, 4)
    fill(painter, badge, _QUIET)
    stroke(painter, badge, palette.colour("line.panel"), 1)
    left = -width / 2
    body = f"M{left + 5} -2.6H{left + 9.6}V-1L{left + 12.2} -2.6V2.6L{left + 9.6} 1V2.6H{left + 5}Z"
    fill(painter, body, _MARK)
    letters(painter, count, font, 12.5, palette.colour("text.3"), baseline=4.4, x=7.0)


UnitBadgeLook = Literal["free", "off", "stale"]


def draw_unit_badge(
    painter: QPainter, palette: Palette, font: QFont, count: str, look: UnitBadgeLook
) -> None:
    """Several units: a round badge with their number, hollow when none of them was heard of."""
    width = badge_width(count, glyph=26)
    badge = box(-width / 2, -10, width, 20, 10)
    colour = palette.colour("status.off" if look == "off" else "status.free")
    fill(painter, badge, _PILL)
    stroke(painter, badge, colour, 1, dash=(2.4, 1.8) if look == "stale" else ())
    left = -width / 2
    painter.save()
    painter.translate(left + 10.5, 0)
    for part in (
        "M-2.2 -2.6A2.2 2.2 0 0 1 2.2 -2.6A2.2 2.2 0 0 1 -2.2 -2.6Z",
        "M-4 4.6a4 4.2 0 0 1 8 0z",
    ):
        if look == "stale":
            stroke(painter, part, colour, 0.9)
        else:
            fill(painter, part, colour)
    painter.restore()
    ink = palette.colour("text.2") if look != "free" else _PILL_TEXT
    letters(painter, count, font, 13, ink, baseline=4.6, x=6.5)


def badge_width(count: str, glyph: float) -> float:
    """Design pixels of a badge with a number."""
    return glyph + len(count) * 7.5
