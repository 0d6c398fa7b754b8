"""How long it takes to a place from anywhere, and by which way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from console.city.network import JUNCTION_M, Network, segment_metres
from console.city.snap import Snapped
from console.city.travel import WALK_MPS, TravelProfile
from console.model.geo import ground_distance_m

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

WALKED = -1
"""Instead of an edge: beside the roads, on foot."""


class RouteLeg(NamedTuple):
    """A stretch of route: its `line` float64[p,2] world, the seconds it takes, and its edge."""

    line: FloatArray
    seconds: float
    edge: int = WALKED


@dataclass(frozen=True, slots=True)
class Route:
    """A way from one place to another: `xy` float64[p,2] world, `seconds` float64[p] since the
    start at each point, `edge` int64[p] the edge by which each point was come to (WALKED beside the
    roads). No points at all: there is no way.
    """

    xy: FloatArray
    seconds: FloatArray
    edge: IntArray

    @property
    def metres(self) -> float:
        """The length on the ground; 0 for no route."""
        return float(segment_metres(self.xy[:-1], self.xy[1:]).sum()) if len(self.xy) else 0.0


NO_ROUTE = Route(np.empty((0, 2)), np.empty(0), np.empty(0, np.int64))


class Reach(Protocol):
    """Travel to one place."""

    def seconds_from(self, xy: FloatArray) -> FloatArray:
        """Seconds from each world point of float64[k,2], inf where there is no way."""

    def path_from(self, x: float, y: float) -> Route:
        """The quickest way from a world point, with its times."""

    def route_from(self, x: float, y: float) -> FloatArray:
        """Its line, float64[p,2] world; (0,2) when there is none."""

    def metres_from(self, x: float, y: float) -> float:
        """Its length on the ground, inf when there is none."""


class _Routed:
    def path_from(self, x: float, y: float) -> Route:
        raise NotImplementedError

    def route_from(self, x: float, y: float) -> FloatArray:
        return self.path_from(x, y).xy

    def metres_from(self, x: float, y: float) -> float:
        route = self.path_from(x, y)
        return route.metres if len(route.xy) else float("inf")


class StraightReach(_Routed):
    """Travel as the crow flies."""

    def __init__(self, x: float, y: float, profile: TravelProfile, limit_s: float) -> None:
        self._x, self._y, self._mps, self._limit_s = x, y, profile.mps, limit_s

    def seconds_from(self, xy: FloatArray) -> FloatArray:
        """Seconds from each world point of float64[k,2], inf beyond the limit."""
        metres = ground_distance_m(xy[:, 0], xy[:, 1], self._x, self._y)
        seconds = np.asarray(metres / self._mps)
        return np.where(seconds <= self._limit_s, seconds, np.inf)

    def path_from(self, x: float, y: float) -> Route:
        """The straight line, or no route beyond the limit."""
        seconds = float(self.seconds_from(np.array([[x, y]]))[0])
        if not np.isfinite(seconds):
            return NO_ROUTE
        line = np.array([[x, y], [self._x, self._y]])
        return Route(line, np.array([0.0, seconds]), np.full(2, WALKED))


class NetworkReach(_Routed):
    """Travel along the network, and on foot between the network and either place."""

    def __init__(self, network: Network, x: float, y: float, factor: float, limit_s: float) -> None:
        self._network = network
        self._target = np.array([x, y])
        self._limit_s = limit_s
        self._pace = 1 / factor
        snapper = network.snapper
        self._place = None if snapper is None else snapper.snap(self._target[None])
        if self._place is not None:
            edge, share = int(self._place.edge[0]), float(self._place.share[0])
            found, self._towards = network.search(edge, share, limit_s / self._pace)
            self._stop_s = found * self._pace

    def seconds_from(self, xy: FloatArray) -> FloatArray:
        """Seconds from each world point of float64[k,2], inf where there is no way."""
        snapper = self._network.snapper
        if snapper is None or self._place is None or not len(xy):
            return np.full(len(xy), np.inf)
        return self._seconds(snapper.snap(xy))

    def path_from(self, x: float, y: float) -> Route:
        """The quickest way from a world point, with its times."""
        snapper = self._network.snapper
        if snapper is None or self._place is None:
            return NO_ROUTE
        start = snapper.snap(np.array([[x, y]]))
        if not np.isfinite(self._seconds(start)[0]):
            return NO_ROUTE
        return _joined(self._legs(np.array([x, y]), start))

    def _seconds(self, start: Snapped) -> FloatArray:
        choices = np.stack(self._choices(start))
        walked = (start.gap_m + self._gap_m) / WALK_MPS
        seconds = choices.min(axis=0) + walked
        return np.where(seconds <= self._limit_s, seconds, np.inf)

    @property
    def _gap_m(self) -> float:
        return 0.0 if self._place is None else float(self._place.gap_m[0])

    def _choices(self, start: Snapped) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Seconds on the network by the edge's head, by its tail, and along the edge itself."""
        net, edge = self._network, start.edge
        whole = net.seconds[edge] * self._pace
        onward = net.forward[edge] | net.at_head(edge, start.share)
        back = net.backward[edge] | net.at_tail(edge, start.share)
        at_tail, at_head = net.leaving
        by_head = (1 - start.share) * whole + self._stop_s[at_head[edge]]
        by_tail = start.share * whole + self._stop_s[at_tail[edge]]
        return (
            np.where(onward, by_head, np.inf),
            np.where(back, by_tail, np.inf),
            self._along(start, whole),
        )

    def _along(self, start: Snapped, whole: FloatArray) -> FloatArray:
        assert self._place is not None
        net, edge = self._network, start.edge
        ahead = self._place.share[0] - start.share
        allowed = np.where(ahead >= 0, net.forward[edge], net.backward[edge])
        # who stands half a metre beyond the place does not drive round the block to it
        allowed = allowed | (np.abs(ahead) * net.metres[edge] < JUNCTION_M)
        allowed = allowed & (edge == self._place.edge[0])
        return np.where(allowed, np.abs(ahead) * whole, np.inf)

    def _legs(self, origin: FloatArray, start: Snapped) -> list[RouteLeg]:
        assert self._place is not None
        choice = int(np.argmin(np.stack(self._choices(start))[:, 0]))
        edge, share = int(start.edge[0]), float(start.share[0])
        legs = [_walk(origin, start.xy[0], float(start.gap_m[0]))]
        if choice == 2:
            legs.append(self._stretch(edge, share, float(self._place.share[0])))
        else:
            legs.append(self._stretch(edge, share, 1.0 - choice))
            legs += self._from_stop(int(self._network.leaving[1 - choice][edge]))
        legs.append(_walk(self._place.xy[0], self._target, self._gap_m))
        return legs

    def _from_stop(self, stop: int) -> list[RouteLeg]:
        """The edges from a stop to the place."""
        assert self._place is not None
        net, legs = self._network, []
        while (following := int(self._towards[stop])) != net.place:
            edge = net.edge_between(stop, following)
            if edge >= 0:
                backwards = bool(net.tail[edge] != net.node_of(stop))
                legs.append(self._stretch(edge, *((1.0, 0.0) if backwards else (0.0, 1.0))))
            stop = following
        edge, share = int(self._place.edge[0]), float(self._place.share[0])
        legs.append(self._stretch(edge, self._entry(edge, share, net.node_of(stop)), share))
        return legs

    def _entry(self, edge: int, share: float, node: int) -> float:
        """At which end the last edge is entered from `node`: 0 its tail, 1 its head."""
        net = self._network
        if net.tail[edge] != net.head[edge]:
            return 0.0 if net.tail[edge] == node else 1.0
        by_tail = share if net.forward[edge] or net.at_tail(edge, share) else np.inf
        by_head = 1 - share if net.backward[edge] or net.at_head(edge, share) else np.inf
        return 0.0 if by_tail <= by_head else 1.0

    def _stretch(self, edge: int, begin: float, end: float) -> RouteLeg:
        """The part of an edge between two shares of its length, in the direction of travel."""
        seconds = abs(end - begin) * float(self._network.seconds[edge]) * self._pace
        return RouteLeg(_part_of(self._network.line(edge), begin, end), seconds, edge)


def _walk(a: FloatArray, b: FloatArray, metres: float) -> RouteLeg:
    return RouteLeg(np.stack([a, b]), metres / WALK_MPS)


def _part_of(line: FloatArray, begin: float, end: float) -> FloatArray:
    if begin > end:
        return _part_of(line, end, begin)[::-1]
    gone = np.concatenate([[0], np.cumsum(segment_metres(line[:-1], line[1:]))])
    gone /= max(gone[-1], 1e-9)
    ends = np.array([begin, end])
    tips = np.column_stack([np.interp(ends, gone, line[:, axis]) for axis in (0, 1)])
    between = line[(gone > begin) & (gone < end)]
    return np.concatenate([tips[:1], between, tips[1:]])


def _joined(legs: list[RouteLeg]) -> Route:
    """Legs end to end; the time within a leg passes by length, points that repeat are dropped."""
    xy = np.concatenate([leg.line if i == 0 else leg.line[1:] for i, leg in enumerate(legs)])
    steps = np.concatenate([_steps(leg.line, leg.seconds) for leg in legs])
    edge = np.concatenate([np.full(len(leg.line) - 1, leg.edge) for leg in legs])
    seconds = np.concatenate([[0], np.cumsum(steps)])
    moved = np.concatenate([[True], (np.abs(np.diff(xy, axis=0)) > 1e-9).any(axis=1)])
    kept = seconds[moved]
    kept[-1] = seconds[-1]
    return Route(xy[moved], kept, np.append(edge[:1], edge)[moved])


def _steps(line: FloatArray, seconds: float) -> FloatArray:
    """Seconds of each step; a barrier has no length, but may take time."""
    metres = segment_metres(line[:-1], line[1:])
    total = metres.sum()
    if total > 0:
        return np.asarray(metres * (seconds / total))
    return np.full(len(metres), seconds / max(len(metres), 1))
