"""The simulated field's ground out of a city package: its roads, its cells, its water.

Ways are searched on the city's road graph, and those between the places of a beat are remembered,
so that a patrol costs nothing after its first round.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from random import Random

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from console.city import City
from console.city.graph import EdgeFlag
from console.city.travel import Way, profile_of
from console.model.geo import ground_distance_m, ground_scale
from console.model.unit import UnitKind
from console.practice.field.script import HABITS
from console.practice.field.terrain import Leg, Point

STOPS = 4
"""Places of a beat."""

BIG_ROAD_KMH = 39.0
"""Roads at least this fast are where cars patrol."""

REMEMBERED_LEGS = 2048
"""Some 2 kB each: enough for the beats of four hundred units."""

LONGEST_LEG_S = 7200.0
"""A command further away than that is refused; bounds the search in a huge city."""

_USUAL_ROAD_MPS = 8.0
_DETOUR = 1.7
_SLACK_S = 120.0
_TRIES = 150
_WATER_METRES_PER_PX = 4.0
_BANK_M = 8.0


class CityTerrain:
    """`Terrain` on a city's roads. Not for several threads."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._found = lru_cache(REMEMBERED_LEGS)(self._search)

    def leg(self, kind: UnitKind, start: Point, goal: Point) -> Leg | None:
        """The quickest way, from `start` itself to `goal` itself; None when there is none."""
        return self._found(kind, start, goal)

    def beat(self, kind: UnitKind, home: Point, rng: Random) -> tuple[Point, ...]:
        """Up to four places round `home`, in the order of a round; none where nothing fits."""
        if kind is UnitKind.BOAT:
            return self._on_water(home, rng)
        nodes = self._nodes_for(kind, home)
        chosen = rng.sample(nodes, min(STOPS, len(nodes)))
        return _round(home, [self._node(n) for n in chosen])

    def _search(self, kind: UnitKind, start: Point, goal: Point) -> Leg | None:
        profile = profile_of(kind)
        straight_m = float(ground_distance_m(*start, *goal))
        slow = profile.way in (Way.FOOT, Way.STRAIGHT)
        usual_s = straight_m / (profile.mps if slow else _USUAL_ROAD_MPS)
        # A search grows with the square of its limit: most ways are found within a small one.
        for limit_s in (_DETOUR * usual_s + _SLACK_S, LONGEST_LEG_S):
            route = self._city.roads.reach(*goal, profile, limit_s).path_from(*start)
            if len(route.xy):
                return Leg(route.xy, route.seconds)
        return None

    def _node(self, node: int) -> Point:
        x, y = self._city.roads.node_xy[node]
        return float(x), float(y)

    def _nodes_for(self, kind: UnitKind, home: Point) -> list[int]:
        """Junctions that suit a kind's patrol, the narrowest choice that leaves one."""
        reach = HABITS[kind].beat_m / float(ground_scale(home[1]))
        usable = self._walked if profile_of(kind).way is Way.FOOT else self._driven
        near = [n for n in self._tree.query_ball_point(home, reach) if usable[n]]
        if profile_of(kind).way is Way.FOOT:
            best = self._in_cell_of(home, near)
        else:
            best = [n for n in near if self._big[n]]
        return best if len(best) >= STOPS else near

    def _in_cell_of(self, home: Point, nodes: Sequence[int]) -> list[int]:
        cells = self._city.cells
        cell = cells.at(*home)
        return [n for n in nodes if cells.at(*self._node(n)) == cell] if cell >= 0 else []

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self._city.roads.node_xy)

    @cached_property
    def _walked(self) -> NDArray[np.bool_]:
        return self._touched(self._city.roads.has(Way.FOOT, EdgeFlag.MAIN))

    @cached_property
    def _driven(self) -> NDArray[np.bool_]:
        return self._touched(self._city.roads.has(Way.CAR, EdgeFlag.MAIN))

    @cached_property
    def _big(self) -> NDArray[np.bool_]:
        fast = self._city.roads.edges.kmh >= BIG_ROAD_KMH
        return self._touched(fast & self._city.roads.has(Way.CAR, EdgeFlag.MAIN))

    def _touched(self, edges: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The nodes at an end of any of `edges`."""
        roads = self._city.roads
        nodes = np.zeros(len(roads.node_xy), bool)
        nodes[roads.edges.tail[edges]] = True
        nodes[roads.edges.head[edges]] = True
        return nodes

    def _on_water(self, home: Point, rng: Random) -> tuple[Point, ...]:
        """Places on the water near `home`, each in a straight line of water from the one before."""
        reach = HABITS[UnitKind.BOAT].beat_m / float(ground_scale(home[1]))
        water = self._water((home[0] - reach, home[1] - reach, home[0] + reach, home[1] + reach))
        shapely.prepare(water)
        stops: list[Point] = []
        for _ in range(_TRIES):
            stop = home[0] + rng.uniform(-reach, reach), home[1] + rng.uniform(-reach, reach)
            if shapely.contains(water, shapely.LineString([stops[-1] if stops else home, stop])):
                stops.append(stop)
            if len(stops) == STOPS - 1:
                break
        # There and back again: the way from the last stop to the first would cross land.
        return (home, *stops, *stops[-2::-1]) if stops else ()

    def _water(self, bounds: tuple[float, float, float, float]) -> shapely.Geometry:
        level = next(
            v for v in self._city.basemap.levels if v.metres_per_px <= _WATER_METRES_PER_PX
        )
        offsets, xy = level.fills("water", bounds)
        rings = [shapely.Polygon(xy[a:b]) for a, b in pairwise(offsets) if b - a >= 4]
        area: shapely.Geometry = shapely.MultiPolygon()
        for ring in rings:
            # Even-odd, as it is drawn: a ring within a ring is an island.
            area = shapely.symmetric_difference(area, shapely.make_valid(ring))
        return shapely.buffer(shapely.intersection(area, shapely.box(*bounds)), -_BANK_M)


def _round(home: Point, stops: list[Point]) -> tuple[Point, ...]:
    """The stops by their direction from home: a round, rather than a zigzag."""
    return tuple(sorted(stops, key=lambda p: math.atan2(p[1] - home[1], p[0] - home[0])))
