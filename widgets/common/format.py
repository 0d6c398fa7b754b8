"""How values read: ages, what remains, clock times, distances, travel times, device faults.

Chinese and English differ only where words do; figures, points and colons are the same. Clock
times are those of the city, wherever the machine stands.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, tzinfo

from console.i18n import tr
from console.model.unit import DeviceFault

_zone: tzinfo = UTC

_HOUR_S = 3600


def set_zone(zone: tzinfo) -> None:
    """Show clock times of this zone from now on: the city's, as its incidents' numbers."""
    global _zone  # noqa: PLW0603 - one desk, one city
    _zone = zone


def minutes_seconds(seconds: float) -> str:
    """`1:48`; minutes go on beyond sixty."""
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def age(elapsed_ms: float) -> str:
    """How long ago: `1:48` below an hour, `1:12 h` below two days, `3 d` beyond."""
    seconds = max(0, int(elapsed_ms // 1000))
    if seconds < _HOUR_S:
        return minutes_seconds(seconds)
    if seconds < 48 * _HOUR_S:
        return tr("common.hours_minutes", value=f"{seconds // 3600}:{seconds // 60 % 60:02d}")
    return tr("common.days", count=seconds // 86400)


def span(duration_ms: float) -> str:
    """How much is left or over: `0:12` below ten minutes, `12 min` below 90, `2 h`, `3 d`."""
    seconds = max(0, int(duration_ms // 1000))
    if seconds < 600:
        return minutes_seconds(seconds)
    if seconds < 90 * 60:
        return tr("common.minutes", count=seconds // 60)
    if seconds < 48 * _HOUR_S:
        return tr("common.hours", count=seconds // _HOUR_S)
    return tr("common.days", count=seconds // 86400)


def remaining(deadline_ms: int, now_ms: int) -> str:
    """`0:12 left` before the deadline, `1:05 over` after it."""
    left = deadline_ms - now_ms
    if left >= 0:
        return tr("common.left", span=span(left))
    return tr("common.over", span=span(-left))


def clock_time(at_ms: int) -> str:
    """`21:47:32`, the city's time."""
    return _at(at_ms).strftime("%H:%M:%S")


def hour_minute(at_ms: int) -> str:
    """`21:47`, the city's time."""
    return _at(at_ms).strftime("%H:%M")


def date(at_ms: int) -> str:
    """`2026-11-21 周六` or `Sat 21 Nov 2026`, the city's time."""
    at = _at(at_ms)
    return tr(
        "common.date",
        day=f"{at.day:02d}",
        month=tr(f"common.month.m{at.month}"),
        year=at.year,
        weekday=tr(f"common.weekday.d{at.isoweekday()}"),
    )


def distance(metres: float) -> str:
    """`46 m` below 950 m, `1.2 km` below 100 km, `—` when unknown."""
    if not math.isfinite(metres):
        return "—"
    if metres < 950:
        return f"{round(metres)} m"
    return f"{metres / 1000:.1f} km" if metres < 99_950 else f"{metres / 1000:.0f} km"


def eta(seconds: float) -> str:
    """Travel time `2:10`, `1:05 h` from an hour on, `—` where no way leads."""
    if not math.isfinite(seconds):
        return "—"
    return age(round(seconds) * 1000)


def counted(key: str, number: int, **args: str) -> str:
    """A sentence with a number in it, in the singular (`key.one`) or plural (`key.other`)."""
    return tr(f"{key}.{'one' if number == 1 else 'other'}", count=count(number), **args)


def count(number: int) -> str:
    """`1,286`."""
    return f"{number:,}"


def coordinates(lon: float, lat: float) -> str:
    """`118.73420°E 31.90470°N`."""
    east, north = ("E" if lon >= 0 else "W"), ("N" if lat >= 0 else "S")
    return f"{abs(lon):.5f}°{east} {abs(lat):.5f}°{north}"


def device_fault(fault: DeviceFault) -> str:
    """`device clock 10:00 slow, times put right`, or why the device's positions are refused."""
    way = "fast" if fault.off_ms > 0 else "slow"
    off = tr(f"common.device_fault.{way}", off=age(abs(fault.off_ms)))
    if fault.code == "clock_off":
        return tr("common.device_fault.clock_off", off=off)
    clock = tr("common.device_fault.clock", off=off) if fault.off_ms else ""
    reason = clock or tr(f"common.device_fault.{fault.code}")
    return tr("common.device_fault.refused", reason=reason)


def _at(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, _zone)
