"""A clock that jumps is not followed, and one that may be wrong deletes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.clock import ManualClock
from console.guarded_clock import DAY_MS, HOLD_MS, JUMP_MS, LEAP_MS, GuardedClock, SettledTime

NOW = 1_795_000_000_000


@pytest.mark.parametrize("jump_ms", [31 * DAY_MS, JUMP_MS + 1, -JUMP_MS - 1, -10 * 365 * DAY_MS])
def test_b4_a_jump_is_not_followed_and_is_known(jump_ms: int) -> None:
    own = ManualClock(NOW)
    clock = GuardedClock(own)
    own.set(NOW + jump_ms)
    assert (clock.now_ms(), clock.refused_ms) == (NOW, jump_ms)
    own.advance(70_000)
    assert clock.now_ms() == NOW + 70_000, "it goes on evenly meanwhile"
    own.set(NOW + 70_000)
    own.advance(1000)
    assert (clock.now_ms(), clock.refused_ms) == (NOW + 71_000, 0)


@pytest.mark.parametrize("step_ms", [JUMP_MS, -JUMP_MS, 5])
def test_b4_a_small_step_puts_the_clock_right(step_ms: int) -> None:
    own = ManualClock(NOW)
    clock = GuardedClock(own)
    own.set(NOW + step_ms)
    assert (clock.now_ms(), clock.refused_ms) == (NOW + step_ms, 0)


def test_b4_time_that_passed_is_no_jump() -> None:
    own = ManualClock(NOW)
    clock = GuardedClock(own)
    own.advance(3 * DAY_MS)  # suspended, say: the even clock goes on
    assert (clock.now_ms(), clock.refused_ms) == (NOW + 3 * DAY_MS, 0)


def test_b4_what_may_be_deleted_goes_on_with_the_clock(tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    settled = SettledTime(clock, tmp_path / "city.clock")
    for _ in range(100):
        assert settled.now_ms() == clock.now_ms()
        clock.advance(DAY_MS)


def test_b4_a_server_started_by_a_wrong_clock_deletes_nothing_again_and_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "city.clock"
    SettledTime(ManualClock(NOW), path).now_ms()
    wrong = ManualClock(NOW + 31 * DAY_MS)
    for _ in range(3):
        settled = SettledTime(wrong, path)
        assert settled.leap_ms == 31 * DAY_MS
        for _ in range(10):
            assert settled.now_ms() == NOW
            wrong.advance(HOLD_MS // 20)
        wrong.set(NOW + 31 * DAY_MS)
    right = SettledTime(ManualClock(NOW + 1000), path)
    assert (right.leap_ms, right.now_ms()) == (1000, NOW + 1000)


def test_b4_a_server_that_was_off_for_long_deletes_a_day_later(tmp_path: Path) -> None:
    path = tmp_path / "city.clock"
    SettledTime(ManualClock(NOW), path).now_ms()
    clock = ManualClock(NOW + LEAP_MS + 1)
    settled = SettledTime(clock, path)
    assert settled.now_ms() == NOW
    clock.advance(HOLD_MS)
    assert settled.now_ms() == clock.now_ms()


def test_b4_somebody_may_say_that_the_clock_is_right(tmp_path: Path) -> None:
    path = tmp_path / "city.clock"
    SettledTime(ManualClock(NOW), path).now_ms()
    settled = SettledTime(ManualClock(NOW + 31 * DAY_MS), path)
    settled.accept()
    assert settled.now_ms() == NOW + 31 * DAY_MS
    assert SettledTime(ManualClock(NOW + 31 * DAY_MS), path).leap_ms == 0


@pytest.mark.parametrize("kept", [b"", b"soon", b"\xff\xfe", b"-5"])
def test_b4_a_damaged_file_asks_nothing(tmp_path: Path, kept: bytes) -> None:
    path = tmp_path / "city.clock"
    path.write_bytes(kept)
    settled = SettledTime(ManualClock(NOW), path)
    assert (settled.leap_ms, settled.now_ms()) == (0, NOW)
