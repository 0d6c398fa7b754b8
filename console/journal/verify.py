"""Checks a journal as it lies on the disk: its order, its keys, its chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from console.i18n import text_of
from console.journal.chain import START, Entry, Ledger, Row, link
from console.journal.open import open_ledger
from console.model.text import Text
from console.wire import WireError, decode_fact

MAX_FINDINGS = 1000
"""Findings kept; a journal whose numbers were closed up has one at every event after the place."""


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
    """What was checked, and what was found wrong, by event.

    `faults` counts all that is wrong; `findings` are the first of them. `chains` are the hashes of
    the events that were asked for, as far as they are there; `settled` is the last event that was
    recorded before the time asked about.
    """

    events: int
    submissions: int
    findings: tuple[Finding, ...]
    faults: int = 0
    chains: Mapping[int, bytes] = field(default_factory=dict)
    settled: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.faults


def verify(url: str) -> Verdict:
    """Check the journal at `url`. Raises JournalError when there is none."""
    ledger = open_ledger(url)
    try:
        return verify_ledger(ledger)
    finally:
        ledger.close()


def verify_ledger(
    ledger: Ledger, asked: frozenset[int] = frozenset(), settled_before: int = 0
) -> Verdict:
    """Check all rows of a journal, in one pass and constant memory.

    The hashes of the events numbered in `asked` are handed back, and the last event recorded before
    `settled_before` (ms UTC).
    """
    check = _Check(ledger.entries(), asked, settled_before)
    for row in ledger.rows():
        try:
            check.take(row)
        except (TypeError, ValueError, AttributeError) as error:
            # Nothing keeps a damaged file from holding a blank where a number was.
            check.pass_over(row, error)
    check.finish()
    findings = tuple(sorted(check.findings, key=lambda f: (f.seq, f.code)))
    return Verdict(
        check.events, check.submissions, findings, check.faults, check.chains, check.settled
    )


@dataclass(slots=True)
class _Open:
    """A submission whose events are going by."""

    first_seq: int
    missing: int


class _Check:
    """Walks the rows in order, remembering what the next must follow on.

    `entries` come by first event, so that the submissions run along with the rows.
    """

    def __init__(
        self, entries: Iterator[Entry], asked: frozenset[int], settled_before: int
    ) -> None:
        self.findings: list[Finding] = []
        self.faults = 0
        self.events = 0
        self.submissions = 0
        self.chains: dict[int, bytes] = {}
        self.settled = 0
        self._asked = asked
        self._settled_before = settled_before
        self._entries = entries
        self._next_entry = next(entries, None)
        self._open: dict[bytes, _Open] = {}
        self._previous = START
        self._seq = 0
        self._recorded_at = 0

    def take(self, row: Row) -> None:
        """Check one row against all before it."""
        seq = row.seq
        if seq != self._seq + 1:
            self._found("gap", seq, str(self._seq))
        if row.recorded_at < self._recorded_at:
            self._found("time_backwards", seq)
        if link(self._previous, row) != row.chain:
            self._found("chain_broken", seq)
        self._check_key(row)
        self._check_fact(row)
        if seq in self._asked:
            self.chains[seq] = row.chain
        if row.recorded_at < self._settled_before:
            self.settled = seq
        self.events += 1
        self._previous, self._seq, self._recorded_at = row.chain, seq, row.recorded_at

    def pass_over(self, row: Row, error: Exception) -> None:
        """A row with a column that is none; what follows is held against the row before it."""
        self._found("unreadable", row.seq, str(error))
        self.events += 1
        self._seq = row.seq

    def finish(self) -> None:
        """Check what only the whole can tell: submissions whose events are not all there."""
        self._open_up_to(None)
        for entry in self._open.values():
            self._found("events_missing", entry.first_seq, str(entry.missing))

    def _found(self, code: str, seq: int, detail: str = "") -> None:
        self.faults += 1
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(code, seq, detail))

    def _check_key(self, row: Row) -> None:
        key = row.key
        entry = self._next_entry
        if entry is not None and entry.first_seq <= row.seq:
            self._open_up_to(row.seq)
        found = self._open.get(key)
        if found is not None:
            found.missing -= 1
            if not found.missing:
                del self._open[key]
        if not is_key(key):
            self._found("bad_key", row.seq, key.hex())
        elif found is None or found.first_seq + row.part != row.seq:
            self._found("key_not_registered", row.seq, str(UUID(bytes=key)))

    def _check_fact(self, row: Row) -> None:
        try:
            decode_fact(row.kind, row.version, row.fact)
        except WireError as error:
            self._found("unreadable", row.seq, str(error))

    def _open_up_to(self, seq: int | None) -> None:
        """Take in the submissions that start at `seq` or before; all that are left for None."""
        entry = self._next_entry
        while entry is not None and (seq is None or entry.first_seq <= seq):
            self.submissions += 1
            if entry.events:
                self._open[entry.key] = _Open(entry.first_seq, entry.events)
            entry = next(self._entries, None)
        self._next_entry = entry


def is_key(key: bytes) -> bool:
    """Whether these bytes are a UUIDv7: its length, version and variant (RFC 9562 §5.7)."""
    return len(key) == 16 and key[6] >> 4 == 7 and key[8] >> 6 == 2
