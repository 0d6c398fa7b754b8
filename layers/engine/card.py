"""The dark card that says what an object is: beside it, inside the map, clear of the pointer."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from layers.engine.layer import Hit, Kit
from layers.engine.occupied import overlaps
from layers.engine.viewport import Viewport

_LINE_PX = 18.0
_INSET_PX = 9.0
_GAP_PX = 22.0


def paint_card(painter: QPainter, view: Viewport, kit: Kit, hit: Hit) -> QRectF:
    """Draw the card of `hit`; gives where it lies, logical pixels."""
    rows = [(hit.title, True), *((line, False) for line in hit.lines)]
    fonts = {True: kit.caption_bold, False: kit.caption}
    width = max(QFontMetricsF(fonts[bold]).horizontalAdvance(text) for text, bold in rows)
    inset, line = _INSET_PX * kit.scale, _LINE_PX * kit.scale
    card = QRectF(0, 0, width + 2 * inset, len(rows) * line + inset)
    card.moveTopLeft(_corner(card, view, kit, hit))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(kit.palette.colour("line.control"), max(1, round(kit.scale))))
    painter.setBrush(kit.palette.colour("surface.window", 0.92))
    painter.drawRoundedRect(card, 4 * kit.scale, 4 * kit.scale)
    for number, (text, bold) in enumerate(rows):
        painter.setFont(fonts[bold])
        painter.setPen(kit.palette.colour("text.1" if bold else "text.2"))
        row = QRectF(card.left() + inset, card.top() + inset / 2 + number * line, width + 2, line)
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, text)
    return card


def _corner(card: QRectF, view: Viewport, kit: Kit, hit: Hit) -> QPointF:
    """The corner of the object's four sides where the card is inside and hides the least; above
    and to the right where that is all the same."""
    gap = _GAP_PX * kit.scale
    right, left = hit.x + gap, hit.x - gap - card.width()
    above, below = hit.y - gap - card.height(), hit.y + gap
    corners = np.array([(right, above), (left, above), (right, below), (left, below)])
    spots = np.concatenate([corners, np.add(corners, [card.width(), card.height()])], axis=1)
    inside = np.all(corners > 0, axis=1)
    inside &= np.all(spots[:, 2:] < np.array([view.width, view.height]), axis=1)
    best = int(np.argmin(overlaps(spots, kit.obstacles) + 1000 * ~inside))
    x, y = corners[best].tolist()
    return QPointF(round(max(2.0, x)) + 0.5, round(max(2.0, y)) + 0.5)
