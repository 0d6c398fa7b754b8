"""Bringing points that stand too close together into one symbol."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.engine.viewport import Bounds

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Clusters:
    """Points grouped by square bins of the world, so that panning never regroups them.

    `group` (n,) is the group of each point; `centre_xy` (g, 2) world; `count` (g,).
    """

    group: Indices
    centre_xy: Floats
    count: Indices

    def members(self, number: int) -> Indices:
        """Indices of the points of one group."""
        return np.flatnonzero(self.group == number).astype(np.int64)


def clusters_of(xy: Floats, side_m: float) -> Clusters:
    """Group points (n, 2) by bins `side_m` world metres square.

    A group stands halfway between its middle and its bin's middle: near its points, yet clear of
    its neighbours.
    """
    points = np.asarray(xy, np.float64).reshape(-1, 2)
    bins = np.floor(points / side_m).astype(np.int64)
    unique, group, count = np.unique(bins, axis=0, return_inverse=True, return_counts=True)
    group = group.reshape(-1)
    sums = np.zeros((len(unique), 2))
    np.add.at(sums, group, points)
    mean = sums / np.maximum(count, 1)[:, None]
    middle = (unique + 0.5) * side_m
    centre = np.where(count[:, None] > 1, (mean + middle) / 2, mean)
    return Clusters(group.astype(np.int64), centre, count.astype(np.int64))


def bounds_of(xy: Floats) -> Bounds:
    """The box around points (n, 2), n > 0."""
    low, high = xy.min(0), xy.max(0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
