import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from console.city.clip import clip_ring
from console.city.inside import rings_hold

stars = st.lists(st.floats(5, 100), min_size=3, max_size=30).map(
    lambda radii: np.array(
        [
            (r * np.cos(2 * np.pi * i / len(radii)), r * np.sin(2 * np.pi * i / len(radii)))
            for i, r in enumerate([*radii])
        ]
        + [(radii[0], 0.0)]
    )
)
boxes = st.tuples(*[st.floats(-90, 90)] * 4).map(
    lambda v: (min(v[0], v[2]), min(v[1], v[3]), max(v[0], v[2]) + 1, max(v[1], v[3]) + 1)
)


@settings(max_examples=200, deadline=None)
@given(stars, boxes)
def test_a_cut_ring_fills_what_the_ring_fills_inside_the_box(ring, bounds) -> None:  # type: ignore[no-untyped-def]
    cut = clip_ring(ring, bounds)
    expected = shapely.Polygon(ring).intersection(shapely.box(*bounds)).area
    if not len(cut):
        assert expected == pytest.approx(0, abs=1e-6)
        return
    assert (cut[0] == cut[-1]).all()
    x0, y0, x1, y1 = bounds
    slack = 1e-9
    assert (cut >= (x0 - slack, y0 - slack)).all() and (cut <= (x1 + slack, y1 + slack)).all()
    x, y = cut.T
    signed = abs((x[:-1] * y[1:] - x[1:] * y[:-1]).sum()) / 2
    assert signed == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_a_ring_round_the_whole_box_becomes_the_box() -> None:
    ring = np.array([(-10, -10), (10, -10), (10, 10), (-10, 10), (-10, -10)], float)
    cut = clip_ring(ring, (0, 0, 1, 1))
    assert shapely.Polygon(cut).equals(shapely.box(0, 0, 1, 1))


@settings(max_examples=100, deadline=None)
@given(stars, st.lists(st.tuples(*[st.floats(-110, 110)] * 2), min_size=1, max_size=20))
def test_a_point_is_inside_when_geometry_says_so(ring, points) -> None:  # type: ignore[no-untyped-def]
    polygon = shapely.Polygon(ring)
    xy = np.array(points)
    clear = shapely.distance(polygon.boundary, shapely.points(xy)) > 1e-6
    held = rings_hold([ring], xy)
    assert (held[clear] == shapely.contains_xy(polygon, xy)[clear]).all()


def test_a_point_on_a_shared_edge_has_exactly_one_owner() -> None:
    left = np.array([(0, 0), (5, 1), (4, 9), (0, 10), (0, 0)], float)
    right = np.array([(10, 0), (10, 10), (4, 9), (5, 1), (10, 0)], float)
    share = np.linspace(0.05, 0.95, 19)[:, None]
    on_edge = np.array([5, 1]) + share * np.array([-1, 8])
    owners = rings_hold([left], on_edge).astype(int) + rings_hold([right], on_edge)
    assert (owners == 1).all()
