"""The road graph: travel times and routes along roads.

Lengths are metres on the ground, times seconds without traffic: the sign's speed, or the road
class's usual one. Who may use a road was decided at the import, by the city's table of open roads.
Turn restrictions are not kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from console.city.arrays import Bundle, Texts
from console.city.network import Network
from console.city.reach import NetworkReach, Reach, Route, StraightReach
from console.city.travel import ROAD_PROFILES, USERS, WALK_MPS, TravelProfile, Way
from console.model.text import Text

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

FLAG_BITS = 5
"""Bits that each of `USERS` has in an edge's flags, the first user's lowest."""


class EdgeFlag(IntFlag):
    """What an edge is to one user: open along its line and against it, open only at the end of a
    way, slow, and part of a network that one can get about in.
    """

    FORWARD = 1
    BACKWARD = 2
    END = 4
    SLOW = 8
    MAIN = 16


def flags_for(way: Way, flag: EdgeFlag) -> int:
    """The flags of an edge that is `flag` to `way` and shut to everybody else."""
    return int(flag) << (FLAG_BITS * USERS.index(way))


@dataclass(frozen=True, slots=True)
class Edges:
    """e edges: `tail`, `head` int32[e] are nodes; points `first` to `last` (both included) of
    `shape_xy` float64[m,2] world are its line; `metres` float64[e] on the ground; `kmh`
    float32[e]; `flags` uint32[e] of `flags_for`; `name` int32[e] the street's. The last edges are
    barriers: without length, each end of a road at a barrier is joined to it by one.
    """

    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    metres: FloatArray
    kmh: NDArray[np.float32]
    flags: NDArray[np.uint32]
    name: NDArray[np.int32]
    shape_xy: FloatArray


class RoadGraph:
    """The roads of a city, read only and safe to use from several threads."""

    def __init__(self, roads: Bundle) -> None:
        self.node_xy: FloatArray = roads.array("node_xy")
        self.edges = Edges(**{name: roads.array(name) for name in Edges.__slots__})
        self._barriers = int(roads.array("barriers")[0])
        self._slow_kmh: NDArray[np.float32] = roads.array("slow_kmh")
        self._gate_s: NDArray[np.float32] = roads.array("gate_s")
        self._names = Texts(roads.strings("name_zh"), roads.strings("name_en"))
        self._networks: dict[Way, Network] = {}

    def reach(self, x: float, y: float, profile: TravelProfile, limit_s: float = 3600.0) -> Reach:
        """How long it takes from anywhere *to* world point (x, y), up to `limit_s` seconds."""
        if profile.way is Way.STRAIGHT:
            return StraightReach(x, y, profile, limit_s)
        return NetworkReach(self._network(profile.way), x, y, profile.factor, limit_s)

    def prepare(self) -> None:
        """Build what searches need, for vehicles and walkers, ahead of the first click.

        Takes about a second in a large city (scipy's import is a part of it), so call it from a
        thread of its own.
        """
        if len(self.node_xy):
            x, y = (float(v) for v in self.node_xy[0])
            for profile in ROAD_PROFILES.values():
                self.reach(x, y, profile, limit_s=1.0)

    def path(self, x0: float, y0: float, x1: float, y1: float, profile: TravelProfile) -> Route:
        """The quickest way from one world point to another; empty when there is none."""
        return self.reach(x1, y1, profile, limit_s=float("inf")).path_from(x0, y0)

    def street(self, edge: int) -> Text:
        """What the street of an edge is called; empty for none."""
        return self._names[int(self.edges.name[edge])]

    def has(self, way: Way, flag: EdgeFlag) -> BoolArray:
        """Whether each edge is `flag` to one of `USERS`, bool[e]."""
        return np.asarray((self.edges.flags & np.uint32(flags_for(way, flag))) != 0)

    def _network(self, way: Way) -> Network:
        network = self._networks.get(way)
        if network is None:
            network = self._networks[way] = self._laid_out(way)
        return network

    def _laid_out(self, way: Way) -> Network:
        e = self.edges
        forward, backward = self.has(way, EdgeFlag.FORWARD), self.has(way, EdgeFlag.BACKWARD)
        street = np.arange(len(e.metres)) < self._barriers
        allowed = (forward | backward) & street
        connected = allowed & self.has(way, EdgeFlag.MAIN)
        return Network(
            nodes=len(self.node_xy),
            tail=e.tail.astype(np.int64),
            head=e.head.astype(np.int64),
            metres=e.metres,
            seconds=self._seconds(way, street),
            forward=forward,
            backward=backward,
            end=self.has(way, EdgeFlag.END),
            snap_to=connected if connected.any() else allowed,
            first=e.first,
            last=e.last,
            shape_xy=e.shape_xy,
        )

    def _seconds(self, way: Way, street: BoolArray) -> FloatArray:
        """The time along each edge, before a profile's factor; half of what a slow barrier costs on
        either side of it.
        """
        slow, user, factor = (
            self.has(way, EdgeFlag.SLOW),
            USERS.index(way),
            ROAD_PROFILES[way].factor,
        )
        walked = np.full(len(street), WALK_MPS)
        mps = walked if way is Way.FOOT else self.edges.kmh.astype(np.float64) / 3.6
        mps = np.where(slow, np.minimum(mps, float(self._slow_kmh[user]) / 3.6 / factor), mps)
        waiting = np.where(slow, float(self._gate_s[user]) * factor / 2, 0.0)
        return np.where(street, self.edges.metres / np.maximum(mps, 1e-3), waiting)
