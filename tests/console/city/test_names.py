"""Finding a city's names: what is found, in which order, and that typing on changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.city import City
from console.city.name_table import write_names
from console.city.names import NameIndex, names_file, open_names
from console.city.spelling import spelt
from console.model.geo import world_from_lonlat
from console.model.text import Text
from tests.helpers.desk_city import PLACE, make_desk_city
from tests.helpers.search import names_of
from tests.helpers.server_process import ROOT

_X, _Y = world_from_lonlat(*PLACE)
NEAR = (float(_X), float(_Y))
HOSPITALS = [Text(f"第{n}人民医院", f"Hospital No. {n}") for n in "一二三四五六"]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return make_desk_city(tmp_path_factory.mktemp("names"))


@pytest.fixture(scope="module")
def names(city: City, tmp_path_factory: pytest.TempPathFactory) -> NameIndex:
    return names_of(city, tmp_path_factory.mktemp("table"))


def found(names: NameIndex, query: str) -> list[tuple[str, str]]:
    return [(n.kind, n.name.zh) for n in names.find(query, NEAR, 6)]


@pytest.mark.parametrize("query", ["004-001", "3299010010", "第一网格", "grid 1", "dywg", "wangge"])
def test_d6_cells_are_found_by_code_and_name(city: City, query: str, tmp_path: Path) -> None:
    cells = SimpleNamespace(
        code=["329901001004001", "329901001004002"],
        name=[Text("第一网格", "Grid 1"), Text("第二网格", "Grid 2")],
        community=[Text("百港社区", "Baigang")] * 2,
        label_xy=np.array([NEAR, NEAR]),
        at=lambda _x, _y: -1,
    )
    names = names_of(_with(city, cells=cells), tmp_path)
    assert ("cell", "第一网格") in found(names, query)


def test_d6_streets_are_found_in_either_language_and_once(city: City, tmp_path: Path) -> None:
    labels = SimpleNamespace(
        text=[Text("和平大道", "Heping Ave")] * 4
        + [Text("澜江", "Lan River"), Text("公园", "Park")],
        kind=["road"] * 4 + ["water", "park"],
        xy=np.array([(0, 0), (2000, 0), (4000, 0), (90_000, 0), (0, 500), (0, 900)], float),
    )
    ground = SimpleNamespace(levels=[SimpleNamespace(labels=lambda _bounds: labels)])
    names = names_of(_with(city, basemap=ground), tmp_path)
    for query in ("和平", "heping", "hpdd", "Heping Ave", "大道"):
        hits = [n for n in names.find(query, (0.0, 0.0), 9) if n.kind == "street"]
        assert [(n.x, n.y) for n in hits] == [(2000, 0), (90_000, 0)], query
    assert ("place", "澜江") in found(names, "lanjiang")


def test_d6_a_hospital_comes_before_ambulances_that_stand_at_one(
    city: City, tmp_path: Path
) -> None:
    away = np.array([(900.0 * n, 0.0) for n in (5, 4, 3, 2, 1, 0)])
    places = SimpleNamespace(
        name=HOSPITALS, category=["hospital"] * 6, xy=away + NEAR, rank=np.zeros(6, int)
    )
    units = SimpleNamespace(
        id=[f"A-{n}" for n in range(12)],
        name=[Text(f"急救 A-{n}", f"Ambulance A-{n}") for n in range(12)],
        base=HOSPITALS * 2,
        xy=np.array([NEAR] * 12),
    )
    names = names_of(_with(city, places=places, units=units), tmp_path)
    for query in ("yiyuan", "医院", "hospital", "yiy"):
        hits = names.find(query, NEAR, 6)
        assert [n.kind for n in hits] == ["place"] * 6 + ["unit"] * 6, query
        assert hits[0].name == HOSPITALS[-1], "the nearest first"


@settings(max_examples=60, deadline=None)
@given(st.text("一第学口路crosing -12PeFf北东", min_size=1, max_size=7))
def test_d9_typing_on_finds_what_asking_at_once_finds(
    names: NameIndex, city: City, query: str
) -> None:
    fresh = open_names_of(city)
    typed = [names.find(query[: n + 1], NEAR, 6) for n in range(len(query))][-1]
    assert typed == fresh.find(query, NEAR, 6)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["一", "口", "路口", "c", "C-", "cross", "ing", "xf", "xiao", "北", "-1"]))
def test_what_is_found_is_what_holds_the_words(names: NameIndex, city: City, word: str) -> None:
    cameras = city.cameras
    low = word.casefold()
    wanted = {
        i
        for i, name in zip(cameras.id, cameras.name, strict=True)
        if low in f"{name.zh}\n{name.en}\n{i}".casefold()
        or (len(low) > 1 and low in spelt(name.zh))
    }
    hits = {n.key for n in names.find(word, NEAR, 100) if n.kind == "camera"}
    assert hits == wanted


def test_nothing_is_found_for_nothing(names: NameIndex) -> None:
    assert names.find("  ", NEAR, 6) == names.find("xyzzy", NEAR, 6) == []


def test_the_table_is_made_by_a_program_for_one_state_of_the_package(
    city: City, tmp_path: Path
) -> None:
    path = names_file(tmp_path, city.manifest)
    program = [sys.executable, "-m", "console.city.name_table", str(city.path), str(path)]
    subprocess.run([*program, str(os.getpid())], cwd=ROOT, check=True, timeout=60)
    assert len(open_names(path)) > 15
    assert path.suffix == ".arrow" and str(city.manifest.generation) in path.name


_MADE: dict[str, Path] = {}


def open_names_of(city: City) -> NameIndex:
    """The names anew, with nothing remembered of earlier words."""
    path = _MADE.setdefault("path", city.path / "test-names.arrow")
    if not path.exists():
        write_names(city, path)
    return open_names(path)


def _with(city: City, **parts: object) -> City:
    """The city with some of its tables replaced."""
    wanted = ("units", "places", "basemap", "cells", "cameras")
    return SimpleNamespace(  # type: ignore[return-value]
        **{name: parts.get(name, getattr(city, name)) for name in wanted}
    )
