"""The type table, deadlines, priorities and contact, out of CSV files which a city makes its own.

Unlike a catalogue, a plan is taken whole or not at all: a table that silently lost its gas leaks
would be found out by a gas leak.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.resources import as_file, files
from pathlib import Path
from typing import TypeVar

from console.i18n import text_of
from console.intake.delimited import read_sheet
from console.intake.errors import IntakeError
from console.intake.unit_kinds import unit_kind
from console.intake.values import RowError, number_between, yes_or_no
from console.model.incident import Stage
from console.model.plan import ContactRule, IncidentType, Plans, PriorityRule, Want
from console.model.text import Text
from console.model.unit import UnitKind

TYPES_FILE = "incident_types.csv"
DEADLINES_FILE = "deadlines.csv"
PRIORITIES_FILE = "priorities.csv"
CONTACT_FILE = "contact.csv"
LONGEST_DEADLINE_S = 366 * 86400

_TYPE_COLUMNS = ("code", "name_zh", "name_en", "priority", "hint_zh", "hint_en")
_DEADLINE_COLUMNS = ("priority", "stage", "seconds")
_PRIORITY_COLUMNS = ("priority", "acknowledge_s", "head_start_s")
_CONTACT_COLUMNS = ("kind", "position_s", "silence_s")

Cells = dict[str, str]
T = TypeVar("T")


def read_plans(folder: Path) -> Plans:
    """The plans in `folder`: `incident_types.csv`, `deadlines.csv`, `priorities.csv` and
    `contact.csv`.

    Raises IntakeError naming the file and the row when anything in them is missing or wrong.
    """
    types = _read(folder / TYPES_FILE, _TYPE_COLUMNS, _incident_type)
    deadlines = _read(folder / DEADLINES_FILE, _DEADLINE_COLUMNS, _deadline)
    rules = _read(folder / PRIORITIES_FILE, _PRIORITY_COLUMNS, _priority_rule)
    priorities = _unique(((row, *rule) for row, rule in rules), PRIORITIES_FILE)
    for priority in {1, 2, 3, 4} - priorities.keys():
        reason = text_of("intake.plans.no_priority", priority=priority)
        raise _wrong(PRIORITIES_FILE, len(rules) + 2, reason)
    contacts = _read(folder / CONTACT_FILE, _CONTACT_COLUMNS, _contact_rule)
    contact = _unique(((row, *rule) for row, rule in contacts), CONTACT_FILE)
    for kind in [kind for kind in UnitKind if kind not in contact]:
        reason = text_of("intake.plans.no_kind", kind=kind.value)
        raise _wrong(CONTACT_FILE, len(contacts) + 2, reason)
    return Plans(
        _unique(((row, t.code, t) for row, t in types), TYPES_FILE),
        _unique(((row, *d) for row, d in deadlines), DEADLINES_FILE),
        priorities,
        contact,
    )


def default_plans() -> Plans:
    """The plans that come with the console."""
    with as_file(files("resources") / "plans") as folder:
        return read_plans(folder)


def _read(path: Path, needed: Iterable[str], build: Callable[[Cells], T]) -> list[tuple[int, T]]:
    if not path.is_file():
        raise IntakeError(text_of("intake.file.missing", path=path))
    sheet = read_sheet(path)
    missing = [column for column in needed if column not in sheet.columns]
    if missing:
        raise IntakeError(
            text_of("intake.plans.columns", file=path.name, columns=", ".join(missing))
        )
    for fault in sheet.faults:
        raise _wrong(path.name, fault.row, fault.reason)
    return [(number, _built(path.name, number, cells, build)) for number, cells in sheet.rows]


def _built(file: str, number: int, cells: Cells, build: Callable[[Cells], T]) -> T:
    try:
        return build(cells)
    except RowError as error:
        raise _wrong(file, number, error.reason) from None


def _wrong(file: str, row: int | str, reason: Text) -> IntakeError:
    return IntakeError(text_of("intake.plans.row", file=file, row=row, reason=reason))


K = TypeVar("K")


def _unique(rows: Iterable[tuple[int, K, T]], file: str) -> dict[K, T]:
    found: dict[K, T] = {}
    for number, key, value in rows:
        if key in found:
            raise _wrong(file, number, text_of("intake.row.duplicate"))
        found[key] = value
    return found


def _incident_type(cells: Cells) -> IncidentType:
    code = cells["code"]
    if not code:
        raise RowError(text_of("intake.row.no_key", column="code"))
    return IncidentType(
        code,
        Text(cells["name_zh"], cells["name_en"]) or Text(code, code),
        _whole(cells, "priority", 1, 4),
        Text(cells["hint_zh"], cells["hint_en"]),
        tuple(_wants(cells)),
    )


def _wants(cells: Cells) -> Iterable[Want]:
    """The columns want_1_kind, want_1_count, want_1_required ... as far as they go."""
    place = 1
    while f"want_{place}_kind" in cells:
        want = f"want_{place}"
        if cells[f"{want}_kind"]:
            why = Text(cells.get(f"{want}_why_zh", ""), cells.get(f"{want}_why_en", ""))
            count = _whole(cells, f"{want}_count", 1, 99)
            said = cells.get(f"{want}_required", "")
            required = yes_or_no(said, f"{want}_required", otherwise=False)
            yield Want(_kind(cells, want), count, why, required)
        place += 1


def _kind(cells: Cells, want: str) -> UnitKind:
    return unit_kind(cells[f"{want}_kind"])


def _deadline(cells: Cells) -> tuple[tuple[int, Stage], int]:
    stage = next((s for s in Stage if s.value == cells["stage"] and s.is_open), None)
    if stage is None:
        known = ", ".join(s.value for s in Stage if s.is_open)
        raise RowError(text_of("intake.plans.stage", value=cells["stage"], known=known))
    seconds = _whole(cells, "seconds", 1, LONGEST_DEADLINE_S)
    return (_whole(cells, "priority", 1, 4), stage), seconds


def _contact_rule(cells: Cells) -> tuple[UnitKind, ContactRule]:
    position_s = _whole(cells, "position_s", 1, LONGEST_DEADLINE_S)
    silence_s = _whole(cells, "silence_s", 1, LONGEST_DEADLINE_S)
    return unit_kind(cells["kind"]), ContactRule(position_s, silence_s)


def _priority_rule(cells: Cells) -> tuple[int, PriorityRule]:
    acknowledge_s = _whole(cells, "acknowledge_s", 1, LONGEST_DEADLINE_S)
    head_start_s = _whole(cells, "head_start_s", 0, LONGEST_DEADLINE_S)
    return _whole(cells, "priority", 1, 4), PriorityRule(acknowledge_s, head_start_s)


def _whole(cells: Cells, column: str, least: int, most: int) -> int:
    value = number_between(cells.get(column, ""), column, least, most)
    if not value.is_integer():
        raise RowError(text_of("intake.row.count", column=column))
    return int(value)
