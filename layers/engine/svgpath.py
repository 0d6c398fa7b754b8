"""SVG path data to QPainterPath: the commands our symbols use (M L H V Q C A Z, both cases)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cache

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

_TOKEN = re.compile(r"([A-Za-z])|(-?(?:\d+\.?\d*|\.\d+))")
_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "Q": 4, "C": 6, "A": 7, "Z": 0}


@cache
def svg_path(data: str) -> QPainterPath:
    """The path of `data`; raises ValueError for a command outside the list above."""
    path = QPainterPath()
    for command, numbers in _commands(data):
        _add(path, command, numbers)
    return path


def _commands(data: str) -> Iterator[tuple[str, list[float]]]:
    command, numbers = "", list[float]()
    for letter, number in _TOKEN.findall(data):
        if letter:
            command, numbers = letter, []
        else:
            numbers.append(float(number))
        if command.upper() not in _ARGUMENTS:
            raise ValueError(f"unknown path command {command!r} in {data!r}")
        if len(numbers) == _ARGUMENTS[command.upper()]:
            yield command, numbers
            command, numbers = _following(command), []


def _following(command: str) -> str:
    """What further numbers mean without a new letter: after a move, lines."""
    return {"M": "L", "m": "l"}.get(command, command)


def _add(path: QPainterPath, command: str, numbers: list[float]) -> None:
    here = path.currentPosition()
    base = here if command.islower() else QPointF(0, 0)
    kind = command.upper()
    if kind == "Z":
        path.closeSubpath()
    elif kind == "H":
        path.lineTo(base.x() + numbers[0], here.y())
    elif kind == "V":
        path.lineTo(here.x(), base.y() + numbers[0])
    elif kind == "A":
        end = QPointF(numbers[5], numbers[6]) + base
        flags = bool(numbers[3]), bool(numbers[4])
        _arc(path, (numbers[0], numbers[1]), flags, end)
    else:
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        _curve(path, kind, [QPointF(x, y) + base for x, y in pairs])


def _curve(path: QPainterPath, kind: str, points: list[QPointF]) -> None:
    if kind == "M":
        path.moveTo(points[0])
    elif kind == "L":
        path.lineTo(points[0])
    elif kind == "Q":
        path.quadTo(points[0], points[1])
    else:
        path.cubicTo(points[0], points[1], points[2])


def _arc(
    path: QPainterPath, radii: tuple[float, float], flags: tuple[bool, bool], end: QPointF
) -> None:
    """An unrotated elliptical arc by its end points (SVG 1.1, appendix F.6.5).

    `flags` are large-arc and sweep.
    """
    (rx, ry), (large, sweep) = radii, flags
    start = path.currentPosition()
    dx, dy = (start.x() - end.x()) / 2, (start.y() - end.y()) / 2
    grow = math.sqrt(max(1.0, (dx / rx) ** 2 + (dy / ry) ** 2))
    rx, ry = rx * grow, ry * grow
    ratio = (rx * ry) ** 2 / max((rx * dy) ** 2 + (ry * dx) ** 2, 1e-12) - 1
    factor = math.sqrt(max(0.0, ratio)) * (1 if large != sweep else -1)
    px, py = factor * rx * dy / ry, -factor * ry * dx / rx
    cx, cy = px + (start.x() + end.x()) / 2, py + (start.y() + end.y()) / 2
    first = math.degrees(math.atan2(-(dy - py) / ry, (dx - px) / rx))
    last = math.degrees(math.atan2(-(-dy - py) / ry, (-dx - px) / rx))
    span = last - first
    if sweep and span > 0:
        span -= 360
    elif not sweep and span < 0:
        span += 360
    path.arcTo(QRectF(cx - rx, cy - ry, 2 * rx, 2 * ry), first, span)
