"""The dark card that says what an object is: beside it, inside the map, clear of the pointer."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from layers.engine.layer import Hit, Kit
from layers.engine.viewport import Viewport

_LINE_PX = 18.0
_INSET_PX = 9.0
_GAP_PX = 22.0


def paint_card(painter: QPainter, view: Viewport, kit: Kit, hit: Hit) -> QRectF:
    """Draw the card of `hit`; gives where it lies, logical pixels."""
    rows = [(hit.title, True), *((line, False) for line in hit.lines)]
    fonts = {bold: _font(kit, bold) for bold in (True, False)}
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
    """Above and to the right of the object; to the other side where there is no room."""
    gap = _GAP_PX * kit.scale
    x = hit.x + gap if hit.x + gap + card.width() < view.width else hit.x - gap - card.width()
    y = hit.y - gap - card.height() if hit.y - gap - card.height() > 0 else hit.y + gap
    return QPointF(round(max(2.0, x)) + 0.5, round(y) + 0.5)


def _font(kit: Kit, bold: bool) -> QFont:
    font = QFont(kit.font)
    font.setPixelSize(round(13 * kit.scale))
    font.setBold(bold)
    return font
