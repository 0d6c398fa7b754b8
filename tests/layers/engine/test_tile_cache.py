"""The cache drops what was used least recently, never what is pinned, and counts its steps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from layers.engine.tile_cache import TileCache
from layers.engine.tile_grid import TILE_BYTES, TileKey, TileStyle


def key(column: int, step: int = 0) -> TileKey:
    return TileKey(TileStyle(), step, column, 0)


def test_the_cap_holds_and_the_oldest_goes() -> None:
    cache: TileCache[str] = TileCache(3 * TILE_BYTES)
    for column in range(3):
        cache.put(key(column), str(column))
    assert cache.get(key(0)) == "0"
    cache.put(key(3), "3")
    assert set(cache) == {key(0), key(2), key(3)}
    assert cache.size_bytes == 3 * TILE_BYTES


def test_pinned_tiles_stay() -> None:
    cache: TileCache[str] = TileCache(2 * TILE_BYTES)
    cache.pin({key(0)})
    for column in range(5):
        cache.put(key(column), str(column))
    assert key(0) in cache and len(cache) == 2


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(-2, 3)), max_size=60))
def test_steps_are_those_of_the_tiles(puts: list[tuple[int, int]]) -> None:
    cache: TileCache[int] = TileCache(5 * TILE_BYTES)
    for column, step in puts:
        cache.put(key(column, step), column)
    assert set(cache.steps(TileStyle(), 1.0)) == {k.step for k in cache}
