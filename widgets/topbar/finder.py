"""Finding anything by its name or number: incidents, units, places, cameras."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from heapq import nsmallest
from typing import Literal

from console.city import City
from console.model.incident import Incident
from console.model.picture import Picture
from console.model.plan import Plans
from console.model.text import Text
from widgets.topbar.spelling import spelt

Kind = Literal["incident", "unit", "place", "camera"]

_ORDER: dict[Kind, int] = {"incident": 0, "unit": 1, "place": 2, "camera": 3}


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found: `key` is its id (a place's row as text), `name` what it is called, `detail`
    what tells it from others.
    """

    kind: Kind
    key: str
    name: Text
    detail: Text


@dataclass(frozen=True, slots=True)
class _Entry:
    found: Found
    searched: str
    spelt: str


class Finder:
    """Searches names in both languages at once and in pinyin, and ids and numbers.

    The city's part is gathered at the first search (it never changes), the incidents' at each.
    """

    def __init__(self, city: City, picture: Callable[[], Picture], plans: Plans) -> None:
        self._city = city
        self._picture = picture
        self._plans = plans
        self._fixed: list[_Entry] | None = None

    def find(self, query: str, limit: int = 12) -> list[Found]:
        """What holds every word of `query`, best first: a name that begins with it, then
        incidents (the newest first), units, places, cameras; shorter names first.
        """
        words = query.casefold().split()
        if not words:
            return []
        hits = (e for e in self._entries() if all(_holds(e, word) for word in words))
        ranked = ((_rank(entry, words[0]), n, entry) for n, entry in enumerate(hits))
        return [entry.found for _, _, entry in nsmallest(limit, ranked, key=lambda r: r[:2])]

    def _entries(self) -> Iterator[_Entry]:
        if self._fixed is None:
            self._fixed = [*self._units(), *self._places(), *self._cameras()]
        for incident in reversed(tuple(self._picture().incidents.values())):
            yield self._incident(incident)
        yield from self._fixed

    def _incident(self, incident: Incident) -> _Entry:
        name = self._plans.type_of(incident.type_code).name
        where = incident.address
        detail = Text(f"{incident.number} {where.zh}", f"{incident.number} {where.en}")
        found = Found("incident", incident.id, name, detail)
        return _entry(found, incident.words.zh, incident.words.en)

    def _units(self) -> Iterable[_Entry]:
        units = self._city.units
        for row, unit_id in enumerate(units.id):
            yield _entry(Found("unit", unit_id, units.name[row], units.base[row]), unit_id)

    def _places(self) -> Iterable[_Entry]:
        places = self._city.places
        for row, name in enumerate(places.name):
            if name:
                yield _entry(Found("place", str(row), name, Text()))

    def _cameras(self) -> Iterable[_Entry]:
        cameras = self._city.cameras
        for row, camera_id in enumerate(cameras.id):
            named = Found("camera", camera_id, cameras.name[row], Text(camera_id, camera_id))
            yield _entry(named)


def _entry(found: Found, *more: str) -> _Entry:
    name, detail = found.name, found.detail
    searched = "\n".join((name.zh, name.en, detail.zh, detail.en, *more)).casefold()
    return _Entry(found, searched, spelt(name.zh) + spelt(detail.zh))


def _holds(entry: _Entry, word: str) -> bool:
    # One letter is in nearly every spelling, and means a number or a wing.
    return word in entry.searched or (len(word) > 1 and word in entry.spelt)


def _rank(entry: _Entry, word: str) -> tuple[int, int, int]:
    name = entry.found.name
    newest_first = 0 if entry.found.kind == "incident" else len(name.zh or name.en)
    return _begins(entry, word), _ORDER[entry.found.kind], newest_first


def _begins(entry: _Entry, word: str) -> int:
    """0 for a name that begins with `word`, 1 for one whose spelling does, 2 for others."""
    name = entry.found.name
    if name.zh.casefold().startswith(word) or name.en.casefold().startswith(word):
        return 0
    return 1 if len(word) > 1 and f"\n{word}" in entry.spelt else 2
