"""What a city keeps lists of: grid cells, cameras, units and places, as struct of arrays.

Positions are world metres (EPSG:3857); names are read from the mapped file when asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from console.city.arrays import Bundle, Table
from console.city.inside import rings_hold
from console.model.text import Text
from console.model.unit import UnitKind

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]


_SEAM_M = 1.0


class _Listed:
    """Things with a unique key, found by it."""

    def __init__(self, table: Table, key: str) -> None:
        self._table = table
        self._key = key

    def __len__(self) -> int:
        return len(self._table)

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {key: row for row, key in enumerate(self._table.strings(self._key))}

    def index(self, key: str) -> int:
        """The row of the thing with this code or id. Raises KeyError when there is none."""
        return self._row_of[key]

    def __contains__(self, key: object) -> bool:
        return key in self._row_of


class Cells(_Listed):
    """The grid: n cells with r closed rings (outer and holes alike, even-odd), m ring points.

    `ring_cell` int32[r] is the cell of each ring, `ring_offsets` int64[r+1] its points in
    `ring_xy` float64[m,2]; `label_xy` float64[n,2] lies inside the cell; `bounds` float64[n,4] is
    (x0, y0, x1, y1). All world metres.
    """

    def __init__(self, table: Table, rings: Bundle) -> None:
        super().__init__(table, "code")
        self.code: Sequence[str] = table.strings("code")
        self.name: Sequence[Text] = table.texts("name")
        self.community: Sequence[Text] = table.texts("community")
        self.street: Sequence[Text] = table.texts("street")
        self.district: Sequence[Text] = table.texts("district")
        self.households: IntArray = table.numbers("households")
        self.label_xy: FloatArray = table.points("label_xy")
        self.ring_cell: IntArray = rings.array("ring_cell")
        self.ring_offsets: NDArray[np.int64] = rings.array("ring_offsets")
        self.ring_xy: FloatArray = rings.array("ring_xy")
        self.bounds: FloatArray = rings.array("bounds")

    @cached_property
    def _first_ring(self) -> NDArray[np.int64]:
        return np.searchsorted(self.ring_cell, np.arange(len(self) + 1))

    def at(self, x: float, y: float) -> int:
        """The cell that holds world point (x, y), or -1; of several the first."""
        b = self.bounds
        near = (b[:, 0] <= x) & (b[:, 1] <= y) & (b[:, 2] >= x) & (b[:, 3] >= y)
        point = np.array([[x, y]])
        return next((c for c in np.flatnonzero(near).tolist() if self._holds(c, point)[0]), -1)

    def at_many(self, xy: FloatArray) -> IntArray:
        """The cell of each world point of float64[k,2] as int32[k], -1 where there is none."""
        found = np.full(len(xy), -1, np.int32)
        order = np.argsort(xy[:, 0], kind="stable")
        xs = xy[order, 0]
        for cell in range(len(self) - 1, -1, -1):  # backwards: of overlapping cells the first stays
            x0, y0, x1, y1 = self.bounds[cell]
            rows = order[np.searchsorted(xs, x0) : np.searchsorted(xs, x1, "right")]
            rows = rows[(xy[rows, 1] >= y0) & (xy[rows, 1] <= y1)]
            if len(rows):
                found[rows[self._holds(cell, xy[rows])]] = cell
        return found

    def in_area(self, prefixes: Collection[str]) -> IntArray:
        """The rows of the cells whose code begins with one of `prefixes`, int32[k]."""
        heads = tuple(prefixes)
        return np.array([row for row, c in enumerate(self.code) if c.startswith(heads)], np.int32)

    def area_name(self, prefix: str) -> Text:
        """What the district, street, community or cell is called whose codes begin with `prefix`;
        the digits themselves where the grid has no such cell or no name for it.
        """
        digits = Text(prefix, prefix)
        row = next((row for row, code in enumerate(self.code) if code.startswith(prefix)), -1)
        if row < 0:
            return digits
        named = {6: self.district, 9: self.street, 12: self.community}.get(len(prefix), self.name)
        return named[row] or digits

    def area_rings(self, prefixes: Collection[str]) -> list[FloatArray]:
        """The closed rings round those cells together, without the lines between them, each
        float64[p,2] world metres; for the even-odd rule.
        """
        lines = [shapely.multilinestrings(self.rings(r)) for r in self.in_area(prefixes).tolist()]
        cells = shapely.build_area(np.array(lines, object))
        # Neighbours that were drawn a hand's breadth apart are one area all the same.
        whole = shapely.union_all(shapely.buffer(cells, _SEAM_M, join_style="mitre"))
        parts = shapely.get_parts(
            shapely.buffer(np.array([whole], object), -_SEAM_M, join_style="mitre")
        )
        return [shapely.get_coordinates(ring) for ring in shapely.get_rings(parts)]

    def rings(self, cell: int) -> list[FloatArray]:
        """The closed rings of a cell, each float64[p,2] world metres."""
        first, last = self._first_ring[cell], self._first_ring[cell + 1]
        ends = self.ring_offsets[first : last + 1]
        return [self.ring_xy[a:b] for a, b in pairwise(ends)]

    def _holds(self, cell: int, xy: FloatArray) -> NDArray[np.bool_]:
        return rings_hold(self.rings(cell), xy)


def short_cell_code(code: str) -> str:
    """A cell's code as people say it: of the national 15 digits (district 6, street 3, community 3,
    cell 3) the last two parts, `004-017`; any other code as it is.
    """
    if len(code) == 15 and code.isdecimal():
        return f"{code[9:12]}-{code[12:]}"
    return code


USUAL_RANGE_M = 80.0
"""Taken for a camera whose range nobody noted."""

USUAL_ANGLE_DEG = 90.0
"""Taken for a camera whose direction is known, but not how wide it looks."""


class Cameras(_Listed):
    """n cameras: `xy` float64[n,2] world; `azimuth_deg` clockwise from north, `angle_deg` of view
    and `range_m` on the ground as float32[n], NaN where unknown; `cell` int32[n], -1 for none.

    What is drawn and what is ranked both ask `reach_m`, `wedge_deg` and `all_round`, which say what
    is taken where something is unknown.
    """

    def __init__(self, table: Table) -> None:
        super().__init__(table, "id")
        self.id: Sequence[str] = table.strings("id")
        self.name: Sequence[Text] = table.texts("name")
        self.xy: FloatArray = table.points("xy")
        self.azimuth_deg: NDArray[np.float32] = table.numbers("azimuth_deg")
        self.angle_deg: NDArray[np.float32] = table.numbers("angle_deg")
        self.range_m: NDArray[np.float32] = table.numbers("range_m")
        self.ptz: NDArray[np.bool_] = table.numbers("ptz").view(np.bool_)
        self.online: NDArray[np.bool_] = table.numbers("online").view(np.bool_)
        self.stream: Sequence[str] = table.strings("stream")
        self.cell: IntArray = table.numbers("cell")

    @cached_property
    def reach_m(self) -> NDArray[np.float32]:
        """How far each sees, float32[n] ground metres."""
        return np.nan_to_num(self.range_m, nan=USUAL_RANGE_M)

    @cached_property
    def wedge_deg(self) -> NDArray[np.float32]:
        """How wide each looks round its azimuth, float32[n]."""
        return np.nan_to_num(self.angle_deg, nan=USUAL_ANGLE_DEG)

    @cached_property
    def all_round(self) -> NDArray[np.bool_]:
        """Which may see in every direction, bool[n]: they can be turned, or nobody noted where they
        look.
        """
        return np.asarray(self.ptz | np.isnan(self.azimuth_deg))


class UnitRoster(_Listed):
    """n units: `xy` float64[n,2] world is where each is at home, `base` what that place is called;
    `cell` int32[n], -1 for none; `phone` how the unit is called, "" where nobody knows.
    """

    def __init__(self, table: Table) -> None:
        super().__init__(table, "id")
        self.id: Sequence[str] = table.strings("id")
        self.name: Sequence[Text] = table.texts("name")
        self.xy: FloatArray = table.points("xy")
        self.cell: IntArray = table.numbers("cell")
        self.base: Sequence[Text] = table.texts("base")
        # Packages that were made before units had telephones lack the column.
        self.phone: Sequence[str] = table.strings("phone") if "phone" in table else [""] * len(self)

    @cached_property
    def kind(self) -> list[UnitKind]:
        """What each unit is."""
        return [UnitKind(kind) for kind in self._table.strings("kind")]


class Places:
    """n places: `category` ("school", "police", "suburb", ...), `xy` float64[n,2] world, `rank`
    int32[n], 0 the most important.
    """

    def __init__(self, table: Table) -> None:
        self._rows = len(table)
        self.name: Sequence[Text] = table.texts("name")
        self.category: Sequence[str] = table.strings("category")
        self.xy: FloatArray = table.points("xy")
        self.rank: IntArray = table.numbers("rank")

    def __len__(self) -> int:
        return self._rows
