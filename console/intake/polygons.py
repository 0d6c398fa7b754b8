"""Polygons of rows: converted to WGS 84, judged, repaired; and which of them overlap."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from console.i18n import text_of
from console.intake.columns import Columns
from console.intake.errors import IntakeError
from console.intake.locate import Source, geometry_of, leave_out_faulty, reference_for
from console.intake.reference import Reference
from console.intake.region import judge
from console.intake.rows import FileIntake
from console.intake.tables import Row, Table
from console.intake.values import RowError

_POLYGONAL = frozenset({"Polygon", "MultiPolygon"})
_OVERLAP_SHARE = 0.01
"""Of the smaller polygon's area: neighbours drawn by hand share slivers that mean nothing."""

Placed = list[tuple[Row, BaseGeometry]]


def placed_polygons(job: FileIntake) -> Placed:
    """The rows with a polygon that can be meant, with it in WGS 84 degrees, valid.

    The others are left out; repairs are noted. Raises IntakeError when the file has no polygons,
    its coordinate system cannot be known, or it lies elsewhere.
    """
    source = _source(job.table, job.columns)
    drawn = job.read_each(job.table.rows, lambda row: _polygon(row, job.columns))
    middles = _middles([polygon for _, polygon in drawn])
    reference = reference_for(job, source, middles)
    region = job.present.region()
    at = judge(reference, middles[:, 0], middles[:, 1], region, source.shown)
    kept = leave_out_faulty(job, [row for row, _ in drawn], at, source)
    return _repaired(_converted([drawn[i] for i in kept], reference), job)


def _source(table: Table, columns: Columns) -> Source:
    """The declaration and the columns' names; the polygons themselves are read row by row."""
    if not table.has_geometry and "wkt" not in columns.of:
        raise IntakeError(text_of("intake.columns.no_polygons", present=", ".join(table.columns)))
    shown = "x, y" if table.has_geometry else columns.of["wkt"]
    return Source(table.crs, shown, lambda _: (math.nan, math.nan))


def _polygon(row: Row, columns: Columns) -> BaseGeometry:
    geometry = geometry_of(row, columns)
    if geometry is None or geometry.is_empty:
        raise RowError(text_of("intake.row.no_geometry"))
    if geometry.geom_type not in _POLYGONAL:
        raise RowError(text_of("intake.row.not_polygon", kind=geometry.geom_type))
    return geometry


def _middles(polygons: Sequence[BaseGeometry]) -> NDArray[np.float64]:
    """The middle of each polygon's bounds, float64[n,2]; NaN and infinities show in it."""
    bounds = shapely.bounds(np.array(polygons, object)).reshape(-1, 4)
    return np.asarray((bounds[:, :2] + bounds[:, 2:]) / 2)


def _converted(drawn: Placed, reference: Reference) -> Placed:
    def lonlat(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(reference.lonlat(xy[:, 0], xy[:, 1]))

    moved = shapely.transform(np.array([polygon for _, polygon in drawn], object), lonlat)
    return [(row, polygon) for (row, _), polygon in zip(drawn, moved, strict=True)]


def _repaired(drawn: Placed, job: FileIntake) -> Placed:
    rows, mended = [], []
    for row, polygon in drawn:
        sound = polygon if polygon.is_valid else _mend(polygon)
        if sound is None:
            job.skip(row, text_of("intake.row.no_area"))
            continue
        rows.append((row, sound))
        if sound is not polygon:
            mended.append(str(row.number))
    if mended:
        job.report.note(
            text_of("intake.note.mended", count=len(mended), rows=", ".join(mended[:20]))
        )
    return rows


def _mend(polygon: BaseGeometry) -> BaseGeometry | None:
    """The area that a broken outline encloses; None where it encloses nothing."""
    if not np.isfinite(shapely.get_coordinates(polygon)).all():
        return None
    parts = shapely.get_parts(shapely.make_valid(polygon))
    flat = [p for part in parts for p in shapely.get_parts(part) if p.geom_type == "Polygon"]
    areas = [p for p in flat if p.area > 0]
    if not areas:
        return None
    return areas[0] if len(areas) == 1 else MultiPolygon(areas)


def overlapping_pairs(polygons: Sequence[BaseGeometry]) -> list[tuple[int, int]]:
    """Pairs (a, b), a < b, that share over 1 % of the smaller one's area."""
    shapes = np.array(polygons, object)
    if len(shapes) < 2:
        return []
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = a < b
    a, b = a[once], b[once]
    shared = shapely.area(shapely.intersection(shapes[a], shapes[b]))
    smaller = np.minimum(shapely.area(shapes[a]), shapely.area(shapes[b]))
    over = shared > _OVERLAP_SHARE * smaller
    return sorted(zip(a[over].tolist(), b[over].tolist(), strict=True))
