"""`main.py route`: what it prints is what the desk ranks by."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from console.city import open_city
from console.city.travel import ROAD_PROFILES, USERS, Way
from console.commands.arguments import ROUTE_PROFILES
from console.intake.osm import import_osm
from console.model.geo import world_from_lonlat
from main import main
from tests.helpers.osm import OsmFile

START, GOAL = (120.1003, 30.1), (120.1018, 30.1)


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A street with a bollard, an open way round it, and an island that no road leads to."""
    osm = OsmFile()
    osm.way([(120.0995, 30.1), (120.1, 30.1), (120.101, 30.1)], highway="residential", name="一街")
    osm.way([(120.101, 30.1), (120.102, 30.1), (120.1025, 30.1)], highway="residential")
    osm.node(120.101, 30.1, barrier="bollard")
    round_about = [(120.1, 30.1), (120.1, 30.11), (120.102, 30.11), (120.102, 30.1)]
    osm.way(round_about, highway="residential", name="Round Road")
    osm.way([(120.2, 30.2), (120.21, 30.2), (120.21, 30.21)], highway="footway")
    import_osm(osm.save(tmp_path / "x.osm.pbf"), tmp_path / "city")
    return tmp_path / "city"


def ask(city: Path, *more: str, goal: tuple[float, float] = GOAL) -> int:
    places = [",".join(map(str, place)) for place in (START, goal)]
    return main(["route", "--city", str(city), "--from", places[0], "--to", places[1], *more])


@pytest.mark.parametrize("user", ["car", "siren", "moto", "foot"])
def test_a6_route_prints_what_the_ranking_uses(
    city: Path, capsys: pytest.CaptureFixture[str], user: str
) -> None:
    assert ask(city, "--profile", user, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    start, (x, y) = ([float(v) for v in world_from_lonlat(*place)] for place in (START, GOAL))
    reach = open_city(city).roads.reach(x, y, ROAD_PROFILES[Way(user)])
    assert said["seconds"] == pytest.approx(reach.seconds_from(np.array([start]))[0], abs=0.1)
    assert said["metres"] == pytest.approx(reach.metres_from(*start), abs=0.1)
    assert sum(s["seconds"] for s in said["streets"]) == pytest.approx(said["seconds"], abs=0.5)
    names = [s["name"] and (s["name"]["zh"] or s["name"]["en"]) for s in said["streets"]]
    assert ("Round Road" in names) == (user in ("car", "siren"))
    assert "一街" in names


def test_a6_route_in_words(city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(city) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("cars: 29") and said[0].endswith(" m")
    assert said[1].endswith(": 一街") and said[2].endswith(": Round Road")
    assert said[-1].endswith(": a road without a name")


def test_a6_a_way_that_cannot_be_travelled_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    osm = OsmFile()
    osm.way([(120.1, 30.1), (120.101, 30.1), (120.102, 30.1)], highway="footway")
    import_osm(osm.save(tmp_path / "x.osm.pbf"), tmp_path / "city")
    assert ask(tmp_path / "city") == 3
    assert "No way for cars leads from 120.1003,30.1 to 120.1018,30.1" in capsys.readouterr().out
    assert ask(tmp_path / "city", "--json") == 3
    assert json.loads(capsys.readouterr().out)["seconds"] is None


def test_a6_a_place_that_is_none_is_a_sentence(
    city: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong in ("here", "120.1", "120.1,30.1,5"):
        assert main(["route", "--city", str(city), "--from", wrong, "--to", "1,2"]) == 1
        assert "LON,LAT" in capsys.readouterr().err
    swapped = ["--from", "30.1,120.1", "--to", "30.1,120.1"]
    assert main(["route", "--city", str(city), *swapped]) == 1
    assert "30.1,120.1 is not in the city" in capsys.readouterr().err
    assert main(["route", "--city", str(city), "--from=-0.127,51.507", "--to", "1,2"]) == 1
    assert "-0.127,51.507 is not in the city" in capsys.readouterr().err


def test_a_way_can_be_asked_for_everybody_whom_roads_are_open_to() -> None:
    assert ROUTE_PROFILES == USERS
