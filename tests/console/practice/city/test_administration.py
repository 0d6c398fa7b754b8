from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
import shapely

from console.practice.city.cells import _households
from tests.console.practice.city.conftest import ReadCity

BILINGUAL = ("name", "community", "street", "district")


def shapes(city: ReadCity) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array([shapely.geometry.shape(c["geometry"]) for c in city.cells])


def test_cells_have_three_to_five_hundred_households(small_city: ReadCity) -> None:
    households = np.array([c["properties"]["households"] for c in small_city.cells])
    assert ((households >= 300) & (households <= 500)).mean() >= 0.95
    assert len(np.unique(households)) > 60


@pytest.mark.parametrize("homes", [0.0, 200.0, 400.0, 600.0, 1e9])
def test_whatever_stands_on_it_a_cell_stays_in_range(homes: float) -> None:
    assert 300 <= _households(homes) <= 500


def test_codes_are_unique_and_built_from_their_levels(small_city: ReadCity) -> None:
    properties = [c["properties"] for c in small_city.cells]
    codes = [p["code"] for p in properties]
    assert len(set(codes)) == len(codes)
    assert all(len(c) == 15 and c.isdigit() for c in codes)
    for level, digits in (("district", 6), ("street", 9), ("community", 12)):
        by_prefix: dict[str, set[str]] = {}
        for p in properties:
            by_prefix.setdefault(p["code"][:digits], set()).add(p[f"{level}_zh"])
        assert all(len(names) == 1 for names in by_prefix.values())
        assert len({n for names in by_prefix.values() for n in names}) == len(by_prefix)


def test_serials_run_without_gaps_from_north_to_south(small_city: ReadCity) -> None:
    rows = [
        (c["properties"]["code"], s.centroid)
        for c, s in zip(small_city.cells, shapes(small_city), strict=True)
    ]
    for _, group in groupby(rows, key=lambda r: r[0][:12]):
        members = list(group)
        assert [int(code[12:]) for code, _ in members] == list(range(1, len(members) + 1))
        if len(members) > 3:
            assert members[0][1].y > members[-1][1].y


def test_cells_are_simple_whole_and_do_not_overlap(small_city: ReadCity) -> None:
    cells = shapes(small_city)
    assert shapely.is_valid(cells).all()
    assert all(c.geom_type == "Polygon" for c in cells)
    assert shapely.coverage_is_valid(cells)


def test_cells_leave_nothing_of_the_city_out(small_city: ReadCity) -> None:
    whole = shapely.coverage_union_all(shapes(small_city))
    assert isinstance(whole, shapely.Polygon)
    assert len(whole.interiors) == 0
    inside = shapely.contains_xy(
        whole, *np.array([[float(c["lon"]), float(c["lat"])] for c in small_city.cameras]).T
    )
    assert inside.mean() > 0.99


def test_every_name_is_in_both_languages(small_city: ReadCity) -> None:
    for cell in small_city.cells:
        for key in BILINGUAL:
            assert cell["properties"][f"{key}_zh"]
            assert cell["properties"][f"{key}_en"].isascii()


def test_the_coordinate_system_is_declared(small_city: ReadCity) -> None:
    assert "CRS84" in small_city.files.grid.read_text("utf-8")[:300]
