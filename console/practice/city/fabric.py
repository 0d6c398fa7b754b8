"""The plan bent onto the ground: shared vertices, the edges between junctions, block outlines."""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from console.practice.city.blocks import Block
from console.practice.city.sheet import Face, Line, Point, Sheet
from console.practice.city.warp import Warp

FloatArray = NDArray[np.float64]
STEP_M = 38.0
"""Longest straight piece of a bent line."""

SMOOTHINGS = 24
"""Rounds of smoothing: they spread a bend over about √24 steps, 190 m, to either side."""

Edge = tuple[int, int]
"""(line, place of the edge's first node on that line)."""


class Fabric:
    """Vertices on the ground and, by edge, the vertices from junction to junction.

    `xy`: float64 (n, 2) ground metres. The first vertices are the sheet's nodes, by their numbers.
    """

    def __init__(self, sheet: Sheet, warp: Warp) -> None:
        self.sheet = sheet
        self._plan: list[Point] = list(sheet.xy)
        self._paths: list[list[list[int]]] = [self._bent(line) for line in sheet.lines]
        self._place = [{n: i for i, (_, n) in enumerate(line.nodes)} for line in sheet.lines]
        self.xy: FloatArray = warp(np.array(self._plan))
        self.warp = warp

    def path(self, edge: Edge) -> list[int]:
        """The edge's vertices, both junctions included."""
        return self._paths[edge[0]][edge[1]]

    def edges(self) -> list[Edge]:
        """All edges of the sheet."""
        return [(k, i) for k, paths in enumerate(self._paths) for i in range(len(paths))]

    def road_of(self, edge: Edge) -> int:
        """The road that runs along the edge, or negative."""
        line = self.sheet.lines[edge[0]]
        a, b = self.path(edge)[0], self.path(edge)[-1]
        (u0, v0), (u1, v1) = self.sheet.xy[a], self.sheet.xy[b]
        return line.road_at((u0 + u1) / 2, (v0 + v1) / 2)

    def edges_of(self, face: Face) -> list[tuple[Edge, bool]]:
        """The face's edges in order; True where it walks the edge backwards."""
        found: list[tuple[Edge, bool]] = []
        for k, a in enumerate(face.nodes):
            b, line = face.nodes[(k + 1) % len(face.nodes)], face.lines[k]
            i, j = self._place[line][a], self._place[line][b]
            if i < j:
                found.extend(((line, m), False) for m in range(i, j))
            else:
                found.extend(((line, m), True) for m in range(i - 1, j - 1, -1))
        return found

    def outline(self, face: Face) -> list[int]:
        """The face's vertices, the first one not repeated."""
        ring: list[int] = []
        for edge, backwards in self.edges_of(face):
            path = self.path(edge)
            ring.extend(path[:0:-1] if backwards else path[:-1])
        return ring

    def smooth(self, roads: set[int]) -> None:
        """Round the bends of these roads, in place; what meets them moves along."""
        beside: dict[int, list[int]] = {}
        for edge in self.edges():
            if self.road_of(edge) in roads:
                path = self.path(edge)
                for a, b in itertools.pairwise(path):
                    beside.setdefault(a, []).append(b)
                    beside.setdefault(b, []).append(a)
        inner = [v for v, others in beside.items() if len(others) == 2]
        before, after = (np.array([beside[v][k] for v in inner], int) for k in (0, 1))
        for _ in range(SMOOTHINGS if inner else 0):
            self.xy[inner] += 0.5 * _off_chord(self.xy[inner], self.xy[before], self.xy[after])

    def edges_between(self, blocks: list[Block], uses: tuple[str, ...]) -> set[Edge]:
        """Edges with blocks of these uses on both sides."""
        seen: dict[Edge, int] = {}
        for block in blocks:
            if block.use in uses:
                for edge, _ in self.edges_of(block.face):
                    seen[edge] = seen.get(edge, 0) + 1
        return {edge for edge, count in seen.items() if count == 2}

    def _bent(self, line: Line) -> list[list[int]]:
        paths = []
        for (t0, a), (t1, b) in zip(line.nodes, line.nodes[1:], strict=False):
            paths.append([a, *self._between(a, b, math.ceil((t1 - t0) / STEP_M)), b])
        return paths

    def _between(self, a: int, b: int, pieces: int) -> list[int]:
        (u0, v0), (u1, v1) = self.sheet.xy[a], self.sheet.xy[b]
        first = len(self._plan)
        for i in range(1, pieces):
            f = i / pieces
            self._plan.append((u0 + (u1 - u0) * f, v0 + (v1 - v0) * f))
        return list(range(first, len(self._plan)))


def _off_chord(at: FloatArray, before: FloatArray, after: FloatArray) -> FloatArray:
    """From each point (n, 2) straight to the chord between its neighbours: no sliding along it."""
    chord = after - before
    length = np.maximum(np.hypot(chord[:, 0], chord[:, 1]), 1e-9)
    normal = np.column_stack([-chord[:, 1], chord[:, 0]]) / length[:, None]
    return np.asarray(-((at - before) * normal).sum(axis=1)[:, None] * normal)
