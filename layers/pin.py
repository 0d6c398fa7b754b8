"""The pin: the place that a form is about."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from layers.engine.layer import NO_BOXES, Floats, Kit, Layer
from layers.engine.viewport import Viewport

_HEAD_PX, _TIP_PX = 9.0, 24.0
"""Radius of the pin's head, and how far its middle is above the place, in design pixels."""


class PinLayer(Layer):
    """One pin at `at`, world metres; None for no pin."""

    name = "pin"
    rank = 1

    def __init__(self) -> None:
        super().__init__()
        self.at: tuple[float, float] | None = None
        self._box = NO_BOXES

    def prepare(self, view: Viewport, kit: Kit) -> None:
        """Where it stands."""
        self._box = NO_BOXES
        if self.at is not None:
            ((x, y),) = view.screen_from_world([self.at])
            half, height = _HEAD_PX * kit.scale, (_TIP_PX + _HEAD_PX) * kit.scale
            self._box = np.array([(x - half, y - height, x + half, y)])

    def obstacles(self) -> Floats:
        """The pin."""
        return self._box

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Draw the pin with its tip on the place."""
        if self.at is None:
            return
        ((x, y),) = view.screen_from_world([self.at])
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.translate(x, y)
        painter.scale(kit.scale, kit.scale)
        painter.setPen(QPen(kit.palette.colour("text.inverse"), 1.6))
        painter.setBrush(kit.palette.colour("select"))
        painter.drawPath(_outline())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(kit.palette.colour("text.inverse"))
        painter.drawEllipse(QPointF(0, -_TIP_PX), 3.4, 3.4)
        painter.restore()


def _outline() -> QPainterPath:
    """A drop that stands on its tip at (0, 0)."""
    head = QRectF(-_HEAD_PX, -_TIP_PX - _HEAD_PX, 2 * _HEAD_PX, 2 * _HEAD_PX)
    path = QPainterPath(QPointF(0, 0))
    path.arcTo(head, -150, -240)
    path.closeSubpath()
    return path
