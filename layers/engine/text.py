"""Names on the map: rendered once with a dark halo, kept as pictures, stamped from then on.

A halo drawn as a stroked path costs ten times the text; here it is the text's own coverage, spread
by a pixel or two with numpy.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPixmap

_KEPT = 1500
_HALO_PX = 1.6


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a name is written; `size_px` and `spacing_px` are design pixels. `stacked` sets one
    character under another."""

    colour: str
    size_px: float = 13.0
    bold: bool = False
    spacing_px: float = 0.0
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A rendered name: its picture and its size in logical pixels."""

    pixmap: QPixmap
    width: float
    height: float

    def corner(self, x: float, y: float, dpr: float) -> QPointF:
        """Where its top left goes for its middle to be at (`x`, `y`): on a device pixel."""
        left = round((x - self.width / 2) * dpr) / dpr
        return QPointF(left, round((y - self.height / 2) * dpr) / dpr)


class TextPictures:
    """Renders and keeps names. `font` gives the families (a Latin one before the Chinese one);
    `scale` is logical pixels a design pixel, `dpr` device pixels a logical one."""

    def __init__(self, font: QFont, halo: QColor, scale: float, dpr: float) -> None:
        self._font = font
        self._halo = halo
        self._scale = scale
        self._dpr = dpr
        self._words: OrderedDict[tuple[str, TextStyle, int, int], Word] = OrderedDict()
        self._metrics: dict[TextStyle, QFontMetricsF] = {}
        self._sizes: dict[tuple[str, TextStyle], tuple[float, float]] = {}

    def size(self, text: str, style: TextStyle) -> tuple[float, float]:
        """Width and height of an unturned name in logical pixels, without its halo."""
        key = text, style
        size = self._sizes.get(key)
        if size is None:
            size = self._sizes[key] = self._measure(text, style)
        return size

    def find(self, text: str, style: TextStyle, colour: QColor, angle_deg: int = 0) -> Word | None:
        """The picture of a name if it is rendered already."""
        return self._words.get((text, style, angle_deg, colour.rgba()))

    def word(self, text: str, style: TextStyle, colour: QColor, angle_deg: int = 0) -> Word:
        """The picture of a name, turned clockwise by whole degrees."""
        key = text, style, angle_deg, colour.rgba()
        word = self._words.get(key)
        if word is None:
            word = self._words[key] = self._render(text, style, colour, angle_deg)
            if len(self._words) > _KEPT:
                self._words.popitem(last=False)
        else:
            self._words.move_to_end(key)
        return word

    def paint(
        self,
        painter: QPainter,
        text: str,
        style: TextStyle,
        colour: QColor,
        at: tuple[float, float],
        *,
        angle_deg: int = 0,
    ) -> None:
        """Write a name with its middle at logical pixel `at`."""
        word = self.word(text, style, colour, angle_deg)
        painter.drawPixmap(word.corner(*at, self._dpr), word.pixmap)

    def _font_of(self, style: TextStyle) -> QFont:
        font = QFont(self._font)
        font.setPixelSize(max(1, round(style.size_px * self._scale)))
        font.setBold(style.bold)
        spacing = style.spacing_px * self._scale
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, spacing)
        return font

    def _measure(self, text: str, style: TextStyle) -> tuple[float, float]:
        metrics = self._metrics.get(style)
        if metrics is None:
            metrics = self._metrics[style] = QFontMetricsF(self._font_of(style))
        if style.stacked:
            widest = max(metrics.horizontalAdvance(letter) for letter in text)
            return widest, metrics.height() * 0.94 * len(text)
        return metrics.horizontalAdvance(text), metrics.height()

    def _render(self, text: str, style: TextStyle, colour: QColor, angle_deg: int) -> Word:
        text_width, text_height = self.size(text, style)
        turn = math.radians(angle_deg)
        margin = 2 * (_HALO_PX * self._scale + 1)
        width = abs(text_width * math.cos(turn)) + abs(text_height * math.sin(turn)) + margin
        height = abs(text_width * math.sin(turn)) + abs(text_height * math.cos(turn)) + margin
        image = self._blank(width, height)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setFont(self._font_of(style))
        painter.setPen(colour)
        painter.translate(width / 2, height / 2)
        painter.rotate(angle_deg)
        self._write(painter, text, style, text_width, text_height)
        painter.end()
        return Word(self._with_halo(image), width, height)

    def _write(
        self, painter: QPainter, text: str, style: TextStyle, width: float, height: float
    ) -> None:
        rows = list(text) if style.stacked else [text]
        row_height = height / len(rows)
        for number, row in enumerate(rows):
            top = number * row_height - height / 2
            area = QRectF(-width, top, 2 * width, row_height)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, row)

    def _blank(self, width: float, height: float) -> QImage:
        image = QImage(
            math.ceil(width * self._dpr),
            math.ceil(height * self._dpr),
            QImage.Format.Format_ARGB32_Premultiplied,
        )
        image.setDevicePixelRatio(self._dpr)
        image.fill(0)
        return image

    def _with_halo(self, image: QImage) -> QPixmap:
        pixels = np.frombuffer(image.constBits(), np.uint8)
        pixels = pixels.reshape(image.height(), image.bytesPerLine() // 4, 4)
        alpha = spread(pixels[:, : image.width(), 3], _HALO_PX * self._scale * self._dpr)
        halo = QImage(image.size(), QImage.Format.Format_ARGB32_Premultiplied)
        halo.setDevicePixelRatio(self._dpr)
        target = np.frombuffer(halo.bits(), np.uint8)
        target = target.reshape(image.height(), halo.bytesPerLine() // 4, 4)
        ink = np.array([self._halo.blue(), self._halo.green(), self._halo.red(), 255])
        target[:, : image.width()] = (alpha[..., None] * ink).astype(np.uint8)
        painter = QPainter(halo)
        painter.drawImage(QPointF(0, 0), image)
        painter.end()
        return QPixmap.fromImage(halo)


def spread(coverage: NDArray[np.uint8], radius: float) -> NDArray[np.float64]:
    """Coverage (h, w, 0 to 255) grown by `radius` pixels, as 0 to 1; soft at its edge."""
    reach = max(1, math.ceil(radius))
    padded = np.pad(coverage.astype(np.float32) / 255.0, reach)
    out = np.zeros(coverage.shape, np.float32)
    height, width = coverage.shape
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            weight = min(1.0, radius + 0.6 - math.hypot(dx, dy))
            if weight > 0:
                part = padded[reach + dy : reach + dy + height, reach + dx : reach + dx + width]
                np.maximum(out, part * weight, out=out)
    return np.asarray(np.minimum(1.0, out * 1.25), np.float64)
