"""What the service asks a real city package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from console.city import open_city
from console.city.store import write_cells, write_units
from console.model.text import Text
from console.model.unit import UnitKind
from console.service import Ground, ground_of


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """One cell of about a kilometre, and one unit in it."""
    name = [Text("甲", "A")]
    write_cells(
        tmp_path,
        code=["330106001001001"],
        name=name,
        community=name,
        street=name,
        district=name,
        households=np.array([400]),
        polygons=np.array([shapely.box(120.0, 30.0, 120.01, 30.01)], object),
        source="test",
    )
    write_units(
        tmp_path,
        id=["U-0001"],
        name=name,
        kind=[UnitKind.CAR],
        lonlat=np.array([[120.005, 30.005]]),
        base=name,
        source="test",
    )
    city = open_city(tmp_path)
    return ground_of(city.manifest.bounds, city.cells, city.units)


def test_the_region_has_a_margin_and_an_end(ground: Ground) -> None:
    assert ground.holds(120.005, 30.005)
    assert ground.holds(120.025, 30.0)
    assert not ground.holds(120.05, 30.005)
    assert not ground.holds(120.005, 31.0)
    assert not ground.holds(float("nan"), 30.0)


def test_cells_and_roster(ground: Ground) -> None:
    assert ground.around.cell_at(120.005, 30.005) == "330106001001001"
    assert ground.around.cell_at(120.02, 30.005) == ""
    assert ground.around.knows_unit("U-0001")
    assert not ground.around.knows_unit("U-0002")


def test_a_unit_has_a_name_and_a_home(ground: Ground) -> None:
    assert ground.unit_name("U-0001") == Text("甲", "A")
    home = ground.unit_home("U-0001")
    assert home is not None
    assert (round(home.lon, 6), round(home.lat, 6)) == (120.005, 30.005)
    assert ground.unit_name("U-0002") == Text()
    assert ground.unit_home("U-0002") is None
