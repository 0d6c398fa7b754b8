"""Tiles: what goes in comes out as exactly as it is stated, and nonsense is called nonsense."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.model.unit import Fix
from console.tracks import TracksDamaged
from console.tracks.hour_file import SLICES
from console.tracks.planes import join, split, unzigzag, zigzag
from console.tracks.rows import (
    HOUR_MS,
    MAX_SPEED,
    ROW,
    SPEED_STEPS,
    Rows,
    fixes_of,
    in_order,
    keepable,
    rows_of,
)
from console.tracks.tile import MAX_ROWS, STRAND, Tile, encode_strand
from console.tracks.tile_reader import Tiles

HERE = Path("here")
HOUR = 495_000 * HOUR_MS
ANY_FLOAT = st.none() | st.floats()
FIXES = st.builds(
    Fix,
    st.just("U"),
    st.floats(-180, 180),
    st.floats(-90, 90),
    st.integers(HOUR, HOUR + HOUR_MS - 1),
    ANY_FLOAT,
    ANY_FLOAT,
)


def decoded(tiles: list[Tile], first_unit: int = 0) -> Rows:
    slice_ms = HOUR_MS // len(tiles)
    kept = [(tile, HOUR + n * slice_ms) for n, tile in enumerate(tiles) if tile.rows]
    if not kept:
        return np.empty(0, ROW)
    begins = np.array([begin for _, begin in kept])
    segments = Tiles(HERE, [tile for tile, _ in kept], begins).segments()
    units = np.tile(np.arange(STRAND, dtype=np.int32) + first_unit, len(kept))
    return in_order(segments.check(slice_ms).all_rows(units))


@given(FIXES)
def test_a_fix_is_kept_as_exactly_as_stated(told: Fix) -> None:
    [kept] = fixes_of(rows_of([told], [0]), ["U"])
    assert abs(kept.lon - told.lon) <= 0.51e-7
    assert abs(kept.lat - told.lat) <= 0.51e-7
    assert kept.at == told.at
    if told.heading_deg is None or not np.isfinite(told.heading_deg):
        assert kept.heading_deg is None
    else:
        assert kept.heading_deg is not None
        assert 0 <= kept.heading_deg < 360
        if abs(told.heading_deg) < 1e6:
            off = (kept.heading_deg - told.heading_deg + 180) % 360 - 180
            assert abs(off) <= 0.501
    if told.speed_mps is None or not np.isfinite(told.speed_mps):
        assert kept.speed_mps is None
    else:
        most = MAX_SPEED / SPEED_STEPS
        assert kept.speed_mps is not None
        assert abs(kept.speed_mps - min(max(told.speed_mps, 0), most)) <= 0.0251
    assert rows_of([kept], [0]).tobytes() == rows_of([told], [0]).tobytes()


@pytest.mark.parametrize(
    "changes",
    [
        {"lon": 180.1},
        {"lon": float("nan")},
        {"lat": -90.1},
        {"lat": float("inf")},
        {"at": -1},
        {"at": 1 << 44},
    ],
)
def test_what_is_no_place_or_time_is_not_kept(changes: dict[str, float]) -> None:
    values = {"unit_id": "U", "lon": 1.0, "lat": 2.0, "at": 3} | changes
    assert not keepable(Fix(**values))  # type: ignore[arg-type]


@given(
    st.lists(st.tuples(st.integers(0, STRAND - 1), FIXES), max_size=60),
    st.sampled_from(SLICES),
    st.sampled_from([0, 16, 4096]),
)
@settings(deadline=None)
def test_a_strand_comes_out_as_it_went_in(
    told: list[tuple[int, Fix]], slices: int, first: int
) -> None:
    rows = in_order(rows_of([f for _, f in told], [first + unit for unit, _ in told]))
    tiles = encode_strand(rows, HOUR, slices, first)
    assert len(tiles) == slices
    assert sum(tile.rows for tile in tiles) == len(rows)
    assert decoded(tiles, first).tobytes() == rows.tobytes()


def test_places_as_far_apart_as_the_globe_allows() -> None:
    rows = np.zeros(4, ROW)
    rows["at"] = HOUR + np.arange(4)
    rows["lon"] = [1_800_000_000, -1_800_000_000, 1_800_000_000, 0]
    rows["lat"] = [-900_000_000, 900_000_000, -900_000_000, 0]
    rows["speed"] = [0, MAX_SPEED + 1, 0, MAX_SPEED]
    rows["heading"] = [0, 360, 0, 359]
    assert decoded(encode_strand(rows, HOUR, 1, 0)).tobytes() == rows.tobytes()


@given(st.lists(st.integers(-(1 << 31), (1 << 31) - 1)))
def test_planes_and_zigzag_are_undone(values: list[int]) -> None:
    column = np.array(values, np.int32)
    assert unzigzag(join(list(split(zigzag(column), 4)))).tolist() == values


def some_tile() -> Tile:
    rows = in_order(rows_of([Fix("U", 1, 2, HOUR + n * 7, 3, 4) for n in range(50)], [0] * 50))
    return encode_strand(rows, HOUR, 1, 0)[0]


@given(st.binary(max_size=400), st.integers(0, 1 << 32))
def test_random_bytes_are_no_tile(data: bytes, rows: int) -> None:
    for crc in (0, zlib.crc32(data)):
        with pytest.raises(TracksDamaged):
            Tiles(HERE, [Tile(data, rows, crc)], np.array([HOUR]))


@given(st.data())
def test_a_changed_byte_is_found_even_under_a_good_checksum(data: st.DataObject) -> None:
    tile = some_tile()
    changed = bytearray(tile.data)
    place = data.draw(st.integers(0, len(changed) - 1))
    changed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(TracksDamaged):
        Tiles(HERE, [Tile(bytes(changed), tile.rows, tile.crc)], np.array([HOUR]))
    forged = Tile(bytes(changed), tile.rows, zlib.crc32(changed))
    try:
        segments = Tiles(HERE, [forged], np.array([HOUR])).segments().check(HOUR_MS)
        segments.all_rows(np.arange(STRAND, dtype=np.int32))
        segments.latest_rows(np.arange(STRAND, dtype=np.int32), HOUR)
    except TracksDamaged as error:
        assert error.path == HERE


@given(st.integers(0, MAX_ROWS * 2), st.integers(1, 400))
def test_a_tile_that_claims_much_gets_no_room(rows: int, size: int) -> None:
    data = bytes(size)
    with pytest.raises(TracksDamaged):
        Tiles(HERE, [Tile(data, max(rows, 81), zlib.crc32(data))], np.array([HOUR]))
