"""Where the expressway rings cross other roads: a bridge over them, and ramps to the avenues.

Only T-junctions of side streets stay at grade on a ring (right in, right out).
"""

from __future__ import annotations

import numpy as np

from console.practice.city.courses import Course, FloatArray, Vertices
from console.practice.city.roads import RAIL, RANK, Register

BRIDGE_REACH_M = 48.0
RAMP_ON_RING_M = 165.0
RAMP_ON_AVENUE_M = 120.0

Place = tuple[Course, int]


def separate_levels(register: Register, ground: Vertices, courses: list[Course]) -> list[list[int]]:
    """Lift the rings over what they cross, in place; the ramps' vertices, one list a ramp."""
    ramps: list[list[int]] = []
    for node, ring, other in _crossings(register, courses):
        avenue = register.roads[other.road].cls == "primary"
        corners = _ramp_ends(ground, node, ring, other) if avenue else []
        ramps.extend(_ramp(ground, node, a, b) for a, b in corners)
        _lift(ground, node, ring)
    return ramps


def _crossings(register: Register, courses: list[Course]) -> list[tuple[int, Course, Course]]:
    """(node, ring, other road) where the other road, or two streets end to end, cross the ring."""
    rings: dict[int, Course] = {}
    for course in courses:
        if register.roads[course.road].cls == "trunk":
            rings.update((v, course) for v in course.vertices[1:-1])
    others = [c for c in courses if register.roads[c.road].cls not in ("trunk", RAIL)]
    through = [(v, rings[v], c) for c in others for v in c.vertices[1:-1] if v in rings]
    ends: dict[int, list[Course]] = {}
    for course in others:
        for v in {course.vertices[0], course.vertices[-1]} & rings.keys():
            ends.setdefault(v, []).append(course)
    lanes = [(v, rings[v], met[0]) for v, met in ends.items() if _are_lanes(register, met)]
    return through + sorted(lanes, key=lambda crossing: crossing[0])


def _are_lanes(register: Register, met: list[Course]) -> bool:
    """Two streets that meet under a ring need no ramps; broader roads that end there do."""
    return len(met) > 1 and all(RANK[register.roads[c.road].cls] >= RANK["tertiary"] for c in met)


def _lift(ground: Vertices, node: int, ring: Course) -> None:
    """Give the ring a vertex of its own at the crossing, on a bridge."""
    if node not in ring.vertices:
        return  # Lifted already: two roads cross the ring in one place.
    place = ring.vertices.index(node)
    ring.vertices[place] = ground.add(*ground.at(node))
    middle = float(ring.chainage_m(ground)[place])
    for side in (-BRIDGE_REACH_M, BRIDGE_REACH_M):
        ring.vertex_near(ground, middle + side)
    chain = ring.chainage_m(ground)
    half = (chain[:-1] + chain[1:]) / 2
    for i in np.flatnonzero(np.abs(half - middle) < BRIDGE_REACH_M):
        ring.bridge[i] = True


def _ramp_ends(ground: Vertices, node: int, ring: Course, avenue: Course) -> list[tuple[int, int]]:
    """For each of the four corners, the vertex on the ring and the one on the avenue."""
    on_ring = _both_ways(ground, node, ring, RAMP_ON_RING_M)
    on_avenue = _both_ways(ground, node, avenue, RAMP_ON_AVENUE_M)
    return [(a, b) for a in on_ring for b in on_avenue]


def _both_ways(ground: Vertices, node: int, course: Course, reach_m: float) -> list[int]:
    if node not in course.vertices:
        return []
    middle = float(course.chainage_m(ground)[course.vertices.index(node)])
    found = []
    for side in (-reach_m, reach_m):
        vertex = course.vertex_near(ground, middle + side)
        if vertex is not None and not _on_bridge(course, vertex):
            found.append(vertex)
        middle = float(course.chainage_m(ground)[course.vertices.index(node)])
    return found


def _on_bridge(course: Course, vertex: int) -> bool:
    i = course.vertices.index(vertex)
    return any(course.bridge[max(i - 1, 0) : i + 1])


def _ramp(ground: Vertices, node: int, start: int, end: int) -> list[int]:
    """A quadratic curve that leaves both roads along them, drawn in towards the crossing."""
    a, b, c = (np.array(ground.at(v)) for v in (start, end, node))
    control: FloatArray = 0.8 * c + 0.1 * (a + b)
    inner = []
    for t in np.linspace(0, 1, 8)[1:-1]:
        x, y = (1 - t) ** 2 * a + 2 * t * (1 - t) * control + t**2 * b
        inner.append(ground.add(float(x), float(y)))
    return [start, *inner, end]
