"""Blocks gathered to cells of 300–500 households, bounded by streets."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from console.model.text import Text
from console.practice.city.layout import Layout
from console.practice.city.sheet import Face

FloatArray = NDArray[np.float64]

FEWEST, MOST, USUAL = 305, 495, 400
"""Households of a cell; the office that made the rule says 300 to 500."""

WILD = frozenset({"river", "hill"})
"""Uses that make cells of their own, without households."""

# A shared border over a broad road binds two blocks less than one over a lane.
BINDING = {"residential": 1.0, "tertiary": 0.5, "secondary": 0.25, "primary": 0.1, "trunk": 0.05}


@dataclass(slots=True)
class Cell:
    """A grid cell: its blocks (indices), households, and place in the hierarchy."""

    blocks: list[int]
    households: int
    middle: tuple[float, float]
    district: int = 0
    code: str = ""
    name: Text = field(default_factory=Text)
    community: Text = field(default_factory=Text)
    street: Text = field(default_factory=Text)


def gather_cells(
    layout: Layout, homes: FloatArray, target: int
) -> tuple[list[Cell], NDArray[np.int64]]:
    """About `target` cells, and the cell of every block, int64 (blocks,).

    `homes`: float64 (blocks,), homes on each block at any scale; they are scaled to fill the cells.
    """
    groups, orphans = _fitted(layout, homes, target)
    cell_of = np.full(len(layout.blocks), -1, np.int64)
    for k, group in enumerate(groups):
        cell_of[group] = k
    _adopt(layout, cell_of, orphans)
    return _cells(layout, cell_of, homes * _scale(homes, target), len(groups)), cell_of


def _scale(homes: FloatArray, target: int) -> float:
    return target * USUAL / max(float(homes.sum()), 1.0)


def _fitted(layout: Layout, homes: FloatArray, target: int) -> tuple[list[list[int]], list[int]]:
    """Groups of blocks, one a cell, with the scale of homes that comes closest to the target."""
    best: tuple[list[list[int]], list[int]] = ([], [])
    scale = _scale(homes, target)
    for _ in range(5):
        groups, orphans = _grouped(layout, homes * scale)
        if not best[0] or abs(len(groups) - target) < abs(len(best[0]) - target):
            best = groups, orphans
        scale *= target / max(len(groups), 1)
    return best


def _grouped(layout: Layout, households: FloatArray) -> tuple[list[list[int]], list[int]]:
    """Walk down the tree of cuts until a part is one cell's worth; parts of too little: orphans."""
    total = np.concatenate([[0.0], np.cumsum(households)])
    groups: list[list[int]] = []
    orphans: list[int] = []
    for first, last in _parts(layout.fabric.sheet.root, total):
        whole = list(range(first, last))
        wild = {layout.blocks[k].use for k in whole} <= WILD
        if wild or total[last] - total[first] >= USUAL / 2:
            groups.append(whole)
        else:
            orphans.extend(whole)
    return groups, orphans


def _parts(root: Face, total: FloatArray) -> list[tuple[int, int]]:
    """The parts to be cells as (first block, one past the last); blocks are the tree's leaves."""
    sizes = _leaf_counts(root)
    parts = []
    stack = [(root, 0)]
    while stack:
        face, first = stack.pop()
        last = first + sizes[id(face)]
        if not face.children or ((total[last] - total[first]) < 1.5 * USUAL and _tame(face)):
            parts.append((first, last))
            continue
        a, b = face.children
        stack += [(b, first + sizes[id(a)]), (a, first)]
    return parts


def _tame(face: Face) -> bool:
    """Whether a part holds no water or hill among land (those are cells of their own)."""
    zones = {leaf.zone for leaf in face.leaves()}
    return zones <= {"river"} or zones <= {"hill"} or not zones & WILD


def _leaf_counts(root: Face) -> dict[int, int]:
    counts: dict[int, int] = {}

    def count(face: Face) -> int:
        counts[id(face)] = sum(count(c) for c in face.children) if face.children else 1
        return counts[id(face)]

    count(root)
    return counts


def _adopt(layout: Layout, cell_of: NDArray[np.int64], orphans: list[int]) -> None:
    """Give every orphan to the neighbouring cell that it shares most border with."""
    borders = _borders(layout)
    blocks = layout.blocks
    waiting = orphans
    while waiting:
        given = []
        for k in waiting:
            pulls: dict[int, float] = {}
            for other, pull in borders.get(k, []):
                if cell_of[other] >= 0 and blocks[other].use not in WILD:
                    cell = int(cell_of[other])
                    pulls[cell] = pulls.get(cell, 0.0) + pull
            if pulls:
                given.append((k, max(pulls, key=lambda c: (pulls[c], -c))))
        if not given:
            break
        for k, cell in given:
            cell_of[k] = cell
        waiting = [k for k in waiting if cell_of[k] < 0]
    for k in waiting:
        cell_of[k] = 0


def _borders(layout: Layout) -> dict[int, list[tuple[int, float]]]:
    """For each block its neighbours and how strongly the shared border binds them."""
    fabric, register = layout.fabric, layout.register
    sides: dict[tuple[int, int], list[int]] = {}
    for k, block in enumerate(layout.blocks):
        for edge, _ in fabric.edges_of(block.face):
            sides.setdefault(edge, []).append(k)
    borders: dict[int, list[tuple[int, float]]] = {}
    for edge, pair in sides.items():
        if len(pair) != 2:
            continue
        road = fabric.road_of(edge)
        cls = register.roads[road].cls if road >= 0 else "residential"
        pull = len(fabric.path(edge)) * BINDING.get(cls, 0.1)
        for a, b in (pair, pair[::-1]):
            borders.setdefault(a, []).append((b, pull))
    return borders


def _cells(
    layout: Layout, cell_of: NDArray[np.int64], households: FloatArray, count: int
) -> list[Cell]:
    sums = np.bincount(cell_of, households, count)
    cells = []
    for k in range(count):
        mine = [int(b) for b in np.flatnonzero(cell_of == k)]
        wild = {layout.blocks[b].use for b in mine} <= WILD
        number = 0 if wild else _households(float(sums[k]))
        cells.append(Cell(mine, number, _middle(layout, mine)))
    return cells


def _households(homes: float) -> int:
    """Homes pressed into the permitted range, smoothly: no heap of cells at either end."""
    half = (MOST - FEWEST) / 2
    return round(USUAL + half * math.tanh((homes - USUAL) / 140))


def _middle(layout: Layout, mine: list[int]) -> tuple[float, float]:
    """The middle of the cell's largest block in the plan: sure to be inside the cell."""
    largest = max(mine, key=lambda b: (layout.area_m2(layout.blocks[b]), -b))
    return layout.middle(layout.blocks[largest])
