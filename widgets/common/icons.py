"""Our own line icons (16-unit box, 1.4 units thick), tinted and cached."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_FRAME = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="none" stroke="{colour}" '
    'stroke-width="{width}" stroke-linejoin="round" stroke-linecap="round">{body}</svg>'
)


@cache
def icon_names() -> frozenset[str]:
    """The icons there are."""
    return frozenset(_bodies())


@cache
def _bodies() -> dict[str, str]:
    loaded: dict[str, str] = json.loads(
        (files("resources") / "styles" / "icons.json").read_text("utf-8")
    )
    return loaded


@lru_cache(maxsize=256)
def _renderer(name: str, colour: str, width: float) -> QSvgRenderer:
    body = _bodies()[name]
    svg = _FRAME.format(colour=colour, width=width, body=body)
    return QSvgRenderer(QByteArray(svg.encode()))


def paint_icon(
    painter: QPainter, rect: QRectF, name: str, tint: QColor, width: float = 1.4
) -> None:
    """Draw the icon `name` into `rect`. KeyError if there is none of that name."""
    _renderer(name, tint.name(), width).render(painter, rect)


@lru_cache(maxsize=512)
def _pixmap(name: str, tint: str, side: int, ratio: float, width: float) -> QPixmap:
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _renderer(name, tint, width).render(painter, QRectF(QPointF(0, 0), QPointF(side, side)))
    painter.end()
    return pixmap


def icon_pixmap(
    name: str, tint: QColor, side: int, ratio: float = 1.0, width: float = 1.4
) -> QPixmap:
    """The icon as a square picture, `side` logical pixels at device pixel ratio `ratio`."""
    return _pixmap(name, tint.name(), side, ratio, width)


def icon(name: str, tint: QColor, side: int = 16) -> QIcon:
    """The icon for a Qt button, sharp at one and two pixels a unit."""
    made = QIcon(icon_pixmap(name, tint, side))
    made.addPixmap(icon_pixmap(name, tint, side, 2.0))
    return made
