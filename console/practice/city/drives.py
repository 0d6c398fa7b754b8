"""Service roads into estates and works: between two rows of buildings, from the lane outside."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from console.practice.city.buildings import Buildings
from console.practice.city.courses import Course
from console.practice.city.layout import Layout
from console.practice.city.streams import stream

FloatArray = NDArray[np.float64]
DRIVEN = ("slabs", "towers", "villas", "business", "industry", "campus")
ENTERED_FROM = ("residential", "tertiary")
SHARE_WITH_DRIVE, SHARE_RIGHT_THROUGH = 0.75, 0.4
NARROWEST_GAP_M = 7.0
FROM_JUNCTION_M = 16.0


@dataclass(slots=True)
class Drives:
    """Service roads as vertices, and the vertices they put into the streets they leave.

    `joints` has, by street segment (vertices a < b), the (share of the way from a, new vertex)s.
    """

    ways: list[list[int]] = field(default_factory=list)
    joints: dict[tuple[int, int], list[tuple[float, int]]] = field(default_factory=dict)

    def join(self, courses: list[Course]) -> None:
        """Put the joints into the courses, in place."""
        for course in courses:
            old, flags = course.vertices, course.bridge
            course.vertices, course.bridge = old[:1], []
            for (a, b), flag in zip(pairwise(old), flags, strict=True):
                found = sorted(self.joints.get((min(a, b), max(a, b)), []))
                inner = [v for _, v in (found if a < b else reversed(found))]
                course.vertices += [*inner, b]
                course.bridge += [flag] * (len(inner) + 1)


@dataclass(frozen=True, slots=True)
class _Gate:
    """Where a line between rows meets the block's edge; `along` is metres along that line."""

    along: float
    segment: tuple[int, int]
    share: float
    xy: FloatArray
    open: bool


def lay_drives(layout: Layout, buildings: Buildings, seed: int) -> Drives:
    """A drive for most of the larger blocks (their buildings in the order of the blocks)."""
    rng = stream(seed, "drives")
    drives = Drives()
    first = np.searchsorted(buildings.block, np.arange(len(layout.blocks) + 1))
    for k, block in enumerate(layout.blocks):
        wanted, through, reach = rng.random(3)
        if block.use not in DRIVEN or wanted > SHARE_WITH_DRIVE:
            continue
        gap = _gap_between_rows(buildings.corners[first[k] : first[k + 1]])
        if gap is not None:
            gates = _gates(layout, k, *gap)
            _drive(layout, drives, gates, 1.0 if through < SHARE_RIGHT_THROUGH else reach)
    return drives


def _gap_between_rows(corners: FloatArray) -> tuple[FloatArray, float] | None:
    """(unit normal of the rows, offset of the middle gap along it), or None without one."""
    if not len(corners):
        return None
    along = corners[0, 1] - corners[0, 0]
    normal = np.array([-along[1], along[0]]) / np.hypot(*along)
    sides = corners @ normal
    low, high = sides.min(axis=1), sides.max(axis=1)
    order = np.argsort(low, kind="stable")
    reached = np.maximum.accumulate(high[order])
    gaps = np.flatnonzero(low[order][1:] - reached[:-1] > NARROWEST_GAP_M)
    if not len(gaps):
        return None
    i = gaps[len(gaps) // 2]
    return normal, float((reached[i] + low[order][i + 1]) / 2)


def _gates(layout: Layout, block: int, normal: FloatArray, offset: float) -> list[_Gate]:
    fabric, register = layout.fabric, layout.register
    gates = []
    for edge, _ in fabric.edges_of(layout.blocks[block].face):
        path = fabric.path(edge)
        sides = fabric.xy[path] @ normal - offset
        for i in np.flatnonzero((sides[:-1] > 0) != (sides[1:] > 0)):
            a, b = sorted((path[i], path[i + 1]))
            road = fabric.road_of(edge)
            is_street = road >= 0 and register.roads[road].cls in ENTERED_FROM
            gates.append(_gate(fabric.xy, (a, b), normal, offset, path if is_street else []))
    return sorted(gates, key=lambda g: g.along)


def _gate(
    xy: FloatArray, segment: tuple[int, int], normal: FloatArray, offset: float, street: list[int]
) -> _Gate:
    """A gate on a segment; open if it is on a `street` and not too near to its junctions."""
    a, b = xy[segment[0]], xy[segment[1]]
    share = float((offset - a @ normal) / ((b - a) @ normal))
    at = a + (b - a) * share
    clear = bool(street) and all(
        np.hypot(*(at - xy[end])) > FROM_JUNCTION_M for end in (street[0], street[-1])
    )
    return _Gate(float(at @ (normal[1], -normal[0])), segment, share, at, clear)


def _drive(layout: Layout, drives: Drives, gates: list[_Gate], reach: float) -> None:
    """From an open gate to the other one, or part of the way (`reach` 0–1) there."""
    if len(gates) != 2 or not (gates[0].open or gates[1].open):
        return
    start, end = gates if gates[0].open else gates[::-1]
    vertices = [_joint(layout, drives, start)]
    if reach == 1.0 and end.open:
        vertices.append(_joint(layout, drives, end))
    else:
        tip = start.xy + (end.xy - start.xy) * (0.45 + 0.35 * min(reach, 0.999))
        vertices.append(layout.ground.add(float(tip[0]), float(tip[1])))
    drives.ways.append(vertices)


def _joint(layout: Layout, drives: Drives, gate: _Gate) -> int:
    vertex = layout.ground.add(float(gate.xy[0]), float(gate.xy[1]))
    drives.joints.setdefault(gate.segment, []).append((gate.share, vertex))
    return vertex
