"""The road graph: travel times and routes along roads.

Lengths are metres on the ground, times seconds without traffic: the sign's speed, or the road
class's usual one. Turn restrictions are not kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from console.city.arrays import Bundle
from console.city.network import Network
from console.city.reach import NetworkReach, Reach, Route, StraightReach
from console.city.travel import BY_ROAD, ON_FOOT, TravelProfile, Way

FloatArray = NDArray[np.float64]


class EdgeFlag(IntFlag):
    """What may use an edge, and whether it is part of a network one can get about in."""

    CAR_FORWARD = 1
    CAR_BACKWARD = 2
    FOOT = 4
    CAR_MAIN = 8
    FOOT_MAIN = 16


@dataclass(frozen=True, slots=True)
class Edges:
    """e edges: `tail`, `head` int32[e] are nodes; points `first` to `last` (both included) of
    `shape_xy` float64[m,2] world are its line; `metres` float64[e] on the ground; `kmh`
    float32[e]; `flags` uint8[e] of `EdgeFlag`.
    """

    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    metres: FloatArray
    kmh: NDArray[np.float32]
    flags: NDArray[np.uint8]
    shape_xy: FloatArray


class RoadGraph:
    """The roads of a city, read only and safe to use from several threads."""

    def __init__(self, roads: Bundle) -> None:
        self.node_xy: FloatArray = roads.array("node_xy")
        self.edges = Edges(**{name: roads.array(name) for name in Edges.__slots__})

    def reach(self, x: float, y: float, profile: TravelProfile, limit_s: float = 3600.0) -> Reach:
        """How long it takes from anywhere *to* world point (x, y), up to `limit_s` seconds."""
        if profile.way is Way.STRAIGHT:
            return StraightReach(x, y, profile, limit_s)
        network = self._on_foot if profile.way is Way.FOOT else self._by_road
        return NetworkReach(network, x, y, profile, limit_s)

    def prepare(self) -> None:
        """Build what searches need, for vehicles and walkers, ahead of the first click.

        Takes about half a second in a large city (scipy's import is half of it), so call it from a
        thread of its own.
        """
        if len(self.node_xy):
            x, y = (float(v) for v in self.node_xy[0])
            for profile in (BY_ROAD, ON_FOOT):
                self.reach(x, y, profile, limit_s=1.0)

    def path(self, x0: float, y0: float, x1: float, y1: float, profile: TravelProfile) -> Route:
        """The quickest way from one world point to another; empty when there is none."""
        return self.reach(x1, y1, profile, limit_s=float("inf")).path_from(x0, y0)

    @cached_property
    def _by_road(self) -> Network:
        e = self.edges
        mps = e.kmh.astype(np.float64) / 3.6
        forward = (e.flags & EdgeFlag.CAR_FORWARD) != 0
        backward = (e.flags & EdgeFlag.CAR_BACKWARD) != 0
        return self._network(mps, forward, backward, EdgeFlag.CAR_MAIN)

    @cached_property
    def _on_foot(self) -> Network:
        e = self.edges
        allowed = (e.flags & EdgeFlag.FOOT) != 0
        return self._network(np.ones(len(e.kmh)), allowed, allowed, EdgeFlag.FOOT_MAIN)

    def _network(
        self,
        mps: FloatArray,
        forward: NDArray[np.bool_],
        backward: NDArray[np.bool_],
        main: EdgeFlag,
    ) -> Network:
        e = self.edges
        allowed = forward | backward
        connected = allowed & ((e.flags & main) != 0)
        return Network(
            nodes=len(self.node_xy),
            tail=e.tail.astype(np.int64),
            head=e.head.astype(np.int64),
            metres=e.metres,
            mps=mps,
            forward=forward,
            backward=backward,
            snap_to=connected if connected.any() else allowed,
            first=e.first,
            last=e.last,
            shape_xy=e.shape_xy,
        )
