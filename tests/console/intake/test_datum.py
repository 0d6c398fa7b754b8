from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from console.intake.datum import gcj02_from_wgs84, wgs84_from_gcj02
from console.model.geo import ground_distance_m, world_from_lonlat

china_lon = st.floats(74.0, 135.0)
china_lat = st.floats(3.0, 53.0)


def _metres(lon0: Any, lat0: Any, lon1: Any, lat1: Any) -> float:
    one, other = world_from_lonlat(lon0, lat0), world_from_lonlat(lon1, lat1)
    return float(ground_distance_m(*one, *other))


def test_a_published_pair() -> None:
    lon, lat = gcj02_from_wgs84(116.404, 39.915)
    assert abs(lon - 116.41024449916938) < 1e-12
    assert abs(lat - 39.91640428150164) < 1e-12


@given(china_lon, china_lat)
def test_there_and_back_is_the_same_place(lon: float, lat: float) -> None:
    back = wgs84_from_gcj02(*gcj02_from_wgs84(lon, lat))
    assert _metres(lon, lat, *back) < 1e-3


@given(china_lon, china_lat)
def test_the_shift_is_hundreds_of_metres_at_most(lon: float, lat: float) -> None:
    assert _metres(lon, lat, *gcj02_from_wgs84(lon, lat)) < 1500


@given(st.floats(-180, 60), st.floats(-80, 80))
def test_outside_china_nothing_moves(lon: float, lat: float) -> None:
    for moved in (gcj02_from_wgs84(lon, lat), wgs84_from_gcj02(lon, lat)):
        assert [float(value) for value in moved] == [lon, lat]


def test_arrays_keep_their_shape_and_nan_stays_nan() -> None:
    lon, lat = wgs84_from_gcj02(np.array([118.0, np.nan]), np.array([32.0, 32.0]))
    assert lon.shape == lat.shape == (2,)
    assert np.isnan(lon[1])


def test_three_rounds_leave_micrometres() -> None:
    lon, lat = np.meshgrid(np.linspace(75, 134, 60), np.linspace(5, 52, 60))
    back_lon, back_lat = wgs84_from_gcj02(*gcj02_from_wgs84(lon, lat))
    off = np.hypot(back_lon - lon, back_lat - lat) * 111_320
    assert off.max() < 5e-4
    assert off.mean() < 5e-5
