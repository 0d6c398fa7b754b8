"""The time zone of a place, where the place leaves no doubt."""

from __future__ import annotations

Bounds = tuple[float, float, float, float]

_CERTAIN: tuple[tuple[Bounds, str], ...] = (
    ((100.0, 25.5, 119.0, 41.0), "Asia/Shanghai"),
    ((119.0, 27.0, 122.6, 41.0), "Asia/Shanghai"),
    ((118.0, 40.5, 123.5, 45.0), "Asia/Shanghai"),
    ((123.5, 43.5, 129.5, 46.5), "Asia/Shanghai"),
    ((109.0, 22.6, 117.9, 25.5), "Asia/Shanghai"),
)
"""Boxes (west, south, east, north) with nothing in them but one zone, well within its borders.
What lies elsewhere, or across the edge of one, is said at the import: a guess would date incidents.
"""


def zone_of(bounds: Bounds) -> str:
    """The IANA name for a city of these bounds in degrees, "" where it is not certain."""
    west, south, east, north = bounds
    return next(
        (
            zone
            for (x0, y0, x1, y1), zone in _CERTAIN
            if x0 <= west and y0 <= south and east <= x1 and north <= y1
        ),
        "",
    )
