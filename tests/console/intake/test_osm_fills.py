from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from console.city.arrays import Bundle, bundle_batch
from console.city.basemap import FILL_CLASSES, LEVELS_METRES_PER_PX, Level
from console.city.bins import Bounds
from console.city.empty import EMPTY
from console.intake.osm.areas import AreaShapes
from console.intake.osm.fills import BUILDING, fill_levels
from console.intake.osm.rings import rings_of
from console.model.geo import world_from_lonlat

WATER = FILL_CLASSES.index("water")
DEG = 1e-5
"""About a metre at the equator."""


def levels_of(polygons: list[Any], kinds: list[int]) -> list[Level]:
    """The levels of polygons drawn in hundred-thousandths of a degree."""
    shapes = shapely.transform(np.array(polygons, object), lambda xy: xy * DEG)
    rings, area = shapely.get_rings(shapes, return_index=True)
    lonlat, ring = shapely.get_coordinates(rings, return_index=True)
    kind = np.array(kinds)
    areas = AreaShapes(lonlat, ring, area, kind, [])
    arrays = fill_levels(
        rings_of(areas, kind != BUILDING), rings_of(areas, kind == BUILDING, shared=False)
    )
    others = (Bundle(EMPTY["lines"]()), Bundle(EMPTY["labels"]()))
    bundle = Bundle(bundle_batch(arrays))
    return [Level(n, others[0], bundle, others[1]) for n in range(len(LEVELS_METRES_PER_PX))]


def even_odd_area(offsets: NDArray[np.int64], xy: NDArray[np.float64], frame: Any) -> float:
    """The area inside the frame that the rings fill by the even-odd rule."""
    filled: Any = shapely.Polygon()
    for a, b in pairwise(offsets.tolist()):
        filled = filled.symmetric_difference(shapely.make_valid(shapely.Polygon(xy[a:b])))
    return float(filled.intersection(frame).area)


def world_box(west: float, south: float, east: float, north: float) -> Bounds:
    x, y = world_from_lonlat(np.array([west, east]) * DEG, np.array([south, north]) * DEG)
    return float(x[0]), float(y[0]), float(x[1]), float(y[1])


places = st.integers(-3000, 3000)
windows = st.tuples(places, places, st.integers(20, 2000), st.integers(20, 2000)).map(
    lambda w: (w[0], w[1], w[0] + w[2], w[1] + w[3])
)
houses = st.lists(
    st.tuples(st.integers(-30, 30), st.integers(-30, 30), st.integers(5, 90)),
    min_size=1,
    max_size=12,
    unique_by=lambda h: h[:2],
)


@settings(max_examples=60, deadline=None)
@given(houses, windows)
def test_a_window_gets_every_building_that_reaches_into_it(drawn, window) -> None:  # type: ignore[no-untyped-def]
    built = [shapely.box(c * 100, r * 100, c * 100 + s, r * 100 + s) for c, r, s in drawn]
    bounds = world_box(*window)
    frame = shapely.box(*bounds)
    truth = sum(shapely.box(*world_box(*b.bounds)).intersection(frame).area for b in built)
    for level in levels_of(built, [BUILDING] * len(built))[-3:]:
        offsets, xy = level.fills("building", bounds)
        assert even_odd_area(offsets, xy, frame) == pytest.approx(truth, rel=1e-6, abs=0.1)


@settings(max_examples=40, deadline=None)
@given(windows)
def test_a_lake_larger_than_the_window_keeps_its_island(window) -> None:  # type: ignore[no-untyped-def]
    lake = shapely.Point(0, 0).buffer(2500, quad_segs=64)
    island = shapely.Point(400, 0).buffer(700, quad_segs=64)
    bounds = world_box(*window)
    frame = shapely.box(*bounds)
    to_world = world_from_lonlat
    truth = (
        shapely.transform(
            lake.difference(island),
            lambda xy: np.column_stack(to_world(xy[:, 0] * DEG, xy[:, 1] * DEG)),
        )
        .intersection(frame)
        .area
    )
    finest = levels_of([lake.difference(island)], [WATER])[-1]
    offsets, xy = finest.fills("water", bounds)
    assert even_odd_area(offsets, xy, frame) == pytest.approx(truth, rel=0.01, abs=200)
    assert len(xy) == 0 or (np.abs(xy) < 4000 * 1.2).all()


def test_buildings_are_on_fine_levels_and_keep_their_corners() -> None:
    house = shapely.box(0, 0, 30, 12)
    for level in levels_of([house], [BUILDING]):
        offsets, xy = level.fills("building", (-100, -100, 100, 100))
        if level.metres_per_px <= 4:
            assert offsets.tolist() == [0, 5] and (xy[0] == xy[-1]).all()
        else:
            assert len(xy) == 0
