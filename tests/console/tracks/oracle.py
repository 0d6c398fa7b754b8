"""What a store of tracks should answer, worked out the plain way from every fix there was."""

from __future__ import annotations

import math

from console.model.unit import Fix
from console.tracks import Positions, Track, Tracks

HOUR = 3_600_000
Seen = tuple[int, float, float, float | None, float | None]


def fix(unit: int, at: int, lon: float = 120.0) -> Fix:
    """A fix that the store keeps exactly."""
    return Fix(f"U-{unit:04d}", lon, 30.0, at, float(at % 360), (at % 100) / 20)


class Oracle:
    """Keeps the first fix of each unit and millisecond."""

    def __init__(self) -> None:
        self.fixes: dict[tuple[str, int], Seen] = {}

    def take(self, told: Fix) -> None:
        seen = (told.at, told.lon, told.lat, told.heading_deg, told.speed_mps)
        self.fixes.setdefault((told.unit_id, told.at), seen)

    def positions_at(self, t: int) -> dict[str, Seen]:
        newest: dict[str, Seen] = {}
        for (unit_id, at), seen in sorted(self.fixes.items()):
            if at <= t:
                newest[unit_id] = seen
        return newest

    def track(self, unit_id: str, a: int, b: int) -> list[Seen]:
        return [s for (u, at), s in sorted(self.fixes.items()) if u == unit_id and a <= at < b]


def seen_in(answer: Positions | Track) -> list[Seen]:
    """The rows of an answer as plain numbers."""
    columns = (answer.at, answer.lonlat, answer.heading, answer.speed)
    return [
        (int(at), float(lon), float(lat), _known(heading), _known(speed))
        for at, (lon, lat), heading, speed in zip(*columns, strict=True)
    ]


def positions(tracks: Tracks, t: int) -> dict[str, Seen]:
    """The store's answer in the oracle's form."""
    answer = tracks.positions_at(t)
    return dict(zip(answer.unit_ids, seen_in(answer), strict=True))


def _known(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 2)
