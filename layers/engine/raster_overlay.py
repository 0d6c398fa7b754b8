"""What is drawn into tiles above the base map: outlines of grid cells, wedges of camera views.

Both stand still and are many, so they belong where drawing them is paid once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from console.city import Cameras, Cells
from console.model.geo import ground_scale
from layers.engine.bulk import Floats, draw_segments
from layers.engine.palette import Palette
from layers.engine.pens import flat_pen
from layers.engine.picking import PointGrid
from layers.engine.tile_grid import TILE_PX, TileKey
from layers.engine.viewport import metres_per_px_of

WEDGES_UP_TO = 6.5
"""Ground metres a pixel beyond which a wedge says nothing any more."""

DEFAULT_ANGLE_DEG = 60.0
DEFAULT_RANGE_M = 60.0


class CellOutlines:
    """Cell outlines, each shared edge once (else its translucent colour would add up)."""

    def __init__(self, cells: Cells, palette: Palette) -> None:
        self._edges = _unique_edges(cells.ring_offsets, cells.ring_xy)
        self._colour = palette.colour("map.cell.outline")

    def paint(self, painter: QPainter, key: TileKey) -> None:
        """Draw the outlines that touch the tile, one design pixel wide."""
        x0, y0, x1, y1 = key.bounds
        inside = (self._edges[:, [0, 2]].max(1) >= x0) & (self._edges[:, [0, 2]].min(1) <= x1)
        inside &= (self._edges[:, [1, 3]].max(1) >= y0) & (self._edges[:, [1, 3]].min(1) <= y1)
        segments = self._edges[inside]
        px = np.empty_like(segments)
        px[:, 0::2] = (segments[:, 0::2] - x0) / key.metres_per_device_px
        px[:, 1::2] = (y1 - segments[:, 1::2]) / key.metres_per_device_px
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        width = max(1, round(key.dpr * key.style.scale))
        painter.setPen(flat_pen(_faded(self._colour, metres_a_design_px(key), 4.0), width))
        draw_segments(painter, px)


def _unique_edges(offsets: NDArray[np.int64], xy: Floats) -> Floats:
    """Segments along the rings; one that two cells share stands once."""
    if len(xy) < 2:
        return np.empty((0, 4))
    ends = np.concatenate([xy[:-1], xy[1:]], axis=1)
    keep = np.ones(len(ends), bool)
    keep[np.asarray(offsets[1:-1]) - 1] = False
    ends = ends[keep]
    swap = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
    ends[swap] = ends[swap][:, [2, 3, 0, 1]]
    _, first = np.unique(np.round(ends, 2), axis=0, return_index=True)
    return np.ascontiguousarray(ends[np.sort(first)])


@dataclass(frozen=True, slots=True)
class _Look:
    """Colours and line width of wedges on one tile."""

    fill: QColor
    edge: QColor
    off: QColor
    width: float


def metres_a_design_px(key: TileKey) -> float:
    """Ground metres a design pixel in the middle of a tile."""
    _, y0, _, y1 = key.bounds
    return float(metres_per_px_of(key.step) * key.style.scale * ground_scale((y0 + y1) / 2))


def _faded(colour: QColor, scale: float, full_at: float) -> QColor:
    """The colour, the fainter the more of the city is in sight: full up to `full_at` ground metres
    a pixel, from there on as the inverse of the scale, so that many lines do not add up to fog."""
    out = QColor(colour)
    out.setAlphaF(colour.alphaF() * min(1.0, (full_at / scale) ** 0.8))
    return out


class CameraWedges:
    """View wedges of cameras that are online, dashed and hollow for those that are not."""

    def __init__(self, cameras: Cameras, palette: Palette) -> None:
        self._cameras = cameras
        self._grid = PointGrid(cameras.xy)
        ranges = np.nan_to_num(np.asarray(cameras.range_m, np.float64), nan=DEFAULT_RANGE_M)
        self._range_m = ranges
        self._reach_m = float(ranges.max()) if len(ranges) else 0.0
        self._fill = palette.colour("map.wedge.fill")
        self._edge = palette.colour("map.wedge.stroke")
        self._off = palette.colour("status.off", 0.75)

    def paint(self, painter: QPainter, key: TileKey) -> None:
        """Draw the wedges that may touch the tile."""
        x0, y0, x1, y1 = key.bounds
        stretch = 1.0 / float(ground_scale((y0 + y1) / 2))
        scale = metres_a_design_px(key)
        if scale > WEDGES_UP_TO:
            return
        look = _Look(
            _faded(self._fill, scale, 1.5),
            _faded(self._edge, scale, 1.5),
            _faded(self._off, scale, 1.5),
            key.dpr * key.style.scale,
        )
        reach = self._reach_m * stretch
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for index in self._grid.inside((x0 - reach, y0 - reach, x1 + reach, y1 + reach)):
            radius = float(self._range_m[index]) * stretch / key.metres_per_device_px
            at = (self._cameras.xy[index] - (x0, y1)) * (1, -1) / key.metres_per_device_px
            if np.all(at > -radius) and np.all(at < TILE_PX + radius):
                self._wedge(painter, int(index), QPointF(*at), radius, look)

    def _wedge(
        self, painter: QPainter, index: int, at: QPointF, radius: float, look: _Look
    ) -> None:
        azimuth = float(self._cameras.azimuth_deg[index])
        angle = float(np.nan_to_num(self._cameras.angle_deg[index], nan=DEFAULT_ANGLE_DEG))
        if np.isnan(azimuth):
            return
        path = wedge_path(at, radius, azimuth, angle)
        if self._cameras.online[index]:
            painter.setPen(QPen(look.edge, look.width))
            painter.setBrush(look.fill)
        else:
            pen = QPen(look.off, look.width)
            pen.setDashPattern([3, 3])
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)


def wedge_path(at: QPointF, radius: float, azimuth_deg: float, angle_deg: float) -> QPainterPath:
    """A sector: `azimuth_deg` clockwise from north to its middle, `angle_deg` wide."""
    box = QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)
    path = QPainterPath(at)
    if angle_deg >= 359:
        path.addEllipse(box)
        return path
    path.arcTo(box, 90 - azimuth_deg + angle_deg / 2, -angle_deg)
    path.closeSubpath()
    return path
