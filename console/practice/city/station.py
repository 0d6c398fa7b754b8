"""The railway station, and the clearing of what stands in the way of rails and ramps."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from console.model.text import Text
from console.practice.city.buildings import Buildings
from console.practice.city.layout import Layout
from console.practice.city.network import Network
from console.practice.city.places import Place
from console.practice.city.roads import RAIL

FloatArray = NDArray[np.float64]
CLEARANCE_M = 9.0
HALL_LENGTH_M, HALL_DEPTH_M = 168.0, 42.0
FROM_RAILS_M = 24.0


@dataclass(frozen=True, slots=True)
class Station:
    """The hall's corners, float64 (4, 2) ground metres, its block, and its name on the map."""

    hall: FloatArray
    block: int
    place: Place


def found_station(layout: Layout) -> Station | None:
    """Clear a block north of the rails for the station; None in a city without a railway."""
    fronts = _fronts(layout)
    if not fronts:
        return None
    # A long front, and not far from the middle of the city.
    block, a, b = max(fronts, key=lambda f: _length(f[1], f[2]) - 0.06 * abs(f[1][0] + f[2][0]))
    layout.blocks[block].use = "station"
    way = (b - a) / _length(a, b)
    north = np.array([-way[1], way[0]])
    middle = (a + b) / 2 + north * (FROM_RAILS_M + HALL_DEPTH_M / 2)
    half = min(HALL_LENGTH_M, 0.8 * _length(a, b)) / 2
    hall = [
        middle + way * side * half + north * end * HALL_DEPTH_M / 2
        for side, end in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    name = Text("澜湾站", "Lanwan Station")
    return Station(
        np.array(hall), block, Place("station", name, float(middle[0]), float(middle[1]))
    )


def _length(a: FloatArray, b: FloatArray) -> float:
    return float(np.hypot(*(b - a)))


def _fronts(layout: Layout) -> list[tuple[int, FloatArray, FloatArray]]:
    """(block, west end, east end) on the ground, where a built block has the rails in the south."""
    fronts = []
    fabric = layout.fabric
    for k, block in enumerate(layout.blocks):
        if block.use in ("river", "canal", "hill", "field", "park"):
            continue
        for edge, _ in fabric.edges_of(block.face):
            road = fabric.road_of(edge)
            if road < 0 or layout.register.roads[road].cls != RAIL:
                continue
            ends = (fabric.path(edge)[0], fabric.path(edge)[-1])
            if layout.middle(block)[1] > fabric.sheet.xy[ends[0]][1]:
                a, b = sorted((fabric.xy[v] for v in ends), key=lambda p: float(p[0]))
                fronts.append((k, a, b))
    return fronts


def cleared(buildings: Buildings, network: Network) -> Buildings:
    """The buildings without those that a ramp or the rails would run into."""
    lines = [
        shapely.LineString(network.ground.of(w.vertices)).buffer(CLEARANCE_M)
        for w in network.ways
        if w.cls in ("trunk_link", RAIL)
    ]
    footprints = np.asarray(shapely.polygons(buildings.corners))
    hit = shapely.STRtree(footprints).query(np.array(lines, object), predicate="intersects")[1]
    keep = np.setdiff1d(np.arange(len(footprints)), hit)
    return Buildings(
        buildings.corners[keep],
        buildings.block[keep],
        buildings.floors[keep],
        [buildings.tag[k] for k in keep],
        buildings.homes[keep],
    )


def with_hall(buildings: Buildings, station: Station) -> Buildings:
    """The buildings and the station's hall."""
    return replace(
        buildings,
        corners=np.concatenate([buildings.corners, station.hall[None]]),
        block=np.append(buildings.block, station.block),
        floors=np.append(buildings.floors, 4),
        tag=[*buildings.tag, "train_station"],
        homes=np.append(buildings.homes, 0.0),
    )
