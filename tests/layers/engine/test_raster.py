"""Tiles of a small made-up ground, against golden images and against each other."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from layers.engine.levels import level_for
from layers.engine.raster import GroundPainter
from layers.engine.raster_style import ROADS, width_px
from layers.engine.tile_grid import TILE_PX, TileKey, TileStyle
from tests.helpers.golden import assert_golden, pixels
from tests.helpers.small_ground import small_cameras, small_cells, small_ground


@pytest.fixture
def painter(qapp: QApplication) -> GroundPainter:
    return GroundPainter(small_ground(), small_cells(), small_cameras())


def tile(painter: GroundPainter, key: TileKey) -> QImage:
    image = QImage(TILE_PX, TILE_PX, QImage.Format.Format_RGB32)
    beats: list[int] = []
    painter.paint(image, key, lambda: beats.append(1))
    assert len(beats) > 3
    return image


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("tile-street", TileKey(TileStyle(), 0, 0, -1)),
        ("tile-street-overlay", TileKey(TileStyle(grid=True, wedges=True), 0, 0, 0)),
        ("tile-district", TileKey(TileStyle(grid=True, wedges=True), 6, 0, -1)),
        ("tile-city", TileKey(TileStyle(grid=True, wedges=True), 14, 0, 0)),
        ("tile-street-2x", TileKey(TileStyle(wedges=True), 0, 0, 0, 2.0)),
    ],
)
def test_golden(painter: GroundPainter, name: str, key: TileKey) -> None:
    assert_golden(tile(painter, key), name)


def test_neighbours_meet_without_a_seam(painter: GroundPainter) -> None:
    """The last column of a tile and the first of the next are as alike as two columns inside."""
    left = pixels(tile(painter, TileKey(TileStyle(), 0, -1, 0))).astype(int)
    right = pixels(tile(painter, TileKey(TileStyle(), 0, 0, 0))).astype(int)
    across = np.abs(left[:, -1] - right[:, 0]).mean()
    inside = np.abs(left[:, -2] - left[:, -1]).mean()
    assert across <= inside + 2.0


def test_wedges_vanish_where_they_would_say_nothing(painter: GroundPainter) -> None:
    with_wedges = TileKey(TileStyle(wedges=True), 14, 0, 0)
    without = TileKey(TileStyle(), 14, 0, 0)
    assert np.array_equal(pixels(tile(painter, with_wedges)), pixels(tile(painter, without)))


def test_a_shared_edge_is_drawn_once(painter: GroundPainter) -> None:
    """Else its translucent line would be brighter than an outer edge."""
    key = TileKey(TileStyle(grid=True), 0, -1, 0)
    plain = pixels(tile(painter, TileKey(TileStyle(), 0, -1, 0))).astype(int)
    gain = pixels(tile(painter, key)).astype(int) - plain
    land = (plain == plain[500, 100]).all(axis=2)
    brightest = gain[land].max(axis=1)
    assert 0 < brightest.max() <= 110


def test_the_level_is_never_coarser_than_the_tile() -> None:
    ground = small_ground()
    assert level_for(ground, 16.0).metres_per_px == 16.0
    assert level_for(ground, 15.0).metres_per_px == 4.0
    assert level_for(ground, 0.25).metres_per_px == 1.0


def test_roads_keep_a_least_width() -> None:
    road = ROADS["primary"]
    assert width_px(road, 1.0, 1.0) == road.metres
    assert width_px(road, 1.0, 2.0) == 2 * road.metres
    assert width_px(road, 30.0, 1.0) >= 0.5 * road.least_px


def test_land_is_the_palette_s(painter: GroundPainter) -> None:
    image = tile(painter, TileKey(TileStyle(), 0, 40, 40))
    assert image.pixelColor(256, 256) == QColor("#14171A")


def test_d5_views_that_overlap_are_one_surface(qapp: QApplication) -> None:
    """Twelve cameras that look at one place are no brighter than one, and have one outline."""
    key = TileKey(TileStyle(wedges=True), 0, 0, 0)
    one, twelve = small_cameras(), small_cameras()
    for cameras, count in ((one, 1), (twelve, 12)):
        cameras.xy = np.array([(200.0, -250.0)] * count)
        cameras.azimuth_deg = np.full(count, 90, np.float32)
        cameras.angle_deg = np.full(count, 60, np.float32)
        cameras.range_m = np.full(count, 120, np.float32)
        cameras.online = np.full(count, True)
    single, many = (
        pixels(tile(GroundPainter(small_ground(), small_cells(), c), key)).astype(int)
        for c in (one, twelve)
    )
    bare = pixels(tile(GroundPainter(small_ground()), key)).astype(int)
    assert (single - bare).max() > 10
    assert many.max() <= single.max() + 2
    assert (np.abs(many - single).max(axis=2) > 8).mean() < 0.005  # edges' half-covered pixels


def test_d5_cells_are_dashed_where_they_run_along_streets(painter: GroundPainter) -> None:
    key, plain = (TileKey(TileStyle(grid=on), 0, -1, 0) for on in (True, False))
    gain = np.abs(pixels(tile(painter, key)).astype(int) - pixels(tile(painter, plain)))
    along = gain.max(axis=2)[:, 512 - 200 - 2 : 512 - 200 + 3].max(axis=1)[20:190]
    assert 0.3 < (along > 20).mean() < 0.9
