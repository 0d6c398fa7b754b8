"""Where a city's clocks and days come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from console.city import CityError, open_city
from console.city.manifest import MANIFEST
from console.city.store import write_units
from console.intake.errors import IntakeError
from console.intake.kinds import import_streets
from console.intake.osm import import_osm
from console.intake.osm.zones import zone_of
from console.model.text import Text
from console.model.unit import UnitKind
from main import main
from tests.helpers.osm import OsmFile


def extract(folder: Path, lon: float, lat: float) -> Path:
    osm = OsmFile()
    osm.way([(lon, lat), (lon + 0.01, lat), (lon + 0.01, lat + 0.01)], highway="residential")
    return osm.save(folder / "x.osm.pbf")


@pytest.mark.parametrize(
    ("place", "zone"),
    [
        ((118.7, 31.9), "Asia/Shanghai"),  # Nanjing
        ((116.3, 39.8), "Asia/Shanghai"),  # Beijing
        ((113.2, 23.1), "Asia/Shanghai"),  # Guangzhou
        ((114.15, 22.28), ""),  # Hong Kong has a name of its own
        ((121.5, 25.0), ""),
        ((87.6, 43.8), ""),
        ((106.9, 47.9), ""),
        ((126.9, 37.5), ""),
        ((105.8, 21.0), ""),
        ((16.3, 48.2), ""),
    ],
)
def test_b15_the_zone_comes_from_the_place_where_that_is_certain(
    tmp_path: Path, place: tuple[float, float], zone: str
) -> None:
    report = import_osm(extract(tmp_path, *place), tmp_path / "city")
    manifest = open_city(tmp_path / "city").manifest
    assert manifest.time_zone == zone
    assert str(manifest.zone) == (zone or "UTC")
    said = " ".join(note.en for note in report.notes)
    assert (f"time zone is {zone}" if zone else "--time-zone NAME") in said


def test_b15_a_city_across_the_edge_of_what_is_certain_is_not_certain() -> None:
    assert zone_of((118.5, 31.0, 122.0, 32.0)) == ""
    assert zone_of((118.5, 31.0, 118.9, 32.0)) == "Asia/Shanghai"


def test_b15_the_zone_is_said_at_the_import_and_stays(tmp_path: Path) -> None:
    source, city = extract(tmp_path, 16.3, 48.2), tmp_path / "city"
    asked = ["import", "osm", str(source), "--city", str(city)]
    assert main([*asked, "--time-zone", "Europe/Vienna"]) == 0
    assert open_city(city).manifest.time_zone == "Europe/Vienna"
    write_units(
        city,
        id=["U"],
        name=[Text("甲", "A")],
        kind=[UnitKind.CAR],
        lonlat=np.array([(16.3, 48.2)]),
        base=[Text()],
        source="units.csv",
    )
    assert main(asked) == 0
    assert open_city(city).manifest.time_zone == "Europe/Vienna"


def test_b15_a_zone_that_is_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, city = extract(tmp_path, 16.3, 48.2), tmp_path / "city"
    with pytest.raises(IntakeError, match="no time zone"):
        import_streets(source, city, time_zone="Mars/Olympus")
    assert not city.exists()
    units = ["import", "units", str(source), "--city", str(city)]
    assert main([*units, "--time-zone", "Europe/Vienna"]) == 1
    assert "goes with the streets" in capsys.readouterr().err


def test_b15_a_package_with_a_zone_that_this_machine_does_not_know_says_so(tmp_path: Path) -> None:
    city = tmp_path / "city"
    import_osm(extract(tmp_path, 118.7, 31.9), city)
    text = (city / MANIFEST).read_text("utf-8").replace("Asia/Shanghai", "Asia/Nowhere")
    (city / MANIFEST).write_text(text, "utf-8")
    with pytest.raises(CityError, match="Asia/Nowhere"):
        open_city(city)
