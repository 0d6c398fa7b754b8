"""What is drawn into tiles above the base map: outlines of grid cells, wedges of camera views.

Both stand still and are many, so they belong where drawing them is paid once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from console.city import Cameras, Cells
from console.model.geo import ground_scale
from layers.engine.bulk import Floats, Offsets, draw_polylines, draw_segments
from layers.engine.crowds import Crowds, Morton, crowds_of
from layers.engine.palette import Palette
from layers.engine.pens import flat_pen
from layers.engine.picking import PointGrid
from layers.engine.tile_grid import TILE_PX, TileKey
from layers.engine.viewport import Bounds, metres_per_px_of

WEDGES_UP_TO = 1.6
"""Ground metres a design pixel up to which cameras are drawn one by one, with their views."""

DASHED_UP_TO = 2.5
"""Ground metres a design pixel up to which cell outlines are dashed, and cells have their code."""

_DASH_PX = (9.0, 4.0, 1.5, 4.0)

CAMERA_CROWD_PX = 400
"""About the side of the bins in which cameras share a badge."""

MOST_BODIES = 34
MOST_MARKS = 40
"""Of places with a camera in a bin: more share a badge."""


def camera_crowds(points: Morton, step: int, scale: float, near: bool) -> Crowds:
    """Which cameras are drawn one by one at a zoom step, `scale` logical pixels a design pixel:
    the desk and the tiles that hold their views agree."""
    side = metres_per_px_of(step) * CAMERA_CROWD_PX * scale
    return crowds_of(points, side, MOST_BODIES if near else MOST_MARKS)


class CellOutlines:
    """Cell outlines, each shared edge once (else its translucent colour would add up): dashed where
    the map is near, since they run along streets and would be taken for their middle lines."""

    def __init__(self, cells: Cells, palette: Palette) -> None:
        self._edges = _unique_edges(cells.ring_offsets, cells.ring_xy)
        self._colour = palette.colour("map.cell.outline")

    def paint(self, painter: QPainter, key: TileKey) -> None:
        """Draw the outlines that touch the tile, one design pixel wide."""
        scale, line_px = metres_a_design_px(key), key.dpr * key.style.scale
        width = max(1, round(line_px))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        if scale <= DASHED_UP_TO:
            dash = [length * line_px for length in _DASH_PX]
            painter.setPen(flat_pen(self._colour, 1.4 * width, dash, round_joins=True))
            offsets, lines, bounds = self._lines
            near = np.flatnonzero(_touches(bounds, key.bounds))
            for at in near.tolist():
                xy = _tile_px(lines[offsets[at] : offsets[at + 1]], key)
                draw_polylines(painter, np.array([0, len(xy)]), xy)
            return
        inside = self._edges[_touches(_boxes_of(self._edges), key.bounds)]
        painter.setPen(flat_pen(_faded(self._colour, scale, 1.4), width))
        draw_segments(painter, _tile_px(inside.reshape(-1, 2), key).reshape(-1, 4))

    @cached_property
    def _lines(self) -> tuple[Offsets, Floats, Floats]:
        """The edges joined to lines from fork to fork, so that dashes run on: offsets (k + 1,),
        world points, and the box (k, 4) of each."""
        joined = shapely.line_merge(shapely.multilinestrings(self._edges.reshape(-1, 2, 2)))
        parts = shapely.get_parts(joined)
        xy, part = shapely.get_coordinates(parts, return_index=True)
        offsets = np.searchsorted(part, np.arange(len(parts) + 1))
        return offsets.astype(np.int64), xy, shapely.bounds(parts)


def _boxes_of(edges: Floats) -> Floats:
    return np.concatenate(
        [np.minimum(edges[:, :2], edges[:, 2:]), np.maximum(edges[:, :2], edges[:, 2:])], axis=1
    )


def _touches(boxes: Floats, bounds: Bounds) -> NDArray[np.bool_]:
    x0, y0, x1, y1 = bounds
    inside = (boxes[:, 2] >= x0) & (boxes[:, 0] <= x1)
    return np.asarray(inside & (boxes[:, 3] >= y0) & (boxes[:, 1] <= y1))


def _tile_px(xy: Floats, key: TileKey) -> Floats:
    """World points (n, 2) in the pixels of a tile."""
    x0, _, _, y1 = key.bounds
    return np.asarray((xy - (x0, y1)) * (1, -1) / key.metres_per_device_px)


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
    """What cameras that are drawn one by one can see: one surface with one outline, however many
    look at the same place; dashed and hollow for those that are offline."""

    def __init__(self, cameras: Cameras, palette: Palette) -> None:
        self._cameras = cameras
        self._grid = PointGrid(cameras.xy)
        self._points = Morton(cameras.xy)
        self._crowded_for: tuple[int, float] | None = None
        self._alone = np.empty(0, np.bool_)
        self._reach_m = float(cameras.reach_m.max()) if len(cameras.xy) else 0.0
        self._fill = palette.colour("map.wedge.fill")
        self._edge = palette.colour("map.wedge.stroke")
        self._off = palette.colour("status.off", 0.5)

    def paint(self, painter: QPainter, key: TileKey) -> None:
        """Draw the wedges that may touch the tile."""
        if metres_a_design_px(key) > WEDGES_UP_TO:
            return
        online, offline = self._paths(key)
        pen = QPen(self._off, key.dpr * key.style.scale)
        pen.setDashPattern([3, 3])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.strokePath(offline, pen)
        painter.drawImage(0, 0, self._surface(online, key.dpr * key.style.scale))

    def _surface(self, paths: Sequence[QPainterPath], line_px: float) -> QImage:
        """All wedges as one. Each edge is drawn before any surface and painted over by them, so
        that what is left of the edges is the outline of the whole."""
        image = QImage(TILE_PX, TILE_PX, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(0)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        for path in paths:
            painter.strokePath(path, QPen(self._edge, 2 * line_px))
        for path in paths:
            painter.fillPath(path, self._fill)
        painter.end()
        return image

    def _paths(self, key: TileKey) -> tuple[list[QPainterPath], QPainterPath]:
        """The wedges of a tile in its pixels: online one by one, all offline ones in one path."""
        x0, y0, x1, y1 = key.bounds
        stretch = 1.0 / float(ground_scale((y0 + y1) / 2))
        reach = self._reach_m * stretch
        online, offline = list[QPainterPath](), QPainterPath()
        alone = self._alone_at(key)
        for index in self._grid.inside((x0 - reach, y0 - reach, x1 + reach, y1 + reach)).tolist():
            radius = float(self._cameras.reach_m[index]) * stretch / key.metres_per_device_px
            at = _tile_px(self._cameras.xy[index], key)
            azimuth = float(self._cameras.azimuth_deg[index])
            outside = np.any(at < -radius) or np.any(at > TILE_PX + radius)
            if outside or np.isnan(azimuth) or not alone[index]:
                continue
            angle = float(self._cameras.wedge_deg[index])  # where a PTZ camera looks at rest
            path = wedge_path(QPointF(*at), radius, azimuth, angle)
            if self._cameras.online[index]:
                online.append(path)
            else:
                offline.addPath(path)
        return online, offline

    def _alone_at(self, key: TileKey) -> NDArray[np.bool_]:
        """Which cameras are drawn one by one on tiles like this."""
        wanted = key.step, key.style.scale
        if self._crowded_for != wanted:
            self._crowded_for = wanted
            self._alone = np.zeros(len(self._cameras.xy), np.bool_)
            self._alone[camera_crowds(self._points, *wanted, near=True).alone] = True
        return self._alone


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
