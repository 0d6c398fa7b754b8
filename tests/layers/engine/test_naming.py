"""Which names get a place: the more important, the same ones every time, none on another."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter

from layers.engine.layer import Kit
from layers.engine.naming import Chooser, Name
from layers.engine.viewport import Viewport
from layers.names import NamesLayer
from tests.helpers.small_ground import small_ground

EVERYWHERE = (-4000.0, -4000.0, 4000.0, 4000.0)
STREET = ("Heping Avenue", "road", 0.0, 0.0, 10.0, 42, 900.0)


def names(kit: Kit, *labels: tuple[str, str, float, float, float, int, float]) -> list[str]:
    chooser = Chooser(small_ground(*labels), kit, 0, EVERYWHERE)
    chooser.advance()
    return [name.text for name in chooser.names]


def test_the_more_important_takes_the_place(kit: Kit) -> None:
    park = ("Liu Park", "park", 10.0, 4.0, 0.0, 36, 0.0)
    assert names(kit, STREET, park) == ["Liu Park"]


def test_a_street_needs_room_along_itself(kit: Kit) -> None:
    assert names(kit, ("Heping Avenue", "road", 0.0, 0.0, 10.0, 42, 20.0)) == []


def test_a_name_is_not_repeated_near_by(kit: Kit) -> None:
    again = ("Heping Avenue", "road", 300.0, 50.0, 10.0, 42, 900.0)
    far = ("Heping Avenue", "road", 900.0, 150.0, 10.0, 42, 900.0)
    assert names(kit, STREET, again) == ["Heping Avenue"]
    assert names(kit, STREET, again, far) == ["Heping Avenue"] * 2


def test_quarters_wait_until_the_map_is_near(kit: Kit) -> None:
    ground = small_ground(("Xinyang Garden", "place", 0.0, 0.0, 0.0, 20, 0.0))
    for step, expected in ((8, 0), (0, 1)):
        chooser = Chooser(ground, kit, step, EVERYWHERE)
        chooser.advance()
        assert len(chooser.names) == expected


@pytest.mark.parametrize("angle", [-80, -50, -20, 0, 30, 60, 89])
def test_street_names_follow_the_street_and_stay_upright(kit: Kit, angle: float) -> None:
    (chinese,) = _chosen(kit, ("和平大道", "road", 0.0, 0.0, angle, 42, 900.0))
    (english,) = _chosen(kit, ("Heping Avenue", "road", 0.0, 0.0, angle, 42, 900.0))
    assert english.turn_deg == -angle
    if chinese.style.stacked:
        along = math.radians(90 + chinese.turn_deg)
        assert abs(chinese.turn_deg) < 46
    else:
        along = math.radians(chinese.turn_deg)
    street = math.radians(-angle)
    assert abs(math.sin(along - street)) < 0.02


def test_slices_choose_the_same_as_one_go(kit: Kit) -> None:
    grid = itertools.product(range(-8, 8), range(-8, 8))
    labels = [
        (f"Street {x} {y}", "road", x * 97.0, y * 13.0, (x * 7 + y) % 40, 40 + (x + y) % 9, 999.0)
        for x, y in grid
    ]
    ground = small_ground(*labels)
    whole, sliced = (Chooser(ground, kit, 0, EVERYWHERE) for _ in range(2))
    whole.advance()
    while not sliced.is_done:
        sliced.advance(0.0002)
    assert whole.names == sliced.names
    assert 10 < len(whole.names) < len(labels)


def test_a_symbol_sends_a_place_s_name_aside_and_hides_a_street_s(kit: Kit) -> None:
    school = ("First School", "place", -100.0, 80.0, 0.0, 34, 0.0)
    layer = NamesLayer(small_ground(STREET, school))
    view = Viewport(0, 0, 1.0, 600, 400)
    clear = _ink(layer, view, kit)
    at = view.screen_from_world([(0, 0), (-100, 80)])
    kit.obstacles = np.concatenate([at - 8, at + 8], axis=1)
    covered = _ink(layer, view, kit)
    kit.obstacles = np.empty((0, 4))
    assert clear == {"street", "school"}
    assert covered == {"school below"}


def _ink(layer: NamesLayer, view: Viewport, kit: Kit) -> set[str]:
    image = QImage(view.width, view.height, QImage.Format.Format_RGB32)
    image.fill(0)
    layer.prepare(view, kit)
    while True:
        painter = QPainter(image)
        layer.paint(painter, view, kit)
        painter.end()
        if not layer.pending:
            break
    spots = {"street": (300, 200), "school": (200, 120), "school below": (200, 147)}
    return {
        name
        for name, (x, y) in spots.items()
        if any(image.pixelColor(x + d, y).lightness() > 60 for d in range(-20, 20))
    }


def _chosen(kit: Kit, label: tuple[str, str, float, float, float, int, float]) -> list[Name]:
    chooser = Chooser(small_ground(label), kit, 0, EVERYWHERE)
    chooser.advance()
    return chooser.names
