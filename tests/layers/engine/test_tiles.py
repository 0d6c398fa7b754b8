"""The store asks for what is missing, and never shows a hole that something could fill."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from layers.engine.tile_grid import TILE_BYTES, TileStyle, tiles_of_view
from layers.engine.tiles import TileStore
from layers.engine.viewport import Viewport, metres_per_px_of
from tests.helpers.tile_painters import colour_of
from tests.helpers.tile_source import FakeTiles

LAND = QColor("#FF00FF")
VIEW = Viewport(100.0, -100.0, metres_per_px_of(4), 700, 500)


@pytest.fixture
def source(qapp: QApplication) -> FakeTiles:
    return FakeTiles()


@pytest.fixture
def store(source: FakeTiles) -> TileStore:
    return TileStore(source, LAND)


def drawn(store: TileStore, view: Viewport) -> QImage:
    image = QImage(view.width, view.height, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    painter = QPainter(image)
    store.paint(painter, view)
    painter.end()
    return image


def holes(image: QImage) -> int:
    at = [(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)]
    return sum(image.pixelColor(x, y) == LAND for x, y in at)


def test_what_is_seen_is_asked_for_first(store: TileStore, source: FakeTiles) -> None:
    store.want(VIEW)
    seen = tiles_of_view(store.style, VIEW)
    assert source.wanted[: len(seen)] == seen
    source.deliver()
    assert store.is_complete(VIEW)
    store.want(VIEW)
    assert source.wanted == []


def test_tiles_lie_where_they_belong(store: TileStore, source: FakeTiles) -> None:
    store.want(VIEW)
    source.deliver()
    image = drawn(store, VIEW)
    for key in tiles_of_view(store.style, VIEW):
        x0, y0, x1, y1 = key.bounds
        for px, py in VIEW.screen_from_world([(x0 + 3, y1 - 3), (x1 - 3, y0 + 3)]):
            if 0 <= px < VIEW.width and 0 <= py < VIEW.height:
                assert image.pixelColor(int(px), int(py)) == colour_of(key)


@pytest.mark.parametrize(
    "other",
    [
        VIEW.zoomed_about(300, 200, metres_per_px_of(2)),
        VIEW.zoomed_about(300, 200, metres_per_px_of(8)),
        VIEW.zoomed_about(300, 200, metres_per_px_of(4) * 1.13),
    ],
    ids=["in", "out", "between"],
)
def test_another_scale_stands_in_while_loading(
    store: TileStore, source: FakeTiles, other: Viewport
) -> None:
    store.want(other.fitting((-9000, -9000, 9000, 9000)))
    source.deliver()
    store.want(VIEW)
    source.deliver()
    store.want(other)
    assert holes(drawn(store, other)) == 0


def test_another_style_stands_in_while_loading(store: TileStore, source: FakeTiles) -> None:
    store.want(VIEW)
    source.deliver()
    store.style = TileStyle(grid=True)
    store.want(VIEW)
    assert len(source.wanted) >= len(tiles_of_view(store.style, VIEW))
    assert holes(drawn(store, VIEW)) == 0


def test_a_view_larger_than_the_cache_still_comes_whole(source: FakeTiles) -> None:
    store = TileStore(source, LAND, max_bytes=4 * TILE_BYTES)
    wall = Viewport(0, 0, metres_per_px_of(4), 3840, 2160)
    store.want(wall, wall.resized(700, 700, 1.0))
    source.deliver()
    assert store.is_complete(wall)


def test_without_any_tile_there_is_land(store: TileStore) -> None:
    image = drawn(store, VIEW)
    assert image.pixelColor(350, 250) == LAND


@pytest.fixture
def changes(store: TileStore) -> Callable[[], int]:
    count = 0

    def add() -> None:
        nonlocal count
        count += 1

    store.changed.connect(add)
    return lambda: count


def test_each_tile_is_told(store: TileStore, source: FakeTiles, changes: Callable[[], int]) -> None:
    store.want(VIEW)
    source.deliver(2)
    assert changes() == 2
