"""A desk whose own clock is wrong, or is set, goes by the server's time."""

from __future__ import annotations

from console.clock import ManualClock
from console.session.server_clock import APART_MS, ServerClock

NOW = 1_795_000_000_000
HOUR_MS = 3_600_000


def test_its_own_time_until_the_server_is_heard() -> None:
    own = ManualClock(NOW + HOUR_MS)
    clock = ServerClock(own)
    assert clock.now_ms() == NOW + HOUR_MS
    clock.heard(NOW)
    assert clock.now_ms() == NOW
    own.advance(1500)
    assert clock.now_ms() == NOW + 1500


def test_a_jump_of_the_desks_clock_is_not_seen() -> None:
    own = ManualClock(NOW)
    clock = ServerClock(own)
    clock.heard(NOW)
    for jump_ms in (HOUR_MS, -HOUR_MS):
        own.set(NOW + jump_ms)
        assert clock.now_ms() == NOW
    own.advance(60_000)
    assert clock.now_ms() == NOW + 60_000
    assert clock.elapsed_ms() == own.elapsed_ms()


def test_a_late_message_moves_nothing_and_a_server_that_was_set_does() -> None:
    own = ManualClock(NOW)
    clock = ServerClock(own)
    clock.heard(NOW)
    own.advance(2000 + APART_MS)
    clock.heard(NOW + 2000)
    assert clock.now_ms() == NOW + 2000 + APART_MS
    clock.heard(NOW + HOUR_MS)
    assert clock.now_ms() == NOW + HOUR_MS
