"""Grid cells: the selected one, the one under a resting pointer, and codes when near. Outlines are
in the tiles."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPen

from console.city import Cells, short_cell_code
from console.i18n import language, tr
from layers.engine.bulk import path_of
from layers.engine.layer import Hit, Kit, Layer
from layers.engine.occupied import Occupied, beside, boxes_around
from layers.engine.raster_overlay import DASHED_UP_TO
from layers.engine.text import TextStyle
from layers.engine.viewport import Viewport

_CODE = TextStyle("map.cell.outline")
_CODE_ALPHA = 0.85


class GridLayer(Layer):
    """The chosen cell's faint fill and outline, and each cell's code where there is room for it."""

    name = "grid"
    rank = 8

    def __init__(self, cells: Cells) -> None:
        super().__init__()
        self._cells = cells
        self.selected = self.hovered = -1
        self._codes: list[int] = []
        self._centres = np.empty((0, 2))

    def prepare(self, view: Viewport, kit: Kit) -> None:
        """Which codes have room."""
        self._codes, self._centres = [], np.empty((0, 2))
        if kit.metres_a_design_px(view) > DASHED_UP_TO:
            return
        at = view.screen_from_world(self._cells.label_xy)
        seen = np.flatnonzero(view.is_near(at, 0))
        codes = [short_cell_code(self._cells.code[cell]) for cell in seen.tolist()]
        half = np.array([kit.text.size(code, _CODE) for code in codes]).reshape(-1, 2) / 2
        taken = Occupied(kit.obstacles, view.width, view.height)
        middles = beside(at[seen], half, taken, 4 * kit.scale)
        boxes = boxes_around(middles, half)
        free = np.flatnonzero(~taken.touches(boxes))
        colour = kit.palette.colour("map.cell.outline", _CODE_ALPHA)
        self._codes = [kit.text.word(codes[place], _CODE, colour) for place in free.tolist()]
        self._centres = middles[free]

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Draw the hovered and the selected cell, then codes."""
        if self.hovered >= 0 and self.hovered != self.selected:
            self._outline(painter, view, kit, self.hovered, fill=0.03)
        if self.selected >= 0:
            self._outline(painter, view, kit, self.selected, fill=0.06)
        kit.text.stamp(painter, np.array(self._codes, np.int64), self._centres)

    def _outline(self, painter: QPainter, view: Viewport, kit: Kit, cell: int, fill: float) -> None:
        rings = [view.screen_from_world(ring) for ring in self._cells.rings(cell)]
        offsets = np.cumsum([0, *(len(ring) for ring in rings)])
        path = path_of(offsets, np.concatenate(rings))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillPath(path, kit.palette.colour("map.cell.selected", fill))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
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
        said = short_cell_code(code)
        lines = tuple(part for part in (community, said if name else "", households) if part)
        return Hit("cell", code, x, y, name or said, lines)
