"""World metres and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from console.model.geo import (
    LonLat,
    ground_distance_m,
    ground_scale,
    lonlat_from_world,
    world_from_lonlat,
)

lons = st.floats(-180, 180)
lats = st.floats(-85, 85)


@given(lons, lats)
def test_there_and_back(lon: float, lat: float) -> None:
    back = lonlat_from_world(*world_from_lonlat(lon, lat))
    assert back[0] == pytest.approx(lon, abs=1e-9)
    assert back[1] == pytest.approx(lat, abs=1e-9)


@given(lons, lats)
def test_as_proj_says(lon: float, lat: float) -> None:
    theirs = Transformer.from_crs(4326, 3857, always_xy=True).transform(lon, lat)
    assert np.allclose(world_from_lonlat(lon, lat), theirs, atol=1e-6)


@given(st.floats(-10, 10), st.floats(-60, 60), st.floats(-0.1, 0.1), st.floats(-0.1, 0.1))
def test_distance_is_within_half_a_percent_of_the_ellipsoid(
    lon: float, lat: float, d_lon: float, d_lat: float
) -> None:
    a = world_from_lonlat(lon, lat)
    b = world_from_lonlat(lon + d_lon, lat + d_lat)
    truth = Geod(ellps="WGS84").inv(lon, lat, lon + d_lon, lat + d_lat)[2]
    assert ground_distance_m(*a, *b) == pytest.approx(truth, rel=6e-3, abs=0.01)


def test_scale_is_the_cosine_of_the_latitude() -> None:
    _, y = world_from_lonlat(118.7, 31.99)
    assert ground_scale(y) == pytest.approx(np.cos(np.radians(31.99)))


@pytest.mark.parametrize("lon, lat", [(181, 0), (0, 86), (float("nan"), 0), (0, float("inf"))])
def test_positions_off_the_map(lon: float, lat: float) -> None:
    assert not LonLat(lon, lat).is_valid()
