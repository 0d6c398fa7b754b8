"""The ground under everything: warm tiles blitted at once, missing ones asked for and meanwhile
stood in for by whatever other scale is at hand, so that nothing ever flashes blank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QObject, QRect, Signal, SignalInstance
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from layers.engine.tile_cache import DEFAULT_BYTES, TileCache
from layers.engine.tile_grid import TILE_PX, TileKey, TileStyle, tile_range, tiles_in, tiles_of_view
from layers.engine.viewport import STEPS_PER_OCTAVE, Viewport, metres_per_px_of

PREFETCH_PX = 256.0
_MAX_STAND_INS = 40
_FAR_STEPS = STEPS_PER_OCTAVE
"""A step farther away only stands in for the tiles that are missing."""


class TileSource(Protocol):
    """Whoever draws tiles: a `TilePool`, or a fake in tests."""

    @property
    def tile_ready(self) -> SignalInstance:
        """Carries key and image; the image is good only during the call."""
        ...

    def want(self, keys: Sequence[TileKey]) -> None:
        """Draw these, first ones first, instead of what was still waiting."""


class TileStore(QObject):
    """The tiles in memory and what is asked of the renderers. `changed` means: paint again."""

    changed = Signal()

    def __init__(
        self,
        source: TileSource,
        land: QColor,
        max_bytes: int = DEFAULT_BYTES,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.style = TileStyle()
        self._source = source
        self._land = land
        self._cache: TileCache[QPixmap] = TileCache(max_bytes)
        source.tile_ready.connect(self._take)

    @property
    def size_bytes(self) -> int:
        """Memory held by tiles."""
        return self._cache.size_bytes

    def is_complete(self, view: Viewport) -> bool:
        """Whether every tile that `view` shows is there, at its own scale."""
        return all(key in self._cache for key in tiles_of_view(self.style, view))

    def want(self, view: Viewport, overview: Viewport | None = None) -> None:
        """Ask for what `view` shows, then `overview`, which is kept for good, then for the
        surroundings as far as the cache has room."""
        seen = tiles_of_view(self.style, view)
        whole = tiles_of_view(self.style, overview) if overview else []
        self._cache.pin(set(whole))
        self._cache.hold_at_least(len(seen) + len(whole))
        around = tiles_of_view(self.style, view, PREFETCH_PX)
        keys = list(dict.fromkeys([*seen, *whole, *around]))[: self._cache.capacity]
        self._source.want([key for key in keys if key not in self._cache])

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Cover the whole view: tiles of its step, stand-ins where they are missing."""
        frame = QRect(0, 0, round(view.width * view.dpr), round(view.height * view.dpr))
        painter.save()
        painter.scale(1 / view.dpr, 1 / view.dpr)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        keys = self._covering(view)
        if keys is None:
            keys = tiles_of_view(self.style, view)
            painter.fillRect(frame, self._land)
            for key in keys:
                if key not in self._cache:
                    self._paint_stand_ins(painter, view, key)
        for key in keys:
            self._blit(painter, view, key)
        painter.restore()

    def _covering(self, view: Viewport) -> list[TileKey] | None:
        """The tiles of the step nearest to the view's that cover all of it, if any step does."""
        steps = {view.step, *self._cache.steps(self.style, view.dpr)}
        for step in sorted(steps, key=lambda s: (abs(s - view.step), -s)):
            if abs(step - view.step) > _FAR_STEPS:
                return None
            keys = tiles_in(self.style, step, view.dpr, view.bounds)
            if all(key in self._cache for key in keys):
                return keys
        return None

    def _take(self, key: TileKey, image: QImage) -> None:
        # A pixmap may share an image's memory, and this one's is the renderer's next slot.
        self._cache.put(key, QPixmap.fromImage(image.copy()))
        self.changed.emit()

    def _blit(self, painter: QPainter, view: Viewport, key: TileKey) -> None:
        pixmap = self._cache.get(key)
        if pixmap is None:
            return
        target = _device_rect(view, key)
        if target.width() == TILE_PX and target.height() == TILE_PX:
            painter.drawPixmap(target.topLeft(), pixmap)
        else:
            painter.drawPixmap(target, pixmap, pixmap.rect())

    def _paint_stand_ins(self, painter: QPainter, view: Viewport, key: TileKey) -> None:
        """Paint what other steps or styles have of the place of `key`, the best one last."""
        chosen: list[TileKey] = []
        for style, step in self._alternatives(key):
            found, covered = self._tiles_over(style, step, key)
            chosen += found
            if covered:
                break
        hole = _device_rect(view, key)
        painter.save()
        painter.setClipRect(hole)
        for other in reversed(chosen):
            self._blit(painter, view, other)
        painter.restore()

    def _alternatives(self, key: TileKey) -> list[tuple[TileStyle, int]]:
        """Other styles of the same step, then other steps: near ones and coarser ones first."""
        styles = [key.style, *(s for s in self._cache.styles() if s != key.style)]
        out = [(style, key.step) for style in styles[1:]]
        for style in styles:
            steps = [s for s in self._cache.steps(style, key.dpr) if s != key.step]
            steps.sort(key=lambda s: (abs(s - key.step), -s))
            out += [(style, step) for step in steps]
        return out

    def _tiles_over(self, style: TileStyle, step: int, key: TileKey) -> tuple[list[TileKey], bool]:
        side = TILE_PX * metres_per_px_of(step) / key.dpr
        c0, r0, c1, r1 = tile_range(key.bounds, side)
        if (c1 - c0 + 1) * (r1 - r0 + 1) > _MAX_STAND_INS:
            return [], False
        over = [
            TileKey(style, step, column, row, key.dpr)
            for row in range(r0, r1 + 1)
            for column in range(c0, c1 + 1)
        ]
        there = [k for k in over if k in self._cache]
        return there, len(there) == len(over)


def _device_rect(view: Viewport, key: TileKey) -> QRect:
    """Where a tile lies in device pixels; neighbours meet without gap or overlap."""
    per_px = view.metres_per_px / view.dpr
    left, top = _left_top(view, per_px)
    side = key.side_m / per_px
    x0, y0 = round(key.column * side - left), round(key.row * side - top)
    x1, y1 = round((key.column + 1) * side - left), round((key.row + 1) * side - top)
    return QRect(x0, y0, x1 - x0, y1 - y0)


def _left_top(view: Viewport, per_px: float) -> tuple[int, int]:
    """Device pixels from world 0, 0 to the view's corner: whole, so that tiles fall on pixels."""
    x0, _, _, y1 = view.bounds
    return round(x0 / per_px), round(-y1 / per_px)
