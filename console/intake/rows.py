"""One file on its way in: what cannot be taken is reported row by row, what is good goes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from console.city.errors import CityError
from console.city.manifest import Manifest
from console.city.update import PackageUpdate
from console.i18n import text_of
from console.intake.columns import Aliases, Columns, match_columns, require
from console.intake.errors import IntakeError
from console.intake.merge import Keyed, Merged
from console.intake.present import Present
from console.intake.report import Report
from console.intake.tables import DELIMITED, Row, Table, read_table
from console.intake.values import RowError
from console.model.text import Text

T = TypeVar("T")
R = TypeVar("R", bound=Keyed)

_ROUNDED = re.compile(r"\d(\.\d+)?[eE]\+\d+")


@dataclass(frozen=True, slots=True)
class Options:
    """What the user says of a file beyond the file itself.

    `crs` is the coordinate system where the file declares none (EPSG code, WKT or GCJ-02), `fields`
    maps our names (the keys of an importer's `ALIASES`) to the file's columns, `encoding` names the
    text's encoding, `layer` the layer of a GeoPackage.
    """

    crs: str | None = None
    fields: Mapping[str, str] | None = None
    encoding: str | None = None
    layer: str | None = None


AS_DECLARED = Options()
"""The file says it all."""


@dataclass(frozen=True, slots=True)
class FileIntake:
    """The import of one table as `thing` ("cells") into the package `present`."""

    thing: str
    table: Table
    columns: Columns
    crs: str | None
    present: Present
    report: Report

    def skip(self, row: Row, reason: Text) -> None:
        """Leave a row out, with the reason."""
        self.report.skip(self.thing, str(row.number), reason)

    def read_each(self, rows: Iterable[Row], read: Callable[[Row], T]) -> list[tuple[Row, T]]:
        """Each row with what `read` makes of it; rows that it refuses are left out."""
        kept: list[tuple[Row, T]] = []
        for row in rows:
            try:
                kept.append((row, read(row)))
            except RowError as error:
                self.skip(row, error.reason)
        return kept

    def first_of_each(self, read: Iterable[tuple[Row, R]]) -> list[R]:
        """The records whose key did not come before in this file; later ones are left out."""
        first: dict[str, R] = {}
        for row, record in read:
            if record.key in first:
                self.skip(row, text_of("intake.row.duplicate"))
            else:
                first[record.key] = record
        return list(first.values())

    def finish(
        self,
        taken: Sequence[R],
        merged: Merged[R],
        write: Callable[[Path, Sequence[R], Report], Manifest],
    ) -> Report:
        """Complete the report and `write` what changed; an unchanged package gets the report.

        Raises IntakeError when the package cannot be written; it is then as it was.
        """
        self.report.skipped.sort(key=lambda problem: int(problem.row))
        self.report.accept(self.thing, len(taken))
        self.report.note(merged.summary())
        try:
            if merged.is_change:
                write(self.present.folder, merged.records, self.report)
            elif self.present.exists:
                self._keep_report()
        except CityError as error:
            raise IntakeError(error.message) from error
        except OSError as error:
            place = {"folder": self.present.folder, "detail": error.strerror or error}
            raise IntakeError(text_of("intake.file.unwritable", **place)) from error
        return self.report

    def _keep_report(self) -> None:
        with PackageUpdate(self.present.folder) as update:
            update.commit(self.thing, self.report.source, {}, report_json=self.report.as_json())


def begin(
    thing: str,
    file: Path,
    city: Path,
    options: Options,
    *,
    aliases: Aliases,
    required: Sequence[str],
) -> FileIntake:
    """Open `file` for import as `thing` into the package at `city`, columns matched.

    Raises IntakeError when the file cannot be read, a required column is missing, or the package
    is damaged.
    """
    table = read_table(file, options.encoding, options.layer)
    columns = match_columns(table.columns, aliases, options.fields)
    for field in required:
        require(columns, field, table.columns, aliases)
    report = _report_of(thing, table)
    return FileIntake(thing, table, columns, options.crs, Present(city), report)


def _report_of(thing: str, table: Table) -> Report:
    """A report that starts with what reading the table already told."""
    report = Report(thing, table.source.name)
    for fault in table.faults:
        report.skip(thing, fault.row, fault.reason)
    for note in table.notes:
        report.note(note)
    if table.source.suffix.lower() in DELIMITED:
        report.note(text_of("intake.note.encoding", encoding=table.encoding))
    return report


def key_of(columns: Columns, row: Row, field: str) -> str:
    """The row's code or id. Raises RowError when it has none, or lost its last digits.

    Spreadsheets take long codes for numbers and save 320102001001001 as 3.20102E+14.
    """
    key = columns.value(row, field)
    if not key:
        raise RowError(text_of("intake.row.no_key", column=columns.of[field]))
    if _ROUNDED.fullmatch(key):
        raise RowError(text_of("intake.row.rounded", column=columns.of[field]))
    return key


def name_of(columns: Columns, row: Row, key: str) -> Text:
    """The row's name; its code or id where it has none."""
    return columns.text(row, "name") or Text(key, key)


def given_fields(columns: Columns, names: Iterable[str]) -> frozenset[str]:
    """Those of a record's fields that the file has a column for."""
    return frozenset(
        name for name in names if {name, f"{name}_zh", f"{name}_en"} & columns.of.keys()
    )
