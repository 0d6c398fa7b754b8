"""Times as senders give them: data, read against the server's own clock."""

from __future__ import annotations

from enum import StrEnum

AHEAD_MS = 60_000
"""So far ahead of the server's clock a sender's may be: what is dated later was made now."""

OLDEST_MS = 7 * 86_400_000
"""What is said to be older was dated by a clock that cannot be right."""

_APPLE_EPOCH_MS = 978_307_200_000
"""2001-01-01 UTC, from which Apple's devices count."""
_ZONE_STEP_MS = 15 * 60_000
_WIDEST_ZONE_MS = 14 * 3_600_000
_ZONE_SLACK_MS = 30_000


class TimeFault(StrEnum):
    """Why a sender's time is no time."""

    IN_SECONDS = "in_seconds"
    IN_MICROSECONDS = "in_microseconds"
    SINCE_2001 = "since_2001"
    LOCAL_TIME = "local_time"
    AHEAD = "ahead"
    TOO_OLD = "too_old"


MISTAKES = frozenset({TimeFault.IN_SECONDS, TimeFault.IN_MICROSECONDS, TimeFault.SINCE_2001})
"""Faults of the sending program; the others may come from a clock that is wrong."""


def read_time(at: int, now: int, oldest: int | None = None) -> tuple[int, TimeFault | None]:
    """When `at` was by the server's clock, which says `now` (ms UTC), and what is wrong with it.

    A little ahead counts as `now`; nothing before `oldest` (OLDEST_MS ago by default) is a time.
    With a fault the time is worth nothing.
    """
    oldest = now - OLDEST_MS if oldest is None else oldest
    if oldest <= at <= now:
        return at, None
    if now < at <= now + AHEAD_MS:
        return now, None
    return at, _fault_of(at, now)


def _fault_of(at: int, now: int) -> TimeFault:
    for fault, meant in (
        (TimeFault.IN_SECONDS, at * 1000),
        (TimeFault.IN_MICROSECONDS, at // 1000),
        (TimeFault.SINCE_2001, at + _APPLE_EPOCH_MS),
        (TimeFault.SINCE_2001, at * 1000 + _APPLE_EPOCH_MS),
    ):
        # A time that was meant so was made lately, by whatever clock, in whatever zone.
        if now - OLDEST_MS <= meant <= now + _WIDEST_ZONE_MS:
            return fault
    if at < now:
        return TimeFault.TOO_OLD
    ahead = at - now
    off_step = (ahead + _ZONE_STEP_MS // 2) % _ZONE_STEP_MS - _ZONE_STEP_MS // 2
    is_zone = ahead <= _WIDEST_ZONE_MS + _ZONE_SLACK_MS and abs(off_step) <= _ZONE_SLACK_MS
    return TimeFault.LOCAL_TIME if is_zone else TimeFault.AHEAD
