"""Sprites: each symbol is drawn once per scale into one picture, and stamped from there.

`drawPixmapFragments` costs 0.4 µs a sprite; drawing a symbol's paths costs a hundred times that.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap
from shiboken6 import Shiboken

Floats = NDArray[np.float64]
Draw = Callable[[QPainter], None]

Fragment = QPainter.PixmapFragment

_WIDTH = 1024
_HEIGHT = 256
_FULL_HEIGHT = 3600
"""Beyond it a page is full, short of the 4096 to which it would grow next (16 MB)."""

_SCALE_X, _SCALE_Y, _OPACITY = 6, 7, 9


class Atlas:
    """A picture of many sprites, each centred on its own origin.

    Draw functions work in design pixels around (0, 0); a design pixel is `scale` device pixels.
    """

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self._sprites: dict[Hashable, int] = {}
        self._sources = np.zeros((256, 4))
        self._page = self._new_page(_HEIGHT)
        self._pen_x = self._pen_y = self._shelf = 0

    def __len__(self) -> int:
        return len(self._sprites)

    def sprite(self, key: Hashable, half_px: float, draw: Draw) -> int:
        """The number of sprite `key`, drawn now if it is new. It reaches `half_px` design pixels
        from its centre in each direction."""
        number = self._sprites.get(key)
        if number is None:
            number = self._add(key, self._draw(half_px, draw))
        return number

    def add_image(self, key: Hashable, image: QImage) -> int:
        """The number of a new sprite that is a finished picture, pixel for pixel."""
        left, top = self._place(image.width(), image.height())
        painter = QPainter(self._page)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.drawImage(QRect(left, top, image.width(), image.height()), image, image.rect())
        painter.end()
        return self._add(key, (left, top, image.width(), image.height()))

    def find(self, key: Hashable) -> int:
        """The number of sprite `key`, or -1."""
        return self._sprites.get(key, -1)

    def stamp(
        self, painter: QPainter, sprites: Sequence[int] | NDArray[np.int64], centres_px: Floats
    ) -> None:
        """Stamp sprites with their centres at device pixels (n, 2); the painter must be in device
        pixels. Whole pixels keep them sharp."""
        if not len(sprites):
            return
        table = self._sources[np.asarray(sprites)]
        fragments = np.zeros((len(sprites), 10))
        half = table[:, 2:] / 2
        fragments[:, :2] = np.round(centres_px - half) + half
        fragments[:, 2:6] = table
        fragments[:, [_SCALE_X, _SCALE_Y, _OPACITY]] = 1.0
        address = fragments.ctypes.data
        first = cast(Fragment, Shiboken.wrapInstance(address, Fragment))
        painter.drawPixmapFragments(first, len(fragments), self._page)

    def _add(self, key: Hashable, source: tuple[float, float, float, float]) -> int:
        number = self._sprites[key] = len(self._sprites)
        if number == len(self._sources):
            self._sources = np.concatenate([self._sources, np.zeros_like(self._sources)])
        self._sources[number] = source
        return number

    def _draw(self, half_px: float, draw: Draw) -> tuple[float, float, float, float]:
        side = 2 * int(np.ceil(half_px * self.scale))
        left, top = self._place(side, side)
        painter = QPainter(self._page)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(left, top, side, side)
        painter.translate(left + side / 2, top + side / 2)
        painter.scale(self.scale, self.scale)
        draw(painter)
        painter.end()
        return left, top, side, side

    def _place(self, width: int, height: int) -> tuple[int, int]:
        """Where the next sprite goes: shelves from top to bottom."""
        if self._pen_x + width > _WIDTH:
            self._pen_x, self._pen_y, self._shelf = 0, self._pen_y + self._shelf, 0
        while self._pen_y + height > self._page.height():
            self._grow()
        at = self._pen_x, self._pen_y
        self._pen_x += width
        self._shelf = max(self._shelf, height)
        return at

    def _grow(self) -> None:
        taller = self._new_page(self._page.height() * 2)
        painter = QPainter(taller)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.drawPixmap(0, 0, self._page)
        painter.end()
        self._page = taller

    def _new_page(self, height: int) -> QPixmap:
        page = QPixmap(_WIDTH, height)
        page.fill(Qt.GlobalColor.transparent)
        return page

    @property
    def is_full(self) -> bool:
        """Whether it has grown so far that it should be thrown away and begun anew."""
        return self._pen_y + self._shelf > _FULL_HEIGHT
