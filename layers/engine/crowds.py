"""Bringing points that stand too close together into badges, until the map is sparse.

Bins are squares of the world whose sides are powers of two: panning never regroups, zooming in
splits a badge into those inside it, and a point that moves changes no bin but its own. Where few
stand they stand alone; so a crowd dissolves over several notches, each part as it has room.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from layers.engine.viewport import Bounds

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_HALF_WORLD = 1 << 26
"""World metres that make every coordinate positive, in as many bits as a curve has room for."""

_FINER = 2
"""Between the bins of badges and the finer ones, and between those and sites: 2² times the side."""

_FEWEST = 3
"""A badge for two would hide as much as it makes room."""

_INSET = 0.14
"""Of its bin's side, how far a badge keeps from the edge, so that neighbours do not touch."""


class Morton:
    """Points (n, 2), world metres, sorted along a Z-order curve: bins of any power of two are runs
    of it, so that one sort serves all scales."""

    def __init__(self, xy: Floats) -> None:
        self.xy = np.asarray(xy, np.float64).reshape(-1, 2)
        corner = np.floor(self.xy).astype(np.int64) + _HALF_WORLD
        code = _spread_bits(corner[:, 0]) | (_spread_bits(corner[:, 1]) << np.uint64(1))
        self.order = np.argsort(code, kind="stable").astype(np.int64)
        self.code = code[self.order]

    def starts(self, level: int) -> Indices:
        """Where each bin of side 2 ** `level` metres begins in `order`."""
        bins = self.code >> np.uint64(2 * level)
        return np.flatnonzero(np.concatenate([[True] * bool(len(bins)), bins[1:] != bins[:-1]]))


def _spread_bits(values: Indices) -> NDArray[np.uint64]:
    """The low 27 bits of each value with a zero after every one."""
    out = values.astype(np.uint64)
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        out = (out | (out << np.uint64(shift))) & np.uint64(mask)
    return out


@dataclass(frozen=True, eq=False)
class Crowds:
    """Which points stand alone and which share a badge.

    `order` (n,) are points site by site, `site_starts` (s + 1,) where each site begins there,
    `badge_of_site` (s,) the badge it belongs to or -1; `badge_xy` (b, 2) world, `badge_count` (b,)
    points. A site is what could not be told apart anyway.
    """

    order: Indices
    site_starts: Indices
    badge_of_site: Indices
    badge_xy: Floats
    badge_count: Indices

    @cached_property
    def alone_sites(self) -> Indices:
        """The sites that stand for themselves."""
        return np.flatnonzero(self.badge_of_site < 0)

    @cached_property
    def badge_of_point(self) -> Indices:
        """The badge (n,) that each point belongs to, -1 for none."""
        found = np.empty(len(self.order), np.int64)
        found[self.order] = np.repeat(self.badge_of_site, np.diff(self.site_starts))
        return found

    @cached_property
    def alone(self) -> Indices:
        """The points of those sites, ascending."""
        return np.flatnonzero(self.badge_of_point < 0)

    def site(self, number: int) -> Indices:
        """The points of one site."""
        return self.order[self.site_starts[number] : self.site_starts[number + 1]]

    def members(self, badge: int) -> Indices:
        """The points of one badge, ascending."""
        return np.flatnonzero(self.badge_of_point == badge)


def crowds_of(points: Morton, side_m: float, most: int, most_a_site: int | None = None) -> Crowds:
    """Group points in bins of about `side_m` world metres: of the nearest power of two.

    A bin with up to `most` sites keeps them as they are (the fewer the smaller the bin came out);
    in any other those that stand apart stay alone if they are few, and the rest becomes one badge.
    A site of more than `most_a_site` points is in a badge wherever it is, with those beside it.
    """
    level = max(2 * _FINER, round(np.log2(side_m)))
    most = max(1, round(most * (2.0**level / side_m) ** 2))
    starts = points.starts(level - 2 * _FINER)
    counts = np.diff(np.append(starts, len(points.order)))
    if not len(starts):
        nobody = np.empty(0, np.int64)
        return Crowds(nobody, np.zeros(1, np.int64), nobody, np.empty((0, 2)), nobody)
    code = points.code[starts]
    bins, near = _numbered(code, level), _numbered(code, level - _FINER)
    full = np.bincount(bins)[bins] > most
    crowded = full & (np.bincount(near)[near] > 1)
    left = np.bincount(bins[~crowded], minlength=bins[-1] + 1)
    crowded |= full & (left[bins] > most)
    heavy = counts > (most_a_site or len(points.order))
    lonely = np.bincount(bins[crowded], counts[crowded], bins[-1] + 1)[bins] < _FEWEST
    crowded = (crowded & ~lonely) | heavy
    badge_of_site = np.full(len(starts), -1, np.int64)
    key = np.where(full, bins, len(starts) + near)[crowded]
    _, badge_of_site[crowded] = np.unique(key, return_inverse=True)
    xy, count = _badges(points, starts, badge_of_site, full, level)
    ends = np.append(starts, len(points.order))
    return Crowds(points.order, ends, badge_of_site, xy, count)


def _numbered(code: NDArray[np.uint64], level: int) -> Indices:
    """The bins of side 2 ** `level` that ascending codes lie in, numbered from 0."""
    bins = code >> np.uint64(2 * level)
    return np.concatenate([[0], np.cumsum(bins[1:] != bins[:-1])]).astype(np.int64)


def _badges(
    points: Morton,
    starts: Indices,
    badge_of_site: Indices,
    full: NDArray[np.bool_],
    level: int,
) -> tuple[Floats, Indices]:
    """Where each badge stands and how many it stands for: in the middle of its points, yet off the
    edges of a full bin."""
    inside = badge_of_site >= 0
    badge, badges = badge_of_site[inside], int(badge_of_site.max(initial=-1)) + 1
    each = np.diff(np.append(starts, len(points.order)))[inside]
    count = np.bincount(badge, each, badges).astype(np.int64)
    sums = np.add.reduceat(points.xy[points.order], starts, axis=0)[inside]
    total = np.column_stack([np.bincount(badge, sums[:, axis], badges) for axis in (0, 1)])
    middle = total / count[:, None]
    side = float(2**level)
    low = np.floor(middle / side) * side
    kept = np.clip(middle, low + _INSET * side, low + (1 - _INSET) * side)
    shared = np.zeros(badges, np.bool_)
    shared[badge[full[inside]]] = True
    return np.where(shared[:, None], kept, middle), count


def bounds_of(xy: Floats) -> Bounds:
    """The box around points (n, 2), n > 0."""
    low, high = xy.min(0), xy.max(0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
