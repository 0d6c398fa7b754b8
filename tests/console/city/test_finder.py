"""The quick way to many cells says what the slow one says, holes and overlaps too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from console.city import open_city
from console.city.finder import CellFinder
from console.model.geo import world_from_lonlat
from console.service import ground_of
from tests.console.city.test_store import NORTH, SOUTH, WITH_HOLE, write_grid

OVER = shapely.box(10.005, 50.005, 10.02, 50.015)
"""Lies over both boxes: the first counts."""
TWO_PARTS = shapely.MultiPolygon(
    [shapely.box(10.06, 50, 10.07, 50.01), shapely.box(10.08, 50, 10.09, 50.01)]
)
CROSSED = shapely.Polygon([(10.06, 50.02), (10.08, 50.04), (10.08, 50.02), (10.06, 50.04)])


@pytest.mark.parametrize(
    "grid",
    [(), (SOUTH, NORTH), (SOUTH, NORTH, WITH_HOLE, OVER, TWO_PARTS), (SOUTH, CROSSED)],
    ids=["none", "two", "all kinds", "crossed"],
)
def test_as_the_slow_way(tmp_path: Path, grid: tuple[shapely.Geometry, ...]) -> None:
    write_grid(tmp_path, *(grid or (SOUTH,)))
    city = open_city(tmp_path)
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(9.99, 10.1, 4000), rng.uniform(49.99, 50.05, 4000)
    xy = np.column_stack(world_from_lonlat(lon, lat))
    found = CellFinder(city.cells).at_many(xy)
    np.testing.assert_array_equal(found, city.cells.at_many(xy))
    assert CellFinder(city.cells).at_many(xy[:0]).tolist() == []
    ground = ground_of(city.manifest.bounds, city.cells, city.units)
    assert ground.cells_at is not None
    places = list(zip(lon[:200].tolist(), lat[:200].tolist(), strict=True))
    assert list(ground.cells_at(places)) == [ground.around.cell_at(*place) for place in places]
