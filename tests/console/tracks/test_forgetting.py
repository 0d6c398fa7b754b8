"""Retention: what is too old is gone from the disk and from every answer, and that is recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.clock import Clocks, ManualClock, ScaledClock
from console.guarded_clock import GuardedClock, SettledTime
from console.tracks import Tracks, TracksError, TracksPolicy, read_policy
from console.tracks.policy import DAY_MS
from tests.console.tracks.oracle import HOUR, fix, positions, seen_in
from tests.helpers.stream import NOW

BEGIN = NOW // DAY_MS * DAY_MS


def hours(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.hour"))


def test_whole_hours_go_and_are_recorded(tmp_path: Path) -> None:
    clock = ManualClock(BEGIN + 5 * HOUR)
    tracks = Tracks(tmp_path, Clocks(clock))
    for n in range(5):
        tracks.take(fix(1, BEGIN + n * HOUR))
    tracks.take(fix(2, BEGIN + HOUR))
    tracks.flush()
    tracks.seal(everything=True)
    gone = tracks.forget_before(BEGIN + 2 * HOUR)
    assert (len(gone.hours), gone.fixes) == (2, 3)
    assert gone.bytes > 0
    assert len(hours(tmp_path)) == 3
    assert positions(tracks, BEGIN + HOUR) == {}
    assert set(positions(tracks, BEGIN + 4 * HOUR)) == {"U-0001"}
    assert len(tracks.track("U-0001", 0, NOW)) == 3
    assert tracks.of("U-0002") is None
    (line,) = (tmp_path / "forgotten.jsonl").read_text().splitlines()
    assert json.loads(line) == {
        "at": BEGIN + 5 * HOUR,
        "before": BEGIN + 2 * HOUR,
        "hours": list(gone.hours),
        "fixes": 3,
        "bytes": gone.bytes,
        "key_frames": 3,
    }
    assert not tracks.forget_before(BEGIN + 2 * HOUR)
    tracks.close()
    again = Tracks(tmp_path, Clocks(clock))
    assert {f.unit_id for f in again.latest()} == {"U-0001"}, "no key frame tells of the other"
    again.close()


def test_the_hour_of_the_limit_goes_when_it_is_over_but_is_not_given_out(tmp_path: Path) -> None:
    tracks = Tracks(tmp_path, Clocks(ManualClock(BEGIN + 5 * HOUR)))
    for at in (BEGIN, BEGIN + 10, BEGIN + 20):
        tracks.take(fix(1, at))
    tracks.flush()
    tracks.seal(everything=True)
    tracks.forget_before(BEGIN + 10)
    assert len(hours(tmp_path)) == 1
    got = seen_in(tracks.track("U-0001", 0, NOW))
    assert [seen[0] for seen in got] == [BEGIN + 10, BEGIN + 20]
    assert positions(tracks, BEGIN + 5) == {}
    tracks.close()


def test_what_is_not_sealed_is_forgotten_too(tmp_path: Path) -> None:
    clock = ManualClock(BEGIN)
    tracks = Tracks(tmp_path, Clocks(clock))
    tracks.take(fix(1, BEGIN))
    tracks.flush()
    clock.advance(3 * HOUR)
    tracks.take(fix(2, BEGIN + 3 * HOUR))
    tracks.flush()
    assert len(list(tmp_path.glob("*.fixes"))) == 2
    tracks.forget_before(BEGIN + HOUR)
    assert len(list(tmp_path.glob("*.fixes"))) == 1
    assert set(positions(tracks, NOW)) == {"U-0002"}
    tracks.close()


def test_by_policy(tmp_path: Path) -> None:
    clock = ManualClock(BEGIN)
    tracks = Tracks(tmp_path, Clocks(clock), TracksPolicy(keep_days=2))
    assert not tracks.take(fix(1, BEGIN - 2 * DAY_MS - 1))
    for day in range(5):
        clock.set(BEGIN + day * DAY_MS)
        tracks.take(fix(1, BEGIN + day * DAY_MS))
        tracks.flush()
        tracks.seal(everything=True)
        tracks.enforce_policy(clock.now_ms())
        assert len(hours(tmp_path)) == min(day + 1, 3)
    clock.advance(HOUR)
    assert len(tracks.track("U-0001", 0, NOW + 9 * DAY_MS)) == 2, "by the minute on reading"
    tracks.enforce_policy(clock.now_ms())
    assert len(hours(tmp_path)) == 2
    tracks.close()


def test_without_a_limit_everything_is_kept(tmp_path: Path) -> None:
    tracks = Tracks(tmp_path, Clocks(ManualClock(NOW)))
    assert tracks.take(fix(1, 1))
    tracks.flush()
    assert not tracks.enforce_policy(NOW)
    assert set(positions(tracks, NOW)) == {"U-0001"}
    tracks.close()


@pytest.mark.parametrize(
    ("text", "days"),
    [(None, 30), ("", 30), ("[other]\nx = 1", 30), ("[tracks]", 30), ("[tracks]\nkeep_days=7", 7)],
)
def test_the_citys_policy(tmp_path: Path, text: str | None, days: int) -> None:
    if text is not None:
        (tmp_path / "policy.toml").write_text(text)
    assert read_policy(tmp_path).keep_days == days
    assert read_policy(None).keep_days == 30


@pytest.mark.parametrize(
    "said", ["keep_days=0", "keep_days=-3", "keep_days='9'", "keep_days=true", "keep=3", "=", "x=1"]
)
def test_a_policy_that_is_not_understood_deletes_nothing(tmp_path: Path, said: str) -> None:
    (tmp_path / "policy.toml").write_text(f"[tracks]\n{said}\n")
    with pytest.raises(TracksError) as told:
        read_policy(tmp_path)
    assert told.value.path == tmp_path / "policy.toml"


def test_b4_a_clock_31_days_ahead_deletes_nothing_and_the_map_comes_back(tmp_path: Path) -> None:
    """While it runs, and when it was started so; what is too old by a sure time still goes."""
    own = ManualClock(BEGIN)
    for started_by in (own, ManualClock(BEGIN + 31 * DAY_MS)):
        clock = GuardedClock(started_by)
        settled = SettledTime(clock, tmp_path / "city.clock")
        tracks = Tracks(tmp_path, Clocks(clock), TracksPolicy(keep_days=30))
        tracks.take(fix(1, clock.now_ms()))
        tracks.flush()
        tracks.seal(everything=True)
        settled.now_ms()
        for jump_ms in (31 * DAY_MS, 0):
            started_by.set(started_by.now_ms() + jump_ms)
            started_by.advance(70_000)
            assert not tracks.enforce_policy(settled.now_ms())
            tracks.seal()
        tracks.close()
    again = Tracks(tmp_path, Clocks(ManualClock(BEGIN + 600_000)), TracksPolicy(keep_days=30))
    assert positions(again, BEGIN + 600_000).keys() == {"U-0001"}
    assert {f.unit_id for f in again.latest()} == {"U-0001"}
    assert again.take(fix(1, BEGIN + 600_000)), "and the unit moves on"
    assert again.enforce_policy(BEGIN + 40 * DAY_MS)
    again.close()


def test_an_exercises_tracks_are_kept_for_the_walls_days(tmp_path: Path) -> None:
    """The scenario is of another year and runs at 8x: neither deletes, nor keeps for longer."""
    wall = ManualClock(BEGIN + 400 * DAY_MS)
    clocks = Clocks(wall, ScaledClock(wall, BEGIN, 8))
    tracks = Tracks(tmp_path, clocks, TracksPolicy(keep_days=2))
    assert tracks.take(fix(1, clocks.scenario.now_ms()))
    tracks.flush()
    wall.advance(2 * DAY_MS)
    assert clocks.scenario.now_ms() == BEGIN + 16 * DAY_MS
    tracks.seal()
    assert not tracks.enforce_policy(wall.now_ms())
    assert positions(tracks, BEGIN).keys() == {"U-0001"}
    wall.advance(HOUR)
    tracks.seal()
    assert tracks.enforce_policy(wall.now_ms())
    assert not positions(tracks, BEGIN)
    tracks.close()
