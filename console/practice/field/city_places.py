"""Where simulated incidents happen: spots on the city's named roads, with their addresses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise
from random import Random

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from console.city import City
from console.model.geo import ground_scale, lonlat_from_world, world_from_lonlat
from console.model.text import LANGUAGES, Text
from console.practice.field.phrases import Near
from console.practice.field.places import Spot

HOUSE_M = 14.0
"""Ground metres of street front from one house number to the next on the same side."""

MAX_HOUSE = 480
"""Roads are numbered from their western end; beyond this they begin again."""

SETBACK_M = (6.0, 14.0)
"""How far from the middle of the road an incident is, ground metres."""

_WATER_LEVEL = -2

WATERSIDE_M = 250.0
"""How far a road may be from the water to count as beside it, ground metres."""


class CityPlaces:
    """Spots along the roads that a city's base map names; its road graph's nodes where it names
    none.
    """

    def __init__(self, city: City, address: Mapping[str, str]) -> None:
        self._city = city
        self._address = address
        labels = city.basemap.levels[-1].labels(_world_bounds(city))
        roads = [i for i, kind in enumerate(labels.kind) if kind == "road" and labels.text[i]]
        self._names = [labels.text[i] for i in roads]
        self._xy = np.asarray(labels.xy, np.float64).reshape(-1, 2)[roads]
        self._angle = np.radians(np.asarray(labels.angle_deg, np.float64)[roads])
        self._span_m = np.asarray(labels.span_m, np.float64)[roads]

    def spot(self, near: Near, rng: Random) -> Spot:
        """A place on or beside a road: anywhere, by the water, or by a school."""
        if not len(self._xy):
            return self._unnamed(rng)
        if near == "water" and len(self._by_water):
            return self._beside(int(rng.choice(self._by_water)), rng)
        if near == "school" and len(self._schools):
            return self._by_school(rng)
        return self._beside(rng.randrange(len(self._xy)), rng)

    def _beside(self, road: int, rng: Random, place: Text | None = None) -> Spot:
        """A spot on either side of the straight piece of road that bears name number `road`."""
        along, across = self._axes(road)
        scale = float(ground_scale(self._xy[road, 1]))
        side = rng.choice((-1, 1))
        x, y = (
            self._xy[road]
            + along * rng.uniform(-0.4, 0.4) * self._span_m[road]
            + across * side * rng.uniform(*SETBACK_M) / scale
        )
        lon, lat = lonlat_from_world(x, y)
        number = self._number(float(x), float(y), self._names[road], scale, side)
        return Spot(float(lon), float(lat), self._written(self._names[road], number, place))

    def _axes(self, road: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        c, s = math.cos(self._angle[road]), math.sin(self._angle[road])
        return np.array([c, s]), np.array([-s, c])

    def _number(self, x: float, y: float, name: Text, scale: float, side: int) -> int:
        """Grows from the road's western end, odd on one side and even on the other; the same for
        the same place.
        """
        west_x, west_y = self._western_ends[name]
        houses = int(math.hypot(x - west_x, y - west_y) * scale / HOUSE_M) % (MAX_HOUSE // 2)
        return 2 * houses + (2 if side > 0 else 1)

    def _written(self, road: Text, number: int, place: Text | None) -> Text:
        suffix = "" if place is None else "near_"
        return Text(
            *(
                self._address[suffix + language].format(
                    road=road.in_language(language),
                    number=number,
                    place=place.in_language(language) if place else "",
                )
                for language in LANGUAGES
            )
        )

    def _by_school(self, rng: Random) -> Spot:
        place = rng.choice(self._schools)
        _, road = cKDTree(self._xy).query(self._city.places.xy[place])
        return self._beside(int(road), rng, self._city.places.name[place])

    def _unnamed(self, rng: Random) -> Spot:
        nodes = self._city.roads.node_xy
        x, y = nodes[rng.randrange(len(nodes))]
        lon, lat = (float(v) for v in lonlat_from_world(x, y))
        shown = (
            self._address[f"nowhere_{language}"].format(lon=lon, lat=lat) for language in LANGUAGES
        )
        return Spot(lon, lat, Text(*shown))

    @cached_property
    def _western_ends(self) -> dict[Text, tuple[float, float]]:
        """The westernmost point (world) that carries each road's name."""
        direction = np.column_stack([np.cos(self._angle), np.sin(self._angle)])
        western = self._xy - 0.5 * self._span_m[:, None] * direction
        ends: dict[Text, tuple[float, float]] = {}
        for name, (x, y) in zip(self._names, western, strict=True):
            if name not in ends or x < ends[name][0]:
                ends[name] = float(x), float(y)
        return ends

    @cached_property
    def _schools(self) -> list[int]:
        return [i for i, kind in enumerate(self._city.places.category) if kind == "school"]

    @cached_property
    def _by_water(self) -> NDArray[np.intp]:
        """The roads that have water near them."""
        level = self._city.basemap.levels[_WATER_LEVEL]
        offsets, xy = level.fills("water", _world_bounds(self._city))
        rings = [shapely.LineString(xy[a:b]) for a, b in pairwise(offsets) if b - a >= 4]
        reach = WATERSIDE_M / float(ground_scale(self._xy[0, 1]))
        banks = shapely.get_coordinates(shapely.segmentize(rings, reach / 2))
        if not len(banks):
            return np.zeros(0, np.intp)
        away, _ = cKDTree(banks).query(self._xy, distance_upper_bound=reach)
        return np.flatnonzero(np.isfinite(away))


def _world_bounds(city: City) -> tuple[float, float, float, float]:
    west, south, east, north = city.manifest.bounds
    x, y = world_from_lonlat([west, east], [south, north])
    return float(x[0]), float(y[0]), float(x[1]), float(y[1])
