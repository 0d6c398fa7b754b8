"""What the city tells the service: where it ends, its cells, and who is on its roster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from console.model.decide import Surroundings
from console.model.geo import LonLat, is_on_globe, world_from_lonlat
from console.model.text import Text

if TYPE_CHECKING:
    from console.city.catalogue import Cells, UnitRoster

MARGIN_DEG = 0.02
"""How far outside the city's bounds something may still be reported: about 2 km."""

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Ground:
    """`holds` tells whether a position (WGS 84 degrees) is in or near the city."""

    holds: Callable[[float, float], bool]
    around: Surroundings
    unit_cell: Callable[[str], str | None] = lambda _unit: ""
    """The code of the cell where a unit of the roster is at home, "" for none."""
    unit_name: Callable[[str], Text] = lambda _unit: Text()
    unit_home: Callable[[str], LonLat | None] = lambda _unit: None
    """Where a unit of the roster is at home."""
    cells_at: Callable[[Sequence[tuple[float, float]]], Sequence[str]] | None = None
    """The cells of many places (lon, lat) at once; None where `around` is as quick."""
    unit_place: Callable[[str], tuple[float, float] | None] = lambda _unit: None
    """Where a unit was seen last (lon, lat)."""


def anywhere() -> Ground:
    """No city: every place on the globe and every unit will do."""
    around = Surroundings(cell_at=lambda _lon, _lat: "", knows_unit=lambda _unit: True)
    return Ground(is_on_globe, around)


def ground_of(bounds: Bounds, cells: Cells, units: UnitRoster, zone: tzinfo = UTC) -> Ground:
    """The ground of one city: `bounds` is west, south, east, north in degrees, `zone` dates what
    happens in it.
    """
    west, south, east, north = bounds

    def holds(lon: float, lat: float) -> bool:
        in_width = west - MARGIN_DEG <= lon <= east + MARGIN_DEG
        return in_width and south - MARGIN_DEG <= lat <= north + MARGIN_DEG

    def cell_at(lon: float, lat: float) -> str:
        x, y = world_from_lonlat(lon, lat)
        cell = cells.at(float(x), float(y)) if len(cells) else -1
        return cells.code[cell] if cell >= 0 else ""

    def unit_cell(unit_id: str) -> str | None:
        if unit_id not in units:
            return None
        cell = int(units.cell[units.index(unit_id)])
        return cells.code[cell] if 0 <= cell < len(cells) else ""

    def unit_name(unit_id: str) -> Text:
        return units.name[units.index(unit_id)] if unit_id in units else Text()

    def unit_home(unit_id: str) -> LonLat | None:
        if unit_id not in units:
            return None
        return LonLat.of_world(*units.xy[units.index(unit_id)])

    around = Surroundings(cell_at, lambda unit_id: unit_id in units, zone=zone)
    return Ground(holds, around, unit_cell, unit_name, unit_home, _many_at(cells))


def _many_at(cells: Cells) -> Callable[[Sequence[tuple[float, float]]], Sequence[str]]:
    # Here, and not above: a server without a city starts without numpy.
    import numpy as np  # noqa: PLC0415

    from console.city.finder import CellFinder  # noqa: PLC0415

    finder, codes = CellFinder(cells), [*cells.code, ""]

    def cells_at(places: Sequence[tuple[float, float]]) -> Sequence[str]:
        lonlat = np.array(places, np.float64).reshape(-1, 2)
        xy = np.column_stack(world_from_lonlat(lonlat[:, 0], lonlat[:, 1]))
        return [codes[cell] for cell in finder.at_many(xy).tolist()]  # -1 is the last, ""

    return cells_at
