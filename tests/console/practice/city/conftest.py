"""One small practice city, generated once and read back from its files, for all tests here."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import osmium
import pytest
from osmium.osm import Node, Relation, Way

from console.practice.city import PracticeFiles, generate

SMALL_HALF_M = 2300.0
SEED = 20261121


@dataclass
class ReadWay:
    nodes: list[int]
    tags: dict[str, str]


@dataclass
class ReadCity:
    """What a reader who knows nothing of the generator finds in the files."""

    files: PracticeFiles
    nodes: dict[int, tuple[float, float]] = field(default_factory=dict)
    points: list[dict[str, str]] = field(default_factory=list)
    ways: list[ReadWay] = field(default_factory=list)
    relations: list[tuple[list[tuple[str, int, str]], dict[str, str]]] = field(default_factory=list)
    ids: dict[str, list[int]] = field(default_factory=lambda: {"n": [], "w": [], "r": []})
    cells: list[dict[str, Any]] = field(default_factory=list)
    cameras: list[dict[str, str]] = field(default_factory=list)
    units: list[dict[str, str]] = field(default_factory=list)

    def roads(self) -> list[ReadWay]:
        return [w for w in self.ways if "highway" in w.tags]

    def xy(self, way: ReadWay) -> list[tuple[float, float]]:
        return [self.nodes[n] for n in way.nodes]


def read_city(files: PracticeFiles) -> ReadCity:
    city = ReadCity(files)
    for item in osmium.FileProcessor(str(files.osm)):
        if isinstance(item, Node):
            city.ids["n"].append(item.id)
            city.nodes[item.id] = (item.location.lon, item.location.lat)
            if item.tags:
                city.points.append(dict(item.tags))
        elif isinstance(item, Way):
            city.ids["w"].append(item.id)
            city.ways.append(ReadWay([n.ref for n in item.nodes], dict(item.tags)))
        elif isinstance(item, Relation):
            city.ids["r"].append(item.id)
            city.relations.append(
                ([(m.type, m.ref, m.role) for m in item.members], dict(item.tags))
            )
    city.cells = json.loads(files.grid.read_text("utf-8"))["features"]
    city.cameras = _rows(files.cameras)
    city.units = _rows(files.units)
    return city


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> ReadCity:
    return read_city(generate(SEED, tmp_path_factory.mktemp("small"), half_m=SMALL_HALF_M))
