"""Hour files and key frames: damage is told, whatever the damage; nothing else goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.tracks import TracksDamaged
from console.tracks.files import hour_of, stamp
from console.tracks.hour_file import HourFile, slices_for, write_hour
from console.tracks.keys import Keys, read_keys, write_keys
from console.tracks.rows import HOUR_MS, ROW, Rows, in_order
from console.tracks.tile import STRAND, encode_strand
from console.tracks.tile_reader import joined

HOUR = 495_000 * HOUR_MS
UNITS = 300
fuzzed = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def some_rows() -> Rows:
    rng = np.random.default_rng(5)
    rows = np.zeros(4000, ROW)
    rows["unit"] = rng.integers(0, UNITS, 4000)
    rows["at"] = HOUR + rng.integers(0, HOUR_MS, 4000)
    rows["lon"] = 1_200_000_000 + rng.integers(-9999, 9999, 4000)
    return in_order(rows)


def make(path: Path) -> Rows:
    rows = some_rows()
    firsts = range(0, UNITS, STRAND)
    strands = (
        encode_strand(
            rows[(rows["unit"] >= first) & (rows["unit"] < first + STRAND)], HOUR, 4, first
        )
        for first in firsts
    )
    assert write_hour(path, HOUR, 4, [f"U{n}" for n in range(UNITS)], strands) == len(rows)
    return rows


def read_all(path: Path) -> None:
    file = HourFile(path)
    for t in range(HOUR, HOUR + HOUR_MS, HOUR_MS // 4):
        file.latest_until(t)
    for strand in range(file.strands):
        file.rows_of(strand)
        file.tiles_of(strand)


def test_every_fix_of_every_unit(tmp_path: Path) -> None:
    rows = make(tmp_path / "h")
    file = HourFile(tmp_path / "h")
    assert (file.hour_ms, file.fixes, len(file.unit_ids)) == (HOUR, len(rows), UNITS)
    for unit in range(UNITS):
        own = rows[rows["unit"] == unit]
        parts = file.parts_of_unit(unit, HOUR, HOUR + HOUR_MS)
        assert parts is not None
        segments = joined(file.path, [parts]).check(HOUR_MS // 4)
        got = segments.all_rows(np.full(len(segments.counts), unit, np.int32))
        assert got.tobytes() == own.tobytes()
        assert file.parts_of_unit(unit, HOUR - 5, HOUR) is None
        assert file.parts_of_unit(unit, HOUR + HOUR_MS, HOUR + HOUR_MS + 1) is None
    assert file.latest_until(HOUR - 1).size == 0


@pytest.mark.parametrize("t", [HOUR, HOUR + 900_000 - 1, HOUR + 900_000, HOUR + HOUR_MS + 5])
def test_the_last_of_each_unit(tmp_path: Path, t: int) -> None:
    rows = make(tmp_path / "h")
    got = HourFile(tmp_path / "h").latest_until(t)
    wanted = {int(r["unit"]): r.tobytes() for r in rows if r["at"] <= t}
    assert {int(r["unit"]): r.tobytes() for r in got} == wanted


def keys_file(path: Path) -> None:
    write_keys(path, Keys(tuple(f"U{n}" for n in range(UNITS)), some_rows()[:200]))


def read_keys_only(path: Path) -> None:
    read_keys(path)


KINDS = pytest.mark.parametrize(
    ("write", "read"), [(make, read_all), (keys_file, read_keys_only)], ids=["hour", "keys"]
)
Write = Callable[[Path], object]
Read = Callable[[Path], None]


@KINDS
@given(data=st.data())
@fuzzed
def test_a_changed_byte_or_a_cut_is_told(
    tmp_path: Path, write: Write, read: Read, data: st.DataObject
) -> None:
    path = tmp_path / "f"
    if not path.exists():
        write(path)
        (tmp_path / "whole").write_bytes(path.read_bytes())
    whole = (tmp_path / "whole").read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1) | st.integers(len(whole) - 90, len(whole) - 1))
    if data.draw(st.booleans()):
        broken = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    else:
        broken = whole[:at]
    path.write_bytes(broken)
    with pytest.raises(TracksDamaged) as told:
        read(path)
    assert told.value.path == path


@KINDS
@given(data=st.binary(max_size=300))
@fuzzed
def test_random_bytes_are_told(tmp_path: Path, write: Write, read: Read, data: bytes) -> None:
    path = tmp_path / "f"
    for start in (b"", b"TRKKEYS1", b"TRKHOUR1"):
        path.write_bytes(start + data)
        with pytest.raises(TracksDamaged):
            read(path)


def test_key_frames_come_back(tmp_path: Path) -> None:
    rows = some_rows()[:200]
    write_keys(tmp_path / "k", Keys(("A", "B") * 150, rows))
    got = read_keys(tmp_path / "k")
    assert (got.unit_ids, got.rows.tobytes()) == (("A", "B") * 150, rows.tobytes())
    write_keys(tmp_path / "k", Keys((), rows[:0]))
    assert len(read_keys(tmp_path / "k").rows) == 0


def test_slices() -> None:
    assert slices_for(10, 10_000) == 1
    assert slices_for(4_170_000, 10_000) == 20
    assert slices_for(36_000_000, 10_000) == 60
    assert slices_for(1000, 1000, longest_strand=3 << 20) == 3


@pytest.mark.parametrize("at", [0, HOUR, 1_795_000_000_000])
def test_hours_are_named_after_their_begin(at: int) -> None:
    assert hour_of(Path(stamp(at) + ".hour")) == at // HOUR_MS * HOUR_MS
    assert hour_of(Path("readme.hour")) is None
