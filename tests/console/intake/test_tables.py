"""What files of every format give, and what they are when broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import Point

from console.intake.errors import IntakeError
from console.intake.tables import read_table
from tests.helpers.catalogues import squares, write_vector

POINTS = [Point(118.78, 32.05), Point(118.79, 32.06)]
FIELDS: dict[str, list[Any]] = {
    "id": ["C1", "C2"],
    "name": ["鼓楼广场", "Gulou"],
    "height": [4.5, 6.0],
    "floor": [1, 2],
}


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".shp"])
def test_each_vector_format_gives_the_same_rows(tmp_path: Path, suffix: str) -> None:
    table = read_table(write_vector(tmp_path / f"points{suffix}", POINTS, FIELDS))
    assert [row.number for row in table.rows] == [1, 2]
    assert table.rows[0].values["name"] == "鼓楼广场"
    assert table.rows[0].values["height"] == "4.5"
    assert table.rows[1].values["height"] == "6"
    assert table.rows[1].values["floor"] == "2"
    assert table.rows[1].geometry == POINTS[1]
    assert table.crs == "EPSG:4326"


def test_a_code_of_twenty_digits_as_a_float_is_not_made_up(tmp_path: Path) -> None:
    fields = {"id": [34020000001320000001.0, 15.0]}
    table = read_table(write_vector(tmp_path / "points.gpkg", POINTS, fields))
    assert [row.values["id"] for row in table.rows] == ["3.402000000132e+19", "15"]


def test_a_shapefile_without_prj_declares_nothing(tmp_path: Path) -> None:
    path = write_vector(tmp_path / "points.shp", POINTS, FIELDS)
    path.with_suffix(".prj").unlink()
    assert read_table(path).crs is None


def test_a_geopackage_of_undefined_system_declares_nothing(tmp_path: Path) -> None:
    path = tmp_path / "points.gpkg"
    with pytest.warns(UserWarning, match="crs"):
        write_vector(path, POINTS, FIELDS, crs=None)
    assert read_table(path).crs is None


def test_a_gbk_shapefile_that_does_not_say_so(tmp_path: Path) -> None:
    path = write_vector(tmp_path / "points.shp", POINTS, FIELDS, encoding="GBK")
    path.with_suffix(".cpg").unlink()
    table = read_table(path)
    assert table.rows[0].values["name"] == "鼓楼广场"
    assert table.encoding == "gb18030"


def test_a_gbk_shapefile_that_says_so(tmp_path: Path) -> None:
    path = write_vector(tmp_path / "points.shp", POINTS, FIELDS, encoding="GBK")
    assert read_table(path).rows[0].values["name"] == "鼓楼广场"


def test_a_gbk_geojson(tmp_path: Path) -> None:
    path = write_vector(tmp_path / "points.geojson", POINTS, FIELDS)
    path.write_bytes(path.read_text("utf-8").encode("gbk"))
    assert read_table(path).rows[0].values["name"] == "鼓楼广场"


def test_a_geojson_with_a_crs_member(tmp_path: Path) -> None:
    path = write_vector(tmp_path / "points.geojson", POINTS, FIELDS)
    tree = json.loads(path.read_text("utf-8"))
    tree["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    path.write_text(json.dumps(tree), encoding="utf-8")
    assert read_table(path).crs == "EPSG:4490"


def test_several_layers_must_be_chosen_from(tmp_path: Path) -> None:
    path = write_vector(tmp_path / "two.gpkg", POINTS, FIELDS, layer="cameras")
    write_vector(path, squares(2, 1), {"code": ["a", "b"]}, layer="cells", append=True)
    with pytest.raises(IntakeError, match="cameras, cells"):
        read_table(path)
    assert read_table(path, layer="cells").columns == ("code",)
    with pytest.raises(IntakeError):
        read_table(path, layer="roads")


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".geojson"])
def test_a_truncated_file_is_refused_by_its_name(tmp_path: Path, suffix: str) -> None:
    path = write_vector(tmp_path / f"cells{suffix}", squares(20, 20), {"code": ["x"] * 400})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(IntakeError, match=r"cells\."):
        read_table(path)


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_a_shapefile_with_a_truncated_part_is_refused(tmp_path: Path, part: str) -> None:
    path = write_vector(tmp_path / "points.shp", POINTS, FIELDS).with_suffix(part)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(IntakeError, match=r"incomplete"):
        read_table(path.with_suffix(".shp"))


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_a_shapefile_without_a_part_is_refused(tmp_path: Path, part: str) -> None:
    path = write_vector(tmp_path / "points.shp", POINTS, FIELDS)
    path.with_suffix(part).unlink()
    with pytest.raises(IntakeError, match=part):
        read_table(path)


@pytest.mark.parametrize("name", ["a.csv", "a.geojson", "a.gpkg", "a.shp"])
def test_an_empty_file_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.touch()
    with pytest.raises(IntakeError, match="empty"):
        read_table(path)


@pytest.mark.parametrize("name", ["a.gpkg", "a.shp", "a.geojson"])
def test_a_file_of_something_else_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"nothing of the kind " * 40)
    with pytest.raises(IntakeError, match="cannot be read"):
        read_table(path)


def test_a_header_without_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,lon,lat\n", encoding="utf-8")
    with pytest.raises(IntakeError, match="no rows"):
        read_table(path)


def test_unknown_kinds_and_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="no file"):
        read_table(tmp_path / "none.csv")
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    with pytest.raises(IntakeError, match=r"\.gpkg"):
        read_table(tmp_path / "a.pdf")
