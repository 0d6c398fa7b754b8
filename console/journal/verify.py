"""Checks a journal as it lies on the disk: its order, its keys, its chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from console.i18n import text_of
from console.journal.chain import START, Entry, Ledger, Row, Tip, entry_link, link
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
    recorded before the time asked about; `submission_chains` are as `chains`, of submissions.
    """

    events: int
    submissions: int
    findings: tuple[Finding, ...]
    faults: int = 0
    chains: Mapping[int, bytes] = field(default_factory=dict)
    settled: int = 0
    submission_chains: Mapping[int, bytes] = field(default_factory=dict)

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
    ledger: Ledger,
    asked: frozenset[int] = frozenset(),
    settled_before: int = 0,
    *,
    asked_submissions: frozenset[int] = frozenset(),
) -> Verdict:
    """Check all rows of a journal, in one pass and constant memory.

    The hashes of the events numbered in `asked` are handed back, and of the submissions in
    `asked_submissions`, and the last event recorded before `settled_before` (ms UTC).
    """
    # The end first: what is added meanwhile is more, never less.
    submissions = SubmissionCheck(ledger.tip(), asked_submissions)
    check = _Check(submissions.checked(ledger.entries()), asked, settled_before)
    for row in ledger.rows():
        try:
            check.take(row)
        except (TypeError, ValueError, AttributeError) as error:
            # Nothing keeps a damaged file from holding a blank where a number was.
            check.pass_over(row, error)
    check.finish()
    both = [*check.findings, *submissions.findings]
    return Verdict(
        check.events,
        submissions.count,
        tuple(sorted(both, key=lambda f: (f.seq, f.code))),
        check.faults + submissions.faults,
        check.chains,
        check.settled,
        submissions.chains,
    )


@dataclass(slots=True)
class _Open:
    """A submission whose events are going by."""

    first_seq: int
    missing: int


class SubmissionCheck:
    """Checks the chain of the submissions of a journal that ends at `tip`, as they go by."""

    def __init__(self, tip: Tip, asked: frozenset[int]) -> None:
        self.findings: list[Finding] = []
        self.faults = 0
        self.count = 0
        self.chains: dict[int, bytes] = {}
        self._tip = tip
        self._asked = asked
        self._chain = START

    def checked(self, entries: Iterator[Entry]) -> Iterator[Entry]:
        """The entries; what is wrong with one is found when it goes by, what is missing at the end.

        Those of a journal that did not chain them yet pass.
        """
        number = 0
        for entry in entries:
            self.count += 1
            if entry.chain:
                number += 1
                if entry.number != number or entry_link(self._chain, entry) != entry.chain:
                    self._found("submission_changed", entry.first_seq, str(entry.number))
                number, self._chain = entry.number, entry.chain
                if number in self._asked:
                    self.chains[number] = entry.chain
            yield entry
        if number < self._tip.submissions:
            self._found(
                "submissions_missing", self._tip.seq, f"{number + 1}-{self._tip.submissions}"
            )

    def _found(self, code: str, seq: int, detail: str) -> None:
        self.faults += 1
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(code, seq, detail))


class _Check:
    """Walks the rows in order, remembering what the next must follow on.

    `entries` come as they were taken, so that the submissions run along with the rows.
    """

    def __init__(
        self, entries: Iterator[Entry], asked: frozenset[int], settled_before: int
    ) -> None:
        self.findings: list[Finding] = []
        self.faults = 0
        self.events = 0
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
            if entry.events:
                self._open[entry.key] = _Open(entry.first_seq, entry.events)
            entry = next(self._entries, None)
        self._next_entry = entry


def is_key(key: bytes) -> bool:
    """Whether these bytes are a UUIDv7: its length, version and variant (RFC 9562 §5.7)."""
    return len(key) == 16 and key[6] >> 4 == 7 and key[8] >> 6 == 2
