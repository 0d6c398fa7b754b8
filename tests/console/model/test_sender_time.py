"""Times as senders give them, read against the server's clock."""

from __future__ import annotations

import pytest

from console.model.sender_time import AHEAD_MS, OLDEST_MS, TimeFault, read_time

NOW = 1_795_000_000_000
HOUR_MS = 3_600_000


@pytest.mark.parametrize("age_ms", [0, 1, 40 * 60_000, OLDEST_MS])
def test_a5_a_time_of_the_past_is_what_it_says(age_ms: int) -> None:
    assert read_time(NOW - age_ms, NOW) == (NOW - age_ms, None)


@pytest.mark.parametrize("ahead_ms", [1, AHEAD_MS])
def test_a5_nothing_was_made_later_than_now(ahead_ms: int) -> None:
    assert read_time(NOW + ahead_ms, NOW) == (NOW, None)


@pytest.mark.parametrize(
    ("at", "fault"),
    [
        (NOW // 1000, TimeFault.IN_SECONDS),
        (NOW // 1000 - 3600, TimeFault.IN_SECONDS),
        (NOW * 1000, TimeFault.IN_MICROSECONDS),
        (NOW - 978_307_200_000, TimeFault.SINCE_2001),
        ((NOW - 978_307_200_000) // 1000, TimeFault.SINCE_2001),
        (NOW + 8 * HOUR_MS, TimeFault.LOCAL_TIME),
        (NOW + 8 * HOUR_MS - 900, TimeFault.LOCAL_TIME),
        (NOW + 20_700_000, TimeFault.LOCAL_TIME),
        (NOW + AHEAD_MS + 1, TimeFault.AHEAD),
        (NOW + 23 * HOUR_MS, TimeFault.AHEAD),
        (NOW + 5 * 60_000, TimeFault.AHEAD),
        (NOW - OLDEST_MS - 1, TimeFault.TOO_OLD),
        (1, TimeFault.TOO_OLD),
    ],
)
def test_a5_a_time_that_is_none_says_what_it_is_instead(at: int, fault: TimeFault) -> None:
    assert read_time(at, NOW)[1] is fault


def test_a5_the_caller_may_draw_the_line_nearer() -> None:
    assert read_time(NOW - 2 * HOUR_MS, NOW, NOW - HOUR_MS)[1] is TimeFault.TOO_OLD
