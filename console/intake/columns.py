"""Which column means what: the usual names in Chinese and English, or what the user says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.i18n import text_of
from console.intake.errors import IntakeError
from console.intake.tables import Row
from console.intake.values import has_chinese
from console.model.text import Text

Aliases = Mapping[str, Sequence[str]]
"""Field name to the column names it goes by, the surest first."""

_NOISE = re.compile(r"[\s_\-./()（）:：]+")


def bilingual(aliases: Aliases) -> Aliases:
    """Each field with its companions FIELD_zh and FIELD_en, for names in two languages."""
    both: dict[str, Sequence[str]] = {}
    for field, names in aliases.items():
        both[field] = names
        for suffix in ("zh", "en"):
            both[f"{field}_{suffix}"] = [f"{name}_{suffix}" for name in names]
    return both


@dataclass(frozen=True, slots=True)
class Columns:
    """The column of each field that the file has."""

    of: Mapping[str, str]

    def value(self, row: Row, field: str) -> str:
        """The row's value of `field`, "" where there is none."""
        column = self.of.get(field)
        return row.values.get(column, "") if column else ""

    def text(self, row: Row, field: str) -> Text:
        """The row's bilingual `field`; a column of no declared language is told by its script."""
        plain = self.value(row, field)
        chinese = has_chinese(plain)
        zh = self.value(row, f"{field}_zh") or (plain if chinese else "")
        en = self.value(row, f"{field}_en") or ("" if chinese else plain)
        return Text(zh, en)


def match_columns(
    present: Sequence[str], aliases: Aliases, said: Mapping[str, str] | None = None
) -> Columns:
    """The column of each field: as `said` (field to column), else by the first alias present.

    Raises IntakeError when `said` names a field or a column that is not there.
    """
    chosen = dict(said or {})
    _refuse_unknown(chosen, present, aliases)
    by_folded = {_folded(column): column for column in reversed(present)}
    for field, names in aliases.items():
        column = next((by_folded[f] for f in map(_folded, names) if f in by_folded), None)
        if column is not None:
            chosen.setdefault(field, column)
    return Columns(chosen)


def require(columns: Columns, field: str, present: Sequence[str], aliases: Aliases) -> None:
    """Raise IntakeError, saying what to type, when no column is `field`."""
    if field not in columns.of:
        usual = ", ".join(aliases[field][:4])
        shown = {"field": field, "usual": usual, "present": ", ".join(present)}
        raise IntakeError(text_of("intake.columns.missing", **shown))


def _folded(name: str) -> str:
    return _NOISE.sub("", name).casefold()


def _refuse_unknown(said: Mapping[str, str], present: Sequence[str], aliases: Aliases) -> None:
    for field, column in said.items():
        if field not in aliases:
            shown = {"field": field, "known": ", ".join(aliases)}
            raise IntakeError(text_of("intake.columns.unknown_field", **shown))
        if column not in present:
            shown = {"column": column, "present": ", ".join(present)}
            raise IntakeError(text_of("intake.columns.unknown_column", **shown))
