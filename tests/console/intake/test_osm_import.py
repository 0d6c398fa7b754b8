from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely

from console.city import City, open_city
from console.city.basemap import FILL_CLASSES, LINE_CLASSES
from console.city.graph import EdgeFlag
from console.city.travel import BY_ROAD, Way
from console.intake.errors import Cancelled, IntakeError
from console.intake.osm import import_osm
from console.intake.report import Report
from console.model.geo import world_from_lonlat
from console.model.text import Text
from tests.console.city.test_store import write_grid
from tests.helpers.osm import MISSING, OsmFile, box

EVERYWHERE = (-2.1e7, -2.1e7, 2.1e7, 2.1e7)
Imported = tuple[City, Report]


def world(lon: float, lat: float) -> tuple[float, float]:
    x, y = world_from_lonlat(lon, lat)
    return float(x), float(y)


def a_town() -> OsmFile:
    """A main street, a one-way side street, a river with an island, houses, a park and a school."""
    town = OsmFile()
    town.node(10.005, 50.005, place="town", name="溪城", name_en="Brookton")
    town.node(10.004, 50.004, amenity="police", name="Police")
    main = [(10.0, 50.0), (10.005, 50.0), (10.01, 50.0)]
    town.way(main, highway="primary", name="中山路", name_en="Zhongshan Road", maxspeed="50")
    town.way(
        [(10.005, 50.0), (10.005, 50.005), (10.01, 50.005)], highway="residential", oneway="yes"
    )
    town.way([(10.01, 50.0), (10.01, 50.005)], highway="tertiary", bridge="yes")
    town.way([(10.0, 50.0), (10.0, 50.002)], highway="footway")
    town.way([(10.002, 50.002), (10.003, 50.002)], highway="proposed")
    town.way([(10.0, 50.009), (10.01, 50.009)], railway="rail")
    town.way([(10.0, 50.008), (10.01, 50.008)], waterway="stream", name="Brook")
    town.way(box(10.002, 50.001, 0.001), building="yes")
    town.way(box(10.006, 50.001, 0.001), building="school", amenity="school", name="First School")
    town.way(box(10.0, 50.003, 0.001), leisure="park", name="公园")
    shore = town.way(box(10.011, 50.0, 0.008))
    island = town.way(box(10.013, 50.002, 0.002))
    town.relation(
        [(shore, "outer"), (island, "inner")], type="multipolygon", natural="water", name="Lake"
    )
    return town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    folder = tmp_path_factory.mktemp("town")
    report = import_osm(a_town().save(folder / "town.osm.pbf"), folder / "city")
    return open_city(folder / "city"), report


def imported(osm: OsmFile, folder: Path) -> Imported:
    report = import_osm(osm.save(folder / "x.osm.pbf"), folder / "city")
    return open_city(folder / "city"), report


def reasons(report: Report, thing: str) -> dict[str, str]:
    return {p.row: p.reason.en for p in report.skipped if p.thing == thing}


def test_counts_add_up_to_what_the_file_holds(town: Imported) -> None:
    city, report = town
    assert report.accepted == {
        "places": 4,
        "roads": 4,
        "railways": 1,
        "waterways": 1,
        "buildings": 2,
        "green": 1,
        "water": 1,
    }
    assert report.read("roads") == 5
    assert report.notes[0].en == "the buildings read are 2 ways and 0 multipolygon relations"
    assert reasons(report, "roads") == {"way/5": "planned, under construction or abandoned"}
    assert city.manifest.counts["buildings"] == 2
    assert Report.load(city.path / "reports" / "osm.json") == report


def test_the_city_knows_its_name_and_bounds(town: Imported) -> None:
    manifest = town[0].manifest
    assert manifest.name == Text("溪城", "Brookton")
    assert manifest.source == "town.osm.pbf"
    west, south, east, north = manifest.bounds
    assert (west, south) == (10.0, 50.0)
    assert west <= manifest.centre.lon <= east and south <= manifest.centre.lat <= north


def test_lines_keep_their_class_and_bridges_are_told_apart(town: Imported) -> None:
    finest = town[0].basemap.levels[-1]
    drawn = {c for c in LINE_CLASSES if len(finest.lines(c, EVERYWHERE))}
    assert drawn == {"primary", "residential", "tertiary_bridge", "path", "rail", "stream"}
    primary = finest.lines("primary", EVERYWHERE)
    length = np.hypot(*(primary[:, 2:] - primary[:, :2]).T).sum()
    assert length == pytest.approx(world(10.01, 50)[0] - world(10.0, 50)[0])


def test_a_lake_keeps_its_island(town: Imported) -> None:
    for level in town[0].basemap.levels[-4:]:
        offsets, xy = level.fills("water", EVERYWHERE)
        rings = [shapely.Polygon(xy[a:b]) for a, b in pairwise(offsets)]
        lake = rings[0].symmetric_difference(rings[1])
        assert lake.contains(shapely.Point(*world(10.012, 50.001)))
        assert not lake.contains(shapely.Point(*world(10.014, 50.003)))


def test_coarse_levels_leave_out_what_is_small(town: Imported) -> None:
    coarse, fine = town[0].basemap.levels[0], town[0].basemap.levels[-1]
    assert len(fine.fills("building", EVERYWHERE)[1])
    assert not len(coarse.fills("building", EVERYWHERE)[1])
    assert not len(coarse.lines("residential", EVERYWHERE))
    assert coarse.fill_classes == FILL_CLASSES


def test_places_come_from_points_and_areas(town: Imported) -> None:
    places = town[0].places
    found = {(places.category[i], places.name[i].en or places.name[i].zh) for i in range(4)}
    assert found == {
        ("town", "Brookton"),
        ("police", "Police"),
        ("school", "First School"),
        ("park", "公园"),
    }


def test_names_are_offered_along_roads_and_in_waters(town: Imported) -> None:
    labels = town[0].basemap.levels[4].labels(EVERYWHERE)
    offered = {(t.en or t.zh, k) for t, k in zip(labels.text, labels.kind, strict=True)}
    assert ("Zhongshan Road", "road") in offered
    assert ("Lake", "water") in offered
    assert ("Brook", "water") in offered
    assert ("Brookton", "place") in offered
    road = next(i for i, t in enumerate(labels.text) if t.en == "Zhongshan Road")
    assert labels.text[road].zh == "中山路"
    assert labels.angle_deg[road] == pytest.approx(0, abs=0.1)
    assert labels.span_m[road] > 0
    assert (np.diff(labels.rank) >= 0).all()


def test_the_graph_knows_one_ways_speeds_and_who_may_go(town: Imported) -> None:
    edges = town[0].roads.edges
    driven = town[0].roads.has(Way.CAR, EdgeFlag.FORWARD)
    assert sorted(driven[~town[0].roads.has(Way.CAR, EdgeFlag.BACKWARD)].tolist()) == [False, True]
    assert set(edges.kmh[driven].tolist()) == {50, 30, 40}
    # along the one-way is quick; back one drives round by the bridge
    graph = town[0].roads
    there = graph.path(*world(10.005, 50.001), *world(10.005, 50.004), BY_ROAD)
    back = graph.path(*world(10.005, 50.004), *world(10.005, 50.001), BY_ROAD)
    assert back.metres > 3 * there.metres


def test_broken_objects_cost_only_themselves_and_say_why(tmp_path: Path) -> None:
    osm = a_town()
    a, b, c, d = ((10.02, 50.0), (10.021, 50.0), (10.021, 50.001), (10.02, 50.001))
    bow_tie = osm.way([a, c, b, d, a], building="yes")
    open_house = osm.way([a, b, c], building="yes")
    no_node = osm.way([a, b, MISSING, c, a], building="yes")
    not_one = osm.way(box(10.03, 50.0, 0.001), building="no")
    half = osm.way([a, b])
    gap = osm.relation([(half, "outer")], type="multipolygon", natural="wood")
    absent = osm.relation(
        [(half, "outer"), (MISSING, "outer")], type="multipolygon", natural="wood"
    )
    _, report = imported(osm, tmp_path)
    houses, green = reasons(report, "buildings"), reasons(report, "green")
    assert "crosses itself" in houses[f"way/{bow_tie}"]
    assert "do not meet" in houses[f"way/{open_house}"]
    assert "node is missing" in houses[f"way/{no_node}"]
    assert "no building" in houses[f"way/{not_one}"]
    assert "not closed" in green[f"relation/{gap}"]
    assert "members" in green[f"relation/{absent}"]
    assert report.accepted["buildings"] == 2
    assert report.read("buildings") == 6
    assert report.read("green") == 3


def test_a_road_that_leaves_the_extract_keeps_its_part_inside(tmp_path: Path) -> None:
    osm = OsmFile()
    osm.way([(10.0, 50.0), (10.01, 50.0), MISSING, (10.02, 50.0), (10.03, 50.0)], highway="primary")
    lost = osm.way([MISSING, (10.04, 50.0)], highway="primary")
    city, report = imported(osm, tmp_path)
    lines = city.basemap.levels[-1].lines("primary", EVERYWHERE)
    length = np.hypot(*(lines[:, 2:] - lines[:, :2]).T).sum()
    assert length == pytest.approx(2 * (world(10.01, 50)[0] - world(10.0, 50)[0]))
    assert report.accepted["roads"] == 1
    assert "node is missing" in reasons(report, "roads")[f"way/{lost}"]
    assert any("1 roads run beyond" in note.en for note in report.notes)


def test_two_positions_the_same_make_no_line(tmp_path: Path) -> None:
    osm = a_town()
    same = osm.node(10.5, 50.5)
    dot = osm.way([same, same], highway="service")
    _, report = imported(osm, tmp_path)
    assert "single position" in reasons(report, "roads")[f"way/{dot}"]


def test_importing_again_replaces_the_streets_and_keeps_the_grid(tmp_path: Path) -> None:
    write_grid(tmp_path / "city", shapely.box(10.0, 50.0, 10.01, 50.01))
    imported(a_town(), tmp_path)
    city, _ = imported(a_town(), tmp_path)
    assert list(city.cells.code) == ["C0"]
    assert city.manifest.generation == 3
    assert len(list((tmp_path / "city").glob("*.arrow"))) == len(city.manifest.files)


def damage_cut(whole: bytes) -> bytes:
    return whole[: len(whole) * 2 // 3]


def damage_garbage(whole: bytes) -> bytes:
    return bytes(np.random.default_rng(1).integers(0, 256, len(whole), np.uint8))


def damage_middle(whole: bytes) -> bytes:
    middle = len(whole) // 2
    return whole[:middle] + bytes(40) + whole[middle + 40 :]


def damage_empty(_: bytes) -> bytes:
    return b""


def damage_text(_: bytes) -> bytes:
    return b"code,name\n1,2\n" * 50


DAMAGES = [damage_cut, damage_garbage, damage_middle, damage_empty, damage_text]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_one_clear_message_and_changes_nothing(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    imported(a_town(), tmp_path)
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "city").rglob("*")}
    bad = tmp_path / "bad.osm.pbf"
    bad.write_bytes(damage((tmp_path / "x.osm.pbf").read_bytes()))
    with pytest.raises(IntakeError) as caught:
        import_osm(bad, tmp_path / "city")
    message = caught.value.message
    assert "bad.osm.pbf" in message.zh and "bad.osm.pbf" in message.en
    assert "Nothing was imported" in message.en
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "city").rglob("*")} == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.osm.pbf", "city", "x.osm.pbf"]


def test_a_missing_file_is_an_intake_error_and_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="no file"):
        import_osm(tmp_path / "nothing.osm.pbf", tmp_path / "city")
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_a_map_is_refused(tmp_path: Path) -> None:
    osm = OsmFile()
    osm.node(10.0, 50.0, amenity="bench")
    with pytest.raises(IntakeError, match="no roads"):
        imported(osm, tmp_path)


def test_a_file_of_broken_areas_alone_is_refused(tmp_path: Path) -> None:
    osm = OsmFile()
    osm.way([(10.0, 50.0), (10.1, 50.1), (10.1, 50.0), (10.0, 50.1), (10.0, 50.0)], building="yes")
    with pytest.raises(IntakeError, match="no roads"):
        imported(osm, tmp_path)


def test_a_damaged_package_is_not_built_upon(tmp_path: Path) -> None:
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "city.json").write_text("{")
    with pytest.raises(IntakeError, match="damaged"):
        imported(a_town(), tmp_path)


def test_progress_rises_to_the_end(tmp_path: Path) -> None:
    steps: list[tuple[str, float]] = []
    import_osm(
        a_town().save(tmp_path / "x.osm.pbf"),
        tmp_path / "city",
        progress=lambda key, fraction: steps.append((key, fraction)),
    )
    shares = [fraction for _, fraction in steps]
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert steps[0][0] == "osm.stage.read" and steps[-1][0] == "osm.stage.write"


@pytest.mark.parametrize("asked", range(6))
def test_stopping_at_any_time_changes_nothing(tmp_path: Path, asked: int) -> None:
    left = iter(range(asked, -1, -1))
    with pytest.raises(Cancelled):
        import_osm(
            a_town().save(tmp_path / "x.osm.pbf"),
            tmp_path / "city",
            should_stop=lambda: next(left) == 0,
        )
    assert [p.name for p in tmp_path.iterdir()] == ["x.osm.pbf"]


def test_only_streets_without_areas_or_places_will_do(tmp_path: Path) -> None:
    osm = OsmFile()
    osm.way([(10.0, 50.0), (10.01, 50.0)], highway="residential")
    city, _ = imported(osm, tmp_path)
    assert len(city.places) == 0
    assert city.manifest.name == Text("", "x")
    assert all(len(level.labels(EVERYWHERE)) == 0 for level in city.basemap.levels)


def test_only_buildings_without_streets_will_do(tmp_path: Path) -> None:
    osm = OsmFile()
    osm.way(box(10.0, 50.0, 0.001), building="yes")
    city, _ = imported(osm, tmp_path)
    assert len(city.roads.node_xy) == 0
    assert len(city.basemap.levels[-1].fills("building", EVERYWHERE)[1]) == 5


def test_an_independent_count_agrees(tmp_path: Path) -> None:
    town = a_town()
    town.way(box(10.02, 50.02, 0.001), building="roof", highway="pedestrian")
    file = town.save(tmp_path / "x.osm.pbf")
    report = import_osm(file, tmp_path / "city")
    counted = {"roads": 0, "buildings": 0}
    for thing in osmium.FileProcessor(str(file), osmium.osm.WAY):
        counted["roads"] += "highway" in thing.tags
        counted["buildings"] += "building" in thing.tags
    assert {thing: report.read(thing) for thing in counted} == counted


def test_a_folder_that_cannot_be_written_is_one_clear_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(IntakeError, match="cannot be written"):
        import_osm(a_town().save(tmp_path / "x.osm.pbf"), tmp_path / "file" / "city")
