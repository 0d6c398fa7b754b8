from __future__ import annotations

from collections import Counter

import numpy as np
import shapely

from console.model.unit import UnitKind
from tests.console.practice.city.conftest import SMALL_HALF_M, ReadCity

SHARE = (SMALL_HALF_M / 6000.0) ** 2


def test_cameras_are_as_many_as_ordered_each_with_its_own_name(small_city: ReadCity) -> None:
    cameras = small_city.cameras
    assert len(cameras) == round(3000 * SHARE)
    for key in ("id", "name_zh", "name_en"):
        assert len({c[key] for c in cameras}) == len(cameras)
    assert all(c["name_en"].isascii() for c in cameras if "×" not in c["name_en"])


def test_cameras_see_as_far_and_wide_as_cameras_do(small_city: ReadCity) -> None:
    for camera in small_city.cameras:
        angle, reach = float(camera["angle_deg"]), float(camera["range_m"])
        assert 0 <= float(camera["azimuth_deg"]) < 360
        if camera["ptz"] == "1":
            assert angle == 60
            assert 120 <= reach <= 180
        else:
            assert 45 <= angle <= 100
            assert 40 <= reach <= 120


def test_few_cameras_are_offline_and_some_turn(small_city: ReadCity) -> None:
    assert 0.002 < np.mean([c["online"] == "0" for c in small_city.cameras]) < 0.06
    assert 0.08 < np.mean([c["ptz"] == "1" for c in small_city.cameras]) < 0.22


def test_cameras_share_six_scenes(small_city: ReadCity) -> None:
    scenes = Counter(c["stream"] for c in small_city.cameras)
    assert set(scenes) == {f"practice://scene/{n}" for n in range(1, 7)}


def test_street_cameras_look_along_their_road(small_city: ReadCity) -> None:
    """A few metres ahead of a junction camera there is still road: it does not face a wall."""
    scale = np.cos(np.radians(31.99))
    roads = shapely.union_all([shapely.LineString(small_city.xy(w)) for w in small_city.roads()])
    shapely.prepare(roads)
    away = []
    for camera in small_city.cameras:
        if "×" in camera["name_zh"]:
            turn = np.radians(float(camera["azimuth_deg"]))
            lon = float(camera["lon"]) + 30 * np.sin(turn) / 111_320 / scale
            lat = float(camera["lat"]) + 30 * np.cos(turn) / 111_320
            away.append(shapely.Point(lon, lat).distance(roads) * 111_320)
    assert len(away) > 50
    assert np.mean(np.array(away) < 18) > 0.95


def test_units_of_every_kind_mostly_on_foot(small_city: ReadCity) -> None:
    kinds = Counter(u["kind"] for u in small_city.units)
    assert sum(kinds.values()) == round(300 * SHARE)
    assert set(kinds) == {k.value for k in UnitKind}
    assert kinds["foot"] > 0.5 * len(small_city.units)
    assert len({u["id"] for u in small_city.units}) == len(small_city.units)


def test_units_have_bilingual_names_and_bases(small_city: ReadCity) -> None:
    for unit in small_city.units:
        assert unit["name_zh"]
        assert unit["base_zh"]
        assert unit["name_en"].isascii()
        assert unit["base_en"].isascii()


def test_boats_are_on_the_river(small_city: ReadCity) -> None:
    ways = dict(zip(small_city.ids["w"], small_city.ways, strict=True))
    members, _ = next(r for r in small_city.relations if r[1].get("water") == "river")
    rings = {role: shapely.Polygon(small_city.xy(ways[ref])) for _, ref, role in members}
    water = rings["outer"].difference(rings["inner"])
    for unit in small_city.units:
        afloat = shapely.contains_xy(water, float(unit["lon"]), float(unit["lat"]))
        assert afloat == (unit["kind"] == "boat")
