"""The ground of a block that may be built on, and the direction of its rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from console.practice.city.fabric import Fabric
from console.practice.city.roads import HALF_WIDTH_M, Register
from console.practice.city.sheet import Face, Point, centre_of

FloatArray = NDArray[np.float64]


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


def row_angle(plot: FloatArray) -> float:
    """The direction of rows (radians): the edge that is long and faces south, as flats do."""
    edges = np.roll(plot, -1, axis=0) - plot
    length = np.hypot(edges[:, 0], edges[:, 1])
    angle = np.arctan2(edges[:, 1], edges[:, 0])
    angle = (angle + np.pi / 2) % np.pi - np.pi / 2
    return float(angle[int(np.argmax(length * (0.25 + np.cos(angle) ** 2)))])
