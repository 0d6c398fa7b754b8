"""Who answers for what: communities, streets and districts over the cells, and their codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.model.text import Text
from console.practice.city.cells import Cell, gather_cells
from console.practice.city.layout import Layout
from console.practice.city.names import Words, joined, shuffled
from console.practice.city.nametables import DISTRICTS, SUBDISTRICTS
from console.practice.city.streams import stream

FloatArray = NDArray[np.float64]

CELLS_A_COMMUNITY, COMMUNITIES_A_STREET = 8, 5

DIVISION = 329901
"""First district's division code; 3299 is not given to any real city (GB/T 2260)."""


@dataclass(slots=True)
class Administration:
    """All cells in the order of their codes, and the cell of every block."""

    cells: list[Cell]
    cell_of_block: NDArray[np.int64]

    def district(self, cell: Cell) -> Text:
        """The name of a cell's district."""
        return joined(DISTRICTS[cell.district], "区", "District")


def administer(
    layout: Layout, homes: FloatArray, target: int, words: Words, seed: int
) -> Administration:
    """About `target` cells from blocks and their homes (float64, one a block, any scale)."""
    cells, cell_of = gather_cells(layout, homes, target)
    _divide_districts(cells)
    ordered = _number(cells, words, stream(seed, "communities"))
    for k, cell in enumerate(ordered):
        cell_of[cell.blocks] = k
    return Administration(ordered, cell_of)


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
