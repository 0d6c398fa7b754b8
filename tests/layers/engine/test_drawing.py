"""Paths, sprites and names: what they are drawn from, and that they are drawn once."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from layers.engine.atlas import Atlas
from layers.engine.card import paint_card
from layers.engine.layer import Hit, Kit
from layers.engine.svgpath import svg_path
from layers.engine.text import TextStyle, spread
from layers.engine.viewport import Viewport
from tests.helpers.golden import pixels


def canvas(width: int = 120, height: int = 80) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    return image


def test_pyside_keeps_its_references() -> None:
    """PySide6 6.12.0 on Python 3.11 loses one reference to None a void call, and then dies."""
    image = canvas()
    painter, pen = QPainter(image), QPen(QColor("red"))
    before = sys.getrefcount(None)
    for _ in range(5000):
        painter.setPen(pen)
    drift = sys.getrefcount(None) - before
    painter.end()
    assert abs(drift) < 500


@pytest.mark.parametrize(
    ("data", "inside", "outside"),
    [
        ("M0 0H10V10H0Z", (5, 5), (11, 5)),
        ("M0 0l10 0l0 10l-10 0z", (5, 5), (-1, 5)),
        ("M-5 0A5 5 0 1 1 5 0A5 5 0 1 1 -5 0Z", (3, 3), (4, 4)),
        ("M-4 4.4a4 4.1 0 0 1 8 0z", (0, 1), (0, 5)),
        ("M0 0C0 10 10 10 10 0Z", (5, 5), (5, 9)),
        ("M0 0Q5 10 10 0Z", (5, 4), (5, 6)),
    ],
)
def test_svg_paths(data: str, inside: tuple[float, float], outside: tuple[float, float]) -> None:
    path = svg_path(data)
    assert path.contains(QPointF(*inside)) and not path.contains(QPointF(*outside))


def test_unknown_path_commands_are_refused() -> None:
    with pytest.raises(ValueError, match="S"):
        svg_path("M0 0S1 1 2 2")


def test_a_sprite_is_drawn_once_and_stamped_often(kit: Kit) -> None:
    drawn = []

    def draw(painter: QPainter) -> None:
        drawn.append(1)
        painter.fillRect(-4, -4, 8, 8, QColor("red"))

    atlas = Atlas(1.0)
    numbers = [atlas.sprite("square", 5, draw) for _ in range(3)]
    image = canvas()
    painter = QPainter(image)
    atlas.stamp(painter, numbers[:2], np.array([(20.2, 20.4), (80.0, 50.0)]))
    painter.end()
    assert len(drawn) == len(atlas) == 1
    assert image.pixelColor(20, 20) == image.pixelColor(80, 50) == QColor("red")
    assert image.pixelColor(50, 35) == QColor("black")


def test_the_atlas_grows_and_keeps_its_sprites(kit: Kit) -> None:
    atlas = Atlas(1.0)

    def dot(hue: int) -> Callable[[QPainter], None]:
        return lambda painter: painter.fillRect(-9, -9, 18, 18, QColor.fromHsv(hue, 255, 255))

    numbers = [atlas.sprite(hue, 20, dot(hue)) for hue in range(359)]
    image = canvas()
    painter = QPainter(image)
    atlas.stamp(painter, [numbers[0], numbers[-1]], np.array([(20.0, 20.0), (80.0, 20.0)]))
    painter.end()
    assert image.pixel(20, 20) == QColor.fromHsv(0, 255, 255).rgb()
    assert image.pixel(80, 20) == QColor.fromHsv(358, 255, 255).rgb()


def test_names_are_rendered_once(kit: Kit) -> None:
    style, colour = TextStyle("map.label"), QColor("white")
    assert kit.text.find("Heping", style, colour) == -1
    word = kit.text.word("Heping", style, colour)
    assert kit.text.find("Heping", style, colour) == word == kit.text.word("Heping", style, colour)
    assert kit.text.word("Heping", style, colour, 30) != word


def test_a_turned_name_runs_that_way(kit: Kit) -> None:
    style, colour = TextStyle("map.label"), QColor("white")
    boxes = []
    for angle in (0, 60):
        image = canvas(200, 200)
        painter = QPainter(image)
        word = kit.text.word("Heping Road", style, colour, angle)
        kit.text.stamp(painter, np.array([word]), np.array([(100.0, 100.0)]))
        painter.end()
        boxes.append(np.ptp(np.argwhere(pixels(image).max(axis=2) > 120), axis=0))
    (level_height, level_width), (turned_height, turned_width) = boxes
    assert turned_height > 3 * level_height and turned_width < level_width


def test_a_stacked_name_is_a_column(kit: Kit) -> None:
    width, height = kit.text.size("ABCD", TextStyle("map.label", stacked=True))
    assert height > 3 * width


def test_spread_reaches_as_far_as_it_says() -> None:
    one = np.zeros((21, 21), np.uint8)
    one[10, 10] = 255
    grown = spread(one, 2.0)
    assert grown[10, 10] == grown[10, 11] == 1.0
    assert 0.5 < grown[10, 12] < 1.0
    assert grown[10, 14] == 0.0


def test_the_card_stays_inside(kit: Kit) -> None:
    view = Viewport(0, 0, 1.0, 400, 300)
    for x, y in ((5, 5), (395, 5), (395, 295), (5, 295)):
        image = canvas(400, 300)
        painter = QPainter(image)
        card = paint_card(painter, view, kit, Hit("unit", "U", x, y, "Patrol 12", ("Free",)))
        painter.end()
        assert card.left() >= 0 and card.top() >= 0
        assert card.right() <= 400 and card.bottom() <= 300
        assert pixels(image).max() > 200
