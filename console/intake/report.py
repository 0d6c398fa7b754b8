"""What an import took, what it left out and why.

For every kind of thing (`cells`, `roads`, ...) the counts add up: read = accepted + skipped.
The report is stored in the package as `reports/KIND.json` and printed by the command line.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from console.i18n import UnknownKey, text_of
from console.intake.errors import Cancelled, IntakeError
from console.model.text import Language, Text

__all__ = ["Cancelled", "IntakeError", "Problem", "Report", "SkipCount"]

MOST_EXAMPLES = 200
"""Problems kept one by one for each reason; beyond that they are only counted."""

MOST_REMARKED = 200
"""Rows kept of each restriction; the terminal shows the first few."""

_SHOWN_REMARKED = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """One row or object that was left out.

    `row` says where it stands in the source ("17" for a table's row, counted from 1 without the
    header; "way/123" for an OpenStreetMap object), `thing` what it would have been ("cells").
    """

    row: str
    reason: Text
    thing: str = ""


@dataclass(frozen=True, slots=True)
class SkipCount:
    """How many of `thing` were left out for `reason`."""

    thing: str
    reason: Text
    count: int


@dataclass(slots=True)
class Remark:
    """`count` of `thing`, taken with the restriction `reason`; `rows` are the first of them."""

    thing: str
    reason: Text
    count: int = 0
    rows: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """The outcome of one import: `kind` is what came in ("osm", "cells"), `source` the file."""

    kind: str
    source: str
    accepted: dict[str, int] = field(default_factory=dict)
    skipped: list[Problem] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    _counts: dict[tuple[str, Text], int] = field(default_factory=dict)
    _remarks: dict[tuple[str, Text], Remark] = field(default_factory=dict)

    def accept(self, thing: str, count: int = 1) -> None:
        """Count things that were taken."""
        self.accepted[thing] = self.accepted.get(thing, 0) + count

    def skip(self, thing: str, row: str, reason: Text) -> None:
        """Note one thing that was left out; every reason keeps `MOST_EXAMPLES` of its rows."""
        seen = self._counts.get((thing, reason), 0)
        self._counts[thing, reason] = seen + 1
        if seen < MOST_EXAMPLES:
            self.skipped.append(Problem(row, reason, thing))

    def remark(self, thing: str, row: str, reason: Text) -> None:
        """Note one thing that was taken with a restriction."""
        remark = self._remarks.setdefault((thing, reason), Remark(thing, reason))
        remark.count += 1
        if remark.count <= MOST_REMARKED:
            remark.rows.append(row)

    def remarks(self) -> list[Remark]:
        """What was taken with a restriction, the most frequent first."""
        return sorted(self._remarks.values(), key=lambda r: (-r.count, r.thing, r.reason.en))

    def note(self, text: Text) -> None:
        """Add a remark that is about the whole file."""
        self.notes.append(text)

    def skipped_count(self, thing: str | None = None) -> int:
        """How many of `thing` (or of everything) were left out."""
        return sum(n for (what, _), n in self._counts.items() if thing in (None, what))

    def skip_counts(self) -> list[SkipCount]:
        """What was left out by thing and reason, the most frequent first."""
        counts = [SkipCount(what, why, n) for (what, why), n in self._counts.items()]
        return sorted(counts, key=lambda c: (-c.count, c.thing, c.reason.en))

    def read(self, thing: str) -> int:
        """How many of `thing` the source holds."""
        return self.accepted.get(thing, 0) + self.skipped_count(thing)

    def things(self) -> list[str]:
        """Every kind of thing that was met, in the order of meeting."""
        return list(dict.fromkeys([*self.accepted, *(what for what, _ in self._counts)]))

    def as_json(self) -> str:
        """The report as the text of its file, `reports/KIND.json` in the package."""
        return json.dumps(self._tree(), ensure_ascii=False, indent=1)

    @classmethod
    def load(cls, path: Path) -> Report:
        """Read a report from its file."""
        raw = json.loads(path.read_text(encoding="utf-8"))
        report = cls(raw["kind"], raw["source"], raw["accepted"])
        report.notes = [_text(note) for note in raw["notes"]]
        report.skipped = [Problem(p["row"], _text(p["reason"]), p["thing"]) for p in raw["skipped"]]
        report._remarks = {
            (r["thing"], _text(r["reason"])): Remark(
                r["thing"], _text(r["reason"]), r["count"], r["rows"]
            )
            for r in raw.get("remarks", [])
        }
        report._counts = {(c["thing"], _text(c["reason"])): c["count"] for c in raw["counts"]}
        return report

    def text(self, language: Language, most_rows: int = 20) -> str:
        """The report in words: counts, reasons, and the first `most_rows` rows left out."""
        lines = [
            _say("report.head", language, kind=_thing(self.kind, language), source=self.source)
        ]
        lines += [self._line_of(thing, language) for thing in self.things()]
        lines += [f"  - {note.in_language(language)}" for note in self.notes]
        remarks = self.remarks()
        lines += [self._line_of_remark(remark, language) for remark in remarks[:most_rows]]
        if hidden := len(remarks[most_rows:]):
            lines.append(_say("report.more", language, count=hidden))
        lines += [
            _say(
                "report.reason",
                language,
                count=c.count,
                thing=_thing(c.thing, language),
                reason=c.reason.in_language(language),
            )
            for c in self.skip_counts()
        ]
        return "\n".join(lines + self._rows(language, most_rows))

    def _line_of(self, thing: str, language: Language) -> str:
        return _say(
            "report.line",
            language,
            thing=_thing(thing, language),
            read=self.read(thing),
            accepted=self.accepted.get(thing, 0),
            skipped=self.skipped_count(thing),
        )

    def _line_of_remark(self, remark: Remark, language: Language) -> str:
        shown = remark.rows[:_SHOWN_REMARKED]
        return _say(
            "report.remark",
            language,
            count=remark.count,
            thing=_thing(remark.thing, language),
            reason=remark.reason.in_language(language),
            rows=", ".join([*shown, "…"] if remark.count > len(shown) else shown),
        )

    def _rows(self, language: Language, most: int) -> list[str]:
        rows = [f"    {p.row}: {p.reason.in_language(language)}" for p in self.skipped[:most]]
        hidden = self.skipped_count() - len(rows)
        return rows + ([_say("report.more", language, count=hidden)] if hidden and rows else [])

    def _tree(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "source": self.source,
            "accepted": self.accepted,
            "counts": [
                {"thing": c.thing, "reason": _pair(c.reason), "count": c.count}
                for c in self.skip_counts()
            ],
            "skipped": [
                {"row": p.row, "reason": _pair(p.reason), "thing": p.thing} for p in self.skipped
            ],
            "remarks": [
                {"thing": r.thing, "reason": _pair(r.reason), "count": r.count, "rows": r.rows}
                for r in self.remarks()
            ],
            "notes": [_pair(note) for note in self.notes],
        }


def _pair(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _text(pair: dict[str, str]) -> Text:
    return Text(pair["zh"], pair["en"])


def _say(key: str, language: Language, **args: object) -> str:
    return text_of(f"osm.{key}", **args).in_language(language)


def _thing(thing: str, language: Language) -> str:
    try:
        return _say(f"thing.{thing}", language)
    except UnknownKey:  # a thing of a later importer names itself
        return thing
