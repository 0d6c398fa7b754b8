"""CSV: text in whatever encoding, separated by comma, semicolon or tab, quoted as RFC 4180 says."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from console.i18n import text_of
from console.intake.encoding import decode
from console.intake.errors import IntakeError
from console.intake.report import Problem

_SEPARATORS = ",;\t"
_LARGEST_CELL = 1 << 24  # a polygon as WKT may be long; the csv module stops at 131,072 otherwise


@dataclass(frozen=True, slots=True)
class Sheet:
    """Columns, (row number, values by column) and the rows whose cells do not fit the header."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]
    encoding: str
    faults: tuple[Problem, ...]


def read_sheet(path: Path, encoding: str | None = None) -> Sheet:
    """The rows of a CSV file. Row numbers are a spreadsheet's: the header is row 1.

    Raises IntakeError when the encoding cannot be told, a quote is never closed, there is no
    header, or a column name stands twice.
    """
    decoded = decode(path.read_bytes(), encoding)
    records = _records(decoded.text)
    header = tuple(cell.strip() for cell in next(records, (1, []))[1])
    _refuse_bad_header(header, path.name)
    rows: list[tuple[int, dict[str, str]]] = []
    faults: list[Problem] = []
    for number, cells in records:
        if len(cells) == len(header):
            rows.append((number, _by_column(header, cells)))
        elif any(cell.strip() for cell in cells):
            faults.append(_misfit(number, len(cells), len(header)))
    named = tuple(name for name in header if name)
    return Sheet(named, tuple(rows), decoded.encoding, tuple(faults))


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with its row number; blank rows count but do not come."""
    csv.field_size_limit(_LARGEST_CELL)
    number = 0
    try:
        for record in csv.reader(
            StringIO(text, newline=""), delimiter=_separator(text), strict=True
        ):
            number += 1
            if any(cell.strip() for cell in record):
                yield number, record
    except csv.Error as error:
        detail = {"row": number + 1, "detail": error}
        raise IntakeError(text_of("intake.file.quotes", **detail)) from None


def _separator(text: str) -> str:
    """The one that splits the header into most cells; a comma where none does."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(_SEPARATORS, key=header.count)


def _refuse_bad_header(header: Iterable[str], name: str) -> None:
    counts = Counter(cell for cell in header if cell)
    if not counts:
        raise IntakeError(text_of("intake.file.empty", name=name))
    twice = ", ".join(cell for cell, count in counts.items() if count > 1)
    if twice:
        raise IntakeError(text_of("intake.file.column_twice", columns=twice))


def _by_column(header: Iterable[str], cells: Iterable[str]) -> dict[str, str]:
    return {name: cell.strip() for name, cell in zip(header, cells, strict=True) if name}


def _misfit(number: int, found: int, expected: int) -> Problem:
    return Problem(str(number), text_of("intake.row.cells", found=found, expected=expected))
