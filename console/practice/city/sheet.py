"""The plan as a subdivision: a square cut again and again by straight lines.

Every road, bank and lane is a cut through faces, so nothing ever ends in mid-air, faces tile the
square without gaps, and the tree of cuts is a ready hierarchy of neighbourhoods.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

RoadAt = Callable[[float, float], int]
"""The road (index, or negative for none) that a line carries at plan position (u, v)."""

NO_ROAD = -1
Point = tuple[float, float]


@dataclass(slots=True)
class Line:
    """A straight cut from `p` to `q` (plan metres) and the nodes on it as (metres from p, node)."""

    p: Point
    q: Point
    road_at: RoadAt
    nodes: list[tuple[float, int]] = field(default_factory=list)

    def metres_to(self, point: Point) -> float:
        """How far along the line `point` lies."""
        length = math.dist(self.p, self.q)
        du, dv = self.q[0] - self.p[0], self.q[1] - self.p[1]
        return ((point[0] - self.p[0]) * du + (point[1] - self.p[1]) * dv) / length


@dataclass(slots=True, eq=False)
class Face:
    """A polygon: edge i runs from nodes[i] to nodes[i + 1] on line lines[i]."""

    nodes: list[int]
    lines: list[int]
    zone: str
    children: tuple[Face, ...] = ()

    def leaves(self) -> Iterator[Face]:
        """The uncut faces below this one, in the order of the cuts."""
        stack = [self]
        while stack:
            face = stack.pop()
            if face.children:
                stack.extend(reversed(face.children))
            else:
                yield face


class Sheet:
    """The square [-half, half]² in plan metres and everything cut into it."""

    def __init__(self, half_m: float) -> None:
        self.half_m = half_m
        self.xy: list[Point] = []
        self.lines: list[Line] = []
        corners = [(-half_m, -half_m), (half_m, -half_m), (half_m, half_m), (-half_m, half_m)]
        nodes = [self._add_node(c) for c in corners]
        rim = [self._add_line(nodes[i], nodes[(i + 1) % 4], _no_road) for i in range(4)]
        self.root = Face(nodes, rim, "urban")

    def points(self, face: Face) -> list[Point]:
        """The face's corners."""
        return [self.xy[n] for n in face.nodes]

    def cut(
        self, face: Face, p: Point, direction: Point, road_at: RoadAt, snap_m: float = 0.01
    ) -> bool:
        """Cut a leaf along the line through `p`; False where that gives not exactly two parts.

        An end nearer than `snap_m` to a junction on the edge it meets moves onto it; nearer than
        that to the face's own corner, the cut is refused (but for the exact 0.01 of long lines).
        """
        ends = self._crossings(face, p, direction)
        if len(ends) != 2:
            return False
        found = [self._node_on(face, edge, point, snap_m) for edge, point in ends]
        if found[0] is None or found[1] is None or found[0] == found[1]:
            return False
        return self._divide(face, (ends[0][0], found[0]), (ends[1][0], found[1]), road_at)

    def _crossings(self, face: Face, p: Point, d: Point) -> list[tuple[int, Point]]:
        """(edge index, point) where the line leaves the face; a corner on it counts as left of."""
        side = []
        for u, v in self.points(face):
            off = (v - p[1]) * d[0] - (u - p[0]) * d[1]
            side.append(off if abs(off) > 1e-6 else 1e-6)
        ends = []
        for i, a in enumerate(side):
            b = side[(i + 1) % len(side)]
            if (a > 0) != (b > 0):
                t = a / (a - b)
                (u0, v0), (u1, v1) = self._edge(face, i)
                ends.append((i, (u0 + (u1 - u0) * t, v0 + (v1 - v0) * t)))
        return ends

    def _edge(self, face: Face, i: int) -> tuple[Point, Point]:
        return self.xy[face.nodes[i]], self.xy[face.nodes[(i + 1) % len(face.nodes)]]

    def _node_on(self, face: Face, edge: int, point: Point, snap_m: float) -> int | None:
        """The node for a cut that ends at `point` of an edge: near one, a new one, or refused."""
        corners = (face.nodes[edge], face.nodes[(edge + 1) % len(face.nodes)])
        for corner in corners:
            if math.dist(self.xy[corner], point) <= snap_m:
                return corner if snap_m <= 0.01 else None
        line = self.lines[face.lines[edge]]
        here = line.metres_to(point)
        low, high = sorted(line.metres_to(self.xy[c]) for c in corners)
        near = [(abs(t - here), n) for t, n in line.nodes if low < t < high]
        if near and min(near)[0] <= snap_m:
            return min(near)[1]
        node = self._add_node(point)
        insort(line.nodes, (here, node))
        return node

    def _divide(
        self, face: Face, start: tuple[int, int], end: tuple[int, int], road_at: RoadAt
    ) -> bool:
        (i, a), (j, b) = start, end
        nodes, lines = face.nodes, face.lines
        left = _tidy([a, *nodes[i + 1 : j + 1], b], [*lines[i : j + 1], -1])
        right = _tidy([b, *nodes[j + 1 :], *nodes[: i + 1], a], [*lines[j:], *lines[: i + 1], -1])
        if len(left[0]) < 3 or len(right[0]) < 3:
            return False
        line = self._add_line(b, a, road_at)
        faces = (Face(*left, face.zone), Face(*right, face.zone))
        for part in faces:
            part.lines = [line if k == -1 else k for k in part.lines]
        face.children = faces
        return True

    def _add_node(self, point: Point) -> int:
        self.xy.append(point)
        return len(self.xy) - 1

    def _add_line(self, a: int, b: int, road_at: RoadAt) -> int:
        p, q = self.xy[a], self.xy[b]
        self.lines.append(Line(p, q, road_at, [(0.0, a), (math.dist(p, q), b)]))
        return len(self.lines) - 1


def _no_road(_u: float, _v: float) -> int:
    return NO_ROAD


def _tidy(nodes: list[int], lines: list[int]) -> tuple[list[int], list[int]]:
    """The loop without edges of no length (a cut that starts at a corner makes them)."""
    kept = [i for i, n in enumerate(nodes) if n != nodes[(i + 1) % len(nodes)]]
    return [nodes[i] for i in kept], [lines[i] for i in kept]


def area_m2(points: list[Point]) -> float:
    """The area of a simple polygon (shoelace), positive for either direction."""
    total = 0.0
    for i, (u, v) in enumerate(points):
        u1, v1 = points[(i + 1) % len(points)]
        total += u * v1 - u1 * v
    return abs(total) / 2


def centre_of(points: list[Point]) -> Point:
    """The mean of the corners; inside a convex polygon."""
    n = len(points)
    return sum(p[0] for p in points) / n, sum(p[1] for p in points) / n
