"""The part of the city that a desk answers for: outlined, and everything else steps back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from layers.engine.bulk import path_of
from layers.engine.layer import Floats, Kit, Layer
from layers.engine.viewport import Viewport

_VEIL = 0.55
"""How much of the map's ground lies over what is not of the area."""


class AreaLayer(Layer):
    """`rings` are closed, world metres, by the even-odd rule; none for the whole city."""

    name = "area"
    rank = 9

    def __init__(self) -> None:
        super().__init__()
        self.rings: Sequence[Floats] = ()

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Veil what lies outside, and draw the outline."""
        if not self.rings:
            return
        offsets = np.cumsum([0, *(len(ring) for ring in self.rings)])
        outline = path_of(offsets, view.screen_from_world(np.concatenate(self.rings)))
        outside = QPainterPath(outline)
        outside.setFillRule(Qt.FillRule.OddEvenFill)
        outside.addRect(QRectF(0, 0, view.width, view.height))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.fillPath(outside, kit.palette.colour("map.land", _VEIL))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(kit.palette.colour("map.cell.selected", 0.8), 1.5 * kit.scale))
        painter.drawPath(outline)
