"""Cells, cameras and units as files for the ordinary intake."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import shapely

from console.model.text import Text
from console.practice.city.administration import Administration
from console.practice.city.cameras import Camera
from console.practice.city.cells import Cell
from console.practice.city.layout import Layout
from console.practice.city.roster import Member
from console.practice.city.warp import lonlat_from_ground

CRS84 = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}


def write_grid(path: Path, layout: Layout, administration: Administration) -> None:
    """Write the cells as GeoJSON in CRS84, rings quantised to 1e-7°."""
    lonlat = lonlat_from_ground(layout.fabric.xy)
    faces = [shapely.Polygon(lonlat[layout.fabric.outline(b.face)]) for b in layout.blocks]
    features = []
    for cell in administration.cells:
        whole = shapely.coverage_union_all([faces[b] for b in cell.blocks])
        # Normal form: what the union starts its rings with is nobody's promise.
        shape = shapely.orient_polygons(shapely.normalize(whole))
        features.append(
            {
                "type": "Feature",
                "properties": _properties(administration, cell),
                "geometry": shapely.geometry.mapping(shape),
            }
        )
    collection = {"type": "FeatureCollection", "name": "grid", "crs": CRS84, "features": features}
    path.write_text(json.dumps(collection, ensure_ascii=False, separators=(",", ":")), "utf-8")


def _properties(administration: Administration, cell: Cell) -> dict[str, str | int]:
    return {
        "code": cell.code,
        **_both("name", cell.name),
        **_both("community", cell.community),
        **_both("street", cell.street),
        **_both("district", administration.district(cell)),
        "households": cell.households,
    }


def _both(key: str, text: Text) -> dict[str, str]:
    return {f"{key}_zh": text.zh, f"{key}_en": text.en}


CAMERA_COLUMNS = (
    *("id", "name_zh", "name_en", "lon", "lat"),
    *("azimuth_deg", "angle_deg", "range_m", "ptz", "online", "stream"),
)
UNIT_COLUMNS = ("id", "name_zh", "name_en", "kind", "lon", "lat", "base_zh", "base_en", "phone")


def write_cameras(path: Path, cameras: list[Camera]) -> None:
    """Write the cameras as CSV; azimuth clockwise from north, degrees; range in metres."""
    lonlat = _degrees([(c.x, c.y) for c in cameras])
    rows = (_camera_row(k, *pair) for k, pair in enumerate(zip(cameras, lonlat, strict=True), 1))
    _write_csv(path, CAMERA_COLUMNS, rows)


def _camera_row(number: int, camera: Camera, lonlat: tuple[str, str]) -> list[object]:
    lens = [f"{v:g}" for v in (camera.azimuth_deg, camera.angle_deg, camera.range_m)]
    state = [int(camera.ptz), int(camera.online), f"practice://scene/{camera.scene}"]
    return [f"C-{number:05d}", camera.name.zh, camera.name.en, *lonlat, *lens, *state]


def write_units(path: Path, members: list[Member]) -> None:
    """Write the units as CSV."""
    lonlat = _degrees([(m.x, m.y) for m in members])
    rows = (_unit_row(k, *pair) for k, pair in enumerate(zip(members, lonlat, strict=True), 1))
    _write_csv(path, UNIT_COLUMNS, rows)


def _unit_row(number: int, unit: Member, lonlat: tuple[str, str]) -> list[object]:
    who = [f"U-{number:04d}", unit.name.zh, unit.name.en, unit.kind.value]
    # A short number of the city's own exchange: it can be nobody's outside this practice.
    return [*who, *lonlat, unit.base.zh, unit.base.en, f"66{number:04d}"]


def _degrees(xy: list[tuple[float, float]]) -> list[tuple[str, str]]:
    """Longitude and latitude to seven places for ground metres."""
    lonlat = lonlat_from_ground(np.array(xy).reshape(-1, 2))
    return [(f"{lon:.7f}", f"{lat:.7f}") for lon, lat in lonlat.tolist()]


def _write_csv(path: Path, header: tuple[str, ...], rows: Iterable[list[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
