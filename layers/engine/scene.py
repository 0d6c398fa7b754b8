"""The layers in their order, and what they share: the frame, the names' obstacles, the pick."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from PySide6.QtGui import QPainter

from layers.engine.layer import NO_BOXES, Floats, Hit, Kit, Layer
from layers.engine.viewport import Viewport


class Scene:
    """Layers from the bottom to the top. `touch` after any change of their data."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = tuple(layers)
        self._prepared: tuple[Viewport, int] | None = None

    def __iter__(self) -> Iterator[Layer]:
        return iter(self._layers)

    def touch(self) -> None:
        """Something to be shown is different: prepare again before the next frame."""
        self._prepared = None

    def prepare(self, view: Viewport, kit: Kit) -> None:
        """Let the visible layers work out what `view` shows, unless nothing changed."""
        wanted = view, kit.serial
        if self._prepared == wanted:
            return
        for layer in self._visible():
            layer.prepare(view, kit)
        kit.obstacles = self._obstacles()
        self._prepared = wanted

    def _obstacles(self) -> Floats:
        boxes = [layer.obstacles() for layer in self._visible()]
        return np.concatenate(boxes) if boxes else NO_BOXES

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Draw the visible layers, bottom first."""
        self.prepare(view, kit)
        for layer in self._visible():
            layer.paint(painter, view, kit)

    def pick(self, view: Viewport, x: float, y: float) -> Hit | None:
        """The topmost object under logical pixel (`x`, `y`)."""
        for layer in reversed(self._visible()):
            hit = layer.pick(view, x, y)
            if hit is not None:
                return hit
        return None

    def _visible(self) -> list[Layer]:
        return [layer for layer in self._layers if layer.visible]
