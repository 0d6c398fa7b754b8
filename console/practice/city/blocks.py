"""Large blocks split into blocks by streets and lanes, and what each block is used for."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from console.practice.city.bones import Skeleton, along
from console.practice.city.sheet import Face, Point, Sheet, area_m2, centre_of
from console.practice.city.streams import stream

SNAP_M = 17.0
"""Lanes that meet a street nearer than this to another one on its far side make one crossing."""

OPEN_ZONES = ("river", "canal", "hill", "field", "park")
"""What has no buildings and no households."""


@dataclass(slots=True)
class Block:
    """A leaf of the plan: its face and its use (a zone of OPEN_ZONES, or a kind of building)."""

    face: Face
    use: str


def split_blocks(bones: Skeleton, seed: int) -> list[Block]:
    """Cut streets and lanes; every leaf of the sheet as a block, in the order of the cuts."""
    rng = stream(seed, "blocks")
    for face in [f for f in bones.sheet.root.leaves() if f.zone == "urban"]:
        _split(bones, rng, face)
    for face in [f for f in bones.sheet.root.leaves() if f.zone == "field"]:
        _settle_fields(bones, rng, face)
    uses = stream(seed, "land use")
    return [Block(f, _use(bones.sheet, uses, f)) for f in bones.sheet.root.leaves()]


def distance_out(point: Point) -> float:
    """How far out of the centre: 0 in the middle, 1 at the third ring, in the plan's own shape."""
    return max(math.hypot(*point) / 5200, max(abs(point[0]), abs(point[1])) / 4700)


def _split(bones: Skeleton, rng: np.random.Generator, face: Face) -> None:
    points = bones.sheet.points(face)
    area, out = area_m2(points), distance_out(centre_of(points))
    street = 105_000 + 130_000 * out
    if 4.5e4 < area < 3.2e5 and rng.random() < 0.0125:
        face.zone = "park"
        return
    lane = (11_500 + 26_000 * out**1.5) * float(rng.uniform(0.75, 1.5))
    if area < lane or not _cut_across(
        bones, rng, face, "tertiary" if area > street else "residential"
    ):
        return
    for part in face.children:
        _split(bones, rng, part)


def _settle_fields(bones: Skeleton, rng: np.random.Generator, face: Face) -> None:
    """Country roads through the fields, and a village here and there."""
    area = area_m2(bones.sheet.points(face))
    if area > 2.6e5 and _cut_across(bones, rng, face, "tertiary"):
        for part in face.children:
            _settle_fields(bones, rng, part)
    elif rng.random() < 0.13:
        face.zone = "urban"
        _split(bones, rng, face)


def _cut_across(bones: Skeleton, rng: np.random.Generator, face: Face, cls: str) -> bool:
    """Cut the face across its longer way, near the middle; a few tries, since cuts can fail."""
    sheet = bones.sheet
    points = sheet.points(face)
    for _ in range(5):
        p, direction = _across(points, rng)
        if _fits(points, p, direction) and sheet.cut(
            face, p, direction, along(len(bones.register.roads)), SNAP_M
        ):
            bones.register.add(cls)
            return True
    return False


def _across(points: list[Point], rng: np.random.Generator) -> tuple[Point, Point]:
    """A point near the middle and a direction across the polygon's longest edge."""
    edges = [
        (q[0] - p[0], q[1] - p[1]) for p, q in zip(points, points[1:] + points[:1], strict=True)
    ]
    du, dv = max(edges, key=lambda e: math.hypot(*e))
    extents = []
    for way in ((du, dv), (-dv, du)):
        unit = (way[0] / math.hypot(du, dv), way[1] / math.hypot(du, dv))
        reach = [p[0] * unit[0] + p[1] * unit[1] for p in points]
        extents.append((max(reach) - min(reach), unit))
    length, unit = max(extents)
    # The old centre and the villages were not laid out with a ruler.
    out = distance_out(centre_of(points))
    turn = float(rng.uniform(-1, 1)) * (0.13 if out < 0.2 or out > 0.9 else 0.05)
    shift = float(rng.uniform(-0.13, 0.13)) * length
    u, v = centre_of(points)
    across = (
        -unit[1] * math.cos(turn) - unit[0] * math.sin(turn),
        unit[0] * math.cos(turn) - unit[1] * math.sin(turn),
    )
    return (u + unit[0] * shift, v + unit[1] * shift), across


def _fits(points: list[Point], p: Point, d: Point) -> bool:
    """Whether both sides of a cut would be at least 48 m deep."""
    off = [(v - p[1]) * d[0] - (u - p[0]) * d[1] for u, v in points]
    return min(off) < -48 and max(off) > 48


def _use(sheet: Sheet, rng: np.random.Generator, face: Face) -> str:
    """Draws once for every face, so that one face's zone does not shift its neighbours' draws."""
    points = sheet.points(face)
    draw, second = rng.random(2)
    if face.zone != "urban":
        return face.zone
    return _urban_use(centre_of(points), area_m2(points), float(draw), float(second))


def _urban_use(centre: Point, area: float, draw: float, second: float) -> str:
    out = distance_out(centre)
    if area < 2600:
        return "green"
    shares = _shares(centre, out)
    for use, share in shares:
        if draw < share:
            return use
        draw -= share
    if out < 0.35:
        return "oldtown" if second < 0.4 else "towers" if second < 0.6 else "slabs"
    if out > 0.85 and second < 0.35:
        return "village"
    return "towers" if second < 0.38 else "villas" if out > 0.6 and second > 0.95 else "slabs"


def _shares(centre: Point, out: float) -> tuple[tuple[str, float], ...]:
    """Shares of what is not housing: business in the middle, works in the east and far south."""
    works = 0.42 if (centre[0] > 3300 and centre[1] < 1200) or centre[1] < -4000 else 0.03
    if centre[0] < -2300 and out > 0.4 and centre[1] < -200:
        works = 0.10
    business = 0.30 if out < 0.22 else 0.14 if out < 0.45 else 0.06
    campus = 0.35 if 2000 < centre[0] < 2740 and 400 < centre[1] < 2300 else 0.0
    return (
        ("industry", works if out > 0.45 else 0.0),
        ("business", business),
        ("campus", campus),
        ("school", 0.042),
        ("civic", 0.022),
        ("green", 0.03),
    )
