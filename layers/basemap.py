"""The ground: base map, cell outlines and camera wedges, as tiles drawn elsewhere."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtGui import QPainter

from layers.engine.layer import Kit, Layer
from layers.engine.tiles import TileStore
from layers.engine.viewport import Viewport


class BaseMapLayer(Layer):
    """Blits tiles. What is in them besides the base map follows `show`."""

    name = "basemap"

    def __init__(self, store: TileStore) -> None:
        super().__init__()
        self.store = store

    def show(self, grid: bool, wedges: bool, scale: float) -> None:
        """Choose what stands in the tiles, and how thick lines are."""
        self.store.style = replace(self.store.style, grid=grid, wedges=wedges, scale=scale)

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Cover the view with tiles or their stand-ins."""
        del kit
        self.store.paint(painter, view)
