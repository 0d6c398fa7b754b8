"""The layers in their order, and what they share: the frame, the room in it, the pick."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from PySide6.QtGui import QPainter

from layers.engine.layer import NO_BOXES, Hit, Kit, Layer
from layers.engine.viewport import Viewport


class Scene:
    """Layers from the bottom to the top. `touch` after any change of their data.

    `reserved` are boxes (n, 4), logical pixels, of what lies over the map: buttons and the like.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = tuple(layers)
        self._by_rank = sorted(layers, key=lambda layer: layer.rank)
        self.reserved = NO_BOXES
        self._prepared: tuple[Viewport, int] | None = None
        self._is_fresh = False

    def __iter__(self) -> Iterator[Layer]:
        return iter(self._layers)

    def touch(self) -> None:
        """Something to be shown is different: prepare again before the next frame."""
        self._prepared = None

    def prepare(self, view: Viewport, kit: Kit) -> None:
        """Let the visible layers work out what `view` shows, unless nothing changed."""
        wanted = view, kit.serial
        if self._prepared != wanted:
            self._prepare(view, kit)
            self._prepared = wanted

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Draw the visible layers, bottom first; those that were not finished in an earlier frame
        go on first."""
        self.prepare(view, kit)
        if not self._is_fresh and any(layer.is_unfinished for layer in self._visible()):
            self._prepare(view, kit)
        self._is_fresh = False
        for layer in self._visible():
            layer.paint(painter, view, kit)

    def _prepare(self, view: Viewport, kit: Kit) -> None:
        kit.obstacles = self.reserved
        for layer in self._by_rank:
            if layer.visible:
                layer.prepare(view, kit)
                taken = layer.obstacles()
                if len(taken):
                    kit.obstacles = np.concatenate([kit.obstacles, taken])
        self._is_fresh = True

    def pick(self, view: Viewport, x: float, y: float) -> Hit | None:
        """The topmost object under logical pixel (`x`, `y`)."""
        for layer in reversed(self._visible()):
            hit = layer.pick(view, x, y)
            if hit is not None:
                return hit
        return None

    def _visible(self) -> list[Layer]:
        return [layer for layer in self._layers if layer.visible]
