import shutil
import subprocess
import sys
from pathlib import Path
from typing import IO

import numpy as np
import pytest
import shapely

from console.city import open_city
from console.city import update as update_module
from console.city.arrays import Bundle, Table, read_batch
from console.city.catalogue import Cameras, Cells, UnitRoster
from console.city.errors import CityError
from console.city.manifest import Manifest, read_manifest
from console.city.store import write_cameras, write_cells, write_units
from console.city.travel import BY_ROAD
from console.city.update import PackageUpdate
from console.model.geo import world_from_lonlat
from console.model.text import Text
from console.model.unit import UnitKind
from console.process import lock_exclusively

SOUTH = shapely.box(10.0, 50.0, 10.01, 50.01)
NORTH = shapely.box(10.0, 50.01, 10.01, 50.02)
WITH_HOLE = shapely.Polygon(
    shapely.box(10.02, 50.0, 10.05, 50.03).exterior,
    [shapely.box(10.03, 50.01, 10.04, 50.02).exterior],
)


def write_grid(folder: Path, *polygons: shapely.Geometry) -> Manifest:
    count = len(polygons)
    names = [Text(f"网格{i}", f"Cell {i}") for i in range(count)]
    return write_cells(
        folder,
        code=[f"C{i}" for i in range(count)],
        name=names,
        community=names,
        street=names,
        district=names,
        households=np.arange(count),
        polygons=np.array(polygons, object),
        source="grid.geojson",
        report_json="{}",
    )


def write_three_cameras(folder: Path) -> Manifest:
    return write_cameras(
        folder,
        id=["K1", "K2", "K3"],
        name=[Text("路口", "Junction"), Text(), Text("桥", "")],
        lonlat=np.array([[10.005, 50.005], [10.035, 50.015], [10.025, 50.005]]),
        azimuth_deg=np.array([0.0, np.nan, 359.0]),
        angle_deg=np.array([60.0, 90.0, np.nan]),
        range_m=np.array([80.0, 50.0, np.nan]),
        ptz=np.array([True, False, False]),
        online=np.array([True, True, False]),
        stream=["rtsp://a/1", "", "rtsp://a/3"],
        source="cameras.csv",
    )


def cameras_of(folder: Path) -> Cameras:
    return Cameras(Table(read_batch(folder / read_manifest(folder).files["cameras"])))


def cells_of(folder: Path) -> Cells:
    files = read_manifest(folder).files
    rings = Bundle(read_batch(folder / files["cell_rings"]))
    return Cells(Table(read_batch(folder / files["cells"])), rings)


def world(lon: float, lat: float) -> tuple[float, float]:
    x, y = world_from_lonlat(lon, lat)
    return float(x), float(y)


def test_a_grid_comes_back_as_it_was_written(tmp_path: Path) -> None:
    manifest = write_grid(tmp_path / "city", SOUTH, NORTH, WITH_HOLE)
    cells = cells_of(tmp_path / "city")
    assert manifest.counts == {"cells": 3}
    assert list(cells.code) == ["C0", "C1", "C2"]
    assert cells.name[1] == Text("网格1", "Cell 1")
    assert cells.district[1:] == [Text("网格1", "Cell 1"), Text("网格2", "Cell 2")]
    assert cells.households.tolist() == [0, 1, 2]
    assert cells.ring_cell.tolist() == [0, 1, 2, 2]
    assert cells.index("C2") == 2
    assert "C2" in cells and "C9" not in cells
    ring = cells.ring_xy[cells.ring_offsets[0] : cells.ring_offsets[1]]
    assert (ring[0] == ring[-1]).all()
    assert manifest.bounds == (10.0, 50.0, 10.05, 50.03)


def test_a_point_finds_its_cell_and_a_hole_holds_nothing(tmp_path: Path) -> None:
    write_grid(tmp_path / "city", SOUTH, NORTH, WITH_HOLE)
    cells = cells_of(tmp_path / "city")
    assert cells.at(*world(10.005, 50.005)) == 0
    assert cells.at(*world(10.005, 50.015)) == 1
    assert cells.at(*world(10.025, 50.005)) == 2
    assert cells.at(*world(10.035, 50.015)) == -1
    assert cells.at(*world(11, 51)) == -1


def test_a_label_lies_inside_its_cell_even_when_the_centroid_does_not(tmp_path: Path) -> None:
    write_grid(tmp_path / "city", SOUTH, WITH_HOLE)
    cells = cells_of(tmp_path / "city")
    assert [cells.at(*xy) for xy in cells.label_xy.tolist()] == [0, 1]


def test_many_points_are_placed_like_each_alone(tmp_path: Path) -> None:
    write_grid(tmp_path / "city", SOUTH, NORTH, WITH_HOLE)
    cells = cells_of(tmp_path / "city")
    rng = np.random.default_rng(1)
    lonlat = rng.uniform((9.99, 49.99), (10.06, 50.04), (500, 2))
    xy = np.column_stack(world_from_lonlat(lonlat[:, 0], lonlat[:, 1]))
    assert cells.at_many(xy).tolist() == [cells.at(x, y) for x, y in xy.tolist()]


def test_cameras_keep_what_is_unknown_and_know_their_cell(tmp_path: Path) -> None:
    write_grid(tmp_path / "city", SOUTH, NORTH, WITH_HOLE)
    write_three_cameras(tmp_path / "city")
    cameras = cameras_of(tmp_path / "city")
    assert cameras.cell.tolist() == [0, -1, 2]
    assert np.isnan(cameras.azimuth_deg[1]) and np.isnan(cameras.range_m[2])
    assert cameras.ptz.tolist() == [True, False, False]
    assert cameras.online.dtype == bool
    assert cameras.name[1] == Text()
    assert cameras.stream[2] == "rtsp://a/3"
    assert cameras.xy[0].tolist() == pytest.approx(world(10.005, 50.005))


def test_a_new_grid_places_the_cameras_anew(tmp_path: Path) -> None:
    write_three_cameras(tmp_path / "city")
    assert cameras_of(tmp_path / "city").cell.tolist() == [-1, -1, -1]
    write_grid(tmp_path / "city", SOUTH)
    assert cameras_of(tmp_path / "city").cell.tolist() == [0, -1, -1]


def test_units_keep_their_kind(tmp_path: Path) -> None:
    write_units(
        tmp_path / "city",
        id=["U-1", "U-2"],
        name=[Text("一号", "One"), Text("二号", "Two")],
        kind=[UnitKind.FOOT, UnitKind.FIRE],
        lonlat=np.array([[10.0, 50.0], [10.1, 50.1]]),
        base=[Text("东站", "East"), Text("", "")],
        source="units.csv",
    )
    units = UnitRoster(
        Table(read_batch(tmp_path / "city" / read_manifest(tmp_path / "city").files["units"]))
    )
    assert units.kind == [UnitKind.FOOT, UnitKind.FIRE]
    assert units.base[0] == Text("东站", "East")
    assert units.index("U-2") == 1
    assert list(units.phone) == ["", ""]


def test_a1_a_roster_of_an_older_package_has_no_telephones(tmp_path: Path) -> None:
    write_units(
        tmp_path / "city",
        id=["U-1"],
        name=[Text("一号", "One")],
        kind=[UnitKind.FOOT],
        lonlat=np.array([[10.0, 50.0]]),
        base=[Text("东站", "East")],
        phone=["66 0001"],
        source="units.csv",
    )
    batch = read_batch(tmp_path / "city" / read_manifest(tmp_path / "city").files["units"])
    assert list(UnitRoster(Table(batch)).phone) == ["66 0001"]
    older = batch.remove_column(batch.schema.get_field_index("phone"))
    assert list(UnitRoster(Table(older)).phone) == [""]


def test_an_empty_table_is_a_table(tmp_path: Path) -> None:
    write_grid(tmp_path / "city")
    assert len(cells_of(tmp_path / "city")) == 0
    assert cells_of(tmp_path / "city").at(0, 0) == -1


def test_a_failed_update_leaves_the_package_as_it_was(tmp_path: Path) -> None:
    write_grid(tmp_path / "city", SOUTH)
    before = sorted(p.name for p in tmp_path.rglob("*"))
    with pytest.raises(ZeroDivisionError), PackageUpdate(tmp_path / "city") as update:
        update.put("cells", read_batch(tmp_path / "city" / update.manifest.files["cells"]))
        raise ZeroDivisionError
    assert sorted(p.name for p in tmp_path.rglob("*")) == before


def test_a_failed_first_import_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), PackageUpdate(tmp_path / "city"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_an_open_reader_keeps_what_it_has_while_the_table_is_replaced(tmp_path: Path) -> None:
    write_three_cameras(tmp_path / "city")
    old = cameras_of(tmp_path / "city")
    write_grid(tmp_path / "city", SOUTH)
    assert old.cell.tolist() == [-1, -1, -1]
    assert len(list((tmp_path / "city").glob("cameras-*.arrow"))) == 1


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"format": 99}', b"[]", b'{"format": 1}', b"\xff\xfe"]
)
def test_a_damaged_manifest_is_said_in_both_languages(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "city.json").write_bytes(content)
    with pytest.raises(CityError) as caught:
        read_manifest(tmp_path)
    assert caught.value.message.zh and caught.value.message.en


def test_no_package_is_said_with_what_to_do() -> None:
    with pytest.raises(CityError, match="import osm"):
        read_manifest(Path("/nonexistent"))


def test_a_city_of_a_grid_alone_has_everything_else_empty(tmp_path: Path) -> None:
    write_grid(tmp_path / "city", SOUTH)
    city = open_city(tmp_path / "city")
    everywhere = (-3e7, -3e7, 3e7, 3e7)
    assert (len(city.cells), len(city.cameras), len(city.units), len(city.places)) == (1, 0, 0, 0)
    assert city.units.kind == [] and list(city.places.name) == []
    for level in city.basemap.levels:
        assert len(level.lines("primary", everywhere)) == 0
        assert level.polylines("primary", everywhere)[0].tolist() == [0]
        assert level.fills("water", everywhere)[1].shape == (0, 2)
        assert len(level.labels(everywhere)) == 0
    assert len(city.roads.path(0, 0, 1, 1, BY_ROAD).xy) == 0


def test_a_damaged_table_is_said_in_both_languages(tmp_path: Path) -> None:
    manifest = write_grid(tmp_path / "city", SOUTH)
    (tmp_path / "city" / manifest.files["cells"]).write_bytes(b"not arrow")
    with pytest.raises(CityError, match="damaged"):
        open_city(tmp_path / "city")
    (tmp_path / "city" / manifest.files["cells"]).unlink()
    with pytest.raises(CityError, match="damaged"):
        open_city(tmp_path / "city")


def test_two_imports_into_one_package_do_not_mix(tmp_path: Path) -> None:
    with PackageUpdate(tmp_path / "city"), pytest.raises(CityError, match="Another import"):
        write_grid(tmp_path / "city", SOUTH)
    assert write_grid(tmp_path / "city", SOUTH).generation == 1


def test_c10_an_import_that_ends_takes_nothing_of_the_next_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next begins in the middle of the first one's end: it must wait its turn, or be alone."""
    city = tmp_path / "city"
    remove = shutil.rmtree
    begun: list[Path] = []

    def remove_and_begin(path: Path, ignore_errors: bool = False) -> None:
        if not begun:
            begun.append(path)
            with pytest.raises(CityError, match="Another import"):
                PackageUpdate(city).__enter__()
        remove(path, ignore_errors=ignore_errors)

    monkeypatch.setattr(shutil, "rmtree", remove_and_begin)
    write_grid(city, SOUTH)
    assert begun
    assert write_grid(city, SOUTH).generation == 2


def test_c10_a_lock_whose_folder_went_meanwhile_counts_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = tmp_path / "city"
    went: list[bool] = []

    def lock(file: IO[bytes]) -> bool:
        if not went:
            went.append(True)
            shutil.rmtree(tmp_path / ".city.building")
        return lock_exclusively(file)

    monkeypatch.setattr(update_module, "lock_exclusively", lock)
    with (
        PackageUpdate(city),
        pytest.raises(CityError, match="Another import"),
        PackageUpdate(city),
    ):
        pass


def test_what_a_killed_import_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    write_grid(tmp_path / "city", SOUTH)
    code = (
        "import os, sys; from pathlib import Path\n"
        "from console.city.empty import EMPTY; from console.city.update import PackageUpdate\n"
        "with PackageUpdate(Path(sys.argv[1])) as update:\n"
        "    update.put('cells', EMPTY['cells']())\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    dead = subprocess.run([sys.executable, "-c", code, str(tmp_path / "city")], check=False)
    assert dead.returncode != 0
    assert len(cells_of(tmp_path / "city")) == 1
    write_grid(tmp_path / "city", SOUTH, NORTH)
    assert len(cells_of(tmp_path / "city")) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["city"]
