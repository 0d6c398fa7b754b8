"""Names on the map: rendered once with a dark halo, kept as pictures, stamped from then on.

A halo drawn as a stroked path costs ten times the text; here it is the text's own coverage, spread
by a pixel or two with numpy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from layers.engine.atlas import Atlas

Floats = NDArray[np.float64]

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


class TextPictures:
    """Renders and keeps names. `font` gives the families (a Latin one before the Chinese one);
    `scale` is logical pixels a design pixel, `dpr` device pixels a logical one."""

    def __init__(self, font: QFont, halo: QColor, scale: float, dpr: float) -> None:
        self._font = font
        self._halo = halo
        self._scale = scale
        self._dpr = dpr
        self._atlas = Atlas(dpr)
        self._metrics: dict[TextStyle, QFontMetricsF] = {}
        self._sizes: dict[tuple[str, TextStyle], tuple[float, float]] = {}

    def size(self, text: str, style: TextStyle) -> tuple[float, float]:
        """Width and height of an unturned name in logical pixels, without its halo."""
        key = text, style
        size = self._sizes.get(key)
        if size is None:
            size = self._sizes[key] = self._measure(text, style)
        return size

    @property
    def is_full(self) -> bool:
        """Whether so many names were rendered that one should begin anew."""
        return self._atlas.is_full

    def find(self, text: str, style: TextStyle, colour: QColor, angle_deg: int = 0) -> int:
        """The sprite of a name if it is rendered already, or -1."""
        return self._atlas.find((text, style, angle_deg, colour.rgba()))

    def word(self, text: str, style: TextStyle, colour: QColor, angle_deg: int = 0) -> int:
        """The sprite of a name, turned clockwise by whole degrees."""
        sprite = self.find(text, style, colour, angle_deg)
        if sprite < 0:
            image = self._render(text, style, colour, angle_deg)
            sprite = self._atlas.add_image((text, style, angle_deg, colour.rgba()), image)
        return sprite

    def stamp(self, painter: QPainter, words: NDArray[np.int64], centres: Floats) -> None:
        """Write names with their middles at logical pixels (n, 2)."""
        painter.save()
        painter.scale(1 / self._dpr, 1 / self._dpr)
        self._atlas.stamp(painter, words, centres * self._dpr)
        painter.restore()

    def paint(
        self,
        painter: QPainter,
        text: str,
        style: TextStyle,
        colour: QColor,
        at: tuple[float, float],
    ) -> None:
        """Write one name with its middle at logical pixel `at`."""
        word = self.word(text, style, colour)
        self.stamp(painter, np.array([word]), np.array([at]))

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

    def _render(self, text: str, style: TextStyle, colour: QColor, angle_deg: int) -> QImage:
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
        return self._with_halo(image)

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

    def _with_halo(self, image: QImage) -> QImage:
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
        return halo


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
