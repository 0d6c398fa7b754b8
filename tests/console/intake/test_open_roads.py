"""Who may use which road: small streets with one thing on them, imported and travelled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from console.city import CityError, open_city
from console.city.graph import EdgeFlag, flags_for
from console.city.package import City
from console.city.travel import ROAD_PROFILES, USERS, Way
from console.intake.errors import IntakeError
from console.intake.osm import import_osm
from console.intake.osm.open_roads import (
    OPEN_ROADS_FILE,
    PASSAGES,
    open_roads_of,
    read_open_roads,
)
from console.intake.osm.passage import Judge, measure_of, speed_of
from console.intake.report import Report
from console.model.geo import world_from_lonlat
from tests.helpers.osm import OsmFile

WEST, MIDDLE, EAST = (120.1000, 30.1000), (120.1010, 30.1000), (120.1020, 30.1000)
AROUND = [WEST, (120.1000, 30.1100), (120.1020, 30.1100), EAST]
"""The way round, 2.4 km."""

STREET = {"highway": "residential"}
Tags = Mapping[str, str]


def street(folder: Path, way: Tags, node: Tags | None = None) -> tuple[City, Report]:
    """A street of 290 m with these tags, maybe a node in its middle, and an open way round."""
    folder.mkdir(exist_ok=True)
    osm = OsmFile()
    for points in ([(120.0995, 30.1), WEST, MIDDLE], [MIDDLE, EAST, (120.1025, 30.1)]):
        osm.way(points, **{**STREET, **way})
    osm.node(*MIDDLE, **(node or {}))
    osm.way(AROUND, **STREET)
    report = import_osm(osm.save(folder / "x.osm.pbf"), folder / "city")
    return open_city(folder / "city"), report


def travelled(city: City, user: Way, *, back: bool = False) -> tuple[float, float]:
    """Seconds and metres along the street, from a place in its west to one in its east."""
    west, east = (world_from_lonlat(lon, 30.1) for lon in (120.1003, 120.1018))
    start, goal = (east, west) if back else (west, east)
    x0, y0, x1, y1 = (float(v) for v in (*start, *goal))
    route = city.roads.path(x0, y0, x1, y1, ROAD_PROFILES[user])
    return float(route.seconds[-1]), route.metres


def passage(city: City, user: Way, *, back: bool = False) -> str:
    """What the street is to a user: open, slow or shut (and travelled round)."""
    seconds, metres = travelled(city, user, back=back)
    if metres > 1000:
        return "shut"
    usual_s = 105 if user is Way.FOOT else 18
    return "open" if seconds < usual_s else "slow"


NODES = {
    ("barrier=lift_gate",): "open open open open",
    ("barrier=swing_gate",): "open open open open",
    ("barrier=toll_booth",): "open open open open",
    ("barrier=gate",): "open open open open",
    ("barrier=bollard", "motor_vehicle=yes"): "open open open open",
    ("barrier=bollard",): "shut shut slow open",
    ("barrier=block",): "shut shut slow open",
    ("barrier=cycle_barrier",): "shut shut slow open",
    ("barrier=jersey_barrier",): "shut shut shut open",
    ("barrier=motorcycle_barrier",): "shut shut shut open",
    ("barrier=kissing_gate",): "shut shut shut open",
    ("barrier=stile",): "shut shut shut open",
    ("barrier=fence",): "shut shut shut shut",
    ("barrier=something_new",): "shut shut shut slow",
    ("barrier=height_restrictor",): "slow shut open open",
    ("barrier=height_restrictor", "maxheight=2.0"): "shut shut open open",
    ("barrier=height_restrictor", "maxheight=3 m"): "open shut open open",
    ("barrier=height_restrictor", "maxheight=4.2"): "open open open open",
    ("barrier=bollard", "emergency=yes"): "shut open slow open",
    ("barrier=bollard", "bollard=removable"): "shut slow slow open",
    ("barrier=bollard", "foot=no"): "shut shut slow shut",
    ("barrier=gate", "access=no"): "shut shut shut shut",
    ("barrier=gate", "access=no", "foot=yes"): "shut shut shut open",
    ("barrier=gate", "access=private"): "shut slow shut shut",
    ("barrier=gate", "locked=yes"): "shut slow shut shut",
    ("barrier=gate", "motor_vehicle=no"): "shut shut shut open",
    ("barrier=gate", "motor_vehicle=no", "emergency=yes"): "shut open shut open",
    ("barrier=gate", "access:conditional=no @ (22:00-06:00)"): "shut slow shut open",
    ("emergency=fire_hydrant",): "open open open open",
    ("highway=crossing",): "open open open open",
    ("ford=yes",): "slow slow slow slow",
    ("maxheight=2",): "shut shut open open",
}


WAYS = {
    ("motorcar=no",): "shut slow open open",
    ("vehicle=no",): "shut shut shut open",
    ("vehicle=private",): "shut slow shut open",
    ("access=no",): "shut shut shut shut",
    ("access=agricultural",): "shut slow shut open",
    ("access=forestry",): "shut slow shut open",
    ("access=military",): "shut shut shut shut",
    ("access=permit",): "shut slow shut open",
    ("access=whatever",): "shut slow shut slow",
    ("motor_vehicle=agricultural",): "shut slow shut open",
    ("motor_vehicle=agricultural;forestry",): "shut slow shut open",
    ("motor_vehicle=permit",): "shut slow shut open",
    ("impassable=yes",): "shut shut shut open",
    ("smoothness=impassable",): "shut shut shut open",
    ("maxheight=2",): "shut shut open open",
    ("maxheight=3",): "open shut open open",
    ("maxheight=default",): "open open open open",
    ("maxheight=below_default",): "slow shut open open",
    ("maxwidth=2.2 m",): "open shut open open",
    ("maxweight=7.5",): "open shut open open",
    ("maxweight:conditional=3.5 @ (22:00-06:00)",): "shut slow open open",
    ("access=delivery",): "open open open open",
    ("access=customers",): "open open open open",
    ("access=destination",): "open open open open",
    ("access:conditional=no @ (22:00-06:00)",): "shut slow shut open",
    ("motor_vehicle:conditional=no @ (22:00-06:00)",): "shut slow shut open",
    ("highway=pedestrian",): "shut slow shut open",
    ("highway=pedestrian", "motor_vehicle=yes"): "slow slow slow open",
    ("highway=service", "access=no", "emergency=yes"): "shut slow shut shut",
    ("highway=service", "service=emergency_access"): "shut slow shut open",
    ("highway=footway",): "shut shut shut open",
    ("highway=footway", "access=yes"): "shut shut shut open",
    ("highway=footway", "emergency=yes"): "shut slow shut open",
    ("highway=busway", "emergency=yes"): "shut open shut shut",
    ("highway=cycleway", "foot=no"): "shut shut shut shut",
    ("highway=trunk",): "open open open shut",
    ("highway=trunk", "sidewalk=both"): "open open open open",
    ("highway=raceway",): "shut shut shut shut",
    ("psv=only",): "shut open shut open",
    ("bus=designated",): "open open open open",
    ("oneway=reversible",): "shut slow shut open",
    ("oneway=alternating",): "slow slow slow open",
    ("oneway=perhaps",): "shut slow shut open",
    ("oneway=no",): "open open open open",
}
"""Service streets and footways are slower than the test's street: read "slow" as passable there."""


def tags_of(tags: tuple[str, ...]) -> dict[str, str]:
    return dict(tag.split("=", 1) for tag in tags)  # type: ignore[misc]


@pytest.mark.parametrize("tags", NODES, ids=" ".join)
def test_a6_what_stands_on_a_street_bars_it(tmp_path: Path, tags: tuple[str, ...]) -> None:
    city, report = street(tmp_path, {}, tags_of(tags))
    both = [[passage(city, user, back=back) for user in USERS] for back in (False, True)]
    assert both == [NODES[tags].split()] * 2
    assert (set(both[0]) != {"open"}) == bool(report.remarks())
    assert all(r.thing == "barriers" and r.count == 1 for r in report.remarks())


@pytest.mark.parametrize("tags", WAYS, ids=" ".join)
def test_a6_what_a_street_is_called_opens_or_shuts_it(
    tmp_path: Path, tags: tuple[str, ...]
) -> None:
    city, _ = street(tmp_path, tags_of(tags))
    both = [[passage(city, user, back=back) for user in USERS] for back in (False, True)]
    assert both == [WAYS[tags].split()] * 2


ONE_WAYS = [
    (("oneway=yes",), "there"),
    (("oneway=-1",), "back"),
    (("oneway:motor_vehicle=yes",), "there"),
    (("oneway:vehicle=yes",), "there"),
    (("oneway=no", "oneway:motor_vehicle=-1"), "back"),
    (("oneway=yes", "oneway:motor_vehicle=no"), "both"),
    (("junction=roundabout",), "there"),
    (("junction=roundabout", "oneway=no"), "both"),
    (("highway=motorway",), "there"),
    (("highway=motorway_link",), "there"),
    (("oneway:conditional=yes @ (Mo-Fr 07:00-09:00)",), "there"),
    (("motor_vehicle:backward=no",), "there"),
    (("access:forward=no",), "back"),
]


@pytest.mark.parametrize(("tags", "way"), ONE_WAYS, ids=str)
def test_a6_one_ways_in_all_spellings(tmp_path: Path, tags: tuple[str, ...], way: str) -> None:
    city, report = street(tmp_path, tags_of(tags))
    seen = [passage(city, Way.CAR, back=back) != "shut" for back in (False, True)]
    assert seen == {"there": [True, False], "back": [False, True], "both": [True, True]}[way]
    if any("conditional" in tag for tag in tags):
        assert "oneway:conditional" in report.text("en")


def test_a6_sirens_keep_to_one_ways_unless_told_otherwise(tmp_path: Path) -> None:
    city, _ = street(tmp_path, {"oneway": "yes"})
    assert passage(city, Way.SIREN, back=True) == "shut"
    assert passage(city, Way.FOOT, back=True) == "open"
    other, _ = street(tmp_path / "2", {"oneway": "yes", "oneway:emergency": "no"})
    assert passage(other, Way.SIREN, back=True) == "open"
    assert passage(other, Way.CAR, back=True) == "shut"


def test_a6_a_bridge_is_not_joined_to_the_street_right_beneath(tmp_path: Path) -> None:
    osm, above = OsmFile(), 900_000
    osm.way([WEST, MIDDLE, EAST], highway="residential")
    over = [osm.node(120.101, 30.099), osm.node_apart(MIDDLE, above), osm.node(120.101, 30.101)]
    osm.way(over, highway="primary", bridge="yes", layer="1")
    report = import_osm(osm.save(tmp_path / "x.osm.pbf"), tmp_path / "city")
    roads = open_city(tmp_path / "city").roads
    x0, y0 = (float(v) for v in world_from_lonlat(120.1005, 30.1))
    x1, y1 = (float(v) for v in world_from_lonlat(120.101, 30.1005))
    assert not len(roads.path(x0, y0, x1, y1, ROAD_PROFILES[Way.CAR]).xy)
    assert len(roads.node_xy) == 4
    assert any("in the very place of another" in note.en for note in report.notes)


def test_a6_what_narrows_stands_in_the_report(tmp_path: Path) -> None:
    _, report = street(tmp_path, {"access": "whatever"}, {"barrier": "bollard"})
    said = report.text("en")
    assert "2 roads: access=whatever, which the table of open roads does not" in said
    assert "1 barriers on roads: barrier=bollard: shut to cars, vehicles" in said
    assert "slow for motorcycles (node/" in said
    assert "1 处道路障碍：barrier=bollard" in report.text("zh")
    kept = Report.load(tmp_path / "city" / "reports" / "osm.json")
    assert kept.text("en") == said


def test_a6_a_barrier_beside_the_roads_is_no_word_in_the_report(tmp_path: Path) -> None:
    osm = OsmFile()
    osm.way(AROUND, **STREET)
    osm.node(120.2, 30.2, barrier="gate", access="no")
    report = import_osm(osm.save(tmp_path / "x.osm.pbf"), tmp_path / "city")
    assert not report.remarks()


def test_a6_a_city_edits_the_table(tmp_path: Path) -> None:
    own = tmp_path / "city" / OPEN_ROADS_FILE
    own.parent.mkdir()
    table = (files("resources") / "roads" / OPEN_ROADS_FILE).read_text("utf-8")
    own.write_text(
        table.replace("oneway,against,shut,shut,", "oneway,against,shut,slow,").replace(
            "barrier,bollard,shut,shut,", "barrier,bollard,shut,slow,"
        ),
        "utf-8",
    )
    city, _ = street(tmp_path, {"oneway": "yes"}, {"barrier": "bollard"})
    assert passage(city, Way.SIREN) == "slow"
    assert passage(city, Way.SIREN, back=True) == "slow"
    assert passage(city, Way.CAR) == "shut"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.replace("barrier,bollard,shut", "barrier,bollard,closed"), "“closed” is none"),
        (lambda t: t.replace("car,siren", "car,sirens"), "lacks the columns siren"),
        (lambda t: t.replace("access,*,", "access,else,"), "access=*: this row is missing"),
        (lambda t: t.replace("slow,kmh,10", "slow,kmh,fast"), "is not a number"),
        (lambda t: t + "barrier,bollard,open,open,open,open,\n", "in an earlier row"),
    ],
)
def test_a6_a_table_with_a_mistake_is_refused_whole(
    tmp_path: Path, change: Callable[[str], str], said: str
) -> None:
    own = tmp_path / "city" / OPEN_ROADS_FILE
    own.parent.mkdir()
    table = (files("resources") / "roads" / OPEN_ROADS_FILE).read_text("utf-8")
    own.write_text(change(table), "utf-8")
    with pytest.raises(IntakeError, match=r"open_roads\.csv"):
        street(tmp_path, {})
    with pytest.raises(IntakeError) as caught:
        read_open_roads(own)
    assert said in caught.value.message.en and caught.value.message.zh


def test_a6_every_row_of_the_table_is_reachable(tmp_path: Path) -> None:
    table = open_roads_of(tmp_path)
    assert all(0 <= p <= sum(PASSAGES.values()) for v in table.rows.values() for p in v if p)
    judge = Judge(table)
    never = int(flags_for(Way.FOOT, EdgeFlag.FORWARD))
    assert judge.road({"highway": "motorway"}).flags & never == 0
    assert judge.node({"barrier": "gate"}).restrictions == ()


@pytest.mark.parametrize(
    ("sign", "kmh"),
    [
        ("50", 50),
        ("30 mph", 48.28032),
        ("30mph", 48.28032),
        ("50 km/h", 50),
        ("10 knots", 18.52),
        ("walk", 5),
        ("DE:walk", 5),
        ("80;60", 60),
        ("CN:urban", None),
        ("none", None),
        ("", None),
        ("3", None),
        ("999", None),
    ],
)
def test_a6_a_speed_sign_in_any_unit(sign: str, kmh: float | None) -> None:
    assert speed_of(sign) == (None if kmh is None else pytest.approx(kmh))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2.5", 2.5),
        ("2,5 m", 2.5),
        ("250 cm", 2.5),
        ("7'6\"", 2.286),
        ("8'", 2.4384),
        ("12 ft", 3.6576),
        ("3500 kg", 3.5),
        ("10 st", 9.0718474),
        ("low", np.nan),
        ("", np.nan),
    ],
)
def test_a6_a_limit_in_any_unit(written: str, value: float) -> None:
    assert measure_of(written) == pytest.approx(value, nan_ok=True)


def test_a6_a_package_of_the_older_format_says_what_to_do(tmp_path: Path) -> None:
    street(tmp_path, {})
    manifest = tmp_path / "city" / "city.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"format": 2', '"format": 1'), "utf-8")
    with pytest.raises(CityError, match="Import its streets again"):
        open_city(tmp_path / "city")
    import_osm(tmp_path / "x.osm.pbf", tmp_path / "city")
    assert len(open_city(tmp_path / "city").roads.node_xy)
