"""The grid: cells as polygons from GeoPackage, Shapefile, GeoJSON, or CSV with a WKT column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from shapely.geometry.base import BaseGeometry

from console.city.manifest import Manifest
from console.city.store import write_cells
from console.i18n import text_of
from console.intake.columns import Aliases, Columns, bilingual
from console.intake.locate import POSITION
from console.intake.merge import merge
from console.intake.polygons import overlapping_pairs, placed_polygons
from console.intake.records import CellRecord
from console.intake.report import Report
from console.intake.rows import AS_DECLARED, FileIntake, Options, begin, given_fields, key_of
from console.intake.tables import Row
from console.intake.values import count
from console.model.text import Text

THING = "cells"

ALIASES: Aliases = {
    "code": (
        *("code", "cell_code", "grid_code", "grid_id", "geocode", "网格编码", "网格代码"),
        *("网格编号", "area_code", "areano", "area_number", "编码", "代码", "编号", "id"),
    ),
    **bilingual(
        {
            "name": ("name", "cell_name", "grid_name", "areaname", "网格名称", "名称"),
            "community": ("community", "社区", "社区名称", "村居", "村社区"),
            "street": ("street", "subdistrict", "town", "街道", "街道名称", "乡镇", "镇街"),
            "district": ("district", "county", "区县", "行政区", "城区", "区"),
        }
    ),
    "households": ("households", "household_count", "户数", "住户数", "家庭户数"),
    "wkt": POSITION["wkt"],
}

_OPTIONAL = ("name", "community", "street", "district", "households")

_CODE_SHAPE = re.compile(r"\d{15}|\d{20}")
"""Division 6 + street 3 + community 3 + serial 3 digits, or the 20 digits of GB/T 30428's kin."""

_MOST_NAMED = 10


def import_grid(file: Path, city: Path, options: Options = AS_DECLARED) -> Report:
    """Import the grid cells of `file` into the package at `city`, made if it is not there.

    Cells already there by code are updated in place, all others stay; cameras and units are told
    their cells anew. Broken polygons are repaired and overlaps reported. For errors see
    `console.intake.cameras.import_cameras`.
    """
    job = begin(THING, file, city, options, aliases=ALIASES, required=("code",))
    cells = _records(job)
    given = given_fields(job.columns, _OPTIONAL) | {"polygon"}
    merged = merge(job.present.cells(), cells, given)
    _note_codes(cells, job.report)
    _note_overlaps(merged.records, job.report)
    return job.finish(cells, merged, _write)


def _records(job: FileIntake) -> list[CellRecord]:
    at = {row.number: (row, polygon) for row, polygon in placed_polygons(job)}

    def build(row: Row) -> CellRecord:
        return _cell(job.columns, *at[row.number])

    return job.first_of_each(job.read_each((row for row, _ in at.values()), build))


def _cell(columns: Columns, row: Row, polygon: BaseGeometry) -> CellRecord:
    code, community = key_of(columns, row, "code"), columns.text(row, "community")
    return CellRecord(
        key=code,
        name=columns.text(row, "name") or community or Text(code, code),
        community=community,
        street=columns.text(row, "street"),
        district=columns.text(row, "district"),
        households=count(columns.value(row, "households"), columns.of.get("households", "")),
        polygon=polygon,
    )


def _note_codes(cells: Sequence[CellRecord], report: Report) -> None:
    """Other code systems are welcome; a mistyped code of the usual one should be seen."""
    other = [cell.key for cell in cells if not _CODE_SHAPE.fullmatch(cell.key)]
    if other:
        report.note(text_of("intake.note.codes", count=len(other), first=_first(other)))


def _note_overlaps(cells: Sequence[CellRecord], report: Report) -> None:
    pairs = overlapping_pairs([cell.polygon for cell in cells])
    if pairs:
        named = [f"{cells[a].key} × {cells[b].key}" for a, b in pairs]
        report.note(text_of("intake.note.overlaps", count=len(pairs), first=_first(named)))


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_NAMED]) + (" …" if len(names) > _MOST_NAMED else "")


def _write(city: Path, cells: Sequence[CellRecord], report: Report) -> Manifest:
    return write_cells(
        city,
        code=[c.key for c in cells],
        name=[c.name for c in cells],
        community=[c.community for c in cells],
        street=[c.street for c in cells],
        district=[c.district for c in cells],
        households=np.array([c.households for c in cells], np.int32),
        polygons=np.array([c.polygon for c in cells], object),
        source=report.source,
        report_json=report.as_json(),
    )
