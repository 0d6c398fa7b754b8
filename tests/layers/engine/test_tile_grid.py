"""Tiles cover a view without gap or overlap, the middle ones first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from layers.engine.protocol import decode, encode, key_of, request
from layers.engine.tile_grid import TILE_PX, TileKey, TileStyle, tiles_of_view
from layers.engine.viewport import MAX_STEP, MIN_STEP, Viewport, metres_per_px_of

STYLE = TileStyle()


@st.composite
def views(draw: st.DrawFn) -> Viewport:
    return Viewport(
        draw(st.floats(-2e7, 2e7)),
        draw(st.floats(-2e7, 2e7)),
        metres_per_px_of(draw(st.integers(MIN_STEP, MAX_STEP))),
        draw(st.integers(1, 4000)),
        draw(st.integers(1, 2200)),
        draw(st.sampled_from([1.0, 1.5, 2.0])),
    )


@given(views())
def test_tiles_cover_the_view_exactly(view: Viewport) -> None:
    keys = tiles_of_view(STYLE, view)
    columns = {k.column for k in keys}
    rows = {k.row for k in keys}
    assert len(keys) == len(columns) * len(rows) == len(set(keys))
    x0, y0, x1, y1 = view.bounds
    slack = 1e-6 * keys[0].side_m
    assert min(k.bounds[0] for k in keys) <= x0 + slack
    assert min(k.bounds[1] for k in keys) <= y0 + slack
    assert max(k.bounds[2] for k in keys) >= x1 - slack
    assert max(k.bounds[3] for k in keys) >= y1 - slack


@given(views())
def test_no_more_tiles_than_the_screen_needs(view: Viewport) -> None:
    across = view.width * view.dpr / TILE_PX
    down = view.height * view.dpr / TILE_PX
    assert len(tiles_of_view(STYLE, view)) <= (int(across) + 2) * (int(down) + 2)


def test_the_middle_comes_first() -> None:
    keys = tiles_of_view(STYLE, Viewport(256, -256, 1.0, 1536, 1536))
    assert (keys[0].column, keys[0].row) == (0, 0)


def test_a_key_survives_the_wire() -> None:
    key = TileKey(TileStyle(grid=True, scale=1.5), -3, 12345, -77, 1.25)
    assert key_of(decode(encode(request(1, 0, key)))) == key
