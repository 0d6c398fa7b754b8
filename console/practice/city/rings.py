"""Ring roads and avenues: the lattice of long lines, and the rings' rounded corners."""

from __future__ import annotations

import math

import numpy as np

from console.model.text import Text
from console.practice.city.bones import Skeleton, along, cut_through
from console.practice.city.names import joined
from console.practice.city.sheet import Point, RoadAt

RINGS = (
    ("内环", "Inner Ring", "primary", 1300.0, 1700.0, -1120.0),
    ("二环", "2nd Ring", "trunk", 2750.0, 3150.0, -2570.0),
    ("三环", "3rd Ring", "trunk", 4600.0, 5000.0, -4420.0),
)
"""(name, name, class, half width in u, north v, south v): the rings cross the river on bridges.

Their corners lie on the 45° diagonals from the inner ring's corners, and so do the crossings of the
inner avenues: a diagonal avenue then meets them in stars, never a few metres beside."""

CORNER_M = (380.0, 520.0, 640.0)
"""How much of each ring's corners is cut off."""

STRAIGHT, BEND = 0.35, 0.25
"""Where the cut's own corners are cut again: shares of the cut along the side and along the cut."""

AXES_U = (-5350.0, -3650.0, -1990.0, -450.0, 430.0, 1990.0, 3700.0, 5400.0)

AXES_NORTH = (650.0, 2390.0, 3950.0, 5500.0)

AXES_SOUTH = (-1810.0, -3340.0, -5250.0)

BRIDGED_AXES = (-3650.0, -450.0, 430.0, 3700.0)

FIXED_NAMES = {
    -450.0: Text("建设路", "Jianshe Rd"),
    430.0: Text("人民路", "Renmin Rd"),
    1990.0: Text("学院路", "Xueyuan Rd"),
    -1990.0: Text("梧桐路", "Wutong Rd"),
    650.0: Text("和平大道", "Heping Ave"),
    2390.0: Text("北苑大街", "Beiyuan St"),
    3950.0: Text("文昌路", "Wenchang Rd"),
    -1810.0: Text("南屿大道", "Nanyu Ave"),
}

Ring = tuple[str, str, str, float, float, float]


def lay_lattice(bones: Skeleton, rng: np.random.Generator) -> None:
    """Rings and avenues. A ring's lines run on beyond its corners as ordinary avenues."""
    half = bones.sheet.half_m
    vertical = [(u, None) for u in AXES_U] + [(s * r[3], r) for r in RINGS for s in (-1.0, 1.0)]
    for u, ring in vertical:
        bridged = ring is not None or u in BRIDGED_AXES
        road_at = _ring_side(bones, u, ring) if ring else along(_avenue(bones, u))
        at = u if u in FIXED_NAMES or ring else u + float(rng.uniform(-35, 35))
        zones = ("urban", "river") if bridged else ("urban",)
        if abs(at) < half - 150:
            cut_through(bones.sheet, (at, -half), (at, half), road_at, zones)
    _cross_lines(bones, rng)


def _cross_lines(bones: Skeleton, rng: np.random.Generator) -> None:
    half = bones.sheet.half_m
    lines = [(v, None) for v in AXES_NORTH + AXES_SOUTH]
    for v, ring in lines + [(e, r) for r in RINGS for e in (r[4], r[5])]:
        road_at = _ring_end(bones, v, ring) if ring else along(_avenue(bones, v))
        at = v if v in FIXED_NAMES or ring else v + float(rng.uniform(-35, 35))
        if abs(at) < half - 150:
            cut_through(bones.sheet, (-half, at), (half, at), road_at)


def _avenue(bones: Skeleton, position: float) -> int:
    name = FIXED_NAMES.get(position)
    if name is None:
        word = bones.words.avenue()
        name = joined(word, "大道", "Ave") if abs(position) > 3000 else joined(word, "路", "Rd")
    return bones.register.add("primary", name)


def _ring_side(bones: Skeleton, u: float, ring: Ring) -> RoadAt:
    zh, en = ("东", "E") if u > 0 else ("西", "W")
    on = bones.register.add(ring[2], _ring_name(ring, zh, en), ring=True)
    beyond = [bones.register.add("primary", joined(bones.words.avenue(), "路", "Rd")) for _ in "ns"]
    cut = CORNER_M[RINGS.index(ring)] * (1 + STRAIGHT)

    def road_at(_u: float, v: float) -> int:
        if ring[5] + cut < v < ring[4] - cut:
            return on
        return beyond[0] if v > 0 else beyond[1]

    return road_at


def _ring_end(bones: Skeleton, v: float, ring: Ring) -> RoadAt:
    zh, en = ("北", "N") if v > 0 else ("南", "S")
    on = bones.register.add(ring[2], _ring_name(ring, zh, en), ring=True)
    beyond = [bones.register.add("primary", joined(bones.words.avenue(), "路", "Rd")) for _ in "we"]
    cut = CORNER_M[RINGS.index(ring)] * (1 + STRAIGHT)

    def road_at(u: float, _v: float) -> int:
        if abs(u) < ring[3] - cut:
            return on
        return beyond[0] if u < 0 else beyond[1]

    return road_at


def _ring_name(ring: Ring, zh: str, en: str) -> Text:
    if ring[0] == "内环":
        return Text(f"内环{zh}路", f"Inner Ring {en}")
    return Text(f"{zh}{ring[0]}", f"{en} {ring[1]}")


def round_corners(bones: Skeleton) -> None:
    """Cut the rings' corners off, and the corners of the cuts, so that the ring bends gently."""
    for ring, cut in zip(RINGS, CORNER_M, strict=True):
        for side in (-1.0, 1.0):
            for v in (ring[4], ring[5]):
                if max(ring[3], abs(v)) < bones.sheet.half_m - 150:
                    _corner(bones, ring, (side * ring[3], v), cut)


def _corner(bones: Skeleton, ring: Ring, corner: Point, cut_m: float) -> None:
    u, v = corner
    to_u, to_v = -math.copysign(cut_m, u), -math.copysign(cut_m, v)
    zh, en = ("北", "N") if v > 0 else ("南", "S")
    road = bones.register.add(ring[2], _ring_name(ring, zh, en), ring=True)
    stub = bones.register.add("tertiary")
    a, b = (u + to_u, v), (u, v + to_v)

    def on_cut(at_u: float, at_v: float) -> int:
        """The middle of the cut is the ring; beside its shortcuts are mere streets."""
        return road if BEND < (math.dist((at_u, at_v), a) / math.dist(b, a)) < 1 - BEND else stub

    cut_through(bones.sheet, a, b, on_cut)
    for p, far, (du, dv) in ((a, b, (to_u, 0.0)), (b, a, (0.0, to_v))):
        start = (p[0] + STRAIGHT * du, p[1] + STRAIGHT * dv)
        end = (p[0] + BEND * (far[0] - p[0]), p[1] + BEND * (far[1] - p[1]))
        cut_through(bones.sheet, start, end, along(road))
