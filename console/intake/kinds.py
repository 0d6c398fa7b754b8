"""What `import KIND FILE` knows: each kind by its name on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from console.city.errors import CityError
from console.i18n import text_of
from console.intake.cameras import import_cameras
from console.intake.errors import IntakeError, Progress, no_progress
from console.intake.grid import import_grid
from console.intake.osm import import_osm
from console.intake.report import Report
from console.intake.rows import AS_DECLARED, Options
from console.intake.units import import_units


class Importer(Protocol):
    """Takes a file into the package at `city` and reports; raises IntakeError."""

    def __call__(self, file: Path, city: Path, options: Options = AS_DECLARED) -> Report:
        """The report of what became of `file`."""
        ...


def import_streets(
    file: Path,
    city: Path,
    options: Options = AS_DECLARED,
    progress: Progress = no_progress,
    time_zone: str = "",
) -> Report:
    """Import an OpenStreetMap extract, which declares everything but the city's time zone.

    Raises IntakeError when the file cannot be taken, or an option is given all the same.
    """
    given = {
        "--crs": options.crs,
        "--map": options.fields,
        "--encoding": options.encoding,
        "--layer": options.layer,
    }
    said = ", ".join(option for option, value in given.items() if value)
    if said:
        raise IntakeError(text_of("intake.kinds.no_option", options=said))
    try:
        return import_osm(file, city, progress, time_zone=time_zone)
    except CityError as error:
        raise IntakeError(error.message) from error


IMPORTERS: Mapping[str, Importer] = {
    "osm": import_streets,
    "grid": import_grid,
    "cameras": import_cameras,
    "units": import_units,
}


def fields_of(pairs: list[str]) -> dict[str, str]:
    """The `--map FIELD=COLUMN` options as a mapping. Raises IntakeError for one without its "="."""
    fields: dict[str, str] = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not (field and equals and column):
            raise IntakeError(text_of("intake.kinds.map", pair=pair))
        fields[field.strip()] = column.strip()
    return fields
