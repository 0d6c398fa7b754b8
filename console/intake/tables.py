"""Rows out of the files people have: CSV, GeoJSON, GeoPackage and Shapefile, all in one shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shapely.geometry.base import BaseGeometry

from console.i18n import text_of
from console.intake.delimited import Sheet, read_sheet
from console.intake.errors import IntakeError
from console.intake.report import Problem
from console.intake.vector import Features, read_features
from console.model.text import Text

DELIMITED = frozenset({".csv", ".tsv", ".txt"})
VECTOR = frozenset({".geojson", ".json", ".gpkg", ".shp"})


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its values as trimmed text ("" for none), and its geometry where the file has one.

    `number` is what the user finds it by: the spreadsheet row (the header is row 1), or the count
    of the feature from 1. `geometry` is in the file's own coordinate system.
    """

    number: int
    values: Mapping[str, str]
    geometry: BaseGeometry | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A file's rows and what the file says of itself.

    `crs` is the coordinate system the file declares (WKT or authority code), None when it declares
    none. `faults` are rows that could not even be read; `notes` go into the report.
    """

    source: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    crs: str | None
    encoding: str
    has_geometry: bool
    faults: tuple[Problem, ...] = ()
    notes: tuple[Text, ...] = ()


def read_table(path: Path, encoding: str | None = None, layer: str | None = None) -> Table:
    """All rows of the file at `path`, whose kind is told by its suffix.

    `encoding` and `layer` (of a GeoPackage) are the user's word where the file leaves a doubt.
    Raises IntakeError when the file as a whole cannot be read, or holds no row.
    """
    _refuse_unreadable(path)
    suffix = path.suffix.lower()
    if suffix in DELIMITED:
        table = _of_sheet(path, read_sheet(path, encoding))
    elif suffix in VECTOR:
        table = _of_features(path, read_features(path, encoding, layer))
    else:
        known = ", ".join(sorted(DELIMITED | VECTOR))
        raise IntakeError(text_of("intake.file.kind", name=path.name, known=known))
    if not table.rows and not table.faults:
        raise IntakeError(text_of("intake.file.no_rows", name=path.name))
    return table


def _refuse_unreadable(path: Path) -> None:
    if not path.is_file():
        raise IntakeError(text_of("intake.file.missing", path=path))
    try:
        with path.open("rb") as file:
            is_empty = not file.read(1)
    except OSError as error:
        detail = {"name": path.name, "detail": error.strerror or error}
        raise IntakeError(text_of("intake.file.unreadable", **detail)) from error
    if is_empty:
        raise IntakeError(text_of("intake.file.empty", name=path.name))


def _of_sheet(path: Path, sheet: Sheet) -> Table:
    rows = tuple(Row(number, values) for number, values in sheet.rows)
    return Table(
        path, sheet.columns, rows, None, sheet.encoding, has_geometry=False, faults=sheet.faults
    )


def _of_features(path: Path, features: Features) -> Table:
    rows = tuple(
        Row(number, values, geometry)
        for number, (values, geometry) in enumerate(
            zip(features.values, features.geometry, strict=True), start=1
        )
    )
    return Table(
        path,
        features.columns,
        rows,
        features.crs,
        features.encoding,
        has_geometry=True,
        notes=features.notes,
    )
