"""Where rows are: points from geometry or from columns, converted to WGS 84 and judged."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from console.i18n import text_of
from console.intake.columns import Aliases, Columns
from console.intake.datum import GCJ_02
from console.intake.errors import IntakeError
from console.intake.reference import WGS_84, Reference, choose_reference
from console.intake.region import NEAR_M, STRAY_M, Positions, judge
from console.intake.rows import FileIntake
from console.intake.tables import Row, Table
from console.intake.values import RowError, number
from console.model.geo import FloatArray

POSITION: Aliases = {
    "lon": ("lon", "lng", "long", "longitude", "经度", "东经", "lon_wgs84", "wgs84_lon"),
    "lat": ("lat", "latitude", "纬度", "北纬", "lat_wgs84", "wgs84_lat"),
    "gcj_lon": ("lng_gcj02", "gcj02_lng", "lon_gcj02", "gcj02_lon", "gcj_lng", "gcj_lon"),
    "gcj_lat": ("lat_gcj02", "gcj02_lat", "gcj_lat"),
    "x": ("x", "easting", "东坐标", "横坐标", "point_x"),
    "y": ("y", "northing", "北坐标", "纵坐标", "point_y"),
    "wkt": ("wkt", "geometry", "geom", "the_geom", "shape"),
}
"""Columns that hold a position. Longitude and latitude by name are WGS 84 unless said otherwise
(RFC 7946 takes the same stand); "x" and "y" may be anything and declare nothing."""

_PAIRS = (("lon", "lat", WGS_84), ("gcj_lon", "gcj_lat", GCJ_02), ("x", "y", None))


@dataclass(frozen=True, slots=True)
class Source:
    """How a table holds positions: what it declares, and the columns' names for messages."""

    declared: str | None
    shown: str
    read: Callable[[Row], tuple[float, float]]
    named_by: str = ""
    """The columns whose names are the declaration, where nothing better is."""


def source_of(table: Table, columns: Columns) -> Source:
    """Where the points of `table` are. Raises IntakeError when it holds none."""
    if table.has_geometry:
        return Source(table.crs, "x, y", lambda row: _point(row.geometry))
    for east, north, declared in _PAIRS:
        if east in columns.of and north in columns.of:
            return _of_columns(columns, east, north, declared)
    if "wkt" in columns.of:
        return Source(None, columns.of["wkt"], lambda row: _point(geometry_of(row, columns)))
    raise IntakeError(text_of("intake.columns.no_position", present=", ".join(table.columns)))


def _of_columns(columns: Columns, east: str, north: str, declared: str | None) -> Source:
    def read(row: Row) -> tuple[float, float]:
        x = number(columns.value(row, east), columns.of[east])
        return x, number(columns.value(row, north), columns.of[north])

    shown = f"{columns.of[east]}, {columns.of[north]}"
    return Source(declared, shown, read, named_by=shown)


def geometry_of(row: Row, columns: Columns) -> BaseGeometry | None:
    """The row's geometry, from the file or from its WKT column. Raises RowError."""
    if row.geometry is not None:
        return row.geometry
    text = columns.value(row, "wkt")
    if not text:
        return None
    geometry = shapely.from_wkt(text, on_invalid="ignore")
    if geometry is None:
        raise RowError(text_of("intake.row.wkt"))
    return shapely.force_2d(geometry)


def _point(geometry: BaseGeometry | None) -> tuple[float, float]:
    """The coordinates of a point (or a multipoint of one); NaN for none. Raises RowError."""
    if geometry is None or geometry.is_empty:
        return math.nan, math.nan
    xy = shapely.get_coordinates(geometry)
    if geometry.geom_type not in {"Point", "MultiPoint"} or len(xy) != 1:
        raise RowError(text_of("intake.row.not_point", kind=geometry.geom_type))
    return float(xy[0, 0]), float(xy[0, 1])


def located_points(job: FileIntake) -> list[tuple[Row, float, float]]:
    """The rows that stand somewhere believable, with longitude and latitude (WGS 84 degrees).

    The others are left out. Raises IntakeError when the coordinate system cannot be known, or
    the positions of the file as a whole cannot be meant.
    """
    source = source_of(job.table, job.columns)
    read = job.read_each(job.table.rows, source.read)
    rows = [row for row, _ in read]
    pairs = np.array([pair for _, pair in read], np.float64).reshape(-1, 2)
    reference = reference_for(job, source, pairs)
    at = judge(reference, pairs[:, 0], pairs[:, 1], job.present.region(), source.shown)
    return [
        (rows[i], float(at.lon[i]), float(at.lat[i]))
        for i in leave_out_faulty(job, rows, at, source)
    ]


def reference_for(job: FileIntake, source: Source, pairs: FloatArray) -> Reference:
    """The coordinate system of the file, noted in the report. Raises IntakeError for none.

    `pairs` float64[n,2] are the file's numbers, which shape the advice.
    """
    reference, remark = choose_reference(job.crs, source.declared, _bounds(pairs), source.named_by)
    job.report.note(remark)
    return reference


def leave_out_faulty(
    job: FileIntake, rows: Sequence[Row], at: Positions, source: Source
) -> list[int]:
    """Which rows (by place) have no fault of position; the others are left out."""
    shown = {"columns": source.shown, "km": round(NEAR_M / 1000), "stray_km": round(STRAY_M / 1000)}
    for row, fault in zip(rows, at.faults, strict=True):
        if fault is not None:
            job.skip(row, text_of(f"intake.position.{fault.value}", **shown))
    return [place for place, fault in enumerate(at.faults) if fault is None]


def _bounds(pairs: FloatArray) -> tuple[float, float, float, float] | None:
    finite = pairs[np.isfinite(pairs).all(axis=1)]
    if not len(finite):
        return None
    low, high = finite.min(axis=0), finite.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
