"""Fixes as values and as arrays."""

from __future__ import annotations

import numpy as np
import pytest

from console.model.geo import lonlat_from_world
from console.model.unit import Fix, SosCall, UnitStatus
from console.session import Fixes


def test_nothing_yet() -> None:
    ids, xy, heading, at = Fixes().all()
    assert (ids, xy.shape, heading.shape, at.shape) == ((), (0, 2), (0,), (0,))


def test_the_newest_of_each() -> None:
    fixes = Fixes()
    assert fixes.take([Fix("a", 120.0, 30.0, 5, 90.0), Fix("b", 121.0, 31.0, 5)])
    assert not fixes.take([Fix("a", 120.0, 30.0, 5, 90.0)])
    assert fixes.take([Fix("a", 120.5, 30.5, 6, 180.0)])
    assert (len(fixes), fixes.of("c")) == (2, None)
    assert fixes.of("a") == Fix("a", 120.5, 30.5, 6, 180.0)
    ids, xy, heading, at = fixes.all()
    assert ids == ("a", "b")
    lon, lat = lonlat_from_world(xy[:, 0], xy[:, 1])
    np.testing.assert_allclose(np.column_stack([lon, lat]), [[120.5, 30.5], [121.0, 31.0]])
    assert heading[0] == 180.0
    assert np.isnan(heading[1])
    assert at.tolist() == [6, 5]
    kinds = tuple(np.dtype(kind) for kind in (np.float64, np.float32, np.int64))
    assert (xy.dtype, heading.dtype, at.dtype) == kinds
    with pytest.raises(ValueError, match="read-only"):
        xy[0, 0] = 0


def test_a5_the_server_orders_what_is_shown() -> None:
    """What it told last is where the unit is, whatever time that bears."""
    fixes = Fixes()
    fixes.take([Fix("a", 120.0, 30.0, 3_600_000)])
    for lon, at in ((120.1, 3_590_000), (120.2, 60_000), (120.3, 61_000)):
        assert fixes.take([Fix("a", lon, 30.0, at)])
        assert fixes.of("a") == Fix("a", lon, 30.0, at)


def test_arrays_that_were_given_out_stay_as_they_were() -> None:
    fixes = Fixes()
    fixes.take([Fix("a", 120.0, 30.0, 5), Fix("b", 121.0, 31.0, 5)])
    ids, xy, _, at = fixes.all()
    before = xy.copy()
    fixes.take([Fix("b", 122.0, 31.0, 6)])
    np.testing.assert_array_equal(xy, before)
    assert at.tolist() == [5, 5]
    assert fixes.all()[0] is ids, "the same units"
    fixes.take([Fix("c", 122.0, 31.0, 6)])
    assert fixes.all()[0] == ("a", "b", "c")


def test_only_what_is_more_than_a_place_raises_the_version() -> None:
    fixes = Fixes()
    fixes.take([Fix("a", 120.0, 30.0, 5), Fix("b", 121.0, 31.0, 5)])
    version = fixes.version
    fixes.take([Fix("a", 120.1, 30.0, 6, 90.0, 1.5)])
    assert (fixes.version, fixes.of("a")) == (version, Fix("a", 120.1, 30.0, 6, 90.0, 1.5))
    for change in (
        lambda: fixes.take([Fix("c", 120.0, 30.0, 5)]),
        lambda: fixes.visit({"c": "on_scene"}),
        lambda: fixes.forget(["c"]),
        lambda: fixes.take([Fix("c", 120.0, 30.0, 5)]),
        lambda: fixes.hear_calls({"c": SosCall(5)}),
        fixes.forget_all,
    ):
        version = fixes.version
        change()
        assert fixes.version > version


def test_who_left_is_forgotten_and_known_again_when_it_comes_back() -> None:
    fixes = Fixes()
    fixes.take([Fix("a", 120.0, 30.0, 9), Fix("b", 121.0, 31.0, 5)])
    fixes.visit({"a": "on_scene", "b": "dreaming"})
    assert (fixes.visiting("a"), fixes.visiting("b")) == (UnitStatus.ON_SCENE, None)
    assert fixes.forget(["a", "never-seen"])
    assert (fixes.of("a"), fixes.visiting("a"), fixes.gone) == (None, None, frozenset("a"))
    assert fixes.all()[0] == ("b",)
    assert fixes.take([Fix("a", 120.0, 30.0, 3)])
    assert fixes.gone == frozenset()
    assert fixes.keep_only(["b"])
    assert (fixes.all()[0], fixes.gone) == (("b",), frozenset("a"))
    assert not fixes.keep_only(["b"])
