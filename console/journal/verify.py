"""Checks a journal as it lies on the disk: its order, its keys, its chain."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from console.i18n import text_of
from console.journal.chain import START, Entry, Ledger, Row, link
from console.journal.open import open_ledger
from console.model.ids import is_key
from console.model.text import Text
from console.wire import WireError, decode_fact


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at event `seq` (0: nowhere in particular); `code` is `server.verify.CODE`."""

    code: str
    seq: int
    detail: str = ""

    @property
    def message(self) -> Text:
        """The finding in both languages."""
        return text_of(f"server.verify.{self.code}", seq=self.seq, detail=self.detail)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was checked, and what was found wrong, by event."""

    events: int
    submissions: int
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def verify(url: str) -> Verdict:
    """Check the journal at `url`. Raises JournalError when there is none."""
    ledger = open_ledger(url)
    try:
        return verify_ledger(ledger)
    finally:
        ledger.close()


def verify_ledger(ledger: Ledger) -> Verdict:
    """Check all rows of a journal."""
    entries = list(ledger.entries())
    check = _Check({e.key: e for e in entries})
    for row in ledger.rows():
        check.take(row)
    check.finish(entries)
    findings = tuple(sorted(check.findings, key=lambda f: (f.seq, f.code)))
    return Verdict(check.events, len(entries), findings)


class _Check:
    """Walks the rows in order, remembering what the next must follow on."""

    def __init__(self, entries: dict[bytes, Entry]) -> None:
        self.findings: list[Finding] = []
        self.events = 0
        self._entries = entries
        self._seen: dict[bytes, int] = {}
        self._previous = START
        self._seq = 0
        self._recorded_at = 0

    def take(self, row: Row) -> None:
        """Check one row against all before it."""
        checks: tuple[Callable[[Row], Iterator[Finding]], ...] = (
            self._order,
            self._link,
            self._key,
            self._fact,
        )
        for check in checks:
            self.findings.extend(check(row))
        self.events += 1
        self._seen[row.key] = self._seen.get(row.key, 0) + 1
        self._previous, self._seq, self._recorded_at = row.chain, row.seq, row.recorded_at

    def finish(self, entries: list[Entry]) -> None:
        """Check what only the whole can tell: submissions whose events are not all there."""
        for entry in entries:
            missing = entry.events - self._seen.get(entry.key, 0)
            if missing:
                self.findings.append(Finding("events_missing", entry.first_seq, str(missing)))

    def _order(self, row: Row) -> Iterator[Finding]:
        if row.seq != self._seq + 1:
            yield Finding("gap", row.seq, str(self._seq))
        if row.recorded_at < self._recorded_at:
            yield Finding("time_backwards", row.seq)

    def _link(self, row: Row) -> Iterator[Finding]:
        if link(self._previous, row) != row.chain:
            yield Finding("chain_broken", row.seq)

    def _key(self, row: Row) -> Iterator[Finding]:
        key = str(uuid.UUID(bytes=row.key)) if len(row.key) == 16 else ""
        entry = self._entries.get(row.key)
        if not is_key(key):
            yield Finding("bad_key", row.seq, row.key.hex())
        elif entry is None or entry.first_seq + row.part != row.seq:
            yield Finding("key_not_registered", row.seq, key)

    def _fact(self, row: Row) -> Iterator[Finding]:
        try:
            decode_fact(row.kind, row.version, row.fact)
        except WireError as error:
            yield Finding("unreadable", row.seq, str(error))
