"""Buildings: rows fitted to each block's own shape and direction, full to its edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from console.practice.city.blocks import Block, distance_out
from console.practice.city.fabric import Fabric
from console.practice.city.roads import HALF_WIDTH_M, Register
from console.practice.city.sheet import Face, Point, centre_of
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
    "slabs": Style("apartments", (44, 66), (12, 14), (8, 14), (17, 26), (5, 7), 0.02, 1.0),
    "towers": Style("apartments", (26, 38), (17, 21), (16, 26), (30, 42), (16, 33), 0.05, 0.75),
    "oldtown": Style("residential", (18, 34), (11, 13), (3, 6), (8, 12), (3, 6), 0.04, 0.8),
    "village": Style("house", (11, 14), (10, 12), (2.5, 5), (4, 7), (2, 4), 0.06, 0.6),
    "villas": Style("house", (14, 19), (12, 15), (9, 14), (14, 20), (2, 3), 0.05, 0.4),
    "business": Style("commercial", (34, 58), (28, 42), (12, 20), (16, 24), (6, 30), 0.06),
    "industry": Style("industrial", (62, 130), (36, 54), (14, 20), (16, 22), (1, 3), 0.05),
    "school": Style("school", (48, 78), (14, 17), (16, 22), (24, 30), (4, 6), 0.0),
    "campus": Style("university", (52, 84), (16, 22), (20, 30), (28, 40), (4, 9), 0.08),
    "civic": Style("public", (36, 62), (16, 24), (14, 20), (18, 26), (4, 14), 0.05),
}
SCHOOL_YARD = 0.46
"""Share of a school's ground that is its sports field."""


@dataclass(slots=True)
class Buildings:
    """Rectangles: `corners` float64 (n, 4, 2) ground metres, `block` int64 (n,), `floors` int64
    (n,), `tag` index into TAGS int64 (n,), `homes` float64 (n,) before they are fitted to cells.
    """

    corners: FloatArray
    block: NDArray[np.int64]
    floors: NDArray[np.int64]
    tag: list[str]
    homes: FloatArray


def raise_buildings(
    fabric: Fabric, register: Register, blocks: list[Block], seed: int
) -> Buildings:
    """Fill every built-up block."""
    rng = stream(seed, "buildings")
    parts: list[FloatArray] = []
    tags: list[str] = []
    for k, block in enumerate(blocks):
        style = STYLES.get(block.use)
        if style is None:
            continue
        plot = plot_of(fabric, register, block.face)
        rows = _filled(rng, plot, block, style, distance_out(_middle(fabric, block.face)))
        if len(rows):
            parts.append(np.column_stack([rows, np.full(len(rows), k)]))
            tags.extend([style.tag] * len(rows))
    return _buildings(np.concatenate(parts), tags)


def _middle(fabric: Fabric, face: Face) -> Point:
    return centre_of(fabric.sheet.points(face))


def _buildings(rows: FloatArray, tags: list[str]) -> Buildings:
    x, y, length, depth, angle, floors, homes, block = rows.T
    cos, sin = np.cos(angle), np.sin(angle)
    du, dv = np.array([-1, 1, 1, -1]) / 2, np.array([-1, -1, 1, 1]) / 2
    u, v = length[:, None] * du, depth[:, None] * dv
    corner_x = x[:, None] + u * cos[:, None] - v * sin[:, None]
    corner_y = y[:, None] + u * sin[:, None] + v * cos[:, None]
    corners = np.stack([corner_x, corner_y], axis=-1)
    return Buildings(corners, block.astype(np.int64), floors.astype(np.int64), tags, homes)


def plot_of(fabric: Fabric, register: Register, face: Face, extra_m: float = 0.0) -> FloatArray:
    """The face less its roads' widths: ground metres (k, 2), or (0, 2) where nothing is left."""
    plot = fabric.sheet.points(face)
    middle = centre_of(plot)
    for i, p in enumerate(fabric.sheet.points(face)):
        q = fabric.sheet.points(face)[(i + 1) % len(face.nodes)]
        line = fabric.sheet.lines[face.lines[i]]
        road = line.road_at((p[0] + q[0]) / 2, (p[1] + q[1]) / 2)
        cls = register.roads[road].cls if road >= 0 else "residential"
        plot = _clipped(plot, p, q, middle, HALF_WIDTH_M[cls] + extra_m)
    return fabric.warp(np.array(_with_middles(plot))) if len(plot) > 2 else np.empty((0, 2))


def _clipped(plot: list[Point], p: Point, q: Point, inside: Point, by_m: float) -> list[Point]:
    """The part of a convex polygon at least `by_m` inward from the line p–q."""
    length = float(np.hypot(q[0] - p[0], q[1] - p[1]))
    nu, nv = -(q[1] - p[1]) / length, (q[0] - p[0]) / length
    if (inside[0] - p[0]) * nu + (inside[1] - p[1]) * nv < 0:
        nu, nv = -nu, -nv
    depth = [(u - p[0]) * nu + (v - p[1]) * nv - by_m for u, v in plot]
    kept: list[Point] = []
    for i, a in enumerate(plot):
        b, da, db = plot[(i + 1) % len(plot)], depth[i], depth[(i + 1) % len(plot)]
        if da >= 0:
            kept.append(a)
        if (da >= 0) != (db >= 0):
            t = da / (da - db)
            kept.append((a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t))
    return kept


def _with_middles(plot: list[Point]) -> list[Point]:
    """Long edges get middle points, since straight in the plan is bent on the ground."""
    out: list[Point] = []
    for i, p in enumerate(plot):
        q = plot[(i + 1) % len(plot)]
        pieces = int(np.hypot(q[0] - p[0], q[1] - p[1]) // 70) + 1
        out += [
            (p[0] + (q[0] - p[0]) * k / pieces, p[1] + (q[1] - p[1]) * k / pieces)
            for k in range(pieces)
        ]
    return out


def _filled(
    rng: np.random.Generator, plot: FloatArray, block: Block, style: Style, out: float
) -> FloatArray:
    """Rows (n, 7) of x, y, length, depth, angle, floors, homes."""
    if len(plot) < 3:
        return np.empty((0, 7))
    angle = row_angle(plot)
    cos, sin = np.cos(angle), np.sin(angle)
    local = np.column_stack(
        [plot[:, 0] * cos + plot[:, 1] * sin, plot[:, 1] * cos - plot[:, 0] * sin]
    )
    if block.use in ("school", "campus"):
        local = _east_of_yard(local)
    rows = _rows(rng, local, style)
    if not len(rows):
        return np.empty((0, 7))
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


def row_angle(plot: FloatArray) -> float:
    """The direction of rows (radians): the edge that is long and faces south, as flats do."""
    edges = np.roll(plot, -1, axis=0) - plot
    length = np.hypot(edges[:, 0], edges[:, 1])
    angle = np.arctan2(edges[:, 1], edges[:, 0])
    angle = (angle + np.pi / 2) % np.pi - np.pi / 2
    return float(angle[int(np.argmax(length * (0.25 + np.cos(angle) ** 2)))])


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
    """Where a strip `depth` wide about each middle is inside the convex plot: west and east ends."""
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
