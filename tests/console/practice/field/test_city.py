"""The simulated field in a city package."""

import asyncio
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest

from console.city import City, open_city
from console.model.command import Step
from console.model.geo import lonlat_from_world, world_from_lonlat
from console.model.unit import UnitKind
from console.practice.field.api import NotKnown
from console.practice.field.city_places import CityPlaces
from console.practice.field.city_terrain import STOPS, CityTerrain
from console.practice.field.phrases import field_phrases
from console.practice.field.run import open_shift, seed_history, simulate
from tests.console.practice.field.conftest import SECRET, Desk, until
from tests.helpers.field_city import RIVER_NORTH, RIVER_SOUTH, SOUTH, STEP, WEST, make_field_city


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_field_city(tmp_path_factory.mktemp("field"))


@pytest.fixture(scope="session")
def city(package: Path) -> City:
    return open_city(package)


def corner(column: float, row: float) -> tuple[float, float]:
    x, y = world_from_lonlat(WEST + column * STEP, SOUTH + row * STEP)
    return float(x), float(y)


def off_street_deg(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    lon, lat = lonlat_from_world(x, y)
    columns, rows = (lon - WEST) / STEP, (lat - SOUTH) / STEP
    return np.minimum(abs(columns - np.round(columns)), abs(rows - np.round(rows))) * STEP


@pytest.mark.parametrize("kind", [UnitKind.FOOT, UnitKind.CAR, UnitKind.FIRE])
def test_ways_follow_the_streets(city: City, kind: UnitKind) -> None:
    leg = CityTerrain(city).leg(kind, corner(1, 1), corner(5, 6))
    assert leg is not None
    assert tuple(leg.xy[0]) == pytest.approx(corner(1, 1))
    assert tuple(leg.xy[-1]) == pytest.approx(corner(5, 6))
    assert (np.diff(leg.seconds) >= 0).all()
    assert off_street_deg(*leg.xy.T).max() < 2e-6


def test_a_beat_lies_round_home_on_streets_and_is_searched_once(city: City) -> None:
    terrain = CityTerrain(city)
    home = corner(3.5, 3.5)
    beat = terrain.beat(UnitKind.FOOT, home, Random(1))
    assert len(beat) == STOPS
    assert all(np.hypot(x - home[0], y - home[1]) < 400 for x, y in beat)
    for start, goal in [*pairwise(beat)] * 2:
        assert terrain.leg(UnitKind.FOOT, start, goal) is not None
    assert terrain._found.cache_info().misses == STOPS - 1


def test_cars_patrol_the_bigger_roads(city: City) -> None:
    for x, y in CityTerrain(city).beat(UnitKind.CAR, corner(3.5, 3.5), Random(1)):
        lon, lat = lonlat_from_world(x, y)
        at = (round((float(lon) - WEST) / STEP), round((float(lat) - SOUTH) / STEP))
        assert 4 in at


def test_boats_stay_on_the_water(city: City) -> None:
    home_x, home_y = world_from_lonlat(WEST + 3.5 * STEP, (RIVER_SOUTH + RIVER_NORTH) / 2)
    beat = CityTerrain(city).beat(UnitKind.BOAT, (float(home_x), float(home_y)), Random(1))
    assert len(beat) > 2
    for x, y in beat:
        lon, lat = lonlat_from_world(x, y)
        assert RIVER_SOUTH < lat < RIVER_NORTH
        assert WEST < lon < WEST + 7 * STEP


def test_engines_wait(city: City) -> None:
    assert CityTerrain(city).beat(UnitKind.DRONE, (0.0, 0.0), Random(1)) == ()


def test_places_have_addresses_on_streets(city: City) -> None:
    places, rng = CityPlaces(city, field_phrases().address), Random(4)
    for _ in range(100):
        spot = places.spot("road", rng)
        x, y = world_from_lonlat(spot.lon, spot.lat)
        assert off_street_deg(np.array([x]), np.array([y]))[0] < 20 / 100_000
        assert spot.address.zh.endswith("号")
        assert spot.address.en.split(" ", 1)[0].isdecimal()
        assert spot.address.en.split(" ", 1)[1].endswith("Rd")


def test_a_school_is_named_in_the_address(city: City) -> None:
    spot = CityPlaces(city, field_phrases().address).spot("school", Random(1))
    assert "第一小学" in spot.address.zh
    assert "First School" in spot.address.en
    assert abs(spot.lon - WEST - 2.5 * STEP) < STEP
    assert abs(spot.lat - SOUTH - 5.4 * STEP) < STEP


def test_the_waterside_is_the_waterside(city: City) -> None:
    places = CityPlaces(city, field_phrases().address)
    assert all(places.spot("water", Random(i)).lat < SOUTH + 2.2 * STEP for i in range(20))


def server_of(desk: Desk) -> str:
    return desk.api._url.removesuffix("/api/v1")


async def test_the_whole_field_lives_until_it_is_stopped(desk: Desk, package: Path) -> None:
    stop = asyncio.Event()
    await open_shift(server_of(desk), SECRET, package, stop=stop)
    opened = len(desk.picture.incidents)
    assert opened == 20
    await open_shift(server_of(desk), SECRET, package, stop=stop)
    assert len(desk.picture.incidents) == opened
    work = asyncio.create_task(
        simulate(
            server_of(desk),
            SECRET,
            package,
            rate_per_hour=36_000,
            speed=300,
            stop=stop,
            calm=True,
        )
    )
    sent = list(desk.picture.commands)
    await until(lambda: all(desk.step(c) is Step.DONE for c in sent))
    await until(lambda: len(desk.parts.presence.online) == 10)
    await until(lambda: len(desk.picture.incidents) > opened + 3)
    stop.set()
    await asyncio.wait_for(work, 2)
    await until(lambda: not desk.parts.presence.online)


async def test_some_units_and_no_calls(desk: Desk, package: Path) -> None:
    stop = asyncio.Event()
    work = asyncio.create_task(
        simulate(
            server_of(desk), SECRET, package, rate_per_hour=0, stop=stop, units=["U-0003", "U-0009"]
        )
    )
    await until(lambda: desk.parts.presence.online == {"U-0003", "U-0009"})
    stop.set()
    await work
    assert not desk.picture.incidents


async def test_what_cannot_work_says_so(desk: Desk, package: Path) -> None:
    stop = asyncio.Event()
    with pytest.raises(ValueError, match="U-9999"):
        await simulate(server_of(desk), SECRET, package, stop=stop, units=["U-9999"])
    with pytest.raises(NotKnown) as wrong:
        await simulate(server_of(desk), "not-the-secret", package, stop=stop)
    assert "TRELLIS_TOKEN" in wrong.value.message.en
    assert "TRELLIS_TOKEN" in wrong.value.message.zh


async def test_a_history_is_as_long_as_asked(desk: Desk, package: Path) -> None:
    ids = await seed_history(server_of(desk), SECRET, package, count=6)
    assert list(desk.picture.incidents) == ids
    assert len(ids) == 6


async def test_d11_a_city_without_units_is_no_reason_to_end(desk: Desk, package: Path) -> None:
    stop = asyncio.Event()
    nobody = asyncio.create_task(
        simulate(server_of(desk), SECRET, package, stop=stop, units=[], rate_per_hour=0)
    )
    done, _ = await asyncio.wait([nobody], timeout=0.5)
    assert not done
    stop.set()
    await nobody
