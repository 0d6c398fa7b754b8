"""Road graphs for tests, out of plain lists of roads."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from console.city.arrays import Bundle, bundle_batch
from console.city.graph import EdgeFlag, RoadGraph, flags_for
from console.city.travel import USERS, Way
from console.intake.osm.roads import RoadLines, road_arrays
from console.model.geo import world_from_lonlat

TWO_WAY = EdgeFlag.FORWARD | EdgeFlag.BACKWARD
VEHICLES = (Way.CAR, Way.SIREN, Way.MOTO)

BOTH = sum(flags_for(way, TWO_WAY) for way in USERS)
PATH = flags_for(Way.FOOT, TWO_WAY)
ONE_WAY = PATH + sum(flags_for(way, EdgeFlag.FORWARD) for way in VEHICLES)
AGAINST = PATH + sum(flags_for(way, EdgeFlag.BACKWARD) for way in VEHICLES)


def graph_from(
    lonlat: NDArray[np.float64],
    way: NDArray[np.int64],
    kmh: NDArray[np.float32],
    flags: NDArray[np.uint32],
    barriers: Mapping[int, int] | None = None,
) -> RoadGraph:
    """Roads that meet where they have a position in common; `barriers` are flags by point."""
    _, ref = np.unique(lonlat, axis=0, return_inverse=True)
    ref = ref.ravel().astype(np.int64)
    bars = {int(ref[point]): flag for point, flag in (barriers or {}).items()}
    arrays = road_arrays(
        RoadLines(
            np.column_stack(world_from_lonlat(lonlat[:, 0], lonlat[:, 1])),
            ref,
            way,
            kmh,
            flags,
            np.zeros(len(kmh), np.int32),
            np.array(list(bars), np.int64),
            np.array(list(bars.values()), np.uint32),
        )
    )
    slow = {name: np.full(len(USERS), 10, np.float32) for name in ("slow_kmh", "gate_s")}
    return RoadGraph(Bundle(bundle_batch({**arrays, **slow, "name_zh": [""], "name_en": [""]})))
