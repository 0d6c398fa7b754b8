"""The city's bones in the plan: river, rings, avenues, canal, railway, secondary roads."""

from __future__ import annotations

import numpy as np

from console.model.text import Text
from console.practice.city.bones import (
    CANAL_HALF_M,
    EMBANKMENT_M,
    Skeleton,
    along,
    cut_through,
)
from console.practice.city.names import Words, joined
from console.practice.city.rings import CORNER_M, RINGS, lay_lattice, round_corners
from console.practice.city.roads import Register
from console.practice.city.sheet import Face, Point, Sheet, area_m2, centre_of
from console.practice.city.streams import stream

TAKEN = frozenset({"建设", "人民", "学院", "梧桐", "和平", "北苑", "文昌", "南屿"})


def build_skeleton(seed: int, half_m: float) -> Skeleton:
    """Lay the bones of a city of 2 × `half_m` metres a side."""
    rng = stream(seed, "skeleton")
    sheet, register = Sheet(half_m), Register()
    words = _Untaken(stream(seed, "road names"))
    bones = Skeleton(
        sheet, register, words, canal_u=-2390.0 + float(rng.uniform(-40, 40)), rail_v=3420
    )
    _river(bones)
    lay_lattice(bones, rng)
    round_corners(bones)
    _canal(bones)
    _railway(bones)
    _diagonals(bones)
    _mark_open_land(bones, rng)
    _secondaries(bones, rng)
    return bones


class _Untaken(Words):
    """Words without those that the fixed names already use."""

    def avenue(self) -> tuple[str, str]:
        word = super().avenue()
        return self.avenue() if word[0] in TAKEN else word


def _river(bones: Skeleton) -> None:
    half, add = bones.sheet.half_m, bones.register.add
    north = add("secondary", Text("滨江北路", "Binjiang N Rd"))
    south = add("secondary", Text("滨江南路", "Binjiang S Rd"))
    for v, road in ((EMBANKMENT_M, north), (-EMBANKMENT_M, south)):
        cut_through(bones.sheet, (-half, v), (half, v), along(road))
    for face in bones.sheet.root.leaves():
        if abs(centre_of(bones.sheet.points(face))[1]) < EMBANKMENT_M:
            face.zone = "river"


def _canal(bones: Skeleton) -> None:
    """A canal from the river to the north, a road on either bank."""
    half, add = bones.sheet.half_m, bones.register.add
    if abs(bones.canal_u) > half - 400:
        return
    for side, zh, en in ((-1, "西", "W"), (1, "东", "E")):
        road = add("tertiary", Text(f"柳溪{zh}路", f"Liuxi {en} Rd"))
        u = bones.canal_u + side * CANAL_HALF_M
        cut_through(bones.sheet, (u, EMBANKMENT_M), (u, half), along(road))
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
    cut_through(bones.sheet, p, q, along(road), ("urban", "canal"))


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
        cut_through(bones.sheet, start, end, along(road))


def _mark_open_land(bones: Skeleton, rng: np.random.Generator) -> None:
    """The great park, a wooded hill in the north-west, fields along the rim."""
    for face in bones.sheet.root.leaves():
        u, v = centre_of(bones.sheet.points(face))
        draw = rng.random()
        if face.zone != "urban":
            continue
        if in_great_park(u, v):
            face.zone = "park"
        elif ((u + 4900) / 1250) ** 2 + ((v - 4700) / 1350) ** 2 < 1:
            face.zone = "hill"
        elif max(abs(u), abs(v)) > 4700 and draw < _field_odds(u, v):
            face.zone = "field"


def in_great_park(u: float, v: float) -> bool:
    """Whether a place is in 柳岸公园: between Renmin Road, the inner ring and the river."""
    return 430 < u < 1300 and EMBANKMENT_M < v < 650


def _field_odds(u: float, v: float) -> float:
    return 1.0 if min(abs(u), abs(v)) > 3600 else 0.62


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
        first = 0
        while first < len(strip):
            past = first + int(rng.integers(1, 4))
            runs.append(strip[first:past])
            first = past
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
            sheet.cut(face, (float(u), float(v)), unit, along(road))


def _leaves_room(sheet: Sheet, face: Face, p: Point, d: Point) -> bool:
    """Whether a cut would leave corners at least 170 m away on both sides."""
    off = [(v - p[1]) * d[0] - (u - p[0]) * d[1] for u, v in sheet.points(face)]
    return min(off) < -170 and max(off) > 170
