"""How a tile is drawn: flat, the picture untinted but when it has stopped."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPen

from console.video import StreamState
from widgets.common.focus import paint_focus
from widgets.common.format import clock_time
from widgets.common.symbols import Mark, paint_mark
from widgets.common.theme import colour, font, px
from widgets.video.words import TileWords

CAPTION, TAG, INSET, GAP = 24, 20, 7, 6
VEIL = 0.82
NEARLY = 0.04
"""A picture whose shape differs from the tile's by less is stretched rather than barred."""

_MARKS: dict[StreamState, tuple[Mark, str]] = {
    StreamState.CONNECTING: ("ring", "text.2"),
    StreamState.LIVE: ("dot", "status.free"),
    StreamState.STALLED: ("triangle", "priority.3"),
    StreamState.RECONNECTING: ("triangle", "priority.3"),
    StreamState.FAILED: ("cross", "status.off"),
    StreamState.CLOSED: ("ring", "status.off"),
}


@dataclass(frozen=True, slots=True)
class TileLook:
    """All that is drawn in a tile. `picture_ms` is when the picture came, ms since 1970 UTC."""

    title: str
    tag: str
    image: QImage | None
    picture_ms: int | None
    state: StreamState
    words: TileWords
    selected: bool
    focused: bool


def paint_tile(painter: QPainter, rect: QRect, look: TileLook) -> None:
    """Draw a whole tile into `rect`; the painter is left with changed pen and brush."""
    painter.fillRect(rect, colour("surface.video"))
    if look.image is not None:
        _paint_picture(painter, rect, look.image)
    if look.words.dims:
        _paint_words(painter, rect, look.words.lines, dim=look.image is not None)
    if look.tag:
        _paint_tag(painter, rect, look.tag)
    _paint_caption(painter, rect, look)
    if look.selected:
        _paint_outline(painter, rect)
    if look.focused:
        inset = px(3) if look.selected else 0
        paint_focus(painter, QRectF(rect).adjusted(inset, inset, -inset, -inset), 0)


def picture_rect(rect: QRect, size: QSize) -> QRect:
    """Where a picture of `size` goes: as large as fits; almost fitting is fitting."""
    shape = size.width() / size.height() * rect.height() / rect.width()
    if abs(shape - 1) < NEARLY:
        return rect
    fitted = size.scaled(rect.size(), Qt.AspectRatioMode.KeepAspectRatio)
    placed = QRect(rect.topLeft(), fitted)
    placed.moveCenter(rect.center())
    return placed


def _paint_picture(painter: QPainter, rect: QRect, image: QImage) -> None:
    target = picture_rect(rect, image.size())
    ratio = painter.device().devicePixelRatioF()
    smooth = target.size() * ratio != image.size()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    painter.drawImage(target, image)


def _paint_words(painter: QPainter, rect: QRect, lines: tuple[str, ...], *, dim: bool) -> None:
    if dim:
        painter.fillRect(rect, QColor(0, 0, 0, 128))
    line_px = px(18)
    area = rect.adjusted(px(INSET), px(TAG), -px(INSET), -px(CAPTION))
    lines = lines[: max(1, area.height() // line_px)]
    top = area.center().y() - line_px * len(lines) // 2
    for number, line in enumerate(lines):
        loud = number == 0
        painter.setFont(font("caption", bold=loud))
        painter.setPen(colour("text.1" if loud else "text.2"))
        row = QRect(area.left(), top + number * line_px, area.width(), line_px)
        _draw_cut(painter, row, line, Qt.AlignmentFlag.AlignCenter)


def _paint_tag(painter: QPainter, rect: QRect, tag: str) -> None:
    painter.setFont(font("caption"))
    wanted = QFontMetrics(painter.font()).horizontalAdvance(tag) + 2 * px(GAP)
    box = QRect(rect.left(), rect.top(), min(wanted, rect.width()), px(TAG))
    painter.fillRect(box, colour("surface.video", VEIL))
    painter.setPen(colour("text.1"))
    inner = box.adjusted(px(GAP), 0, -px(GAP) + 1, 0)
    _draw_cut(painter, inner, tag, Qt.AlignmentFlag.AlignLeft)


def _paint_caption(painter: QPainter, rect: QRect, look: TileLook) -> None:
    clock = clock_time(look.picture_ms) if look.picture_ms else ""
    band = QRect(rect.left(), rect.bottom() + 1 - px(CAPTION), rect.width(), px(CAPTION))
    painter.fillRect(band, colour("surface.video", VEIL))
    mark, tint = _MARKS[look.state]
    side = px(9)
    centre = QPointF(band.left() + px(INSET) + side / 2, band.center().y() + 0.5)
    paint_mark(painter, centre, mark, colour(tint), side)
    painter.setFont(font("caption"))
    width = QFontMetrics(painter.font()).horizontalAdvance(clock)
    right = band.right() - px(INSET) - width
    painter.setPen(colour("text.2"))
    clock_box = QRect(right, band.top(), width + 1, band.height())
    _draw_cut(painter, clock_box, clock, Qt.AlignmentFlag.AlignRight)
    painter.setPen(colour("text.1"))
    left = band.left() + px(INSET) + side + px(GAP)
    name_box = QRect(left, band.top(), right - px(GAP) - left, band.height())
    _draw_cut(painter, name_box, look.title, Qt.AlignmentFlag.AlignLeft)


def _paint_outline(painter: QPainter, rect: QRect) -> None:
    width = px(2)
    painter.setPen(QPen(colour("select"), width, j=Qt.PenJoinStyle.MiterJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = width / 2
    painter.drawRect(QRectF(rect).adjusted(half, half, -half, -half))


def _draw_cut(painter: QPainter, box: QRect, text: str, side: Qt.AlignmentFlag) -> None:
    metrics = QFontMetrics(painter.font())
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, int(side | Qt.AlignmentFlag.AlignVCenter), shown)
