"""Buildings: rows fitted to each block's own shape and direction, full to its edges."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from console.practice.city.blocks import Block, distance_out
from console.practice.city.layout import Layout
from console.practice.city.plots import row_angle
from console.practice.city.streams import stream

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Style:
    """How one kind of block is built up, metres: long, thick, gaps along and across, floors."""

    tag: str
    length: tuple[float, float]
    depth: tuple[float, float]
    beside: tuple[float, float]
    behind: tuple[float, float]
    floors: tuple[int, int]
    missing: float = 0.03
    homes_per_100_m2: float = 0.0


STYLES: Final[dict[str, Style]] = {
    "slabs": Style("apartments", (40, 62), (12, 14.5), (7, 11), (14, 20), (5, 7), 0.02, 1.0),
    "towers": Style("apartments", (26, 38), (18, 23), (12, 20), (24, 34), (16, 33), 0.05, 0.75),
    "oldtown": Style("residential", (18, 34), (11, 13), (3, 6), (8, 12), (3, 6), 0.04, 0.8),
    "village": Style("house", (11, 14), (10, 12), (2.5, 5), (4, 7), (2, 4), 0.06, 0.6),
    "villas": Style("house", (14, 19), (12, 15), (9, 14), (14, 20), (2, 3), 0.05, 0.4),
    "business": Style("commercial", (30, 54), (26, 40), (9, 15), (11, 18), (6, 30), 0.04),
    "industry": Style("industrial", (58, 120), (34, 54), (10, 16), (12, 18), (1, 3), 0.05),
    "school": Style("school", (48, 78), (14, 17), (16, 22), (24, 30), (4, 6), 0.0),
    "campus": Style("university", (52, 84), (16, 22), (20, 30), (28, 40), (4, 9), 0.08),
    "civic": Style("public", (36, 62), (16, 24), (14, 20), (18, 26), (4, 14), 0.05),
}

SCHOOL_YARD = 0.46
"""Share of a school's ground that is its sports field."""

BARE = 0.1
"""Housing with a smaller share of its ground built over looks forgotten; others need a third."""

NOTHING = np.empty((0, 7))


@dataclass(slots=True)
class Buildings:
    """Rectangles: `corners` float64 (n, 4, 2) ground metres, `block` int64 (n,), `floors` int64
    (n,), `tag` one OSM building value each, `homes` float64 (n,) before they are fitted to cells.
    """

    corners: FloatArray
    block: NDArray[np.int64]
    floors: NDArray[np.int64]
    tag: list[str]
    homes: FloatArray


def raise_buildings(layout: Layout, seed: int) -> Buildings:
    """Fill every built-up block; one that nothing fits on becomes a pocket park ("green")."""
    rng = stream(seed, "buildings")
    parts: list[FloatArray] = []
    tags: list[str] = []
    for k, block in enumerate(layout.blocks):
        style = STYLES.get(block.use)
        if style is None:
            continue
        rows = _best_fill(rng, layout, block, style)
        if not len(rows):
            block.use = "green"
            continue
        parts.append(np.column_stack([rows, np.full(len(rows), k)]))
        tags.extend([style.tag] * len(rows))
    return _buildings(np.concatenate(parts), tags)


def _best_fill(rng: np.random.Generator, layout: Layout, block: Block, style: Style) -> FloatArray:
    """The block filled in its style, or, where that leaves it mostly bare, with smaller houses."""
    plot = layout.plot(block)
    if len(plot) < 3:
        return NOTHING
    out = distance_out(layout.middle(block))
    rows = _filled(rng, plot, block.use, style, out)
    built = float((rows[:, 2] * rows[:, 3]).sum())
    if built < (BARE if style.homes_per_100_m2 else BARE / 3) * layout.area_m2(block):
        smaller = _filled(rng, plot, block.use, replace(STYLES["oldtown"], tag=style.tag), out)
        if float((smaller[:, 2] * smaller[:, 3]).sum()) > built:
            return smaller
    return rows


def _buildings(rows: FloatArray, tags: list[str]) -> Buildings:
    x, y, length, depth, angle, floors, homes, block = rows.T
    cos, sin = np.cos(angle), np.sin(angle)
    du, dv = np.array([-1, 1, 1, -1]) / 2, np.array([-1, -1, 1, 1]) / 2
    u, v = length[:, None] * du, depth[:, None] * dv
    corner_x = x[:, None] + u * cos[:, None] - v * sin[:, None]
    corner_y = y[:, None] + u * sin[:, None] + v * cos[:, None]
    corners = np.stack([corner_x, corner_y], axis=-1)
    return Buildings(corners, block.astype(np.int64), floors.astype(np.int64), tags, homes)


def _filled(
    rng: np.random.Generator, plot: FloatArray, use: str, style: Style, out: float
) -> FloatArray:
    """Rows (n, 7) of x, y, length, depth, angle, floors, homes."""
    angle = row_angle(plot)
    cos, sin = np.cos(angle), np.sin(angle)
    local = plot @ np.array([[cos, -sin], [sin, cos]])
    if use in ("school", "campus"):
        local = _east_of_yard(local)
    rows = _rows(rng, local, style)
    if not len(rows):
        return NOTHING
    u, v, length, depth = rows.T
    floors = _floors(rng, len(rows), style, out)
    homes = length * depth * floors / 100 * style.homes_per_100_m2
    x, y = u * cos - v * sin, u * sin + v * cos
    return np.column_stack([x, y, length, depth, np.full(len(u), angle), floors, homes])


def _floors(rng: np.random.Generator, n: int, style: Style, out: float) -> FloatArray:
    """One height for most of a block; lower further out where the style has a range."""
    low, high = style.floors
    top = low + (high - low) * (1 - 0.55 * min(out, 1.0))
    base = rng.uniform(low, top)
    return np.clip(np.round(base + rng.normal(0, 0.08 * (high - low) + 0.2, n)), low, high)


def _east_of_yard(local: FloatArray) -> FloatArray:
    """The plot without the sports field at its western end."""
    west = local[:, 0].min() + SCHOOL_YARD * np.ptp(local[:, 0])
    return np.column_stack([np.maximum(local[:, 0], west), local[:, 1]])


def _rows(rng: np.random.Generator, local: FloatArray, style: Style) -> FloatArray:
    """(n, 4): middle u, v, length, depth of buildings; rows reach from edge to edge."""
    depth, behind = rng.uniform(*style.depth), rng.uniform(*style.behind)
    low, high = local[:, 1].min(), local[:, 1].max()
    if high - low < depth:
        return np.empty((0, 4))
    count = max(1, round((high - low - depth) / (depth + behind)) + 1)
    middles = (
        np.linspace(low + depth / 2, high - depth / 2, count)
        if count > 1
        else np.array([(low + high) / 2])
    )
    west, east = _spans(local, middles, depth)
    length, beside = rng.uniform(*style.length), rng.uniform(*style.beside)
    width = east - west
    enough = width > min(0.45 * style.length[0], 16)
    middles, west, width = middles[enough], west[enough], width[enough]
    each = np.maximum(1, np.round((width + beside) / (length + beside))).astype(int)
    size = (width - (each - 1) * beside) / each
    row = np.repeat(np.arange(len(each)), each)
    place = np.arange(len(row)) - np.repeat(np.cumsum(each) - each, each)
    u = west[row] + size[row] / 2 + place * (size[row] + beside)
    rows = np.column_stack([u, middles[row], size[row], np.full(len(row), depth)])
    rows[:, 2] *= rng.uniform(0.92, 1.0, len(rows))
    return rows[rng.random(len(rows)) >= style.missing]


def _spans(local: FloatArray, middles: FloatArray, depth: float) -> tuple[FloatArray, FloatArray]:
    """West and east ends of strips `depth` wide about each middle, inside the convex plot."""
    inset = 1e-3
    levels = np.stack([middles - depth / 2 + inset, middles, middles + depth / 2 - inset])
    a, b = local, np.roll(local, -1, axis=0)
    dv = b[:, 1] - a[:, 1]
    dv = np.where(np.abs(dv) < 1e-9, 1e-9, dv)
    f = (levels[..., None] - a[:, 1]) / dv
    hit = (f >= 0) & (f <= 1)
    u = a[:, 0] + (b[:, 0] - a[:, 0]) * f
    west = np.where(hit, u, np.inf).min(axis=-1).max(axis=0)
    east = np.where(hit, u, -np.inf).max(axis=-1).min(axis=0)
    return west, east
