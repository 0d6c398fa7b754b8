"""Cutting rings to a rectangle, so that a lake as long as a city costs a tile only its own part."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from console.city.bins import Bounds

FloatArray = NDArray[np.float64]


def clip_ring(ring: FloatArray, bounds: Bounds) -> FloatArray:
    """The part of a closed ring inside `bounds`, closed, float64[p,2]; (0,2) when there is none.

    Sutherland and Hodgman's algorithm (CACM 17, 1974). Rings cut one by one still fill right under
    the even-odd rule: what runs back along the rectangle's edge encloses nothing.
    """
    for axis, side, limit in zip((0, 1, 0, 1), (1, 1, -1, -1), bounds, strict=True):
        if not len(ring):
            break
        ring = _clip_half(ring, axis, side, limit)
    return ring


def _clip_half(ring: FloatArray, axis: int, side: int, limit: float) -> FloatArray:
    """Keep what is on the `side` (+1 above, -1 below) of `limit` on `axis`."""
    depth = (ring[:, axis] - limit) * side
    inside = depth >= 0
    if inside.all():
        return ring
    if not inside.any():
        return np.empty((0, 2))
    crossing = np.flatnonzero(inside[:-1] != inside[1:])
    share = depth[crossing] / (depth[crossing] - depth[crossing + 1])
    cut = ring[crossing] + share[:, None] * (ring[crossing + 1] - ring[crossing])
    cut[:, axis] = limit
    points = np.concatenate([ring[inside], cut])
    order = np.concatenate([np.flatnonzero(inside), crossing + 0.5])
    kept = points[np.argsort(order, kind="stable")]
    return kept if (kept[0] == kept[-1]).all() else np.concatenate([kept, kept[:1]])
