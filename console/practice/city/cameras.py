"""Street cameras: at junctions, along named roads, at bridges and gates, each looking somewhere."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from console.model.text import Text
from console.practice.city.layout import Layout
from console.practice.city.network import Network
from console.practice.city.places import Place
from console.practice.city.roads import RANK
from console.practice.city.streams import stream

SIDES = (("北", "N"), ("东", "E"), ("南", "S"), ("西", "W"))
GATED = (
    "school",
    "hospital",
    "marketplace",
    "police",
    "university",
    "library",
    "museum",
    "station",
)
SHARE_AT_JUNCTIONS, SHARE_AT_GATES = 0.6, 0.1
SHARE_OFFLINE, SHARE_PTZ = 0.02, 0.15
RIVER, GATE, PLAZA = 3, 4, 5
STREETS, JUNCTIONS = (1, 1, 6), (2, 2, 1)
"""Numbers of the pictures that cameras show (console.practice.scenes), the commoner ones twice."""

CROWDED = ("marketplace", "station", "library", "museum")
HOUSE_SPACING_M = 4.0
"""House numbers count up by one every so many metres (odd and even sides alternate)."""


@dataclass(slots=True)
class Camera:
    """A camera at ground metres (x, y), looking along `azimuth_deg` clockwise from grid north."""

    name: Text
    x: float
    y: float
    azimuth_deg: float
    scene: int
    angle_deg: float = 60.0
    range_m: float = 80.0
    ptz: bool = False
    online: bool = True


@dataclass(frozen=True, slots=True)
class _Arm:
    """A way to look along a road: from ground metres (x, y) towards the unit vector (dx, dy)."""

    road: int
    x: float
    y: float
    dx: float
    dy: float


def place_cameras(
    layout: Layout, network: Network, places: list[Place], count: int, seed: int
) -> list[Camera]:
    """`count` cameras with distinct names."""
    rng = stream(seed, "cameras")
    found = _Distinct(count)
    junctions = _at_junctions(network, rng)
    found.add(junctions[: round(count * SHARE_AT_JUNCTIONS)])
    found.add(_at_gates(layout, places, rng)[: round(count * SHARE_AT_GATES)])
    while found.missing():
        found.add(_along_roads(network, rng, found.missing()))
    for camera in found.cameras:
        _equip(camera, rng)
    return found.cameras


class _Distinct:
    """Cameras up to a number, each name once."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.cameras: list[Camera] = []
        self._names: set[str] = set()

    def missing(self) -> int:
        return self.count - len(self.cameras)

    def add(self, cameras: list[Camera]) -> None:
        for camera in cameras:
            if self.missing() and not self._names & {camera.name.zh, camera.name.en}:
                self._names |= {camera.name.zh, camera.name.en}
                self.cameras.append(camera)


def _equip(camera: Camera, rng: np.random.Generator) -> None:
    turns, offline = rng.random(2)
    camera.ptz = bool(turns < SHARE_PTZ)
    camera.online = bool(offline >= SHARE_OFFLINE)
    angle, reach = rng.uniform(45, 100), rng.uniform(40, 120)
    # A wide lens sees less far: the two are drawn together.
    camera.angle_deg = 60.0 if camera.ptz else float(round(angle))
    reach = rng.uniform(120, 180) if camera.ptz else 0.7 * reach + 0.3 * (165 - angle)
    camera.range_m = float(round(reach))


def _arms_by_junction(network: Network) -> dict[int, list[_Arm]]:
    """Arms of named streets (tertiary or broader) by the vertex where they meet."""
    arms: dict[int, list[_Arm]] = {}
    for course in network.courses:
        road = network.register.roads[course.road]
        if RANK[road.cls] > RANK["tertiary"] or not road.name:
            continue
        xy = network.ground.of(course.vertices)
        for i, vertex in enumerate(course.vertices):
            for j in (i - 1, i + 1):
                if 0 <= j < len(xy):
                    d = (xy[j] - xy[i]) / np.hypot(*(xy[j] - xy[i]))
                    arm = _Arm(course.road, *(float(c) for c in (*xy[i], *d)))
                    arms.setdefault(vertex, []).append(arm)
    # Where a ring merely changes its name, nothing meets.
    return {v: a for v, a in arms.items() if len(a) > 2 and len({arm.road for arm in a}) > 1}


def _at_junctions(network: Network, rng: np.random.Generator) -> list[Camera]:
    """Cameras on the arms of junctions, the important junctions first and not all arms of each."""
    arms = _arms_by_junction(network)
    rank = {v: sum(sorted(_rank(network, a.road) for a in x)[:2]) for v, x in arms.items()}
    shuffled = [list(arms)[i] for i in rng.permutation(len(arms))]
    cameras = []
    for vertex in sorted(shuffled, key=lambda v: rank[v] // 2):
        keep = 0.85 if rank[vertex] <= 4 else 0.55
        cameras += [
            _junction_camera(network, arms[vertex], arm, rng)
            for arm, draw in zip(arms[vertex], rng.random(len(arms[vertex])), strict=True)
            if draw < keep
        ]
    return cameras


def _rank(network: Network, road: int) -> int:
    return RANK[network.register.roads[road].cls]


def _junction_camera(
    network: Network, arms: list[_Arm], arm: _Arm, rng: np.random.Generator
) -> Camera:
    roads = sorted({a.road for a in arms}, key=lambda r: (_rank(network, r), r))[:2]
    first, second = (network.register.roads[r].name for r in roads)
    zh, en = _side(arm.dx, arm.dy)
    name = Text(f"{first.zh} × {second.zh} {zh}", f"{first.en} × {second.en} {en}")
    # On the pavement of the arm's right-hand side, a little way in, looking along the arm.
    x, y = arm.x + 14 * arm.dx + 9 * arm.dy, arm.y + 14 * arm.dy - 9 * arm.dx
    return Camera(name, x, y, _azimuth(arm.dx, arm.dy, rng), int(rng.choice(JUNCTIONS)))


def _side(dx: float, dy: float) -> tuple[str, str]:
    return SIDES[round(np.degrees(np.arctan2(dx, dy)) / 90) % 4]


def _azimuth(dx: float, dy: float, rng: np.random.Generator) -> float:
    return float(round((np.degrees(np.arctan2(dx, dy)) + rng.normal(0, 5)) % 360, 1) % 360)


def _at_gates(layout: Layout, places: list[Place], rng: np.random.Generator) -> list[Camera]:
    """Cameras at the gates of schools, hospitals, markets, stations, looking out."""
    chosen = [p for p in places if p.kind in GATED]
    return [
        _gate(layout, chosen[i], int(rng.integers(4)), rng) for i in rng.permutation(len(chosen))
    ]


def _gate(layout: Layout, place: Place, side: int, rng: np.random.Generator) -> Camera:
    zh, en = SIDES[side]
    dx, dy = math.sin(side * math.pi / 2), math.cos(side * math.pi / 2)
    out_m = 20.0
    if place.block >= 0:
        outline = layout.fabric.xy[layout.fabric.outline(layout.blocks[place.block].face)]
        ahead = (outline - (place.x, place.y)) @ (dx, dy)
        aside = np.abs((outline - (place.x, place.y)) @ (-dy, dx))
        out_m = max(8.0, float(ahead[np.argmin(aside + np.where(ahead > 0, 0.0, 1e6))]) - 12.0)
    name = Text(f"{place.name.zh}{zh}门", f"{place.name.en}, {en} Gate")
    at = (place.x + dx * out_m, place.y + dy * out_m)
    return Camera(name, *at, _azimuth(dx, dy, rng), PLAZA if place.kind in CROWDED else GATE)


def _along_roads(network: Network, rng: np.random.Generator, count: int) -> list[Camera]:
    """Cameras between junctions, more on long and important roads, named by house number."""
    courses = [c for c in network.courses if _is_watched(network, c.road)]
    chains = [c.chainage_m(network.ground) for c in courses]
    weight = np.array(
        [
            chain[-1] / (1 + _rank(network, c.road)) ** 1.3
            for c, chain in zip(courses, chains, strict=True)
        ]
    )
    cameras = []
    for k in rng.choice(len(courses), count, p=weight / weight.sum()):
        course, chain = courses[k], chains[k]
        at = float(rng.uniform(0.03, 0.97) * chain[-1])
        i = min(int(np.searchsorted(chain, at, "right")) - 1, len(chain) - 2)
        a, b = network.ground.of(course.vertices[i : i + 2])
        d = (b - a) / np.hypot(*(b - a))
        x, y = a + d * (at - chain[i])
        spot = _Arm(course.road, float(x), float(y), float(d[0]), float(d[1]))
        cameras.append(_roadside(network, spot, rng, bridge=course.bridge[i], at_m=at))
    return cameras


def _is_watched(network: Network, road: int) -> bool:
    entry = network.register.roads[road]
    return bool(entry.name) and RANK[entry.cls] <= RANK["residential"]


def _roadside(
    network: Network, spot: _Arm, rng: np.random.Generator, *, bridge: bool, at_m: float
) -> Camera:
    """A camera `at_m` metres along its road, on one side of it or the other."""
    sign = 1.0 if rng.random() < 0.5 else -1.0
    dx, dy = spot.dx * sign, spot.dy * sign
    zh, en = _side(dx, dy)
    street = network.register.roads[spot.road].name
    number = int(at_m / HOUSE_SPACING_M) + 1
    name = Text(f"{street.zh} {number} 号 {zh}", f"{number} {street.en} {en}")
    if bridge:
        name = Text(f"{street.zh} 桥 {number} 号杆 {zh}", f"{street.en} Bridge, pole {number} {en}")
    cls = network.register.roads[spot.road].cls
    half = 5.0 if cls == "residential" else 10.0
    x, y = spot.x + half * dy, spot.y - half * dx
    return Camera(name, x, y, _azimuth(dx, dy, rng), _roadside_scene(cls, bridge, rng))


def _roadside_scene(cls: str, bridge: bool, rng: np.random.Generator) -> int:
    if bridge:
        return RIVER
    return GATE if cls == "residential" else int(rng.choice(STREETS))
