"""The dark card that says what an object is: beside it, inside the map, clear of the pointer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from layers.engine.layer import NO_BOXES, Floats, Hit, Kit, Layer
from layers.engine.occupied import overlaps
from layers.engine.viewport import Viewport

_LINE_PX = 18.0
_INSET_PX = 9.0
_GAP_PX = 27.0


def paint_card(painter: QPainter, view: Viewport, kit: Kit, hit: Hit) -> QRectF:
    """Draw the card of `hit`; gives where it lies, logical pixels."""
    card = place_card(view, kit, hit)
    draw_card(painter, kit, hit, card)
    return card


def place_card(view: Viewport, kit: Kit, hit: Hit) -> QRectF:
    """Where the card of `hit` hides the least, logical pixels."""
    width = max(QFontMetricsF(font).horizontalAdvance(text) for text, font, _ in _rows(kit, hit))
    inset, line = _INSET_PX * kit.scale, _LINE_PX * kit.scale
    card = QRectF(0, 0, width + 2 * inset, (1 + len(hit.lines)) * line + inset)
    card.moveTopLeft(_corner(card, view, kit, hit))
    return card


def draw_card(painter: QPainter, kit: Kit, hit: Hit, card: QRectF) -> None:
    """Draw the card of `hit` in its place."""
    inset, line = _INSET_PX * kit.scale, _LINE_PX * kit.scale
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(kit.palette.colour("line.control"), max(1, round(kit.scale))))
    painter.setBrush(kit.palette.colour("surface.window", 0.92))
    painter.drawRoundedRect(card, 4 * kit.scale, 4 * kit.scale)
    for number, (text, font, ink) in enumerate(_rows(kit, hit)):
        painter.setFont(font)
        painter.setPen(kit.palette.colour(ink))
        top = card.top() + inset / 2 + number * line
        row = QRectF(card.left() + inset, top, card.width(), line)
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, text)


def _rows(kit: Kit, hit: Hit) -> list[tuple[str, QFont, str]]:
    """Each line of a card with its font and colour."""
    lines = [(line, kit.caption, "text.2") for line in hit.lines]
    return [(hit.title, kit.caption_bold, "text.1"), *lines]


class StandingCardLayer(Layer):
    """The card of something that stands on the map as long as `source` gives it; tags and names
    keep clear of it. Not drawn while `is_hidden`, its room kept all the same."""

    name = "standing_card"
    rank = 3

    def __init__(self, source: Callable[[], Hit | None]) -> None:
        super().__init__()
        self.is_hidden = False
        self._source = source
        self._hit: Hit | None = None
        self._card = QRectF()

    def prepare(self, view: Viewport, kit: Kit) -> None:
        """Find the card its place."""
        self._hit = self._source()
        if self._hit is not None:
            self._card = place_card(view, kit, self._hit)

    def obstacles(self) -> Floats:
        """The card."""
        return NO_BOXES if self._hit is None else np.array([self._card.getCoords()])

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Draw the card."""
        del view
        if self._hit is not None and not self.is_hidden:
            draw_card(painter, kit, self._hit, self._card)


def _corner(card: QRectF, view: Viewport, kit: Kit, hit: Hit) -> QPointF:
    """Where around the object the card is inside and hides the least; above and to the right where
    that is all the same."""
    corners = np.empty((0, 2))
    for gap in (_GAP_PX * kit.scale, 2.4 * _GAP_PX * kit.scale):
        right, left = hit.x + gap, hit.x - gap - card.width()
        above, below = hit.y - gap - card.height(), hit.y + gap
        middle, beside = hit.x - card.width() / 2, hit.y - card.height() / 2
        places = [(right, above), (left, above), (right, below), (left, below)]
        places += [(right, beside), (left, beside), (middle, above), (middle, below)]
        corners = np.concatenate([corners, places])
    spots = np.concatenate([corners, np.add(corners, [card.width(), card.height()])], axis=1)
    inside = np.all(corners > 0, axis=1)
    inside &= np.all(spots[:, 2:] < np.array([view.width, view.height]), axis=1)
    best = int(np.argmin(overlaps(spots, kit.obstacles) + 1000 * ~inside))
    x, y = corners[best].tolist()
    return QPointF(round(max(2.0, x)) + 0.5, round(max(2.0, y)) + 0.5)
