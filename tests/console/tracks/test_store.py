"""Latest fixes over restarts, hours and torn files."""

from __future__ import annotations

import errno
import logging
from pathlib import Path

import pytest

from console.clock import ManualClock
from console.model.unit import Fix
from console.tracks import Tracks
from console.tracks.store import read_log
from tests.helpers.stream import NOW

HOUR = 3_600_000


def fix(unit: int, at: int, lon: float = 120.0) -> Fix:
    return Fix(f"U-{unit:04d}", lon, 30.0, at, 90.0, 1.25)


def latest(tracks: Tracks) -> dict[str, int]:
    return {f.unit_id: f.at for f in tracks.latest()}


def test_the_newest_fix_wins_whatever_the_order() -> None:
    tracks = Tracks(None, ManualClock(NOW))
    assert tracks.take(fix(1, 100))
    assert not tracks.take(fix(1, 50))
    assert not tracks.take(fix(1, 100))
    assert tracks.of("U-0001") == fix(1, 100)
    assert tracks.of("U-0002") is None
    tracks.flush()
    tracks.close()


def test_a_restart_knows_where_everybody_was(tmp_path: Path) -> None:
    tracks = Tracks(tmp_path / "t", ManualClock(NOW))
    for at in range(1, 6):
        tracks.take(fix(1, at))
        tracks.take(fix(2, at * 10))
        tracks.flush()
    tracks.take(fix(1, 3))
    tracks.close()
    again = Tracks(tmp_path / "t", ManualClock(NOW))
    assert latest(again) == {"U-0001": 5, "U-0002": 50}
    assert again.of("U-0001") == fix(1, 5)
    again.close()


def test_a_unit_quiet_for_hours_is_not_lost(tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    tracks = Tracks(tmp_path, clock)
    tracks.take(fix(1, 1))
    tracks.flush()
    for hour in range(1, 4):
        clock.advance(HOUR)
        tracks.take(fix(2, hour))
        tracks.flush()
    tracks.close()
    files = sorted(tmp_path.glob("*.fixes"))
    assert len(files) == 4
    assert [f.unit_id for f in read_log(files[-1])][:2] == ["U-0001", "U-0002"]
    again = Tracks(tmp_path, clock)
    assert latest(again) == {"U-0001": 1, "U-0002": 3}
    again.close()


def test_a_late_fix_at_the_turn_of_the_hour_does_not_hide_the_latest(tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    tracks = Tracks(tmp_path, clock)
    tracks.take(fix(1, 10))
    tracks.flush()
    clock.advance(HOUR)
    tracks.take(fix(1, 5))
    tracks.close()
    again = Tracks(tmp_path, clock)
    assert latest(again) == {"U-0001": 10}
    again.close()


@pytest.mark.parametrize("cut", [1, 5, 9, 40])
def test_a_torn_tail_costs_the_last_group_only(tmp_path: Path, cut: int) -> None:
    clock = ManualClock(NOW)
    tracks = Tracks(tmp_path, clock)
    for at in (1, 2):
        tracks.take(fix(1, at))
        tracks.flush()
    tracks.close()
    (path,) = tmp_path.glob("*.fixes")
    path.write_bytes(path.read_bytes()[:-cut])
    again = Tracks(tmp_path, clock)
    assert latest(again) == {"U-0001": 1}
    again.take(fix(1, 3))
    again.close()
    assert [f.at for f in read_log(path)] == [1, 3]


def test_a_newest_log_torn_to_nothing_falls_back_to_the_one_before(tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    tracks = Tracks(tmp_path, clock)
    tracks.take(fix(1, 7))
    tracks.flush()
    clock.advance(HOUR)
    tracks.take(fix(1, 8))
    tracks.close()
    sorted(tmp_path.glob("*.fixes"))[-1].write_bytes(b"\1\2\3")
    again = Tracks(tmp_path, clock)
    assert latest(again) == {"U-0001": 7}
    again.close()


def test_a_full_disk_costs_fixes_not_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tracks = Tracks(tmp_path, ManualClock(NOW))

    def full(_folder: Path, _group: list[Fix]) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(tracks, "_log_of_the_hour", full)
    tracks.take(fix(1, 1))
    with caplog.at_level(logging.ERROR):
        tracks.flush()
    assert "could not be written" in caplog.text
    assert latest(tracks) == {"U-0001": 1}
    tracks.close()
