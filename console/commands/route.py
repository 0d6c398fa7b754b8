"""The way from one place of a city to another, as the desk ranks units by it."""

from __future__ import annotations

import argparse
import json
from itertools import groupby
from typing import Any

import numpy as np

from console.city import City, CityError, Route, open_city
from console.city.network import segment_metres
from console.city.reach import WALKED
from console.city.travel import ROAD_PROFILES, Way
from console.commands.terminal import say, stop_with, tell, terminal_language
from console.i18n import text_of
from console.model.geo import world_from_lonlat
from console.model.text import Text
from console.service import ground_of

NO_WAY = 3
"""Exit code where no way leads there."""
Stretch = tuple[int | None, Text, float, float]
"""A street's edge (None: on foot beside the roads), its name, and the metres and seconds on it."""


def route(args: argparse.Namespace) -> int:
    """Print how long the way takes and which streets it follows; `NO_WAY` where there is none."""
    try:
        city = open_city(args.city.absolute())
    except CityError as error:
        raise stop_with(error.message) from error
    start, goal = _place(city, args.start), _place(city, args.goal)
    found = city.roads.path(*start, *goal, ROAD_PROFILES[Way(args.profile)])
    if args.json:
        say(json.dumps(_tree(city, found, args.profile), ensure_ascii=False))
    elif len(found.xy):
        _describe(city, found, args.profile)
    else:
        user = text_of(f"osm.user.{args.profile}")
        tell(text_of("osm.route.none", user=user, start=args.start, goal=args.goal))
    return 0 if len(found.xy) else NO_WAY


def _place(city: City, lonlat: str) -> tuple[float, float]:
    """The world point of "LON,LAT", in or near the city."""
    try:
        lon, lat = (float(degrees) for degrees in lonlat.split(","))
    except ValueError:
        raise stop_with(text_of("osm.route.place", place=lonlat)) from None
    if not ground_of(city.manifest.bounds, city.cells, city.units).holds(lon, lat):
        west, south, east, north = city.manifest.bounds
        bounds = f"{west:.3f},{south:.3f} – {east:.3f},{north:.3f}"
        raise stop_with(text_of("osm.route.outside", place=lonlat, bounds=bounds))
    x, y = world_from_lonlat(lon, lat)
    return float(x), float(y)


def _stretches(city: City, found: Route) -> list[Stretch]:
    """The way by streets; edges of one name in a row are one stretch, barriers add their time."""
    metres = segment_metres(found.xy[:-1], found.xy[1:])
    seconds = np.diff(found.seconds)
    steps = []
    for step, edge in enumerate(found.edge[1:].tolist()):
        walked = edge == WALKED
        name = text_of("osm.route.walk") if walked else city.roads.street(edge)
        steps.append((None if walked else edge, name, float(metres[step]), float(seconds[step])))
    return [
        (rows[0][0], rows[0][1], sum(r[2] for r in rows), sum(r[3] for r in rows))
        for _, group in groupby(steps, key=lambda r: (r[0] is None, r[1]))
        if (rows := list(group))
    ]


def _describe(city: City, found: Route, profile: str) -> None:
    language = terminal_language()
    total = {"seconds": round(float(found.seconds[-1])), "metres": round(found.metres)}
    tell(text_of("osm.route.total", user=text_of(f"osm.user.{profile}"), **total))
    for _, name, metres, seconds in _stretches(city, found):
        street = (name or text_of("osm.route.nameless")).in_language(language)
        tell(text_of("osm.route.street", metres=round(metres), seconds=round(seconds), name=street))


def _tree(city: City, found: Route, profile: str) -> dict[str, Any]:
    if not len(found.xy):
        return {"profile": profile, "seconds": None, "metres": None, "streets": []}
    return {
        "profile": profile,
        "seconds": round(float(found.seconds[-1]), 1),
        "metres": round(found.metres, 1),
        "streets": [
            {
                "on_foot": edge is None,
                "name": {"zh": name.zh, "en": name.en} if edge is not None else None,
                "metres": round(metres, 1),
                "seconds": round(seconds, 1),
            }
            for edge, name, metres, seconds in _stretches(city, found)
        ],
    }
