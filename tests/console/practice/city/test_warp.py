from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from console.practice.city.warp import Warp, ground_from_lonlat, lonlat_from_ground


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31))
def test_the_ground_is_never_folded(seed: int) -> None:
    """The Jacobian stays well above zero: streets never cross that did not cross in the plan."""
    warp = Warp.of_seed(seed)
    axis = np.linspace(-6000, 6000, 121)
    u, v = (g.ravel() for g in np.meshgrid(axis, axis))
    at, east, north = (
        warp(np.column_stack([u + du, v + dv])) for du, dv in ((0, 0), (1, 0), (0, 1))
    )
    a, b = east - at, north - at
    assert (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).min() > 0.2


@given(st.lists(st.tuples(st.floats(-8000, 8000), st.floats(-8000, 8000)), min_size=1, max_size=20))
def test_degrees_and_metres_agree(points: list[tuple[float, float]]) -> None:
    xy = np.array(points)
    lonlat = lonlat_from_ground(xy)
    assert np.abs(ground_from_lonlat(lonlat) - xy).max() < 0.02
    assert (np.round(lonlat, 7) == lonlat).all()


def test_a_kilometre_is_a_kilometre() -> None:
    lonlat = lonlat_from_ground(np.array([[0.0, 0.0], [1000.0, 0.0], [0.0, 1000.0]]))
    # WGS 84 at 31.99° N: a degree is 94,486 m east and 110,884 m north (NGA series formula).
    assert abs((lonlat[1, 0] - lonlat[0, 0]) * 94_486 - 1000) < 2
    assert abs((lonlat[2, 1] - lonlat[0, 1]) * 110_884 - 1000) < 2
