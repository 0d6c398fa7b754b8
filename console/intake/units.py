"""Field units from CSV, GeoJSON, GeoPackage or Shapefile into the city package."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from console.city.manifest import Manifest
from console.city.store import write_units
from console.intake.columns import Aliases, Columns, bilingual
from console.intake.locate import POSITION
from console.intake.points import Catalogue, import_points
from console.intake.present import Present
from console.intake.records import UnitRecord
from console.intake.report import Report
from console.intake.rows import AS_DECLARED, Options, key_of, name_of
from console.intake.tables import Row
from console.intake.unit_kinds import unit_kind

THING = "units"

ALIASES: Aliases = {
    "id": ("id", "unit_id", "unitid", "code", "单元编号", "单位编号", "力量编号", "编号", "编码"),
    **bilingual(
        {
            "name": ("name", "unit_name", "callsign", "单元名称", "力量名称", "呼号", "名称"),
            "base": ("base", "station", "home", "驻地", "驻点", "所属站点"),
        }
    ),
    "phone": ("phone", "telephone", "tel", "mobile", "联系电话", "电话", "手机", "手机号", "短号"),
    "kind": ("kind", "type", "unit_kind", "unit_type", "类型", "种类", "力量类型"),
    **POSITION,
}


def import_units(file: Path, city: Path, options: Options = AS_DECLARED) -> Report:
    """Import the units of `file` into the package at `city`, made if it is not there.

    The positions are where units are at home. Units already there by id are updated in place, all
    others stay. For the parameters and errors see `console.intake.cameras.import_cameras`.
    """
    return import_points(_CATALOGUE, file, city, options)


def _unit(columns: Columns, row: Row, lon: float, lat: float) -> UnitRecord:
    key = key_of(columns, row, "id")
    return UnitRecord(
        key=key,
        name=name_of(columns, row, key),
        lon=lon,
        lat=lat,
        kind=unit_kind(columns.value(row, "kind")),
        base=columns.text(row, "base"),
        phone=columns.value(row, "phone").strip(),
    )


def _write(city: Path, units: Sequence[UnitRecord], report: Report) -> Manifest:
    return write_units(
        city,
        id=[u.key for u in units],
        name=[u.name for u in units],
        kind=[u.kind for u in units],
        lonlat=np.array([(u.lon, u.lat) for u in units], np.float64).reshape(-1, 2),
        base=[u.base for u in units],
        phone=[u.phone for u in units],
        source=report.source,
        report_json=report.as_json(),
    )


_CATALOGUE = Catalogue(
    thing=THING,
    aliases=ALIASES,
    required=("id", "kind"),
    optional=("name", "base", "kind", "phone"),
    build=_unit,
    present=Present.units,
    write=_write,
)
