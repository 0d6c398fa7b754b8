"""Who may use a road or pass a barrier, judged from its tags by the city's table.

The most particular access tag decides (`motorcar` before `motor_vehicle` before `vehicle` before
`access`; for sirens `emergency` before all); every other row of the table, a limit the vehicle
exceeds, or a condition that holds only sometimes can but narrow that. What narrows is kept as a
restriction, for the report: a road that we do not know to be open must not be travelled in silence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cache
from typing import NamedTuple

from console.city.graph import EdgeFlag, flags_for
from console.city.travel import USERS, Way
from console.i18n import text_of
from console.intake.osm.open_roads import (
    ANY,
    END,
    OPEN,
    SHUT,
    SLOW,
    OpenRoads,
    Passage,
    Verdict,
)
from console.model.text import Text

_VEHICLE = ("motor_vehicle", "vehicle", "access")
_CHAINS: tuple[tuple[str, ...], ...] = (
    ("motorcar", *_VEHICLE),
    ("emergency", "motorcar", *_VEHICLE),
    ("motorcycle", *_VEHICLE),
    ("foot", "access"),
)
"""For each of `USERS` the keys that speak of it, the most particular first."""

_OWN_WORDS = frozenset({"emergency"})
"""Keys of which only the table's own words mean access: `emergency=fire_hydrant` is a thing."""

_LIMITS = {
    "height_m": ("maxheight", "maxheight:physical"),
    "width_m": ("maxwidth", "maxwidth:physical", "width"),
    "weight_t": ("maxweight", "maxweightrating", "maxgcweight"),
    "length_m": ("maxlength",),
}
_RESTRICTORS = {"height_restrictor": "height_m", "width_restrictor": "width_m"}
_UNLIMITED = frozenset({"none", "no", "default", "unsigned", "no_sign", "no_indications"})
_MEASURE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(m|t|cm|kg|ft|feet|lbs|st|km)?\Z")
_FEET = re.compile(r"(\d+)\s*'\s*(?:(\d+(?:\.\d+)?)\s*(?:\"|''))?\Z")
_UNITS = {
    **dict.fromkeys(("", "m", "t"), 1.0),
    **{"cm": 0.01, "kg": 0.001, "ft": 0.3048, "feet": 0.3048, "lbs": 0.00045359237},
    **{"st": 0.90718474, "km": 1000.0},
}

_SIGNS = ("maxspeed", "maxspeed:forward", "maxspeed:backward", "maxspeed:motorcar")
_SPEED = re.compile(r"(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph|knots)?\Z")
_KMH = {"mph": 1.609344, "knots": 1.852}
_WALKING_KMH = 5.0
_SLOWEST_SIGN_KMH, _FASTEST_SIGN_KMH = 5.0, 140.0

_YES = frozenset({"yes", "true", "1"})
_REVERSE = frozenset({"-1", "reverse"})
_NO = frozenset({"no", "false", "0"})
_ONE_WAY_KINDS = frozenset({"motorway", "motorway_link"})
_ONE_WAY_JUNCTIONS = frozenset({"roundabout", "circular"})

_READ_OTHERWISE = frozenset(
    {"highway", "barrier", "oneway", "junction", "sidewalk", "conditional", "limit"}
    | {key for chain in _CHAINS for key in chain}
    | {key for keys in _LIMITS.values() for key in keys}
)


FREE = sum(flags_for(way, EdgeFlag.FORWARD | EdgeFlag.BACKWARD) for way in USERS)
"""The flags of what everybody may pass."""


class RoadRestriction(NamedTuple):
    """A tag that narrows a road: for each of `USERS` how far, and whether the table knows it."""

    tag: str
    passages: tuple[Passage, ...]
    known: bool

    @property
    def text(self) -> Text:
        """The restriction in words."""
        return _in_words(self)


@cache
def _in_words(restriction: RoadRestriction) -> Text:
    effects = []
    for word, passage in (("shut", SHUT), ("end", END), ("slow", SLOW)):
        users = [
            text_of(f"osm.user.{user}")
            for user, p in zip(USERS, restriction.passages, strict=True)
            if p & passage and (passage == SHUT or not p & SHUT)
        ]
        if users:
            effects.append(text_of(f"osm.passage.{word}", users=_listed(users, "、", ", ")))
    key = "osm.restriction.known" if restriction.known else "osm.restriction.unknown"
    return text_of(key, tag=restriction.tag, effects=_listed(effects, "；", "; "))


def _listed(texts: Sequence[Text], zh: str, en: str) -> Text:
    return Text(zh.join(t.zh for t in texts), en.join(t.en for t in texts))


class RoadAccess(NamedTuple):
    """What the tags of a way or node mean: `flags` (see `console.city.graph.flags_for`; 0 for what
    nobody can use), and what narrows it.
    """

    flags: int
    restrictions: tuple[RoadRestriction, ...]


class _Relevant(dict[str, bool]):
    """Whether a key, with or without a part after a colon, is one of `keys`; asked once."""

    def __init__(self, keys: Set[str]) -> None:
        super().__init__()
        self._keys = {key.partition(":")[0] for key in keys}

    def __missing__(self, key: str) -> bool:
        known = self[key] = key.partition(":")[0] in self._keys
        return known


class Judge:
    """Judges tags by a table, each set of tags once."""

    def __init__(self, table: OpenRoads) -> None:
        self._table = table
        self._is_relevant = _Relevant({key for key, _ in table.rows} | _READ_OTHERWISE)
        self._judged: dict[tuple[str, tuple[tuple[str, str], ...]], RoadAccess] = {}

    def road(self, tags: Mapping[str, str]) -> RoadAccess:
        """What the tags of a way mean; it has a `highway` tag."""
        return self._of("highway", tags)

    def node(self, tags: Mapping[str, str]) -> RoadAccess:
        """What the tags of a way's node mean, a barrier's or any other's."""
        return self._of("barrier", tags)

    def _of(self, kind: str, tags: Mapping[str, str]) -> RoadAccess:
        told = tuple([tag for tag in tags.items() if self._is_relevant[tag[0]]])
        judged = self._judged.get((kind, told))
        if judged is None:
            judged = _Judgement(self._table, kind, dict(told)).judged()
            self._judged[kind, told] = judged
        return judged


class _Judgement:
    """One set of tags, judged for everybody."""

    def __init__(self, table: OpenRoads, kind: str, tags: dict[str, str]) -> None:
        self._table, self._kind, self._tags = table, kind, tags
        self._narrowed: dict[str, list[Passage]] = {}
        self._unknown: set[str] = set()
        self._conditional = any(key.endswith(":conditional") for key in tags)
        present = {key.removesuffix(":conditional") for key in tags}
        self._limited = [(d, keys) for d, keys in _LIMITS.items() if present.intersection(keys)]
        self._base_tag = ""
        """Which tag made the kind, where it is worth a word: footways are shut to cars anywhere."""

    def judged(self) -> RoadAccess:
        base, flags = self._base(), 0
        by_direction = any(key.endswith((":forward", ":backward")) for key in self._tags)
        for user, way in enumerate(USERS):
            forward, backward = self._one_way(user)
            there = self._passage(user, base[user], "forward")
            back = self._passage(user, base[user], "backward") if by_direction else there
            flags |= _flags(way, forward | there, backward | back)
        restrictions = (
            RoadRestriction(t, tuple(p), t not in self._unknown) for t, p in self._narrowed.items()
        )
        return RoadAccess(flags, tuple(restrictions))

    def _note(self, tag: str, user: int, passage: Passage | None) -> Passage:
        """Keep what narrows; returns it."""
        if not passage:
            return OPEN
        self._narrowed.setdefault(tag, [OPEN] * len(USERS))[user] |= passage
        return passage

    def _base(self) -> list[Passage]:
        """How the kind of road or barrier is open before any access tag is read."""
        word = self._tags.get(self._kind)
        if word is None:
            return [OPEN] * len(USERS)
        verdict, known = self._table.row(self._kind, word)
        base, tag = [p or OPEN for p in verdict], f"{self._kind}={word}"
        if not known:
            self._unknown.add(tag)
        if any(not math.isnan(m) for _, m in self._written(_RESTRICTORS.get(word, ""))):
            base = [OPEN] * len(USERS)
        # service=emergency_access, bollard=removable: the kind's own kinds
        for key in (word, "sidewalk"):
            particular = self._table.rows.get((key, self._tags.get(key, "")))
            if particular is not None:
                base = [b if p is None else p for b, p in zip(base, particular, strict=True)]
                tag = f"{key}={self._tags[key]}"
        if self._kind == "barrier" or not known or tag.startswith(word):
            self._base_tag = tag
        return base

    def _passage(self, user: int, base: Passage, direction: str) -> Passage:
        passage = self._by_access(user, base, direction)
        if passage & SHUT:
            return passage
        for key, word in self._tags.items():
            if key not in _READ_OTHERWISE and key != self._tags.get(self._kind):
                verdict = self._table.rows.get((key, word)) or self._table.rows.get((key, ANY))
                if verdict is not None:
                    passage |= self._note(f"{key}={word}", user, verdict[user])
        return passage | self._by_size(user)

    def _by_access(self, user: int, base: Passage, direction: str) -> Passage:
        passage, sometimes = base, OPEN
        for key in _CHAINS[user]:
            names = (f"{key}:{direction}", key)
            for name in names:
                sometimes |= self._sometimes(name, user)
            written = next((n for n in names if n in self._tags), "")
            said = self._said(key, self._tags[written], user) if written else None
            if said is None:
                continue
            self._note(f"{written}={self._tags[written]}", user, said & ~base)
            # access=yes on a footway opens it to those on foot; only a vehicle's own key opens more
            passage = base | said if key == "access" else said
            break
        if self._base_tag:
            self._note(self._base_tag, user, passage & base)
        return passage | sometimes

    def _said(self, key: str, words: str, user: int) -> Passage | None:
        """What an access tag says to a user; of several words the narrowest, None for nothing."""
        said: Passage | None = None
        for word in words.split(";"):
            verdict = self._table.rows.get((key, word.strip()))
            if (verdict is None or verdict[user] is None) and key not in _OWN_WORDS:
                verdict, known = self._table.row("access", word.strip())
                if not known:
                    self._unknown.add(f"{key}={words}")
            spoken = None if verdict is None else verdict[user]
            if spoken is not None:
                said = (said or OPEN) | spoken
        return said

    def _sometimes(self, name: str, user: int) -> Passage:
        """What `name`:conditional makes of a road, whatever the condition: it may not hold now."""
        words = self._tags.get(f"{name}:conditional") if self._conditional else None
        if words is None:
            return OPEN
        verdict, _ = self._table.row("conditional", ANY)
        return self._note(f"{name}:conditional={words}", user, verdict[user])

    def _by_size(self, user: int) -> Passage:
        passage = OPEN
        for dimension, keys in self._limited:
            vehicle = self._table.vehicle[dimension][user]
            if vehicle is None:
                continue
            for key in keys:
                passage |= self._sometimes(key, user)
            for key, limit in self._written(dimension):
                tag = f"{key}={self._tags[key]}"
                if math.isnan(limit):
                    self._unknown.add(tag)
                    unknown, _ = self._table.row("limit", "unknown")
                    passage |= self._note(tag, user, unknown[user])
                elif limit < vehicle:
                    passage |= self._note(tag, user, SHUT)
        return passage

    def _written(self, dimension: str) -> Iterator[tuple[str, float]]:
        """The limits that are written down; NaN for one that makes no sense."""
        for key in _LIMITS.get(dimension, ()):
            if key in self._tags and self._tags[key].strip().lower() not in _UNLIMITED:
                yield key, measure_of(self._tags[key])

    def _one_way(self, user: int) -> tuple[Passage, Passage]:
        """What one-way tags make of going along the way's line and against it."""
        if self._kind != "highway":
            return OPEN, OPEN
        if USERS[user] is Way.FOOT:
            keys: list[str] = ["oneway:foot"]
            against: Passage | None = SHUT
        else:
            keys = [f"oneway:{key}" for key in _CHAINS[user][:-1]] + ["oneway"]
            against = self._verdict("against")[user]
        key = next((k for k in keys if k in self._tags), None)
        word = self._implied() if key is None and len(keys) > 1 else self._tags.get(key or "", "no")
        forward, backward = self._directions(f"{key}={word}", word, user, against)
        for name in keys:
            sometimes = self._sometimes(name, user)
            condition = self._tags.get(f"{name}:conditional", "")
            if word in _NO and condition.startswith("yes"):
                backward |= sometimes
            elif word in _NO or not condition.startswith(("yes", "no")):
                forward, backward = forward | sometimes, backward | sometimes
        return forward, backward

    def _verdict(self, word: str) -> Verdict:
        return self._table.row("oneway", word)[0]

    def _directions(
        self, tag: str, word: str, user: int, against: Passage | None
    ) -> tuple[Passage, Passage]:
        if word in _NO:
            return OPEN, OPEN
        if word in _YES:
            return OPEN, against or OPEN
        if word in _REVERSE:
            return against or OPEN, OPEN
        verdict, known = self._table.row("oneway", word)
        if not known:
            self._unknown.add(tag)
        both = self._note(tag, user, verdict[user])
        return both, both

    def _implied(self) -> str:
        tags = self._tags
        one_way = (
            tags.get("highway") in _ONE_WAY_KINDS or tags.get("junction") in _ONE_WAY_JUNCTIONS
        )
        return "yes" if one_way else "no"


def _flags(way: Way, forward: Passage, backward: Passage) -> int:
    flag, passable = EdgeFlag(0), OPEN
    if not forward & SHUT:
        flag |= EdgeFlag.FORWARD
        passable |= forward
    if not backward & SHUT:
        flag |= EdgeFlag.BACKWARD
        passable |= backward
    if flag and passable & SLOW:
        flag |= EdgeFlag.SLOW
    if flag and passable & END:
        flag |= EdgeFlag.END
    return flags_for(way, flag)


def measure_of(text: str) -> float:
    """Metres or tonnes of a written limit ("2.5", "7'6\"", "3500 kg"); NaN when it is none."""
    text = text.strip().lower()
    if feet := _FEET.match(text):
        return 0.3048 * (int(feet[1]) + float(feet[2] or 0) / 12)
    if plain := _MEASURE.match(text):
        return float(plain[1].replace(",", ".")) * _UNITS[plain[2] or ""]
    return math.nan


def sign_kmh_of(tags: Mapping[str, str]) -> float | None:
    """The lowest speed in km/h that a road's signs say, None for none."""
    signs = [speed_of(tags[key]) for key in _SIGNS if key in tags]
    return min((kmh for kmh in signs if kmh is not None), default=None)


@cache
def speed_of(text: str) -> float | None:
    """Km/h of a speed sign ("50", "30 mph", "walk", "50;30": the lowest), None for no number."""
    speeds = []
    for word in text.lower().split(";"):
        if word.strip().rpartition(":")[2] == "walk":
            speeds.append(_WALKING_KMH)
        elif sign := _SPEED.match(word.strip()):
            kmh = float(sign[1]) * _KMH.get(sign[2] or "", 1.0)
            if _SLOWEST_SIGN_KMH <= kmh <= _FASTEST_SIGN_KMH:
                speeds.append(kmh)
    return min(speeds, default=None)
