"""The city's bones in the plan: river, rings, avenues, canal, railway, diagonals, secondary roads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from console.model.text import Text
from console.practice.city.names import Words, joined
from console.practice.city.roads import Register
from console.practice.city.sheet import (
    NO_ROAD,
    Face,
    Point,
    RoadAt,
    Sheet,
    area_m2,
    centre_of,
)
from console.practice.city.streams import stream

RIVER_HALF_M = 125.0
BANK_M = 62.0
EMBANKMENT_M = RIVER_HALF_M + BANK_M
CANAL_HALF_M = 36.0
FULL_HALF_M = 6000.0

RINGS = (
    ("内环", "Inner Ring", "primary", 1300.0, 1700.0, -1120.0),
    ("二环", "2nd Ring", "trunk", 2750.0, 3150.0, -2570.0),
    ("三环", "3rd Ring", "trunk", 4600.0, 5000.0, -4420.0),
)
"""(name, name, class, half width in u, north v, south v): the rings cross the river on bridges.

Their corners lie on the 45° diagonals from the inner ring's corners, and so do the crossings of the
inner avenues: a diagonal avenue then meets them in stars, never a few metres beside."""

CORNER_M = (380.0, 520.0, 700.0)
"""How much of each ring's corners is cut off."""

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
TAKEN = frozenset({"建设", "人民", "学院", "梧桐", "和平", "北苑", "文昌", "南屿"})


@dataclass(slots=True)
class Skeleton:
    """The plan with everything but blocks, and what later stages must know of it."""

    sheet: Sheet
    register: Register
    words: Words
    canal_u: float
    rail_v: float


def build_skeleton(seed: int, half_m: float) -> Skeleton:
    """Lay the bones of a city of 2 × `half_m` metres a side."""
    rng = stream(seed, "skeleton")
    sheet, register = Sheet(half_m), Register()
    words = _Untaken(stream(seed, "road names"))
    bones = Skeleton(
        sheet, register, words, canal_u=-2390.0 + float(rng.uniform(-40, 40)), rail_v=3420
    )
    _river(bones)
    _lattice(bones, rng)
    _corners(bones)
    _canal(bones)
    _railway(bones)
    _diagonals(bones)
    _mark_countryside(bones, rng)
    _secondaries(bones, rng)
    return bones


class _Untaken(Words):
    """Words without those that the fixed names already use."""

    def avenue(self) -> tuple[str, str]:
        word = super().avenue()
        return self.avenue() if word[0] in TAKEN else word


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


def _river(bones: Skeleton) -> None:
    half, add = bones.sheet.half_m, bones.register.add
    north = add("secondary", Text("滨江北路", "Binjiang N Rd"))
    south = add("secondary", Text("滨江南路", "Binjiang S Rd"))
    for v, road in ((EMBANKMENT_M, north), (-EMBANKMENT_M, south)):
        cut_through(bones.sheet, (-half, v), (half, v), partial(_same, road))
    for face in bones.sheet.root.leaves():
        if abs(centre_of(bones.sheet.points(face))[1]) < EMBANKMENT_M:
            face.zone = "river"


def _same(road: int, _u: float, _v: float) -> int:
    return road


def _lattice(bones: Skeleton, rng: np.random.Generator) -> None:
    """Rings and avenues. A ring's lines run on beyond its corners as ordinary avenues."""
    half = bones.sheet.half_m
    vertical = [(u, None) for u in AXES_U] + [(s * r[3], r) for r in RINGS for s in (-1.0, 1.0)]
    for u, ring in vertical:
        bridged = ring is not None or u in BRIDGED_AXES
        road_at = _ring_side(bones, u, ring) if ring else partial(_same, _avenue(bones, u))
        at = u if u in FIXED_NAMES or ring else u + float(rng.uniform(-35, 35))
        zones = ("urban", "river") if bridged else ("urban",)
        if abs(at) < half - 150:
            cut_through(bones.sheet, (at, -half), (at, half), road_at, zones)
    _cross_lines(bones, rng)


def _cross_lines(bones: Skeleton, rng: np.random.Generator) -> None:
    half = bones.sheet.half_m
    lines = [(v, None) for v in AXES_NORTH + AXES_SOUTH]
    for v, ring in lines + [(e, r) for r in RINGS for e in (r[4], r[5])]:
        road_at = _ring_end(bones, v, ring) if ring else partial(_same, _avenue(bones, v))
        at = v if v in FIXED_NAMES or ring else v + float(rng.uniform(-35, 35))
        if abs(at) < half - 150:
            cut_through(bones.sheet, (-half, at), (half, at), road_at)


def _avenue(bones: Skeleton, position: float) -> int:
    name = FIXED_NAMES.get(position)
    if name is None:
        word = bones.words.avenue()
        name = joined(word, "大道", "Ave") if abs(position) > 3000 else joined(word, "路", "Rd")
    return bones.register.add("primary", name)


Ring = tuple[str, str, str, float, float, float]


def _ring_side(bones: Skeleton, u: float, ring: Ring) -> RoadAt:
    zh, en = ("东", "E") if u > 0 else ("西", "W")
    on = bones.register.add(ring[2], _ring_name(ring, zh, en))
    beyond = [bones.register.add("primary", joined(bones.words.avenue(), "路", "Rd")) for _ in "ns"]
    cut = CORNER_M[RINGS.index(ring)]

    def road_at(_u: float, v: float) -> int:
        if ring[5] + cut < v < ring[4] - cut:
            return on
        return beyond[0] if v > 0 else beyond[1]

    return road_at


def _ring_end(bones: Skeleton, v: float, ring: Ring) -> RoadAt:
    zh, en = ("北", "N") if v > 0 else ("南", "S")
    on = bones.register.add(ring[2], _ring_name(ring, zh, en))
    beyond = [bones.register.add("primary", joined(bones.words.avenue(), "路", "Rd")) for _ in "we"]
    cut = CORNER_M[RINGS.index(ring)]

    def road_at(u: float, _v: float) -> int:
        if abs(u) < ring[3] - cut:
            return on
        return beyond[0] if u < 0 else beyond[1]

    return road_at


def _ring_name(ring: Ring, zh: str, en: str) -> Text:
    if ring[0] == "内环":
        return Text(f"内环{zh}路", f"Inner Ring {en}")
    return Text(f"{zh}{ring[0]}", f"{en} {ring[1]}")


def _corners(bones: Skeleton) -> None:
    """Cut the rings' corners off, so that the ring turns twice by half instead of once."""
    for ring, cut in zip(RINGS, CORNER_M, strict=True):
        for su in (-1.0, 1.0):
            for v in (ring[4], ring[5]):
                _corner(bones, ring, su * ring[3], v, cut)


def _corner(bones: Skeleton, ring: Ring, u: float, v: float, cut: float) -> None:
    if max(abs(u), abs(v)) > bones.sheet.half_m - 150:
        return
    inward_u, inward_v = -np.sign(u) * cut, -np.sign(v) * cut
    zh, en = ("北", "N") if v > 0 else ("南", "S")
    road = bones.register.add(ring[2], _ring_name(ring, zh, en))
    cut_through(bones.sheet, (u + inward_u, v), (u, v + inward_v), partial(_same, road))


def _canal(bones: Skeleton) -> None:
    """A canal from the river to the north, a road on either bank."""
    half, add = bones.sheet.half_m, bones.register.add
    if abs(bones.canal_u) > half - 400:
        return
    for side, zh, en in ((-1, "西", "W"), (1, "东", "E")):
        road = add("tertiary", Text(f"柳溪{zh}路", f"Liuxi {en} Rd"))
        u = bones.canal_u + side * CANAL_HALF_M
        cut_through(bones.sheet, (u, EMBANKMENT_M), (u, half), partial(_same, road))
    for face in bones.sheet.root.leaves():
        u, v = centre_of(bones.sheet.points(face))
        if abs(u - bones.canal_u) < CANAL_HALF_M and v > EMBANKMENT_M:
            face.zone = "canal"


def _railway(bones: Skeleton) -> None:
    half = bones.sheet.half_m
    if bones.rail_v > half - 400:
        return
    road = bones.register.add("rail", Text("澜湾铁路", "Lanwan Railway"))
    p, q = (-half, bones.rail_v + 0.03 * half), (half, bones.rail_v - 0.03 * half)
    cut_through(bones.sheet, p, q, partial(_same, road), ("urban", "canal"))


def _diagonals(bones: Skeleton) -> None:
    """Avenues from the inner ring's corners outwards; both ends meet other roads."""
    named = (
        (1, 1, "迎宾大道", "Yingbin Ave"),
        (1, -1, "东南大道", "Dongnan Ave"),
        (-1, -1, "西南大道", "Xinan Ave"),
    )
    for su, sv, zh, en in named:
        ring = RINGS[0]
        v0 = ring[4] if sv > 0 else ring[5]
        start = (su * (ring[3] - CORNER_M[0] / 2), v0 - sv * CORNER_M[0] / 2)
        end = (start[0] + su * 3900.0, start[1] + sv * 3900.0)
        road = bones.register.add("primary", Text(zh, en))
        cut_through(bones.sheet, start, end, partial(_same, road))


def _mark_countryside(bones: Skeleton, rng: np.random.Generator) -> None:
    """A wooded hill in the north-west, fields in the far corners."""
    for face in bones.sheet.root.leaves():
        u, v = centre_of(bones.sheet.points(face))
        if face.zone != "urban":
            continue
        if ((u + 4900) / 1250) ** 2 + ((v - 4700) / 1350) ** 2 < 1:
            face.zone = "hill"
        elif max(abs(u), abs(v)) > 4700 and rng.random() < _field_odds(u, v):
            face.zone = "field"


def _field_odds(u: float, v: float) -> float:
    return 0.85 if min(abs(u), abs(v)) > 3600 else 0.32


def _secondaries(bones: Skeleton, rng: np.random.Generator) -> None:
    """Secondary roads through runs of one to three large blocks, each run with its own line."""
    for upright in (True, False):
        for run in _runs(bones.sheet, rng, upright):
            _secondary(bones, rng, run, upright)


def _runs(sheet: Sheet, rng: np.random.Generator, upright: bool) -> list[list[Face]]:
    """Large faces in strips between avenues, cut into runs of neighbours."""
    wide = [f for f in sheet.root.leaves() if f.zone == "urban" and area_m2(sheet.points(f)) > 4e5]
    strips: dict[tuple[int, bool], list[Face]] = {}
    for face in wide:
        u, v = centre_of(sheet.points(face))
        along, across = (v, u) if upright else (u, v)
        strips.setdefault((int(across // 800), upright and along > 0), []).append(face)
    runs = []
    for strip in strips.values():
        strip.sort(key=lambda f: centre_of(sheet.points(f))[1 if upright else 0])
        while strip:
            taken = int(rng.integers(1, 4))
            runs.append(strip[:taken])
            strip = strip[taken:]
    return runs


def _secondary(bones: Skeleton, rng: np.random.Generator, run: list[Face], upright: bool) -> None:
    sheet = bones.sheet
    middles = np.array([centre_of(sheet.points(f)) for f in run])
    u, v = middles.mean(axis=0) + rng.uniform(-90, 90, 2)
    slope = float(rng.uniform(-0.07, 0.07))
    direction = (slope, 1.0) if upright else (1.0, slope)
    norm = float(np.hypot(*direction))
    word = bones.words.avenue()
    name = joined(word, "街", "St") if upright else joined(word, "路", "Rd")
    road = bones.register.add("secondary", name)
    for face in run:
        unit = (direction[0] / norm, direction[1] / norm)
        if not face.children and _leaves_room(sheet, face, (float(u), float(v)), unit):
            sheet.cut(face, (float(u), float(v)), unit, partial(_same, road))


def _leaves_room(sheet: Sheet, face: Face, p: Point, d: Point) -> bool:
    """Whether a cut would leave corners at least 170 m away on both sides."""
    off = [(v - p[1]) * d[0] - (u - p[0]) * d[1] for u, v in sheet.points(face)]
    return min(off) < -170 and max(off) > 170


__all__ = ["NO_ROAD", "Skeleton", "build_skeleton", "cut_through"]
