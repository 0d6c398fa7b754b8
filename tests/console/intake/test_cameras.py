"""Cameras out of every bad file that a control room has met."""

from __future__ import annotations

import errno
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from shapely.geometry import LineString, MultiPoint, Point

from console.intake.cameras import import_cameras
from console.intake.datum import gcj02_from_wgs84
from console.intake.errors import IntakeError
from console.intake.present import Present
from console.intake.report import Report
from console.intake.rows import Options
from console.model.text import Text
from tests.helpers.catalogues import write_vector

Csv = Callable[..., Path]

HEADER = "id,name,lon,lat,azimuth,angle,range,ptz,online,stream"
ROWS = (
    "C1,鼓楼广场,118.78,32.06,90,60,120,是,在线,rtsp://127.0.0.1:8554/a",
    "C2,新街口,118.79,32.04,,,,否,离线,",
)


def _reasons(report: Report) -> dict[str, str]:
    return {problem.row: problem.reason.en for problem in report.skipped}


def _notes(report: Report) -> str:
    return "\n".join(note.en for note in report.notes)


def test_every_column_arrives(city: Path, csv_file: Csv) -> None:
    report = import_cameras(csv_file(HEADER, *ROWS), city)
    assert report.accepted == {"cameras": 2}
    one, two = Present(city).cameras()
    assert (one.key, one.name) == ("C1", Text("鼓楼广场", ""))
    assert abs(one.lon - 118.78) < 1e-9
    assert abs(one.lat - 32.06) < 1e-9
    assert (one.azimuth_deg, one.angle_deg, one.range_m) == (90, 60, 120)
    assert (one.ptz, one.online, one.stream) == (True, True, "rtsp://127.0.0.1:8554/a")
    assert math.isnan(two.azimuth_deg)
    assert math.isnan(two.range_m)
    assert (two.ptz, two.online, two.stream) == (False, False, "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_chinese_headers_and_names_in_every_encoding(
    city: Path, csv_file: Csv, encoding: str
) -> None:
    header = "设备编号,设备名称,经度,纬度,方位角"
    path = csv_file(header, "甲1,鼓楼,118.78,32.06,0", encoding=encoding)
    report = import_cameras(path, city)
    assert Present(city).cameras()[0].name == Text("鼓楼", "")
    assert f"read as {'gb18030' if encoding == 'gbk' else encoding}" in _notes(report)


def test_two_languages_in_two_columns(city: Path, csv_file: Csv) -> None:
    import_cameras(csv_file("id,name_zh,name_en,lng,lat", "1,鼓楼,Gulou,118.78,32.06"), city)
    assert Present(city).cameras()[0].name == Text("鼓楼", "Gulou")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("X,,0,0,,,,,,", "0,0"),
        ("X,,,,,,,,,", "no position"),
        ("X,,118.78,nan,,,,,,", "“lat” is not a number"),
        ("X,,east,32.06,,,,,,", "“lon” is not a number"),
        ("X,,32.06,118.78,,,,,,", "swapped?"),
        ("X,,118.78,232.06,,,,,,", "outside the globe"),
        ("X,,121.47,31.23,,,,,,", "more than 50 km"),
        ("X,,118.78,32.06,400,,,,,", "“azimuth” is not between 0 and 360"),
        ("X,,118.78,32.06,-1,,,,,", "“azimuth” is not between 0 and 360"),
        ("X,,118.78,32.06,,361,,,,", "“angle” is not between 0 and 360"),
        ("X,,118.78,32.06,,,-5,,,", "“range” is not between"),
        ("X,,118.78,32.06,,,,maybe,,", "neither yes nor no"),
        ("X,,118.78,32.06,,,,,,camera seven", "not a stream address"),
        (",,118.78,32.06,,,,,,", "“id” is empty"),
        ("3.40200E+19,,118.78,32.06,,,,,,", "lost its last digits"),
        ("C1,,118.78,32.06,,,,,,", "earlier row"),
        ("X,Gate 3, east,118.78,32.06,,,,,,", "11 cells where the header has 10"),
    ],
)
def test_a_bad_row_is_named_and_the_others_kept(
    city: Path, csv_file: Csv, row: str, reason: str
) -> None:
    import_cameras(csv_file(HEADER, *ROWS, name="before.csv"), city)
    report = import_cameras(csv_file(HEADER, *ROWS, row), city)
    assert report.accepted == {"cameras": 2}
    assert list(_reasons(report)) == ["4"]
    assert reason in _reasons(report)["4"]
    assert report.skipped[0].reason.zh
    assert [camera.key for camera in Present(city).cameras()] == ["C1", "C2"]
    assert report.read("cameras") == 3


def test_a_file_swapped_as_a_whole_is_refused_with_its_columns(city: Path, csv_file: Csv) -> None:
    path = csv_file("id,经度,纬度", "1,32.06,118.78", "2,32.05,118.79", "3,118.78,32.05")
    with pytest.raises(IntakeError, match=r"swapped \(经度, 纬度\)"):
        import_cameras(path, city)
    assert not city.exists()


def test_swapped_within_the_globe_shows_once_the_city_is_known(city: Path, csv_file: Csv) -> None:
    import_cameras(csv_file("id,lon,lat", "1,9.52,47.14", "2,9.53,47.15"), city)
    with pytest.raises(IntakeError, match="swapped"):
        import_cameras(csv_file("id,lon,lat", "3,47.14,9.52", "4,47.15,9.53"), city)


def test_x_and_y_declare_nothing(city: Path, csv_file: Csv) -> None:
    path = csv_file("id,x,y", "1,118.78,32.06")
    with pytest.raises(IntakeError, match="GCJ-02"):
        import_cameras(path, city)
    assert import_cameras(path, city, Options("EPSG:4326")).accepted == {"cameras": 1}


def test_longitude_and_latitude_by_name_are_wgs84_and_it_is_said(city: Path, csv_file: Csv) -> None:
    notes = _notes(import_cameras(csv_file("id,lon,lat", "1,118.78,32.06"), city))
    assert "lon, lat taken as WGS 84" in notes
    assert "--crs GCJ-02" in notes


@pytest.mark.parametrize(
    ("header", "crs"), [("id,lon,lat", "gcj-02"), ("id,lng_gcj02,lat_gcj02", None)]
)
def test_gcj02_said_or_named_is_converted(
    city: Path, csv_file: Csv, header: str, crs: str | None
) -> None:
    lon, lat = gcj02_from_wgs84(118.78, 32.06)
    import_cameras(csv_file(header, f"1,{float(lon)!r},{float(lat)!r}"), city, Options(crs))
    camera = Present(city).cameras()[0]
    assert abs(camera.lon - 118.78) < 1e-8
    assert abs(camera.lat - 32.06) < 1e-8


@pytest.mark.parametrize("crs", ["EPSG:999999", "Xi'an", ""])
def test_a_system_that_means_nothing_is_refused(city: Path, csv_file: Csv, crs: str) -> None:
    with pytest.raises(IntakeError, match="coordinate system"):
        import_cameras(csv_file("id,x,y", "1,118.78,32.06"), city, Options(crs))


def test_no_column_for_the_id_or_the_position(city: Path, csv_file: Csv) -> None:
    with pytest.raises(IntakeError, match="--map id=COLUMN"):
        import_cameras(csv_file("number,lon,lat", "1,118.78,32.06"), city)
    with pytest.raises(IntakeError, match="--map lon=COLUMN"):
        import_cameras(csv_file("id,easterly,northerly", "1,118.78,32.06"), city)
    fields = {"id": "number"}
    import_cameras(csv_file("number,lon,lat", "1,118.78,32.06"), city, Options(fields=fields))


def test_extra_columns_do_no_harm(city: Path, csv_file: Csv) -> None:
    path = csv_file("maker,id,lon,lat,,installed", "海康,1,118.78,32.06,,2019-01-01")
    assert import_cameras(path, city).accepted == {"cameras": 1}


def test_a_row_once_good_and_once_changed(city: Path, csv_file: Csv) -> None:
    import_cameras(csv_file(HEADER, *ROWS), city)
    assert "0 new, 0 updated, 2 unchanged" in _notes(import_cameras(csv_file(HEADER, *ROWS), city))
    moved = ROWS[0].replace("118.78", "118.781")
    report = import_cameras(csv_file(HEADER, moved, "C3,,118.78,32.06,,,,,,"), city)
    assert "1 new, 1 updated, 0 unchanged; 1 others" in _notes(report)
    assert [camera.key for camera in Present(city).cameras()] == ["C1", "C2", "C3"]


def test_a_catalogue_without_streams_keeps_the_streams(city: Path, csv_file: Csv) -> None:
    import_cameras(csv_file(HEADER, *ROWS), city)
    report = import_cameras(csv_file("id,lon,lat", "C1,118.78,32.06"), city)
    assert "0 new, 0 updated, 1 unchanged" in _notes(report)
    assert Present(city).cameras()[0].stream


def test_points_of_a_geopackage_and_what_is_no_point(tmp_path: Path, city: Path) -> None:
    shapes = [
        Point(118.78, 32.06),
        LineString([(118, 32), (119, 32)]),
        MultiPoint([(118.79, 32.0)]),
    ]
    path = write_vector(tmp_path / "c.geojson", shapes, {"id": ["1", "2", "3"]})
    report = import_cameras(path, city)
    assert report.accepted == {"cameras": 2}
    assert _reasons(report) == {"2": "a point is needed, here is a LineString"}


def test_a_package_that_cannot_be_written_is_said_so(
    city: Path, csv_file: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("console.city.update.write_batch", full)
    with pytest.raises(IntakeError, match="No space left"):
        import_cameras(csv_file(HEADER, *ROWS), city)
    assert not city.exists()


def test_a_package_with_a_missing_file_is_refused(city: Path, csv_file: Csv) -> None:
    import_cameras(csv_file(HEADER, *ROWS), city)
    next(city.glob("cameras*.arrow")).unlink()
    with pytest.raises(IntakeError):
        import_cameras(csv_file(HEADER, *ROWS), city)


def test_a_file_without_one_good_row_leaves_everything_as_it_was(city: Path, csv_file: Csv) -> None:
    report = import_cameras(csv_file("id,lon,lat", "1,0,0", "2,,"), city)
    assert report.accepted == {"cameras": 0}
    assert len(report.skipped) == 2
    assert not city.exists()


@pytest.mark.parametrize(
    ("written", "kept", "named"),
    [
        ("rtsp://admin:a#b@10.0.0.1:554/s", "rtsp://admin:a%23b@10.0.0.1:554/s", "#"),
        ("rtsp://admin:a/b@10.0.0.1:554/s", "rtsp://admin:a%2Fb@10.0.0.1:554/s", "/"),
        ("rtsp://admin:a?b@10.0.0.1/s?x=1", "rtsp://admin:a%3Fb@10.0.0.1/s?x=1", "?"),
        ("rtsp://admin:[a]@10.0.0.1/s", "rtsp://admin:%5Ba%5D@10.0.0.1/s", "[ ]"),
        ("rtsp://admin:a@b@cam-1/s@2", "rtsp://admin:a%40b@cam-1/s@2", "@"),
        ("rtsp://admin:50%#@10.0.0.1/s", "rtsp://admin:50%25%23@10.0.0.1/s", "% #"),
        ("rtsp://admin:a b@10.0.0.1/s", "rtsp://admin:a%20b@10.0.0.1/s", " "),
        ("rtsp://admin:密@10.0.0.1/s", "rtsp://admin:%E5%AF%86@10.0.0.1/s", "密"),
        ("rtsp://admin:a%23b@10.0.0.1/s", "rtsp://admin:a%23b@10.0.0.1/s", ""),
        ("rtsp://10.0.0.1:554/s@2#t", "rtsp://10.0.0.1:554/s@2#t", ""),
        ("http://cam/p?user=a@b:c", "http://cam/p?user=a@b:c", ""),
        ("rtsp://[fe80::1]:554/s@2", "rtsp://[fe80::1]:554/s@2", ""),
    ],
)
def test_b14_what_stands_raw_in_a_password_is_named_and_encoded(
    city: Path, csv_file: Csv, written: str, kept: str, named: str
) -> None:
    report = import_cameras(csv_file("id,lon,lat,stream", f'K,118.78,32.06,"{written}"'), city)
    assert [camera.stream for camera in Present(city).cameras()] == [kept]
    remarks = [remark.reason.en for remark in report.remarks()]
    assert remarks == (
        [
            f"user name or password held {named} as they are; they were percent-encoded and reach "
            "the camera as they were meant"
        ]
        if named
        else []
    )
    assert "admin" not in report.as_json()


def test_b14_a_password_that_cannot_be_understood_is_refused_with_its_character(
    city: Path, csv_file: Csv
) -> None:
    report = import_cameras(csv_file("id,lon,lat,stream", "K,118.78,32.06,rtsp://u:a/b@/s"), city)
    assert "has / in its user name or password" in _reasons(report)["2"]
