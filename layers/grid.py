"""Grid cells: the selected one, and which one lies under the pointer. Outlines are in the tiles."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPen

from console.city import Cells
from console.i18n import language, tr
from layers.engine.bulk import path_of
from layers.engine.layer import Hit, Kit, Layer
from layers.engine.viewport import Viewport


class GridLayer(Layer):
    """The chosen cell's faint fill and outline."""

    name = "grid"

    def __init__(self, cells: Cells) -> None:
        super().__init__()
        self._cells = cells
        self.selected = -1

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Draw the selected cell."""
        if self.selected < 0:
            return
        rings = [view.screen_from_world(ring) for ring in self._cells.rings(self.selected)]
        offsets = np.cumsum([0, *(len(ring) for ring in rings)])
        path = path_of(offsets, np.concatenate(rings))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.fillPath(path, kit.palette.colour("map.cell.selected", 0.05))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(kit.palette.colour("map.cell.selected"), max(1, round(kit.scale))))
        painter.drawPath(path)

    def pick(self, view: Viewport, x: float, y: float) -> Hit | None:
        """The cell under the pixel."""
        cell = self._cells.at(*view.world_from_screen(x, y))
        if cell < 0:
            return None
        spoken = language()
        name = self._cells.name[cell].in_language(spoken)
        community = self._cells.community[cell].in_language(spoken)
        households = tr("map.cell.households", count=int(self._cells.households[cell]))
        code = self._cells.code[cell]
        lines = tuple(part for part in (community, code if name else "", households) if part)
        return Hit("cell", code, x, y, name or code, lines)
