"""What OpenStreetMap's tags mean to the console (https://wiki.openstreetmap.org/wiki/Map_features)."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from console.city.basemap import LINE_CLASSES
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
"""A way, an area or a place with none of these keys is not looked at."""

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
    "busway": ("service", 40),
    "track": ("path", 15),
}
"""highway=* made for vehicles: how it is drawn, and its usual speed in km/h."""

_PATH_KMH = 10.0
"""The usual speed of vehicles on what is no road, where they are let in."""

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
PLACE_KEYS = ("place", "amenity", "railway", "leisure")


class Road(NamedTuple):
    """How a road is drawn, `line_class` an index into LINE_CLASSES, and its usual speed `kmh`."""

    line_class: int
    kmh: float


def road_of(tags: Tags) -> Road | None:
    """The road a way with these tags is, or None for what is no road (yet)."""
    highway = tags["highway"]
    if highway in _NO_ROAD_YET:
        return None
    name, usual = _ROADS.get(highway, ("path", _PATH_KMH))
    if tags.get("bridge", "no") != "no":
        name += "_bridge"
    return Road(_LINE_INDEX[name], usual)


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
        (p for key in PLACE_KEYS if key in tags and (p := _PLACE_RANKS.get((key, tags[key])))),
        None,
    )


def name_of(tags: Tags) -> Text:
    """The name in Chinese and English; a plain `name` serves the language it is written in."""
    plain = tags.get("name", "")
    chinese = tags.get("name:zh-Hans", "") or tags.get("name:zh", "")
    english = tags.get("name:en", "") or tags.get("int_name", "")
    if _is_chinese(plain):
        return Text(chinese or plain, english)
    return Text(chinese, english or plain)


def _is_chinese(text: str) -> bool:
    return any("\u3400" <= c <= "\u9fff" or "\U00020000" <= c <= "\U0003ffff" for c in text)


_LINE_INDEX = {name: index for index, name in enumerate(LINE_CLASSES)}
