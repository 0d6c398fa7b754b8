"""What OpenStreetMap's tags mean to the console (https://wiki.openstreetmap.org/wiki/Map_features)."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from console.city.basemap import LINE_CLASSES
from console.city.graph import EdgeFlag
from console.model.text import Text


class Tags(Protocol):
    """The tags of one object: a mapping, or osmium's own list, which is 50 times as quick to ask
    as to turn into one.
    """

    def __contains__(self, key: object, /) -> bool: ...
    def __getitem__(self, key: str, /) -> str: ...
    def get(self, key: str, default: str, /) -> str:
        """The value of `key`, or `default`."""


KEYS = (
    "amenity",
    "building",
    "highway",
    "landuse",
    "leisure",
    "natural",
    "place",
    "railway",
    "waterway",
)
"""An object with none of these keys is not looked at."""

_ROADS: dict[str, tuple[str, float]] = {
    "motorway": ("motorway", 100),
    "trunk": ("motorway", 80),
    "primary": ("primary", 60),
    "secondary": ("secondary", 50),
    "tertiary": ("tertiary", 40),
    "motorway_link": ("motorway", 50),
    "trunk_link": ("motorway", 45),
    "primary_link": ("primary", 40),
    "secondary_link": ("secondary", 40),
    "tertiary_link": ("tertiary", 35),
    "unclassified": ("residential", 40),
    "residential": ("residential", 30),
    "road": ("residential", 30),
    "living_street": ("residential", 15),
    "service": ("service", 20),
    "track": ("path", 15),
}
"""highway=* that vehicles use: how it is drawn, and its usual speed in km/h."""

_PATHS = frozenset(
    {"pedestrian", "footway", "path", "steps", "cycleway", "bridleway", "corridor", "platform"}
)
_NOT_FOR_WALKERS = frozenset({"motorway", "motorway_link", "trunk", "trunk_link"})
_SHUT = frozenset({"no", "private"})
_NO_ROAD_YET = frozenset({"proposed", "construction", "abandoned", "razed", "planned"})
_RAILS = frozenset({"rail", "light_rail", "subway", "tram", "narrow_gauge", "monorail"})
_STREAMS = frozenset({"river", "stream", "canal", "ditch", "drain"})

_FILLS: dict[tuple[str, str], str] = {
    ("natural", "water"): "water",
    ("natural", "bay"): "water",
    ("waterway", "riverbank"): "water",
    ("waterway", "dock"): "water",
    ("landuse", "reservoir"): "water",
    ("landuse", "basin"): "water",
    ("amenity", "school"): "school",
    ("amenity", "university"): "school",
    ("amenity", "college"): "school",
    ("amenity", "kindergarten"): "school",
    **{
        ("leisure", value): "park"
        for value in ("park", "garden", "golf_course", "nature_reserve", "recreation_ground")
    },
    **{("natural", value): "park" for value in ("wood", "scrub", "grassland", "heath", "wetland")},
    **{
        ("landuse", value): "park"
        for value in (
            *("forest", "grass", "meadow", "cemetery", "recreation_ground"),
            *("village_green", "allotments", "orchard", "vineyard"),
        )
    },
    ("landuse", "residential"): "residential",
    ("landuse", "commercial"): "commercial",
    ("landuse", "retail"): "commercial",
    ("landuse", "industrial"): "industrial",
    ("landuse", "railway"): "industrial",
    ("landuse", "port"): "industrial",
    ("landuse", "quarry"): "industrial",
}
_FILL_KEYS = ("natural", "waterway", "amenity", "leisure", "landuse")

THING_OF_FILL = {
    "water": "water",
    "park": "green",
    "residential": "landuse",
    "commercial": "landuse",
    "industrial": "landuse",
    "school": "landuse",
    "building": "buildings",
}
"""Under which heading of the report an area stands."""

_PLACE_RANKS: dict[tuple[str, str], tuple[str, int]] = {
    ("place", "city"): ("city", 0),
    ("place", "town"): ("town", 5),
    ("place", "borough"): ("suburb", 8),
    ("place", "suburb"): ("suburb", 10),
    ("place", "village"): ("village", 12),
    ("place", "quarter"): ("quarter", 16),
    ("place", "neighbourhood"): ("quarter", 20),
    ("place", "hamlet"): ("quarter", 22),
    ("amenity", "townhall"): ("townhall", 24),
    ("amenity", "hospital"): ("hospital", 25),
    ("railway", "station"): ("station", 26),
    ("amenity", "university"): ("university", 27),
    ("amenity", "police"): ("police", 28),
    ("amenity", "fire_station"): ("fire_station", 28),
    ("amenity", "bus_station"): ("station", 30),
    ("leisure", "park"): ("park", 32),
    ("amenity", "college"): ("university", 33),
    ("amenity", "school"): ("school", 34),
    ("amenity", "marketplace"): ("market", 35),
    ("amenity", "clinic"): ("clinic", 36),
    ("amenity", "kindergarten"): ("school", 40),
}
_PLACE_KEYS = ("place", "amenity", "railway", "leisure")


class Road(NamedTuple):
    """How a road is drawn and who may use it: `line_class` an index into LINE_CLASSES, `kmh` its
    speed, `flags` of `EdgeFlag` (0 for what nobody can use).
    """

    line_class: int
    kmh: float
    flags: int


def road_of(tags: Tags) -> Road | None:
    """The road a way with these tags is, or None for what is no road (yet)."""
    highway = tags["highway"]
    if highway in _NO_ROAD_YET:
        return None
    name, usual = _ROADS.get(highway, ("path", 0.0))
    if tags.get("bridge", "no") != "no":
        name += "_bridge"
    return Road(_LINE_INDEX[name], _speed(tags, usual), _flags(highway, tags))


def rail_of(tags: Tags) -> int | None:
    """The line class of a railway that is in use and above ground, or None."""
    if tags["railway"] not in _RAILS or tags.get("tunnel", "no") != "no":
        return None
    return _LINE_INDEX["rail_bridge" if tags.get("bridge", "no") != "no" else "rail"]


def stream_of(tags: Tags) -> int | None:
    """The line class of a waterway above ground, or None."""
    if tags["waterway"] not in _STREAMS or tags.get("tunnel", "no") != "no":
        return None
    return _LINE_INDEX["stream"]


def fill_of(tags: Tags) -> str | None:
    """The fill class of a closed way or multipolygon with these tags, or None."""
    if tags.get("building", "no") != "no":
        return "building"
    if "highway" in tags:  # a square or a roundabout is drawn as a line
        return None
    return next(
        (fill for key in _FILL_KEYS if key in tags and (fill := _FILLS.get((key, tags[key])))), None
    )


def place_of(tags: Tags) -> tuple[str, int] | None:
    """Category and rank (0 most important) of the place these tags describe, or None."""
    return next(
        (p for key in _PLACE_KEYS if key in tags and (p := _PLACE_RANKS.get((key, tags[key])))),
        None,
    )


def name_of(tags: Tags) -> Text:
    """The name in Chinese and English; a plain `name` serves the language it is written in."""
    plain = tags.get("name", "")
    chinese = tags.get("name:zh", "") or tags.get("name:zh-Hans", "")
    english = tags.get("name:en", "") or tags.get("int_name", "")
    if _is_chinese(plain):
        return Text(chinese or plain, english)
    return Text(chinese, english or plain)


def _is_chinese(text: str) -> bool:
    return any("\u3400" <= c <= "\u9fff" or "\U00020000" <= c <= "\U0003ffff" for c in text)


def _speed(tags: Tags, usual: float) -> float:
    """The sign's speed in km/h, or the usual one where there is none or it says no number."""
    words = tags.get("maxspeed", "").split()
    if not words or not words[0].isdecimal() or not usual:
        return usual
    speed = float(words[0]) * (1.609344 if words[-1] == "mph" else 1.0)
    return speed if 5 <= speed <= 140 else usual


def _flags(highway: str, tags: Tags) -> int:
    flags = 0
    shut = tags.get("access", "") in _SHUT
    if highway in _ROADS and _open_to(tags, ("motor_vehicle", "vehicle"), not shut):
        flags |= _directions(highway, tags)
    walkers = not shut and (highway not in _NOT_FOR_WALKERS or "sidewalk" in tags)
    if (highway in _ROADS or highway in _PATHS) and _open_to(tags, ("foot",), walkers):
        flags |= EdgeFlag.FOOT
    return int(flags)


def _open_to(tags: Tags, keys: tuple[str, ...], otherwise: bool) -> bool:
    """What the most particular access tag says."""
    return next((tags[key] not in _SHUT for key in keys if key in tags), otherwise)


def _directions(highway: str, tags: Tags) -> int:
    oneway = tags.get("oneway", "")
    if oneway in ("-1", "reverse"):
        return EdgeFlag.CAR_BACKWARD
    implied = highway == "motorway" or tags.get("junction", "") in ("roundabout", "circular")
    if oneway in ("yes", "1", "true") or (implied and oneway != "no"):
        return EdgeFlag.CAR_FORWARD
    return EdgeFlag.CAR_FORWARD | EdgeFlag.CAR_BACKWARD


_LINE_INDEX = {name: index for index, name in enumerate(LINE_CLASSES)}
