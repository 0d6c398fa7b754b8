"""The small city with a grid, five cameras and units spread over it, for the desk's tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from console.city import City, open_city
from console.city.store import write_cameras, write_cells, write_units
from console.model.text import Text
from console.model.unit import UnitKind
from tests.helpers.field_city import SOUTH, STEP, WEST, make_field_city

PLACE = (WEST + 3 * STEP, SOUTH + 4 * STEP)
"""A crossing in the middle, where the tests' incidents are."""

_UNITS: list[tuple[str, str, str, UnitKind, float, float]] = [
    ("F-1", "消防一", "Fire 1", UnitKind.FIRE, 6, 6),
    ("F-2", "消防二", "Fire 2", UnitKind.FIRE, 4, 4),
    ("P-1", "巡逻一", "Patrol 1", UnitKind.CAR, 3, 6),
    ("P-2", "巡逻二", "Patrol 2", UnitKind.CAR, 1, 1),
    ("A-1", "急救一", "Ambulance 1", UnitKind.AMBULANCE, 5, 4),
    ("G-1", "网格员一", "Grid worker 1", UnitKind.FOOT, 3.2, 4.2),
    ("G-2", "网格员二", "Grid worker 2", UnitKind.FOOT, 6, 1),
    ("D-1", "无人机一", "Drone 1", UnitKind.DRONE, 3.1, 4.1),
    ("B-1", "船一", "Boat 1", UnitKind.BOAT, 3, 3),
]
_CAMERAS = [
    ("C-1", "路口北", "Crossing N", 3.0, 4.3, 180.0, True),
    ("C-2", "路口东", "Crossing E", 3.4, 4.0, 270.0, True),
    ("C-3", "路口西", "Crossing W", 2.6, 4.0, 90.0, False),
    ("C-4", "远处", "Far away", 7.0, 7.0, 0.0, True),
    ("C-5", "背向", "Looking away", 3.2, 4.0, 90.0, True),
]


def at(east: float, north: float) -> tuple[float, float]:
    """Longitude and latitude of a place counted in streets from the south-west."""
    return WEST + east * STEP, SOUTH + north * STEP


def make_desk_city(folder: Path) -> City:
    """The package, made in `folder` and opened."""
    package = make_field_city(folder)
    _write_cells(package)
    lonlat = np.array([at(east, north) for *_, east, north in _UNITS])
    write_units(
        package,
        id=[unit[0] for unit in _UNITS],
        name=[Text(unit[1], unit[2]) for unit in _UNITS],
        kind=[unit[3] for unit in _UNITS],
        lonlat=lonlat,
        base=[Text("一站", "Base 1")] * len(_UNITS),
        phone=[f"66000{number}" for number in range(1, len(_UNITS) + 1)],
        source="test",
    )
    _write_cameras(package)
    return open_city(package)


def _write_cells(package: Path) -> None:
    boxes = [
        shapely.box(*at(column * 3.5, row * 3.5), *at(column * 3.5 + 3.5, row * 3.5 + 3.5))
        for row in range(2)
        for column in range(2)
    ]
    names = [f"{number}" for number in range(1, 5)]
    write_cells(
        package,
        code=[f"32990100100100{number}" for number in names],
        name=[Text(f"第{n}网格", f"Grid {n}") for n in names],
        community=[Text("百港社区", "Baigang")] * 4,
        street=[Text("中街", "Middle St")] * 4,
        district=[Text("中区", "Centre")] * 4,
        households=np.full(4, 400),
        polygons=np.array(boxes, object),
        source="test",
    )


def _write_cameras(package: Path) -> None:
    count = len(_CAMERAS)
    write_cameras(
        package,
        id=[camera[0] for camera in _CAMERAS],
        name=[Text(camera[1], camera[2]) for camera in _CAMERAS],
        lonlat=np.array([at(camera[3], camera[4]) for camera in _CAMERAS]),
        azimuth_deg=np.array([camera[5] for camera in _CAMERAS]),
        angle_deg=np.full(count, 60.0),
        range_m=np.full(count, 120.0),
        ptz=np.zeros(count, bool),
        online=np.array([camera[6] for camera in _CAMERAS]),
        stream=[f"rtsp://test/{camera[0]}" for camera in _CAMERAS],
        source="test",
    )
