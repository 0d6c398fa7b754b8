"""What a device's times mean: measured by pings, or told by fixes that keep step."""

from __future__ import annotations

import pytest

from console.model.sender_time import TimeFault
from console.server.device_clock import SHOWN_FROM_MS, DeviceClock

NOW = 1_795_000_000_000
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


def read(clock: DeviceClock, at: int, now: int) -> int | TimeFault:
    made, fault = clock.read(at, now)
    return made if fault is None else fault


def measured(off_ms: int, trip_ms: int = 40, own_ms: int | None = None) -> DeviceClock:
    clock = DeviceClock()
    clock.asked(NOW, 0)
    own = None if own_ms is None else NOW + trip_ms // 2 + own_ms
    clock.answered(NOW, NOW + trip_ms // 2 + off_ms, own, trip_ms)
    return clock


@pytest.mark.parametrize("off_ms", [-26 * HOUR_MS, -10 * MINUTE_MS, 10 * MINUTE_MS, 8 * HOUR_MS])
def test_a5_a_measured_clock_is_put_right(off_ms: int) -> None:
    clock = measured(off_ms)
    for age_ms in (0, 5000, 40 * MINUTE_MS):
        now = NOW + 1000
        assert read(clock, now - age_ms + off_ms, now) == now - age_ms
    assert clock.shown_off_ms == off_ms


def test_a5_little_is_not_made_much_of() -> None:
    clock = measured(30)
    assert read(clock, NOW + 1000, NOW + 1000) == NOW + 1000
    assert (clock.off_ms, clock.shown_off_ms) == (0, 0)
    assert measured(SHOWN_FROM_MS).shown_off_ms == 0


def test_a5_who_dates_by_the_servers_clock_can_still_have_a_wrong_one() -> None:
    clock = measured(0, own_ms=10 * MINUTE_MS)
    assert (clock.off_ms, clock.shown_off_ms) == (0, 10 * MINUTE_MS)


def test_a5_an_answer_that_was_long_under_way_or_was_not_asked_for_says_nothing() -> None:
    assert measured(HOUR_MS, trip_ms=10_001).off_ms == 0
    clock = measured(0)
    clock.answered(NOW, NOW + HOUR_MS, None, 80)
    assert clock.off_ms == 0


def test_a5_a_clock_set_after_it_was_measured_is_measured_again() -> None:
    clock = measured(0)
    read(clock, NOW, NOW)
    read(clock, NOW + 1000, NOW + 1000)
    assert not clock.is_doubtful
    read(clock, NOW + 2000 - HOUR_MS, NOW + 2000)
    assert clock.is_doubtful
    clock.asked(NOW + 2000, 2000)
    clock.answered(NOW + 2000, NOW + 2010 - HOUR_MS, None, 2020)
    assert not clock.is_doubtful
    assert read(clock, NOW + 3000 - HOUR_MS, NOW + 3000) == NOW + 3000


def test_a5_another_device_that_does_not_answer_is_not_read_by_the_first_ones_clock() -> None:
    clock = measured(HOUR_MS)
    for ping in range(1, 4):
        clock.asked(NOW + ping * 20_000, ping * 20_000)
    assert clock.off_ms == 0
    assert read(clock, NOW + 60_000, NOW + 60_000) == NOW + 60_000


@pytest.mark.parametrize("off_ms", [-10 * MINUTE_MS, -60_000, 8 * HOUR_MS, 10 * MINUTE_MS])
def test_a5_of_a_device_that_does_not_answer_fixes_in_step_are_of_now(off_ms: int) -> None:
    clock = DeviceClock()
    assert read(clock, NOW, NOW) == NOW
    for second in range(1, 10):
        now = NOW + second * 1000
        made = read(clock, now + off_ms, now)
        if second > 3:
            assert made == now
    assert clock.shown_off_ms == off_ms
    assert read(clock, NOW + 10_000, NOW + 10_000) == NOW + 10_000
    assert clock.shown_off_ms == 0


def test_a5_what_was_kept_under_way_is_as_old_as_it_says() -> None:
    """Sent faster than it was made, one after another or ten a second."""
    for every_ms in (0, 100, 400):
        clock = DeviceClock()
        read(clock, NOW - HOUR_MS, NOW - HOUR_MS)
        for n in range(60):
            now, made = NOW + n * every_ms, NOW - HOUR_MS + n * 10_000
            assert read(clock, made, now) == made
        assert clock.off_ms == 0


def test_a5_one_late_by_a_minute_all_the_time_is_believed() -> None:
    clock = DeviceClock()
    for second in range(100):
        now = NOW + second * 1000
        assert read(clock, now - MINUTE_MS, now) == now - MINUTE_MS


def test_a5_no_guess_is_made_at_other_ways_of_counting() -> None:
    for shift, expected in ((-978_307_200_000, TimeFault.SINCE_2001),):
        clock = DeviceClock()
        for second in range(10):
            now = NOW + second * 1000
            assert read(clock, now + shift, now) is expected
    clock = DeviceClock()
    for second in range(10):
        now = NOW + second * 1000
        assert read(clock, now // 1000, now) is TimeFault.IN_SECONDS
