"""Logs whose bytes have changed: read as far as they hold, and put aside, not deleted."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from console.clock import Clocks, ManualClock
from console.tracks import Tracks, TracksError, read_policy
from console.tracks.fix_log import _HEAD, read_log
from console.tracks.numbers import MAX_UNITS, UnitNumbers, encode_names
from console.tracks.rows import LATEST_AT, ROW
from console.wire.record_log import whole_records, write_records
from tests.console.tracks.oracle import HOUR, fix
from tests.helpers.stream import NOW

BEGIN = NOW // HOUR * HOUR


def left_by_a_kill(folder: Path, hour: int = BEGIN) -> Path:
    """A log of four groups of fixes, as a killed server leaves it."""
    tracks = Tracks(folder, Clocks(ManualClock(hour)))
    for step in range(4):
        tracks.take(fix(1, hour + step))
        tracks.take(fix(2 + step, hour + step))
        tracks.flush()
    (path,) = folder.glob("*.fixes")
    data = path.read_bytes()
    tracks.close()
    path.write_bytes(data)
    return path


def test_what_lies_behind_the_damage_is_kept(tmp_path: Path) -> None:
    path = left_by_a_kill(tmp_path)
    whole = bytearray(path.read_bytes())
    records = list(whole_records(bytes(whole)))
    whole[8 + len(records[0]) + 20] ^= 0xFF
    path.write_bytes(whole)
    tracks = Tracks(tmp_path, Clocks(ManualClock(BEGIN + 2 * HOUR)))
    assert {f.unit_id for f in tracks.latest()} == {"U-0001", "U-0002"}
    tracks.seal(everything=True)
    tracks.close()
    assert list(tmp_path.glob("*.fixes")) == []
    (aside,) = tmp_path.glob("*.damaged")
    assert aside.read_bytes() == whole
    again = Tracks(tmp_path, Clocks(ManualClock(BEGIN + 40 * HOUR)))
    again.forget_before(BEGIN + 20 * HOUR)
    again.close()
    assert list(tmp_path.glob("*.damaged")) == [], "the policy is for what is damaged too"


def test_a_torn_tail_is_not_damage(tmp_path: Path) -> None:
    path = left_by_a_kill(tmp_path)
    path.write_bytes(path.read_bytes()[:-5])
    tracks = Tracks(tmp_path, Clocks(ManualClock(BEGIN + 2 * HOUR)))
    assert len(tracks.latest()) == 4
    tracks.seal(everything=True)
    tracks.close()
    assert [p.suffix for p in tmp_path.iterdir() if p.suffix in (".fixes", ".damaged")] == []


@pytest.mark.parametrize("at", [-1, LATEST_AT, 1 << 62, -(1 << 62)])
def test_times_that_cannot_be(tmp_path: Path, at: int) -> None:
    rows = np.zeros(1, ROW)
    rows["at"] = at
    ids = encode_names(["U-0001"])
    write_records(tmp_path / "x.fixes", [_HEAD.pack(b"TRF1", len(ids), 1) + ids + rows.tobytes()])
    damaged: list[Path] = []
    assert list(read_log(tmp_path / "x.fixes", UnitNumbers(), damaged.append)) == []
    assert damaged == [tmp_path / "x.fixes"]


def test_more_units_than_there_can_be(tmp_path: Path) -> None:
    ids = encode_names([str(n) for n in range(MAX_UNITS + 1)])
    write_records(tmp_path / "x.fixes", [_HEAD.pack(b"TRF1", len(ids), 0) + ids])
    damaged: list[Path] = []
    assert list(read_log(tmp_path / "x.fixes", UnitNumbers(), damaged.append)) == []
    assert len(damaged) == 1


def test_lengths_that_are_not_believed(tmp_path: Path) -> None:
    """4 GB of ids, 4 G rows: told, not made room for."""
    for ids, rows in ((0xFFFFFFFF, 0), (0, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF)):
        write_records(tmp_path / "x.fixes", [struct.pack("<4sII", b"TRF1", ids, rows) + b"x" * 50])
        assert list(read_log(tmp_path / "x.fixes", UnitNumbers())) == []


def test_a_policy_as_deep_as_the_sea(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("a = " + "[" * 5000)
    with pytest.raises(TracksError):
        read_policy(tmp_path)
