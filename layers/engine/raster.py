"""The tile painter: base map, cell outlines and camera wedges drawn with QPainter.

Runs in the renderer processes. Opaque colours only, so that overlapping bins and tiles agree.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen

from console.city import BaseMap, Cameras, Cells, Level
from console.model.geo import ground_scale
from layers.engine.bulk import (
    Floats,
    Offsets,
    draw_polylines,
    draw_segments,
    edges_of_rings,
    path_of,
    touching,
)
from layers.engine.levels import level_for
from layers.engine.palette import Palette, default_palette
from layers.engine.pens import flat_pen
from layers.engine.raster_overlay import CameraWedges, CellOutlines
from layers.engine.raster_style import (
    FILLS,
    RAIL,
    ROADS,
    ROUND_JOINS_FROM_PX,
    STREAM,
    LineStyle,
    width_px,
)
from layers.engine.tile_grid import TILE_PX, TileKey
from layers.engine.viewport import Bounds
from layers.engine.worker import Beat

_MARGIN_PX = 40
_BRIDGE = "_bridge"


class GroundPainter:
    """Draws tiles of one city."""

    def __init__(
        self,
        ground: BaseMap,
        cells: Cells | None = None,
        cameras: Cameras | None = None,
        palette: Palette | None = None,
    ) -> None:
        self._ground = ground
        self._palette = palette or default_palette()
        self._cells = CellOutlines(cells, self._palette) if cells is not None else None
        self._wedges = CameraWedges(cameras, self._palette) if cameras is not None else None

    def paint(self, image: QImage, key: TileKey, beat: Beat) -> None:
        """Draw the whole of tile `key` into `image`."""
        image.fill(self._palette.colour("map.land"))
        painter = QPainter(image)
        try:
            sheet = Sheet(painter, key, level_for(self._ground, key.metres_per_device_px))
            self._paint_fills(sheet, beat)
            self._paint_lines(sheet, beat)
            if self._cells is not None and key.style.grid:
                self._cells.paint(painter, key)
                beat()
            if self._wedges is not None and key.style.wedges:
                self._wedges.paint(painter, key)
        finally:
            painter.end()

    def _paint_fills(self, sheet: Sheet, beat: Beat) -> None:
        for cls, colour, coarsest in FILLS:
            if sheet.ground_mpp <= coarsest and cls in sheet.level.fill_classes:
                sheet.fill(cls, self._palette.colour(colour))
                beat()

    def _paint_lines(self, sheet: Sheet, beat: Beat) -> None:
        if "stream" in sheet.level.line_classes and sheet.ground_mpp <= STREAM.coarsest:
            sheet.stroke("stream", self._palette.colour(STREAM.colour), sheet.width(STREAM))
        shown = {c: s for c, s in ROADS.items() if sheet.ground_mpp <= s.coarsest}
        for cls, style in shown.items():
            self._paint_road(sheet, cls, style, casing_px=2.0 if style.cased else 0.0)
            beat()
        self._paint_rail(sheet, "rail")
        for cls, style in shown.items():
            self._paint_road(sheet, cls + _BRIDGE, style, casing_px=3.0)
            beat()
        self._paint_rail(sheet, "rail" + _BRIDGE)

    def _paint_road(self, sheet: Sheet, cls: str, style: LineStyle, casing_px: float) -> None:
        if cls not in sheet.level.line_classes:
            return
        width = sheet.width(style)
        if casing_px and width >= 1.2 * sheet.scale:
            casing = self._palette.colour("map.casing")
            sheet.stroke(cls, casing, width + casing_px * sheet.scale, flat=True)
        sheet.stroke(cls, self._palette.colour(style.colour), width)

    def _paint_rail(self, sheet: Sheet, cls: str) -> None:
        """A line with light sleepers in it; a plain thin one where the whole city is in sight."""
        if cls not in sheet.level.line_classes or sheet.ground_mpp > RAIL.coarsest:
            return
        width = sheet.width(RAIL)
        sheet.stroke(cls, self._palette.colour(RAIL.colour), width)
        if sheet.ground_mpp <= 12:
            sheet.dash(cls, self._palette.colour("map.land"), width / 2, 7 * sheet.scale)


class Sheet:
    """One tile being drawn: geometry of its level in its pixels."""

    def __init__(self, painter: QPainter, key: TileKey, level: Level) -> None:
        self.level = level
        self.scale = key.dpr * key.style.scale
        x0, y0, x1, y1 = key.bounds
        self._x0, self._y1, self._mpp = x0, y1, key.metres_per_device_px
        self.ground_mpp = float(self._mpp * self.scale * ground_scale((y0 + y1) / 2))
        margin = _MARGIN_PX * self.scale * self._mpp
        self._bounds: Bounds = (x0 - margin, y0 - margin, x1 + margin, y1 + margin)
        self._painter = painter

    def width(self, style: LineStyle) -> float:
        """Device pixels of a line style here."""
        return width_px(style, self.ground_mpp, self.scale)

    def fill(self, cls: str, colour: QColor) -> None:
        """Fill a class of areas: hard inside, its edge antialiased."""
        offsets, world = self.level.fills(cls, self._bounds)
        if not len(world):
            return
        xy = self._pixels(world)
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._painter.fillPath(path_of(offsets, xy), QBrush(colour))
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self._painter.setPen(flat_pen(colour, 1.0))
        edges = edges_of_rings(np.asarray(offsets), xy)
        draw_segments(self._painter, touching(edges, TILE_PX, TILE_PX, 2))

    def stroke(self, cls: str, colour: QColor, width: float, flat: bool = False) -> None:
        """Draw a class of lines: by segments when thin, with round joins when thick."""
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        thick = width > ROUND_JOINS_FROM_PX * self.scale
        round_cap = Qt.PenCapStyle.RoundCap if thick else Qt.PenCapStyle.SquareCap
        cap = Qt.PenCapStyle.FlatCap if flat else round_cap
        self._painter.setPen(
            QPen(QBrush(colour), width, Qt.PenStyle.SolidLine, cap, Qt.PenJoinStyle.RoundJoin)
        )
        if thick:
            draw_polylines(self._painter, *self._lines(cls))
        else:
            world = self.level.lines(cls, self._bounds)
            segments = self._pixels(world.reshape(-1, 2)).reshape(-1, 4)
            draw_segments(self._painter, touching(segments, TILE_PX, TILE_PX, width))

    def dash(self, cls: str, colour: QColor, width: float, dash_px: float) -> None:
        """Draw a class of lines dashed, dash and gap `dash_px` device pixels."""
        self._painter.setPen(flat_pen(colour, width, (dash_px, dash_px)))
        draw_polylines(self._painter, *self._lines(cls))

    def _lines(self, cls: str) -> tuple[Offsets, Floats]:
        offsets, world = self.level.polylines(cls, self._bounds)
        return np.asarray(offsets), self._pixels(world)

    def _pixels(self, world: Floats) -> Floats:
        out = np.empty((len(world), 2))
        out[:, 0] = (world[:, 0] - self._x0) / self._mpp
        out[:, 1] = (self._y1 - world[:, 1]) / self._mpp
        return out
