"""The table of what is open to whom: `open_roads.csv`, which a city makes its own.

A row says of one tag, in a column for each of `USERS`, whether it leaves a road or a barrier open,
slow, open only at the end of a way, or shut. An empty cell says nothing. `*` stands for any other
word of that key. Like a response plan it is taken whole or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from console.city.travel import USERS
from console.i18n import text_of
from console.intake.delimited import read_sheet
from console.intake.errors import IntakeError
from console.intake.values import RowError, number_between
from console.model.text import Text

OPEN_ROADS_FILE = "open_roads.csv"
"""Beside a package's `city.json` it takes the place of the table that comes with the console."""

DIMENSIONS = ("height_m", "width_m", "weight_t", "length_m")
ANY = "*"

_NEEDED = (
    *(("vehicle", name) for name in DIMENSIONS),
    *(("slow", name) for name in ("kmh", "gate_s")),
    *((key, ANY) for key in ("highway", "access", "barrier", "conditional", "oneway")),
    *(("oneway", word) for word in ("against", "reversible", "alternating")),
    ("limit", "unknown"),
)
_NUMBERS = frozenset({"vehicle", "slow"})


Passage = int
"""How a road is open to one user: bits, of which several together are the narrower of them. Not an
enumeration: an import joins some hundred thousand of them.
"""

OPEN, SLOW, END, SHUT = 0, 1, 2, 4
PASSAGES: dict[str, Passage] = {"open": OPEN, "slow": SLOW, "end": END, "shut": SHUT}

Verdict = tuple[Passage | None, ...]
"""A passage for each of `USERS`; None where nothing is said."""


@dataclass(frozen=True, slots=True)
class OpenRoads:
    """The table: `rows` by key and word, `vehicle` the measures of each user's vehicle by
    dimension (metres, tonnes; None: no limit matters), `slow_kmh` and `gate_s` what slow means on a
    road and at a barrier, one for each of `USERS`.
    """

    rows: Mapping[tuple[str, str], Verdict]
    vehicle: Mapping[str, tuple[float | None, ...]]
    slow_kmh: tuple[float, ...]
    gate_s: tuple[float, ...]

    def row(self, key: str, word: str) -> tuple[Verdict, bool]:
        """What the table says of `key`=`word`, and whether it knows the word."""
        known = self.rows.get((key, word))
        return (known, True) if known is not None else (self.rows[key, ANY], False)


def open_roads_of(city: Path) -> OpenRoads:
    """The table of the package `city`: its own, or the one that comes with the console.

    Raises IntakeError naming the row when anything in it is missing or wrong.
    """
    own = city / OPEN_ROADS_FILE
    if own.is_file():
        return read_open_roads(own)
    with as_file(files("resources") / "roads" / OPEN_ROADS_FILE) as path:
        return read_open_roads(path)


def read_open_roads(path: Path) -> OpenRoads:
    """Read the table. Raises IntakeError."""
    sheet = read_sheet(path)
    missing = [column for column in ("key", "value", *USERS) if column not in sheet.columns]
    if missing:
        raise IntakeError(text_of("osm.table.columns", file=path.name, columns=", ".join(missing)))
    cells: dict[tuple[str, str], tuple[int, dict[str, str]]] = {}
    for number, row in sheet.rows:
        if (row["key"], row["value"]) in cells:
            raise _wrong(path.name, number, text_of("osm.table.duplicate"))
        cells[row["key"], row["value"]] = number, row
    absent = [f"{key}={value}" for key, value in _NEEDED if (key, value) not in cells]
    if sheet.faults or absent:
        reason = sheet.faults[0].reason if sheet.faults else text_of("osm.table.absent")
        where = sheet.faults[0].row if sheet.faults else ", ".join(absent)
        raise _wrong(path.name, where, reason)
    return _table(cells, path.name)


def _table(cells: Mapping[tuple[str, str], tuple[int, dict[str, str]]], file: str) -> OpenRoads:
    rows: dict[tuple[str, str], Verdict] = {}
    numbers: dict[tuple[str, str], tuple[float | None, ...]] = {}
    for name, (number, row) in cells.items():
        try:
            if name[0] in _NUMBERS:
                numbers[name] = tuple(_number(row, user) for user in USERS)
            else:
                rows[name] = tuple(_passage(row[user]) for user in USERS)
        except RowError as error:
            raise _wrong(file, number, error.reason) from None
    slow = {name: tuple(v or 1.0 for v in numbers["slow", name]) for name in ("kmh", "gate_s")}
    vehicle = {name: numbers["vehicle", name] for name in DIMENSIONS}
    return OpenRoads(rows, vehicle, slow["kmh"], slow["gate_s"])


def _wrong(file: str, row: int | str, reason: Text) -> IntakeError:
    return IntakeError(text_of("osm.table.row", file=file, row=row, reason=reason))


def _number(row: dict[str, str], user: str) -> float | None:
    return number_between(row[user], user, 0.1, 1000) if row[user] else None


def _passage(word: str) -> Passage | None:
    if not word:
        return None
    if word.lower() not in PASSAGES:
        raise RowError(text_of("osm.table.word", word=word, known=", ".join(PASSAGES)))
    return PASSAGES[word.lower()]
