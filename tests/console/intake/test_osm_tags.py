import pytest

from console.city.basemap import LINE_CLASSES
from console.city.graph import EdgeFlag
from console.intake.osm.tags import fill_of, name_of, place_of, rail_of, road_of, stream_of
from console.model.text import Text

FORWARD, BACKWARD, FOOT = EdgeFlag.CAR_FORWARD, EdgeFlag.CAR_BACKWARD, EdgeFlag.FOOT
BOTH = FORWARD | BACKWARD


def flags(**tags: str) -> int:
    road = road_of(tags)
    assert road is not None
    return road.flags


def speed(**tags: str) -> float:
    road = road_of({"highway": "primary", **tags})
    assert road is not None
    return road.kmh


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "residential"}, BOTH | FOOT),
        ({"highway": "residential", "oneway": "yes"}, FORWARD | FOOT),
        ({"highway": "residential", "oneway": "-1"}, BACKWARD | FOOT),
        ({"highway": "residential", "oneway": "no"}, BOTH | FOOT),
        ({"highway": "motorway"}, FORWARD),
        ({"highway": "motorway", "oneway": "no"}, BOTH),
        ({"highway": "trunk"}, BOTH),
        ({"highway": "trunk", "sidewalk": "both"}, BOTH | FOOT),
        ({"highway": "tertiary", "junction": "roundabout"}, FORWARD | FOOT),
        ({"highway": "footway"}, FOOT),
        ({"highway": "steps"}, FOOT),
        ({"highway": "cycleway", "foot": "no"}, 0),
        ({"highway": "service", "access": "private"}, 0),
        ({"highway": "service", "access": "no", "foot": "yes"}, FOOT),
        ({"highway": "service", "access": "no", "motor_vehicle": "yes"}, BOTH),
        ({"highway": "pedestrian", "motor_vehicle": "yes"}, FOOT),
        ({"highway": "raceway"}, 0),
    ],
)
def test_who_may_use_a_road(tags: dict[str, str], expected: int) -> None:
    assert flags(**tags) == int(expected)


@pytest.mark.parametrize(
    ("sign", "kmh"),
    [
        ("50", 50),
        ("30 mph", 48.28032),
        ("CN:urban", 60),
        ("none", 60),
        ("", 60),
        ("3", 60),
        ("999", 60),
    ],
)
def test_a_sign_counts_when_it_says_a_sensible_number(sign: str, kmh: float) -> None:
    assert speed(maxspeed=sign) == pytest.approx(kmh)


def test_what_is_no_road_yet() -> None:
    assert road_of({"highway": "proposed"}) is None
    assert road_of({"highway": "construction"}) is None


def test_bridges_are_drawn_apart() -> None:
    road = road_of({"highway": "secondary", "bridge": "viaduct"})
    assert road is not None and LINE_CLASSES[road.line_class] == "secondary_bridge"
    rail = rail_of({"railway": "rail", "bridge": "yes"})
    assert rail is not None and LINE_CLASSES[rail] == "rail_bridge"


def test_what_runs_underground_is_not_drawn() -> None:
    assert rail_of({"railway": "subway", "tunnel": "yes"}) is None
    assert stream_of({"waterway": "stream", "tunnel": "culvert"}) is None
    assert rail_of({"railway": "abandoned"}) is None


@pytest.mark.parametrize(
    ("tags", "fill"),
    [
        ({"building": "yes"}, "building"),
        ({"building": "no"}, None),
        ({"building": "no", "landuse": "retail"}, "commercial"),
        ({"natural": "water"}, "water"),
        ({"waterway": "riverbank"}, "water"),
        ({"leisure": "park"}, "park"),
        ({"landuse": "forest"}, "park"),
        ({"amenity": "school"}, "school"),
        ({"landuse": "residential"}, "residential"),
        ({"highway": "pedestrian", "landuse": "grass"}, None),
        ({"amenity": "parking"}, None),
    ],
)
def test_areas(tags: dict[str, str], fill: str | None) -> None:
    assert fill_of(tags) == fill


def test_the_larger_place_ranks_before_the_smaller() -> None:
    kinds = [{"place": "city"}, {"place": "suburb"}, {"amenity": "hospital"}, {"leisure": "park"}]
    ranks = [found[1] for tags in kinds if (found := place_of(tags))]
    assert len(ranks) == 4 and ranks == sorted(ranks)
    assert place_of({"amenity": "bench"}) is None


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ({"name": "长安街"}, Text("长安街", "")),
        ({"name": "长安街", "name:en": "Chang'an Avenue"}, Text("长安街", "Chang'an Avenue")),
        ({"name": "High Street"}, Text("", "High Street")),
        ({"name": "Vaduz", "name:zh": "瓦都兹"}, Text("瓦都兹", "Vaduz")),
        ({"name": "Wien", "name:en": "Vienna", "name:zh-Hans": "维也纳"}, Text("维也纳", "Vienna")),
        ({}, Text("", "")),
    ],
)
def test_names_in_two_languages(tags: dict[str, str], name: Text) -> None:
    assert name_of(tags) == name
