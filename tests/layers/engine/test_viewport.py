"""The viewport: screen and world are each other's inverse, and zooming keeps what it should."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.engine.viewport import (
    MAX_STEP,
    MIN_STEP,
    Viewport,
    metres_per_px_of,
    step_containing,
    step_of,
)

steps = st.integers(MIN_STEP, MAX_STEP)
coordinates = st.floats(-2e7, 2e7)
pixels = st.floats(0, 1900)


@st.composite
def viewports(draw: st.DrawFn) -> Viewport:
    return Viewport(
        draw(coordinates),
        draw(coordinates),
        metres_per_px_of(draw(steps)),
        draw(st.integers(1, 4000)),
        draw(st.integers(1, 3000)),
        draw(st.sampled_from([1.0, 1.25, 1.5, 2.0])),
    )


@given(viewports(), pixels, pixels)
def test_screen_and_world_are_inverse(view: Viewport, px: float, py: float) -> None:
    world = view.world_from_screen(px, py)
    assert view.screen_from_world([world])[0] == pytest.approx((px, py), abs=1e-6 * 2e7 / 1e3)


@given(viewports(), pixels, pixels, steps)
def test_zoom_keeps_the_point_under_the_pointer(
    view: Viewport, px: float, py: float, step: int
) -> None:
    before = view.world_from_screen(px, py)
    zoomed = view.zoomed_about(px, py, metres_per_px_of(step))
    assert zoomed.world_from_screen(px, py) == pytest.approx(before, rel=1e-9, abs=1e-4)


@given(viewports(), pixels, pixels, steps, st.floats(0, 1))
def test_on_the_way_of_a_zoom_the_point_stays_too(
    view: Viewport, px: float, py: float, step: int, share: float
) -> None:
    target = view.zoomed_about(px, py, metres_per_px_of(step))
    between = view.between(target, share)
    before = np.array(view.world_from_screen(px, py))
    drift = np.array(between.world_from_screen(px, py)) - before
    assert np.abs(drift).max() < 0.01 * between.metres_per_px + 1e-6


@given(viewports(), st.integers(-500, 500), st.integers(-500, 500))
def test_dragging_there_and_back_changes_nothing(view: Viewport, dx: int, dy: int) -> None:
    back = view.moved_by(dx, dy).moved_by(-dx, -dy)
    assert (back.x, back.y) == pytest.approx((view.x, view.y), rel=1e-12, abs=1e-6)


@given(steps)
def test_steps_round_trip(step: int) -> None:
    assert step_of(metres_per_px_of(step)) == step
    assert step_containing(metres_per_px_of(step)) == step


@given(st.floats(10, 60_000), st.floats(10, 60_000))
def test_fitting_shows_everything(width_m: float, height_m: float) -> None:
    view = Viewport(0, 0, 1.0, 1200, 800).fitting((0, 0, width_m, height_m))
    x0, y0, x1, y1 = view.bounds
    assert x0 <= 0 and y0 <= 0 and x1 >= width_m and y1 >= height_m
    assert view.step == MIN_STEP or metres_per_px_of(view.step - 1) * 1180 < max(
        width_m, height_m * 1180 / 780
    )


def test_north_is_up() -> None:
    view = Viewport(0, 0, 2.0, 100, 100)
    assert view.screen_from_world([(20, 40)])[0] == pytest.approx((60, 30))
