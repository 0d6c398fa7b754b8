"""A road as it runs: an ordered list of vertices with a bridge flag a segment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class Vertices:
    """Ground positions (metres) by number; grows as ramps and bridge heads are added."""

    def __init__(self, xy: FloatArray) -> None:
        self._xy: list[tuple[float, float]] = [(float(x), float(y)) for x, y in xy]

    def add(self, x: float, y: float) -> int:
        """A new vertex's number."""
        self._xy.append((x, y))
        return len(self._xy) - 1

    def at(self, vertex: int) -> tuple[float, float]:
        """Where a vertex lies."""
        return self._xy[vertex]

    def of(self, vertices: list[int]) -> FloatArray:
        """Positions (n, 2) of some vertices."""
        return np.array([self._xy[v] for v in vertices])

    def all(self) -> FloatArray:
        """Positions (n, 2) of all vertices."""
        return np.array(self._xy)


@dataclass(slots=True)
class Course:
    """One unbroken run of a road. `bridge[i]` tells of the segment from vertex i to i + 1."""

    road: int
    vertices: list[int]
    bridge: list[bool]

    def chainage_m(self, ground: Vertices) -> FloatArray:
        """Metres from the start, for each vertex."""
        steps = np.diff(ground.of(self.vertices), axis=0)
        return np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])

    def vertex_near(self, ground: Vertices, metres: float, reuse_m: float = 9.0) -> int | None:
        """The vertex at that chainage, made if none is within `reuse_m`; None beyond the ends."""
        chain = self.chainage_m(ground)
        if not 0 < metres < chain[-1]:
            return None
        nearest = int(np.argmin(np.abs(chain - metres)))
        if abs(chain[nearest] - metres) <= reuse_m:
            return self.vertices[nearest]
        return self._insert(ground, chain, metres)

    def _insert(self, ground: Vertices, chain: FloatArray, metres: float) -> int:
        i = int(np.searchsorted(chain, metres)) - 1
        f = (metres - chain[i]) / (chain[i + 1] - chain[i])
        (x0, y0), (x1, y1) = ground.at(self.vertices[i]), ground.at(self.vertices[i + 1])
        vertex = ground.add(float(x0 + (x1 - x0) * f), float(y0 + (y1 - y0) * f))
        self.vertices.insert(i + 1, vertex)
        self.bridge.insert(i, self.bridge[i])
        return vertex


def chained(road: int, pieces: list[tuple[list[int], bool]]) -> list[Course]:
    """The pieces (vertices from junction to junction, is a bridge) of a road joined end to end."""
    at: dict[int, list[int]] = {}
    for k, (path, _) in enumerate(pieces):
        at.setdefault(path[0], []).append(k)
        at.setdefault(path[-1], []).append(k)
    # Runs start at loose ends; what remains after those are loops, started anywhere.
    starts = sorted(n for n, k in at.items() if len(k) == 1) + sorted(at)
    unused = set(range(len(pieces)))
    courses = []
    for start in starts:
        while any(k in unused for k in at[start]):
            courses.append(_walk(road, pieces, at, unused, start))
    return courses


def _walk(
    road: int,
    pieces: list[tuple[list[int], bool]],
    at: dict[int, list[int]],
    unused: set[int],
    start: int,
) -> Course:
    course = Course(road, [start], [])
    while nexts := [k for k in at[course.vertices[-1]] if k in unused]:
        path, bridge = pieces[nexts[0]]
        unused.discard(nexts[0])
        onward = path if path[0] == course.vertices[-1] else path[::-1]
        course.vertices.extend(onward[1:])
        course.bridge.extend([bridge] * (len(onward) - 1))
    return course
