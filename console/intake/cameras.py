"""Cameras from CSV, GeoJSON, GeoPackage or Shapefile into the city package."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from console.city.manifest import Manifest
from console.city.store import write_cameras
from console.i18n import text_of
from console.intake.columns import Aliases, Columns, bilingual
from console.intake.locate import POSITION
from console.intake.points import Catalogue, import_points
from console.intake.present import Present
from console.intake.records import CameraRecord
from console.intake.report import Report
from console.intake.rows import AS_DECLARED, Options, key_of, name_of
from console.intake.tables import Row
from console.intake.values import number_between, raw_in_login, stream_url, yes_or_no
from console.model.text import Text

THING = "cameras"
LONGEST_RANGE_M = 50_000.0

ALIASES: Aliases = {
    "id": (
        *("id", "camera_id", "cameraid", "device_id", "deviceid", "code", "国标编码", "设备编码"),
        *("设备编号", "摄像头编号", "摄像机编号", "编码", "编号"),
    ),
    **bilingual({"name": ("name", "camera_name", "设备名称", "摄像头名称", "点位名称", "名称")}),
    "azimuth_deg": ("azimuth_deg", "azimuth", "direction", "bearing", "heading", "方位角", "朝向"),
    "angle_deg": ("angle_deg", "angle", "fov", "hfov", "fov_deg", "视场角", "水平视角", "视角"),
    "range_m": ("range_m", "range", "distance", "可视距离", "可视半径", "有效距离"),
    "ptz": ("ptz", "is_ptz", "云台"),
    "online": ("online", "is_online", "status", "在线", "在线状态", "状态"),
    "stream": ("stream", "stream_url", "url", "rtsp", "rtsp_url", "流地址", "视频流", "取流地址"),
    **POSITION,
}


def import_cameras(file: Path, city: Path, options: Options = AS_DECLARED) -> Report:
    """Import the cameras of `file` into the package at `city`, made if it is not there.

    Cameras already there by id are updated in place, all others stay. `options` settle what the
    file leaves open. Rows that cannot be taken are in the report; raises IntakeError when the file
    as a whole cannot, and the package is as it was.
    """
    return import_points(_CATALOGUE, file, city, options)


def _camera(columns: Columns, row: Row, lon: float, lat: float) -> CameraRecord:
    key = key_of(columns, row, "id")

    def measure(field: str, most: float) -> float:
        text = columns.value(row, field)
        return float(np.float32(number_between(text, columns.of.get(field, ""), 0.0, most)))

    return CameraRecord(
        key=key,
        name=name_of(columns, row, key),
        lon=lon,
        lat=lat,
        azimuth_deg=measure("azimuth_deg", 360.0) % 360.0,
        angle_deg=measure("angle_deg", 360.0),
        range_m=measure("range_m", LONGEST_RANGE_M),
        ptz=_flag(columns, row, "ptz", otherwise=False),
        online=_flag(columns, row, "online", otherwise=True),
        stream=stream_url(columns.value(row, "stream"), columns.of.get("stream", "")),
    )


def _remark(columns: Columns, row: Row) -> Text | None:
    raw = raw_in_login(columns.value(row, "stream"))
    return text_of("intake.note.login", characters=" ".join(raw)) if raw else None


def _flag(columns: Columns, row: Row, field: str, *, otherwise: bool) -> bool:
    return yes_or_no(columns.value(row, field), columns.of.get(field, ""), otherwise)


def _write(city: Path, cameras: Sequence[CameraRecord], report: Report) -> Manifest:
    return write_cameras(
        city,
        id=[c.key for c in cameras],
        name=[c.name for c in cameras],
        lonlat=np.array([(c.lon, c.lat) for c in cameras], np.float64).reshape(-1, 2),
        azimuth_deg=np.array([c.azimuth_deg for c in cameras], np.float32),
        angle_deg=np.array([c.angle_deg for c in cameras], np.float32),
        range_m=np.array([c.range_m for c in cameras], np.float32),
        ptz=np.array([c.ptz for c in cameras], np.bool_),
        online=np.array([c.online for c in cameras], np.bool_),
        stream=[c.stream for c in cameras],
        source=report.source,
        report_json=report.as_json(),
    )


_CATALOGUE = Catalogue(
    thing=THING,
    aliases=ALIASES,
    required=("id",),
    optional=("name", "azimuth_deg", "angle_deg", "range_m", "ptz", "online", "stream"),
    build=_camera,
    present=Present.cameras,
    write=_write,
    remark=_remark,
)
