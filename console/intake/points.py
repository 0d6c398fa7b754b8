"""What importing cameras and importing units have in common: rows that stand somewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from console.city.manifest import Manifest
from console.intake.columns import Aliases, Columns
from console.intake.locate import located_points
from console.intake.merge import Keyed, Merged, merge
from console.intake.present import Present
from console.intake.report import Report
from console.intake.rows import FileIntake, Options, begin, given_fields
from console.intake.tables import Row
from console.model.text import Text

R = TypeVar("R", bound=Keyed)


@dataclass(frozen=True, slots=True)
class Catalogue(Generic[R]):
    """One kind of thing with a position: its columns, and how a row becomes a record.

    `build` gets the row's longitude and latitude (WGS 84 degrees) and raises RowError; `optional`
    are the record's fields that a file may leave out, `remark` says what was changed in a row.
    """

    thing: str
    aliases: Aliases
    required: Sequence[str]
    optional: Sequence[str]
    build: Callable[[Columns, Row, float, float], R]
    present: Callable[[Present], Sequence[R]]
    write: Callable[[Path, Sequence[R], Report], Manifest]
    remark: Callable[[Columns, Row], Text | None] = lambda _columns, _row: None


def import_points(catalogue: Catalogue[R], file: Path, city: Path, options: Options) -> Report:
    """Import `file` as `catalogue` into the package at `city`; what is there by key is updated.

    Raises IntakeError when the file as a whole cannot be taken; the package is then as it was.
    """
    job = begin(
        catalogue.thing,
        file,
        city,
        options,
        aliases=catalogue.aliases,
        required=catalogue.required,
    )
    records = _records(catalogue, job)
    given = given_fields(job.columns, catalogue.optional) | {"lon", "lat"}
    merged: Merged[R] = merge(catalogue.present(job.present), records, given)
    return job.finish(records, merged, catalogue.write)


def _records(catalogue: Catalogue[R], job: FileIntake) -> list[R]:
    at = {row.number: (row, lon, lat) for row, lon, lat in located_points(job)}

    def build(row: Row) -> R:
        built = catalogue.build(job.columns, *at[row.number])
        remark = catalogue.remark(job.columns, row)
        if remark is not None:
            job.report.remark(job.thing, str(row.number), remark)
        return built

    return job.first_of_each(job.read_each((row for row, _, _ in at.values()), build))
