"""Routes, measuring, places and the grid."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from PySide6.QtGui import QImage

from console.city import City
from console.model.geo import world_from_lonlat
from console.model.unit import UnitKind
from layers.distress import DistressLayer, DistressMark
from layers.engine.layer import Kit
from layers.engine.occupied import overlaps
from layers.engine.scene import Scene
from layers.engine.viewport import Viewport
from layers.grid import GridLayer
from layers.measure import MeasureLayer, distance_words, running_distance_m
from layers.places import PlacesLayer
from layers.routes import RouteMark, RoutesLayer, RouteTagsLayer, dashes
from tests.helpers.desk_city import PLACE
from tests.helpers.golden import assert_golden, pixels

Draw = Callable[..., QImage]
VIEW = Viewport(0, 0, 1.0, 400, 300)
BENT = np.array([(-150.0, 100.0), (0.0, 100.0), (0.0, 0.0)])


@given(st.floats(-170, 170), st.floats(-75, 75), st.floats(-0.4, 0.4), st.floats(-0.4, 0.4))
def test_distances_are_those_on_the_ellipsoid(
    lon: float, lat: float, east: float, north: float
) -> None:
    lons, lats = [lon, lon + east], [lat, lat + north]
    xy = np.column_stack(world_from_lonlat(lons, lats))
    expected = Geod(ellps="WGS84").line_length(lons, lats)
    assert running_distance_m(xy)[-1] == pytest.approx(expected, rel=2e-5, abs=0.01)


@pytest.mark.parametrize(
    ("metres", "words"),
    [(0, "0 m"), (46.4, "46 m"), (999.4, "999 m"), (1000, "1.00 km"), (31_520, "31.5 km"),
     (120_400, "120 km")],
)  # fmt: skip
def test_distance_words(metres: float, words: str) -> None:
    assert distance_words(metres) == words


def test_measuring_runs_along_the_points(kit: Kit, shown: Draw) -> None:
    layer = MeasureLayer()
    layer.begin()
    for x in (-100.0, 0.0, 100.0):
        layer.add(x, 0.0)
    layer.undo()
    layer.pointer = (0.0, 80.0)
    along = layer.distances_m()
    assert along[0] == 0.0 and np.all(np.diff(along) > 0) and len(along) == 3
    drawn = pixels(shown(VIEW, layer))
    assert drawn[150, 150].min() > 150
    layer.end()
    assert layer.distances_m() == [] and pixels(shown(VIEW, layer)).max() < 40


def test_routes_golden(kit: Kit, shown: Draw) -> None:
    routes = RoutesLayer()
    routes.marks = [
        RouteMark("A", 1, True, BENT),
        RouteMark("B", 2, False, BENT * (-1, 1)),
        RouteMark("C", 0, False, BENT * (1, -1)),
        RouteMark("D", 0, True, BENT * (-1, -1)),
    ]
    assert_golden(shown(VIEW, routes), "routes")


def test_names_keep_clear_of_ways_but_not_of_other_incidents(kit: Kit) -> None:
    routes = RoutesLayer()
    routes.marks = [RouteMark("B", 0, False, BENT)]
    routes.prepare(VIEW, kit)
    assert len(routes.obstacles()) == 0
    routes.marks = [RouteMark("A", 1, True, BENT), RouteMark("E", 2, True, np.empty((0, 2)))]
    routes.prepare(VIEW, kit)
    assert len(routes.obstacles()) > 10


def test_dashes_lie_on_the_way() -> None:
    way = np.array([(0.0, 0.0), (100.0, 0.0)])
    found = dashes(way, 5, 4)
    assert found[0].tolist() == [0, 0, 5, 0] and found[1].tolist() == [9, 0, 14, 0]
    assert found[-1, 2] <= 100


def test_tags_keep_off_each_other_and_inside(kit: Kit, shown: Draw) -> None:
    routes = RoutesLayer()
    routes.marks = [
        RouteMark(str(i), i, i < 3, BENT + np.array([340 + 2 * i, 40])) for i in range(1, 5)
    ]
    tags = RouteTagsLayer(routes)
    without = pixels(shown(VIEW, routes)).astype(int)
    with_tags = pixels(shown(VIEW, routes, tags)).astype(int)
    changed = np.argwhere(np.abs(with_tags - without).max(axis=2) > 5)
    assert len(changed) > 3 * 22 * 20
    assert changed[:, 1].max() < 400


def test_a_school_is_shown_near_and_named(city: City, kit: Kit) -> None:
    layer = PlacesLayer(city.places)
    row = list(city.places.category).index("school")
    x, y = (float(v) for v in city.places.xy[row])
    near, far = (Viewport(x, y, scale, 400, 300) for scale in (1.0, 16.0))
    layer.prepare(near, kit)
    hit = layer.pick(near, 203, 148)
    assert hit is not None and (hit.title, hit.lines) == ("First School", ("School",))
    layer.prepare(far, kit)
    assert layer.pick(far, 200, 150) is None
    assert len(layer) == 1


def test_a_cell_is_told_and_marked(city: City, kit: Kit, shown: Draw) -> None:
    layer = GridLayer(city.cells)
    x, y = (float(v) for v in world_from_lonlat(*PLACE))
    view = Viewport(x, y, 8.0, 400, 300)
    hit = layer.pick(view, 200, 150)
    assert hit is not None and hit.kind == "cell"
    assert "400 households" in hit.lines
    before = pixels(shown(view, layer)).copy()
    layer.selected = city.cells.index(hit.id)
    after = pixels(shown(view, layer))
    assert (after != before).any()
    assert layer.pick(view, -9000, 150) is None


def test_d5_everything_keeps_clear_of_a_call_for_help(kit: Kit) -> None:
    calls, routes = DistressLayer(), RoutesLayer()
    calls.marks = [DistressMark("A", UnitKind.CAR, 0.0, 0.0, True, False, "Patrol 1", "")]
    routes.marks = [RouteMark("A", 1, True, np.array([(0.0, 0.0), (90.0, 0.0)]), "2:10")]
    tags = RouteTagsLayer(routes)
    Scene([routes, tags, calls]).prepare(VIEW, kit)
    assert len(calls.obstacles()) == 2
    assert overlaps(tags.obstacles(), calls.obstacles()).sum() == 0
