from pathlib import Path

import numpy as np
import pytest

from console.city import City, Visibility, cameras_that_see, open_city
from console.city.store import write_cameras
from console.intake.osm import import_osm
from console.model.geo import lonlat_from_world, world_from_lonlat
from console.model.text import Text
from tests.helpers.osm import OsmFile, Position

ORIGIN_X, ORIGIN_Y = (float(v) for v in world_from_lonlat(10.0, 50.0))
SCALE = float(np.cos(np.radians(50.0)))
"""Ground metres in a world metre there."""


def lonlat(east_m: float, north_m: float) -> tuple[float, float]:
    lon, lat = lonlat_from_world(ORIGIN_X + east_m / SCALE, ORIGIN_Y + north_m / SCALE)
    return round(float(lon), 7), round(float(lat), 7)


def outline(west: float, south: float, east: float, north: float) -> list[Position]:
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return [lonlat(*corner) for corner in corners]


@pytest.fixture(scope="module")
def streets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house from 40 to 50 m east of the origin, one with a courtyard 200 m north of it."""
    folder = tmp_path_factory.mktemp("sight")
    osm = OsmFile()
    osm.way(outline(40, -10, 50, 10), building="yes")
    outer = osm.way(outline(-20, 190, 20, 230))
    inner = osm.way(outline(-10, 200, 10, 220))
    osm.relation([(outer, "outer"), (inner, "inner")], type="multipolygon", building="yes")
    import_osm(osm.save(folder / "x.osm.pbf"), folder / "city")
    return folder / "city"


def with_cameras(city: Path, *cameras: tuple[float, float, float, float, float, bool]) -> City:
    """Cameras as (east, north, azimuth, angle, range, ptz)."""
    write_cameras(
        city,
        id=[f"K{i}" for i in range(len(cameras))],
        name=[Text()] * len(cameras),
        lonlat=np.array([lonlat(c[0], c[1]) for c in cameras]),
        azimuth_deg=np.array([c[2] for c in cameras]),
        angle_deg=np.array([c[3] for c in cameras]),
        range_m=np.array([c[4] for c in cameras]),
        ptz=np.array([c[5] for c in cameras]),
        online=np.ones(len(cameras), bool),
        stream=[""] * len(cameras),
        source="cameras.csv",
    )
    return open_city(city)


def seen(city: City, east: float, north: float, limit: int = 10) -> dict[int, Visibility]:
    x, y = ORIGIN_X + east / SCALE, ORIGIN_Y + north / SCALE
    return {s.camera: s.visible for s in cameras_that_see(city, x, y, limit)}


def test_a_house_between_hides_the_place(streets: Path) -> None:
    city = with_cameras(streets, (100, 0, 270, 60, 150, False), (0, 50, 180, 60, 150, False))
    assert seen(city, 0, 0) == {1: Visibility.VISIBLE, 0: Visibility.BLOCKED}


def test_the_wedge_and_its_edges(streets: Path) -> None:
    north = (0.0, -50.0)
    city = with_cameras(
        streets,
        (*north, 0, 60, 80, False),
        (*north, 29, 60, 80, False),
        (*north, 31, 60, 80, False),
        (*north, 331, 60, 80, False),
        (*north, 180, 60, 80, False),
    )
    visible = {k for k, v in seen(city, 0, 0).items() if v is Visibility.VISIBLE}
    assert visible == {0, 1, 3}
    assert seen(city, 0, 0)[4] is Visibility.NEAR


def test_range_is_on_the_ground(streets: Path) -> None:
    city = with_cameras(streets, (0, -50, 0, 60, 49, False), (0, -50, 0, 60, 51, False))
    assert seen(city, 0, 0) == {1: Visibility.VISIBLE, 0: Visibility.FAR}
    x, y = ORIGIN_X, ORIGIN_Y
    assert cameras_that_see(city, x, y, 1)[0].distance_m == pytest.approx(50, abs=0.2)


def test_b14_what_is_unknown_is_taken_from_one_place(streets: Path) -> None:
    nan = float("nan")
    city = with_cameras(
        streets,
        (0, -70, nan, 60, nan, False),
        (0, -90, 0, nan, nan, False),
        (0, -20, 180, 40, 80, True),
        (0, -60, 40, nan, nan, False),
        (0, -60, 50, nan, nan, False),
    )
    cameras = city.cameras
    assert cameras.reach_m.tolist() == [80, 80, 80, 80, 80]
    assert cameras.wedge_deg.tolist() == [60, 90, 40, 90, 90]
    assert cameras.all_round.tolist() == [True, False, True, False, False]
    assert seen(city, 0, 0) == {
        **dict.fromkeys((0, 2, 3), Visibility.VISIBLE),
        1: Visibility.FAR,
        4: Visibility.NEAR,
    }


def test_d4_the_nearest_that_do_not_see_come_with_the_reason(streets: Path) -> None:
    city = with_cameras(
        streets,
        (0, -60, 180, 60, 80, False),  # looks away
        (100, 0, 270, 60, 150, False),  # the house is between
        (0, 90, 180, 60, 70, False),  # too far
        (0, -240, 0, 60, 70, False),
        (0, -260, 0, 60, 70, False),  # too far to be worth a word
    )
    assert list(seen(city, 0, 0).items()) == [
        (0, Visibility.NEAR),
        (2, Visibility.FAR),
        (1, Visibility.BLOCKED),
        (3, Visibility.FAR),
    ]


def test_the_house_a_camera_hangs_on_hides_nothing(streets: Path) -> None:
    on_wall, inside_outline = (39.0, 0.0), (41.0, 0.0)
    city = with_cameras(
        streets, (*on_wall, 270, 90, 80, False), (*inside_outline, 270, 90, 80, False)
    )
    assert set(seen(city, 0, 0).values()) == {Visibility.VISIBLE}


def test_the_house_the_place_is_in_hides_nothing(streets: Path) -> None:
    city = with_cameras(streets, (0, 0, 90, 60, 80, False), (100, 0, 270, 60, 80, False))
    assert set(seen(city, 45, 0).values()) == {Visibility.VISIBLE}


def test_a_courtyard_is_seen_from_within_and_not_from_the_street(streets: Path) -> None:
    city = with_cameras(streets, (-8, 210, 90, 60, 150, False), (-60, 210, 90, 60, 150, False))
    assert seen(city, 5, 210)[0] is Visibility.VISIBLE
    assert seen(city, 60, 210)[1] is Visibility.BLOCKED


def test_the_nearest_that_see_come_first_and_no_more_than_asked(streets: Path) -> None:
    city = with_cameras(
        streets,
        (0, -60, 0, 60, 80, False),
        (0, -20, 180, 60, 80, False),
        (0, -40, 0, 60, 80, False),
        (0, -10, 0, 60, 80, False),
    )
    assert list(seen(city, 0, 0)) == [3, 2, 0, 1]
    assert list(seen(city, 0, 0, limit=2)) == [3, 2]


def test_a_city_without_cameras_sees_nothing(tmp_path: Path) -> None:
    osm = OsmFile()
    osm.way(outline(0, 0, 10, 10), building="yes")
    import_osm(osm.save(tmp_path / "x.osm.pbf"), tmp_path / "city")
    assert cameras_that_see(open_city(tmp_path / "city"), ORIGIN_X, ORIGIN_Y, 5) == []
