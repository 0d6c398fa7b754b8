import pytest

from console.city.basemap import LINE_CLASSES
from console.intake.osm.tags import fill_of, name_of, place_of, rail_of, road_of, stream_of
from console.model.text import Text


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
        ({"name:zh": "維也納", "name:zh-Hans": "维也纳"}, Text("维也纳", "")),
        ({}, Text("", "")),
    ],
)
def test_names_in_two_languages(tags: dict[str, str], name: Text) -> None:
    assert name_of(tags) == name
