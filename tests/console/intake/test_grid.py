from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon

from console.city.arrays import Table, read_batch
from console.city.catalogue import Cameras
from console.city.manifest import read_manifest
from console.intake.cameras import import_cameras
from console.intake.errors import IntakeError
from console.intake.grid import import_grid
from console.intake.present import Present
from console.intake.report import Report
from console.intake.rows import Options
from console.model.text import Text
from tests.helpers.catalogues import CENTRE, codes, squares, write_vector

Csv = Callable[..., Path]


def _grid(tmp_path: Path, suffix: str = ".gpkg", columns: int = 3, **fields: list[Any]) -> Path:
    polygons = squares(columns, 2)
    names = [f"第{i}网格" for i in range(len(polygons))]
    table: dict[str, list[Any]] = {"code": codes(len(polygons)), "name": names, **fields}
    return write_vector(tmp_path / f"grid{suffix}", polygons, table)


def _notes(report: Report) -> str:
    return "\n".join(note.en for note in report.notes)


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".shp"])
def test_cells_come_back_as_they_went_in(tmp_path: Path, city: Path, suffix: str) -> None:
    report = import_grid(_grid(tmp_path, suffix, household=[1] * 6), city)
    assert report.accepted == {"cells": 6}
    cells = Present(city).cells()
    assert [cell.key for cell in cells] == codes(6)
    assert cells[2].name == Text("第2网格", "")
    for cell, square in zip(cells, squares(3, 2), strict=True):
        assert shapely.equals_exact(
            shapely.normalize(cell.polygon), shapely.normalize(square), 1e-9
        )


def test_a_second_import_changes_nothing_a_third_updates(tmp_path: Path, city: Path) -> None:
    path = _grid(tmp_path, households=list(range(300, 306)))
    assert "6 new, 0 updated, 0 unchanged" in _notes(import_grid(path, city))
    files = sorted(city.glob("*.arrow"))
    assert "0 new, 0 updated, 6 unchanged" in _notes(import_grid(path, city))
    assert sorted(city.glob("*.arrow")) == files
    path.unlink()
    path = _grid(tmp_path, households=[999, *range(301, 306)])
    assert "0 new, 1 updated, 5 unchanged" in _notes(import_grid(path, city))
    assert Present(city).cells()[0].households == 999
    assert Report.load(city / "reports" / "cells.json").accepted == {"cells": 6}


def test_cells_of_another_file_stay(tmp_path: Path, city: Path) -> None:
    import_grid(_grid(tmp_path), city)
    one = write_vector(tmp_path / "one.gpkg", squares(4, 2)[3:4], {"code": codes(9)[8:]})
    assert "1 new, 0 updated, 0 unchanged; 6 others" in _notes(import_grid(one, city))
    assert len(Present(city).cells()) == 7


def test_a_column_that_the_file_lacks_erases_nothing(tmp_path: Path, city: Path) -> None:
    import_grid(_grid(tmp_path, households=[400] * 6), city)
    (tmp_path / "grid.gpkg").unlink()
    import_grid(_grid(tmp_path), city)
    assert {cell.households for cell in Present(city).cells()} == {400}


def test_holes_and_several_parts_survive_the_package(tmp_path: Path, city: Path) -> None:
    one, two = squares(2, 1, 0.01)
    hole = one.centroid.buffer(0.002).exterior
    shape = MultiPolygon([Polygon(one.exterior, [hole]), shapely.affinity.translate(two, 0.02)])
    path = write_vector(tmp_path / "grid.geojson", [shape, shape], {"code": ["1", "2"]})
    import_grid(path, city)
    stored = Present(city).cells()[0].polygon
    assert stored.symmetric_difference(shape).area < 1e-12
    assert "0 new, 0 updated, 2 unchanged" in _notes(import_grid(path, city))


def test_broken_outlines_are_repaired_and_empty_ones_left_out(tmp_path: Path, city: Path) -> None:
    x, y = CENTRE
    bow_tie = Polygon([(x, y), (x + 0.01, y + 0.01), (x + 0.01, y), (x, y + 0.01)])
    flat = Polygon([(x, y), (x + 0.01, y), (x, y)])
    shapes = [squares(1, 1)[0], bow_tie, Polygon(), flat, None]
    path = write_vector(tmp_path / "grid.geojson", shapes, {"code": list("abcde")})
    report = import_grid(path, city)
    assert report.accepted == {"cells": 2}
    assert {problem.row: problem.reason.en for problem in report.skipped} == {
        "3": "no outline",
        "4": "the outline encloses no area",
        "5": "no outline",
    }
    assert "repaired: 1 (rows 2)" in _notes(report)
    assert all(cell.polygon.is_valid for cell in Present(city).cells())


def test_overlaps_are_reported_touching_is_not(tmp_path: Path, city: Path) -> None:
    assert "overlap" not in _notes(import_grid(_grid(tmp_path), city))
    over = shapely.affinity.translate(squares(1, 1)[0], 0.001, 0.0)
    path = write_vector(tmp_path / "over.gpkg", [over], {"code": ["X-1"]})
    notes = _notes(import_grid(path, city))
    assert "overlap by over 1 %: 2" in notes
    assert f"{codes(1)[0]} × X-1" in notes


def test_points_are_no_cells_and_lines_neither(tmp_path: Path, city: Path) -> None:
    shapes = [LineString([CENTRE, (118.8, 32.1)]), *squares(1, 1)]
    path = write_vector(tmp_path / "mix.geojson", shapes, {"code": ["a", "b"]})
    report = import_grid(path, city)
    assert "polygon is needed" in report.skipped[0].reason.en
    with pytest.raises(IntakeError, match="no outlines"):
        points = tmp_path / "points.csv"
        points.write_text("code,lon,lat\na,118,32\n", encoding="utf-8")
        import_grid(points, city)


def test_wkt_in_a_csv_needs_its_system_said(city: Path, csv_file: Csv) -> None:
    wkt = squares(1, 1)[0].wkt
    path = csv_file("编码,名称,户数,WKT", f'a,一,320,"{wkt}"', 'b,二,1,"POLYGON((1 2"')
    with pytest.raises(IntakeError, match="look like degrees"):
        import_grid(path, city)
    assert not city.exists()
    report = import_grid(path, city, Options("EPSG:4490"))
    assert report.accepted == {"cells": 1}
    assert report.skipped[0].row == "3"
    assert "centimetres" in _notes(report)


def test_swapped_polygons_are_refused_as_a_whole(tmp_path: Path, city: Path) -> None:
    swapped = [shapely.transform(p, lambda xy: xy[:, ::-1]) for p in squares(3, 1)]
    path = write_vector(tmp_path / "grid.geojson", swapped, {"code": codes(3)})
    with pytest.raises(IntakeError, match="swapped"):
        import_grid(path, city)


def test_a_plane_grid_without_system_is_refused_with_advice(tmp_path: Path, city: Path) -> None:
    boxes = [shapely.box(667000 + i * 500, 3547000, 667500 + i * 500, 3547500) for i in range(3)]
    path = write_vector(tmp_path / "grid.shp", boxes, {"code": codes(3)}, crs="EPSG:4548")
    path.with_suffix(".prj").unlink()
    with pytest.raises(IntakeError, match=r"metres or feet.*--crs EPSG:.*\.prj"):
        import_grid(path, city)
    import_grid(path, city, Options("EPSG:4548"))
    assert Present(city).cells()[0].polygon.centroid.distance(Point(118.7668, 32.042)) < 0.01


def test_the_fields_can_be_named(tmp_path: Path, city: Path) -> None:
    table = {"NUM": ["7", "8"], "LABEL": ["Seven", "Eight"]}
    path = write_vector(tmp_path / "grid.gpkg", squares(2, 1), table)
    with pytest.raises(IntakeError, match="--map code=COLUMN"):
        import_grid(path, city)
    import_grid(path, city, Options(fields={"code": "NUM", "name": "LABEL"}))
    assert Present(city).cells()[1].name == Text("", "Eight")
    with pytest.raises(IntakeError, match="no column"):
        import_grid(path, city, Options(fields={"code": "NUMBER"}))
    with pytest.raises(IntakeError, match="no field"):
        import_grid(path, city, Options(fields={"codex": "NUM"}))


def test_codes_of_other_systems_are_kept_and_noted(tmp_path: Path, city: Path) -> None:
    path = write_vector(tmp_path / "g.gpkg", squares(2, 1), {"code": ["320102001001001", "A-7"]})
    report = import_grid(path, city)
    assert report.accepted == {"cells": 2}
    assert "kept as they are: 1 (A-7)" in _notes(report)


def test_cameras_learn_their_cells_when_the_grid_comes_later(
    tmp_path: Path, city: Path, csv_file: Csv
) -> None:
    x, y = CENTRE
    import_cameras(
        csv_file("id,lon,lat", f"C1,{x + 0.0075},{y + 0.0025}", f"C2,{x - 0.1},{y}"), city
    )
    import_grid(_grid(tmp_path), city)
    file = city / read_manifest(city).files["cameras"]
    assert Cameras(Table(read_batch(file))).cell.tolist() == [1, -1]


def test_a_damaged_package_is_refused_as_such(tmp_path: Path, city: Path) -> None:
    city.mkdir()
    (city / "city.json").write_text("{", encoding="utf-8")
    with pytest.raises(IntakeError):
        import_grid(_grid(tmp_path), city)


def test_a_file_of_another_city_is_refused(tmp_path: Path, city: Path, csv_file: Csv) -> None:
    import_cameras(csv_file("id,lon,lat", "C1,9.5,47.1", "C2,9.6,47.2"), city)
    with pytest.raises(IntakeError, match="None of the 6 positions lies within 50 km"):
        import_grid(_grid(tmp_path), city)
    assert not Present(city).cells()
