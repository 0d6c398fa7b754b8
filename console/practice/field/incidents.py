"""Simulated incidents: what is reported, where, in whose words, and when the next one comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from console.model.ids import new_key
from console.model.plan import IncidentType
from console.model.requests import ReportIncident
from console.model.text import Text
from console.practice.field.phrases import Caller
from console.practice.field.places import Places

SEEN_SHARE = 0.3
"""The share of reports that come from officials who see it, of the types that they see."""

_ANOTHER_PRIORITY_SHARE = 0.12
"""Now and then a report weighs one step more or less than its type usually does."""


class IncidentSource:
    """Reports drawn from `types` and `callers`, at `places`. Same seed, same reports; only their
    ids differ.

    Types that no caller speaks of are never drawn. Raises ValueError when none is left.
    """

    def __init__(
        self,
        types: Sequence[IncidentType],
        callers: Mapping[str, Caller],
        places: Places,
        seed: int,
    ) -> None:
        self._types = [t for t in types if t.code in callers]
        if not self._types:
            raise ValueError("no incident type of the plans has callers")
        self._callers = callers
        self._weights = [callers[t.code].weight for t in self._types]
        self._places = places
        self._rng = Random(seed)

    def seconds_to_next(self, rate_per_hour: float) -> float:
        """How long until the next report, when `rate_per_hour` come on average (Poisson)."""
        return self._rng.expovariate(rate_per_hour / 3600)

    def next(self, now_ms: int) -> ReportIncident:
        """A report made at `now_ms`."""
        return self.of_type(self._rng.choices(self._types, self._weights)[0], now_ms)

    def of_type(self, type_: IncidentType, now_ms: int) -> ReportIncident:
        """A report of that type."""
        caller = self._callers[type_.code]
        spot = self._places.spot(caller.near, self._rng)
        source, words = self._told(caller)
        return ReportIncident(
            incident_id=new_key(now_ms),
            type_code=type_.code,
            priority=self._priority(type_.priority),
            lon=spot.lon,
            lat=spot.lat,
            address=spot.address,
            words=self._filled(words),
            source=source,
        )

    def _told(self, caller: Caller) -> tuple[str, Text]:
        if caller.seen and self._rng.random() < SEEN_SHARE:
            return self._rng.choice(caller.seen)
        return self._rng.choice(caller.phones), self._rng.choice(caller.said)

    def _priority(self, usual: int) -> int:
        if self._rng.random() >= _ANOTHER_PRIORITY_SHARE:
            return usual
        return min(4, max(1, usual + self._rng.choice((-1, 1))))

    def _filled(self, words: Text) -> Text:
        slots = {name: self._rng.randint(*span) for name, span in SLOTS.items()}
        return Text(words.zh.format(**slots), words.en.format(**slots))


SLOTS: Mapping[str, tuple[int, int]] = {
    "floor": (2, 17),
    "count": (2, 6),
    "minutes": (5, 40),
    "age_old": (68, 89),
    "age_child": (3, 9),
    "hour": (2, 4),
}
"""What may stand in a caller's sentence, and between which whole numbers it is drawn."""
