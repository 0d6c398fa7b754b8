"""Finding anything by its name or number: incidents, units, places, streets, cells, cameras."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from console.city.names import KINDS, NameIndex
from console.city.spelling import spelt
from console.model.incident import Incident
from console.model.plan import Plans
from console.model.text import Text

FoundKind = Literal["incident", "unit", "place", "street", "cell", "camera"]

_ORDER: dict[FoundKind, int] = {"incident": 0, **{k: n for n, k in enumerate(KINDS, start=1)}}
_MOST_A_KIND = 5
"""Of one kind on a page, while there are others."""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found: `key` is its id or code (a place's row as text, "" for a street), `name`
    what it is called, `detail` what tells it from others; `x`, `y` where it is, world metres, 0 for
    an incident. `step` grows as it is named less well (see `console.city.names.NameMatch`)."""

    kind: FoundKind
    key: str
    name: Text
    detail: Text
    x: float = 0.0
    y: float = 0.0
    step: int = 0


@dataclass(frozen=True, slots=True)
class _Report:
    """An incident with the words it is found by, as lines that begin with a newline."""

    incident: Incident
    found: Found
    called: str
    spelt: str
    about: str


class Finder:
    """Searches names in both languages at once and in pinyin, and ids and numbers.

    May be asked on any thread, and takes one question at a time. Incidents' words are made once for
    each state of an incident.
    """

    def __init__(self, plans: Plans) -> None:
        self._plans = plans
        self._reports: dict[str, _Report] = {}
        self._lock = threading.Lock()

    def find(
        self,
        query: str,
        incidents: Sequence[Incident],
        names: NameIndex | None,
        near: tuple[float, float],
        limit: int = 12,
    ) -> list[Found]:
        """What holds every word of `query`, best first, with something of every kind: what begins
        with it, then what is called so, then what has to do with it; of equals incidents (the
        newest first), units, and what is near to `near` (world metres).
        """
        words = query.casefold().split()
        if not words:
            return []
        with self._lock:
            found = self._incidents(words, incidents, limit)
        if names is not None:
            found += [
                Found(n.kind, n.key, n.name, n.detail, n.x, n.y, n.step)
                for n in names.find(query, near, limit)
            ]
        found.sort(key=lambda one: (one.step, _ORDER[one.kind]))
        return _page(found, limit)

    def _incidents(
        self, words: Sequence[str], incidents: Sequence[Incident], limit: int
    ) -> list[Found]:
        found = list[Found]()
        for incident in reversed(incidents):
            report = self._report(incident)
            steps = [_step(report, word) for word in words]
            if max(steps) < _NOT_FOUND:
                one = report.found
                found.append(Found(one.kind, one.key, one.name, one.detail, step=steps[0]))
        return sorted(found, key=lambda one: one.step)[:limit]

    def _report(self, incident: Incident) -> _Report:
        known = self._reports.get(incident.id)
        if known is None or known.incident is not incident:
            known = self._reports[incident.id] = self._told(incident)
        return known

    def _told(self, incident: Incident) -> _Report:
        name, where, words = (
            self._plans.type_of(incident.type_code).name,
            incident.address,
            incident.words,
        )
        detail = Text(f"{incident.number} {where.zh}", f"{incident.number} {where.en}")
        return _Report(
            incident,
            Found("incident", incident.id, name, detail),
            f"\n{name.zh}\n{name.en}\n{incident.number}".casefold(),
            spelt(name.zh),
            f"\n{where.zh}\n{where.en}\n{words.zh}\n{words.en}".casefold() + spelt(where.zh),
        )


_NOT_FOUND = 9


def _step(report: _Report, word: str) -> int:
    """How well an incident is named by a word: see `Found.step`."""
    # One letter is in nearly every spelling, and means a number or a wing.
    names = (report.called, report.spelt) if len(word) > 1 else (report.called,)
    if any(f"\n{word}" in name for name in names):
        return 0
    if any(word in name for name in names):
        return 1
    return 2 if word in report.about else _NOT_FOUND


def _page(found: Sequence[Found], limit: int) -> list[Found]:
    """The best `limit`, no kind crowding the others out."""
    seen = dict.fromkeys(_ORDER, 0)
    first, rest = list[int](), list[int]()
    for place, one in enumerate(found):
        seen[one.kind] += 1
        (first if seen[one.kind] <= _MOST_A_KIND else rest).append(place)
    return [found[place] for place in sorted([*first, *rest][:limit])]
