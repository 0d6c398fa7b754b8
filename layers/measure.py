"""Measuring: click points, read the distance so far along them on the ground."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPen, QPolygonF

from console.model.geo import lonlat_from_world
from layers.engine.layer import Floats, Kit, Layer
from layers.engine.text import TextStyle
from layers.engine.viewport import Viewport

_STYLE = TextStyle("text.1", bold=True)

# WGS 84, NIMA TR8350.2
_SEMI_MAJOR_M = 6378137.0
_FLATTENING = 1 / 298.257223563
_ECCENTRICITY_2 = _FLATTENING * (2 - _FLATTENING)


class MeasureLayer(Layer):
    """The points clicked so far, in world metres, and the one under the pointer."""

    name = "measure"

    def __init__(self) -> None:
        super().__init__()
        self.active = False
        self.points: list[tuple[float, float]] = []
        self.pointer: tuple[float, float] | None = None

    def begin(self) -> None:
        """Start with no point."""
        self.active, self.points, self.pointer = True, [], None

    def end(self) -> None:
        """Stop, and forget the points."""
        self.active, self.points, self.pointer = False, [], None

    def add(self, x: float, y: float) -> None:
        """One more point."""
        self.points.append((x, y))

    def undo(self) -> None:
        """Take the last point back."""
        if self.points:
            self.points.pop()

    def distances_m(self) -> list[float]:
        """Metres on the ground along the points, up to each of them and to the pointer."""
        chain = self._chain()
        return running_distance_m(np.array(chain).reshape(-1, 2)).tolist() if chain else []

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Draw line, points and distances."""
        chain = self._chain()
        if not self.active or not chain:
            return
        screen = view.screen_from_world(chain)
        polygon = QPolygonF([QPointF(x, y) for x, y in screen])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for colour, width in (("text.inverse", 4.6), ("select", 1.8)):
            painter.setPen(QPen(kit.palette.colour(colour), width * kit.scale))
            painter.drawPolyline(polygon)
        painter.setBrush(kit.palette.colour("text.inverse"))
        for x, y in screen[: len(self.points)]:
            painter.drawEllipse(QPointF(x, y), 3.6 * kit.scale, 3.6 * kit.scale)
        self._paint_distances(painter, kit, screen)

    def _paint_distances(self, painter: QPainter, kit: Kit, screen: Floats) -> None:
        colour = kit.palette.colour("text.1")
        pairs = list(zip(screen, self.distances_m(), strict=True))[1:]
        for (x, y), metres in pairs:
            words = distance_words(metres)
            width, height = kit.text.size(words, _STYLE)
            at = x + width / 2 + 10 * kit.scale, y - height / 2 - 6 * kit.scale
            kit.text.paint(painter, words, _STYLE, colour, at)

    def _chain(self) -> list[tuple[float, float]]:
        return [*self.points, self.pointer] if self.pointer and self.points else self.points


def running_distance_m(xy: Floats) -> Floats:
    """Metres along world points (n, 2) up to each of them, shape (n,), the first 0.

    Gauss's mid-latitude formula on the WGS 84 ellipsoid: exact to a few millionths over the
    distances of a city (Torge, Geodesy, 3rd ed., §6.3.3).
    """
    lon, lat = (np.radians(part) for part in lonlat_from_world(xy[:, 0], xy[:, 1]))
    middle = (lat[1:] + lat[:-1]) / 2
    w2 = 1 - _ECCENTRICITY_2 * np.sin(middle) ** 2
    prime_vertical = _SEMI_MAJOR_M / np.sqrt(w2)
    meridian = prime_vertical * (1 - _ECCENTRICITY_2) / w2
    east = prime_vertical * np.cos(middle) * np.diff(lon)
    north = meridian * np.diff(lat)
    return np.concatenate([[0.0], np.cumsum(np.hypot(east, north))])


def distance_words(metres: float) -> str:
    """`46 m`, `3.28 km`, `31.5 km`."""
    if metres < 999.5:
        return f"{round(metres)} m"
    digits = max(0, 2 - int(math.log10(metres / 1000)))
    return f"{metres / 1000:.{digits}f} km"
