"""What every stage of the plan works on, and the one way to cut a long line into it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from console.practice.city.names import Words
from console.practice.city.roads import Register
from console.practice.city.sheet import Face, Point, RoadAt, Sheet

RIVER_HALF_M = 125.0

BANK_M = 62.0

EMBANKMENT_M = RIVER_HALF_M + BANK_M

CANAL_HALF_M = 36.0

FULL_HALF_M = 6000.0


@dataclass(slots=True)
class Skeleton:
    """The plan with everything but blocks, and what later stages must know of it."""

    sheet: Sheet
    register: Register
    words: Words
    canal_u: float
    rail_v: float


def along(road: int) -> RoadAt:
    """A line that carries one road all along."""
    return partial(_same, road)


def _same(road: int, _u: float, _v: float) -> int:
    return road


def cut_through(
    sheet: Sheet, p: Point, q: Point, road_at: RoadAt, zones: tuple[str, ...] = ("urban",)
) -> None:
    """Cut every leaf of the zones that the segment from `p` to `q` passes by more than half."""
    du, dv = q[0] - p[0], q[1] - p[1]
    length = float(np.hypot(du, dv))
    direction = (du / length, dv / length)
    for face in [f for f in sheet.root.leaves() if f.zone in zones]:
        if 0 < _chord_middle(sheet, face, p, direction) < length:
            sheet.cut(face, p, direction, road_at)


def _chord_middle(sheet: Sheet, face: Face, p: Point, d: Point) -> float:
    """How far from `p` the middle of the line's chord through the face is; -1 without one."""
    points = sheet.points(face)
    sides = [(v - p[1]) * d[0] - (u - p[0]) * d[1] for u, v in points]
    ends = []
    for i, a in enumerate(sides):
        j = (i + 1) % len(sides)
        if (a > 0) != (sides[j] > 0):
            t = a / (a - sides[j])
            u = points[i][0] + (points[j][0] - points[i][0]) * t - p[0]
            v = points[i][1] + (points[j][1] - points[i][1]) * t - p[1]
            ends.append(u * d[0] + v * d[1])
    return sum(ends) / 2 if len(ends) == 2 else -1.0
