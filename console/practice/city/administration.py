"""Who answers for what: cells of 300–500 households, communities, streets, districts, and codes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from console.model.text import Text
from console.practice.city.blocks import Block
from console.practice.city.fabric import Fabric
from console.practice.city.names import Words, joined, shuffled
from console.practice.city.nametables import DISTRICTS, SUBDISTRICTS
from console.practice.city.roads import Register
from console.practice.city.sheet import Face, area_m2, centre_of
from console.practice.city.streams import stream

FloatArray = NDArray[np.float64]
FEWEST, MOST, USUAL = 305, 495, 400
"""Households of a cell; the office that made the rule says 300 to 500."""

CELLS_A_COMMUNITY, COMMUNITIES_A_STREET = 8, 5
DIVISION = 329901
"""First district's division code; 3299 is not given to any real city (GB/T 2260)."""

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


@dataclass(slots=True)
class Administration:
    """All cells in the order of their codes, and the cell of every block."""

    cells: list[Cell]
    cell_of_block: NDArray[np.int64]

    def district(self, cell: Cell) -> Text:
        """The name of a cell's district."""
        return joined(DISTRICTS[cell.district], "区", "District")


def administer(
    fabric: Fabric,
    register: Register,
    blocks: list[Block],
    homes: FloatArray,
    target: int,
    words: Words,
    seed: int,
) -> Administration:
    """About `target` cells from blocks and their homes (float64, one a block, any scale)."""
    groups, orphans = _fitted(fabric.sheet.root, blocks, homes, target)
    cell_of = np.full(len(blocks), -1, np.int64)
    for k, group in enumerate(groups):
        cell_of[group] = k
    _adopt(fabric, register, blocks, cell_of, orphans)
    cells = _cells(fabric, blocks, cell_of, homes * _scale(homes, target), len(groups))
    _divide_districts(cells)
    ordered = _number(cells, words, stream(seed, "communities"))
    for k, cell in enumerate(ordered):
        cell_of[cell.blocks] = k
    return Administration(ordered, cell_of)


def _scale(homes: FloatArray, target: int) -> float:
    return target * USUAL / max(float(homes.sum()), 1.0)


def _fitted(
    root: Face, blocks: list[Block], homes: FloatArray, target: int
) -> tuple[list[list[int]], list[int]]:
    """Groups of blocks, one a cell, with the scale of homes that comes closest to the target."""
    best: tuple[list[list[int]], list[int]] = ([], [])
    scale = _scale(homes, target)
    for _ in range(5):
        groups, orphans = _grouped(root, blocks, homes * scale)
        if not best[0] or abs(len(groups) - target) < abs(len(best[0]) - target):
            best = groups, orphans
        scale *= target / max(len(groups), 1)
    return best


def _grouped(
    root: Face, blocks: list[Block], households: FloatArray
) -> tuple[list[list[int]], list[int]]:
    """Walk down the tree of cuts until a part is one cell's worth; parts of too little: orphans."""
    total = np.concatenate([[0.0], np.cumsum(households)])
    place = {id(block.face): k for k, block in enumerate(blocks)}
    groups: list[list[int]] = []
    orphans: list[int] = []
    for face, first, last in _walk(root, place, total):
        whole = list(range(first, last))
        wild = {blocks[k].use for k in whole} <= {"river", "hill"}
        if wild or total[last] - total[first] >= USUAL / 2:
            groups.append(whole)
        else:
            orphans.extend(whole)
        del face
    return groups, orphans


def _walk(root: Face, place: dict[int, int], total: FloatArray) -> list[tuple[Face, int, int]]:
    """The parts to be cells as (face, first block, one past the last)."""
    sizes = _leaf_counts(root)
    parts = []
    stack = [(root, 0)]
    while stack:
        face, first = stack.pop()
        last = first + sizes[id(face)]
        if not face.children or ((total[last] - total[first]) < 1.5 * USUAL and _tame(face)):
            parts.append((face, first, last))
            continue
        a, b = face.children
        stack += [(b, first + sizes[id(a)]), (a, first)]
    return parts


def _tame(face: Face) -> bool:
    """Whether a part holds no water or hill among land (those are cells of their own)."""
    zones = {leaf.zone for leaf in face.leaves()}
    return zones <= {"river"} or zones <= {"hill"} or not zones & {"river", "hill"}


def _leaf_counts(root: Face) -> dict[int, int]:
    counts: dict[int, int] = {}

    def count(face: Face) -> int:
        counts[id(face)] = sum(count(c) for c in face.children) if face.children else 1
        return counts[id(face)]

    count(root)
    return counts


def _adopt(
    fabric: Fabric,
    register: Register,
    blocks: list[Block],
    cell_of: NDArray[np.int64],
    orphans: list[int],
) -> None:
    """Give every orphan to the neighbouring cell that it shares most border with."""
    borders = _borders(fabric, register, blocks)
    waiting = orphans
    while waiting:
        given = []
        for k in waiting:
            pulls: dict[int, float] = {}
            for other, pull in borders.get(k, []):
                if cell_of[other] >= 0 and blocks[other].use not in ("river", "hill"):
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


def _borders(
    fabric: Fabric, register: Register, blocks: list[Block]
) -> dict[int, list[tuple[int, float]]]:
    """For each block its neighbours and how strongly the shared border binds them."""
    sides: dict[tuple[int, int], list[int]] = {}
    for k, block in enumerate(blocks):
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
    fabric: Fabric,
    blocks: list[Block],
    cell_of: NDArray[np.int64],
    households: FloatArray,
    count: int,
) -> list[Cell]:
    sums = np.bincount(cell_of, households, count)
    cells = []
    for k in range(count):
        mine = [int(b) for b in np.flatnonzero(cell_of == k)]
        wild = {blocks[b].use for b in mine} <= {"river", "hill"}
        number = 0 if wild else int(np.clip(round(sums[k]), FEWEST, MOST))
        cells.append(Cell(mine, number, _middle(fabric, blocks, mine)))
    return cells


def _middle(fabric: Fabric, blocks: list[Block], mine: list[int]) -> tuple[float, float]:
    points = [fabric.sheet.points(blocks[b].face) for b in mine]
    weight = np.array([area_m2(p) for p in points])
    u, v = (np.array([centre_of(p) for p in points]) * weight[:, None]).sum(axis=0) / weight.sum()
    return float(u), float(v)


def _divide_districts(cells: list[Cell]) -> None:
    for cell in cells:
        cell.district = _district_at(*cell.middle)


def _district_at(u: float, v: float) -> int:
    """Index into DISTRICTS: the old centre, its south bank, west, north, east, far south."""
    if abs(u) < 1990 and -2570 < v < 2390:
        return 0 if v > 0 else 1
    if v > 0 and v > 0.9 * abs(u):
        return 3
    if v < -2570:
        return 5
    return 4 if u > 0 else 2


def _number(cells: list[Cell], words: Words, rng: np.random.Generator) -> list[Cell]:
    """Streets, communities and serials with their codes and names; cells by code."""
    streets = iter(shuffled(rng, SUBDISTRICTS))
    for d in sorted({c.district for c in cells}):
        mine = [c for c in cells if c.district == d]
        size = CELLS_A_COMMUNITY * COMMUNITIES_A_STREET
        for s, street in enumerate(_parts(mine, max(1, round(len(mine) / size))), 1):
            name = joined(next(streets, None) or words.compound(), "街道", "Subdistrict")
            _number_street(street, f"{DIVISION + d:06d}{s:03d}", name, words)
    return sorted(cells, key=lambda c: c.code)


def _number_street(cells: list[Cell], prefix: str, street: Text, words: Words) -> None:
    parts = _parts(cells, max(1, round(len(cells) / CELLS_A_COMMUNITY)))
    for k, members in enumerate(parts, 1):
        community = joined(words.compound(), "社区", "Community")
        for serial, cell in enumerate(_reading_order(members), 1):
            cell.code = f"{prefix}{k:03d}{serial:03d}"
            cell.street, cell.community = street, community
            cell.name = Text(f"{community.zh}第{serial}网格", f"{community.en} Grid {serial}")


def _parts(cells: list[Cell], count: int) -> list[list[Cell]]:
    """Compact parts of about the same number of cells, in reading order."""
    if count <= 1 or len(cells) <= count:
        return [cells] if cells else []
    middles = np.array([c.middle for c in cells])
    axis = int(np.ptp(middles[:, 1]) > np.ptp(middles[:, 0]))
    order = np.argsort(middles[:, axis] * (-1 if axis else 1), kind="stable")
    half = count // 2
    cut = round(len(cells) * half / count)
    first, second = [cells[i] for i in order[:cut]], [cells[i] for i in order[cut:]]
    return _parts(first, half) + _parts(second, count - half)


def _reading_order(cells: list[Cell]) -> list[Cell]:
    """West to east, then north to south: rows of 250 m, as the coding rule wants serials."""
    return sorted(cells, key=lambda c: (-round(c.middle[1] / 250), c.middle[0]))
