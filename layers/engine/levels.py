"""Which level of a base map serves which scale."""

from __future__ import annotations

from console.city import BaseMap, Level


def level_for(ground: BaseMap, metres_per_px: float) -> Level:
    """The coarsest level that is not coarser than `metres_per_px` (world metres a pixel).

    A scale finer than the finest level is served by the finest.
    """
    fine = [level for level in ground.levels if level.metres_per_px <= metres_per_px * 1.02]
    return fine[0] if fine else ground.levels[-1]
