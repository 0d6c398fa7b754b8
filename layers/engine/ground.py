"""What the tile painters need of a city: its base map by level, its cells, its cameras.

These protocols are the part of `console.city` that is drawn into tiles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from layers.engine.viewport import Bounds

Floats = NDArray[np.float64]
Offsets = NDArray[np.int64]


class GroundLevel(Protocol):
    """Simplified geometry for one scale, in world metres."""

    @property
    def metres_per_px(self) -> float:
        """The scale it was simplified for (world metres)."""

    @property
    def line_classes(self) -> tuple[str, ...]:
        """Classes of lines there are."""

    @property
    def fill_classes(self) -> tuple[str, ...]:
        """Classes of areas there are."""

    def lines(self, cls: str, bounds: Bounds, /) -> Floats:
        """Segments (k, 4) of a class near `bounds`."""

    def polylines(self, cls: str, bounds: Bounds, /) -> tuple[Offsets, Floats]:
        """Lines of a class near `bounds`: offsets (p + 1), xy (m, 2)."""

    def fills(self, cls: str, bounds: Bounds, /) -> tuple[Offsets, Floats]:
        """Rings of a class near `bounds`, even-odd: offsets (r + 1), xy (m, 2)."""


class GroundMap(Protocol):
    """A base map."""

    @property
    def levels(self) -> Sequence[GroundLevel]:
        """Coarsest first."""


class CellRings(Protocol):
    """Outlines of grid cells."""

    ring_offsets: Offsets
    ring_xy: Floats


class CameraViews(Protocol):
    """Where cameras stand and what they look at."""

    xy: Floats
    azimuth_deg: NDArray[np.float32]
    angle_deg: NDArray[np.float32]
    range_m: NDArray[np.float32]
    online: NDArray[np.bool_]


def level_for(ground: GroundMap, metres_per_px: float) -> GroundLevel:
    """The coarsest level that is not coarser than `metres_per_px` (world metres a device pixel)."""
    fine = [lv for lv in ground.levels if lv.metres_per_px <= metres_per_px * 1.02]
    return fine[0] if fine else ground.levels[-1]
