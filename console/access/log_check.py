"""Checks an access log: its chain, what was cut off it, and it against signed heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from console.access.access_log import note_in
from console.access.log_chain import START, LogRow, link
from console.access.log_cut import SignedCut, decode_cut
from console.access.log_ledger import LogLedger
from console.audit import HeadsVerdict, check_heads
from console.audit.check import kept_heads
from console.audit.head import PublicKeys, SignedHead
from console.i18n import text_of
from console.journal.chain import Tip
from console.model.text import Text

MAX_FINDINGS = 1000
_UNPROVED = frozenset({"not_chained", "cut_key_unknown"})
"""What is not wrong with the log, but keeps it from being proved."""


@dataclass(frozen=True, slots=True)
class LogFinding:
    """Something wrong at entry `seq`; `code` is `access.verify.CODE`."""

    code: str
    seq: int
    detail: str = ""

    @property
    def is_damage(self) -> bool:
        """Whether something is wrong with the log; else a proof is missing."""
        return self.code not in _UNPROVED

    @property
    def message(self) -> Text:
        """The finding in both languages."""
        return text_of(f"access.verify.{self.code}", seq=self.seq, detail=self.detail)


@dataclass(frozen=True, slots=True)
class LogVerdict:
    """What was checked and found; `faults` counts what is damaged. `last_cut` is the statement that
    what is left hangs on.
    """

    entries: int
    faults: int
    findings: tuple[LogFinding, ...]
    last_cut: SignedCut | None
    heads: HeadsVerdict

    @property
    def is_damaged(self) -> bool:
        """Whether something is wrong with the log."""
        return bool(self.faults or self.heads.damage)

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found: nothing wrong, and no proof missing."""
        return not self.findings and not self.heads.findings


def check_log(
    ledger: LogLedger, files: Sequence[Path], keys: PublicKeys, settled_before: int = 0
) -> LogVerdict:
    """Check the log in `ledger`, and it against the signed heads in `files`, which must cover all
    that was made before `settled_before` (ms UTC).

    Raises StoreFailed, AuditError.
    """
    # A log that no server has looked after yet has no name.
    names = ledger.bodies("log")
    check = _Check(keys, names[0].decode() if names else "", settled_before)
    check.take_cuts(ledger.bodies("log_cut"))
    if not ledger.is_chained:
        check.found("not_chained", 0)
        return check.verdict(HeadsVerdict(0, 0, ()))
    kept, broken, count = kept_heads(files, of_access_log=True)
    check.asked = frozenset(head.seq for head in kept)
    for row in ledger.rows():
        check.take(row)
    if not check.entries and check.last_cut:
        check.found("emptied", 0)
    heads = check.against(kept)
    heads = HeadsVerdict(count, max(heads.covered, check.cut_through), broken + heads.findings)
    return check.verdict(heads.asked_to_cover(check.settled))


@dataclass(slots=True)
class _Check:
    """Walks the entries in order, remembering what the next must hang on."""

    keys: PublicKeys
    name: str
    settled_before: int
    settled: int = 0
    """The last entry that was made before that time."""
    cut_through: int = 0
    """The last entry of those that a signed statement says were cut off."""
    asked: frozenset[int] = frozenset()
    findings: list[LogFinding] = field(default_factory=list)
    faults: int = 0
    entries: int = 0
    last_cut: SignedCut | None = None
    chains: dict[int, bytes] = field(default_factory=dict)
    _seq: int = 0
    _chain: bytes = START

    def found(self, code: str, seq: int, detail: str = "") -> None:
        """Something is wrong."""
        finding = LogFinding(code, seq, detail)
        self.faults += finding.is_damage
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(finding)

    def take_cuts(self, bodies: Sequence[bytes]) -> None:
        """Begin where the newest sound statement says that what was cut off ended."""
        for body in bodies:
            try:
                cut = decode_cut(body)
            except ValueError as error:
                self.found("cut_unreadable", 0, str(error))
                continue
            if self._is_good(cut):
                self.last_cut = cut
                self.cut_through = cut.through if cut.key in self.keys else 0
        if self.last_cut is not None:
            self._seq = self.last_cut.through
            self._chain = bytes.fromhex(self.last_cut.chain)
            self.chains[self._seq] = self._chain

    def take(self, row: LogRow) -> None:
        """Check one entry against the one before it."""
        holds = link(self._chain, row.seq, row.body) == row.chain
        if not holds:
            self._broken(row.seq)
        if row.seq in self.asked:
            self.chains[row.seq] = row.chain
        if note_in(row.body).at < self.settled_before:
            self.settled = row.seq
        self.entries += 1
        self._seq, self._chain = row.seq, row.chain

    def against(self, heads: Sequence[SignedHead]) -> HeadsVerdict:
        """Hold the heads against the log; what was cut off is proved by the statement alone."""
        start = 0 if self.last_cut is None else self.last_cut.through
        left = [head for head in heads if head.journal != self.name or head.seq >= start]
        return check_heads(left, Tip(self.name, self._seq, self._chain), self.chains, self.keys)

    def verdict(self, heads: HeadsVerdict) -> LogVerdict:
        """All that was found."""
        findings = tuple(self.findings)
        return LogVerdict(self.entries, self.faults, findings, self.last_cut, heads)

    def _broken(self, seq: int) -> None:
        """Entry `seq` does not hang on the one before: say what that can only come from."""
        if self.entries == 0 and seq > self._seq + 1:
            self.found("cut_unsigned", seq, str(self._seq + 1))
        elif seq <= self._seq:
            self.found("back_after_cut", seq, str(self._seq))
        elif seq > self._seq + 1:
            self.found("removed", seq, str(self._seq))
        else:
            self.found("changed", seq)

    def _is_good(self, cut: SignedCut) -> bool:
        """Whether the statement is this log's, and not signed by nobody; one whose key is not at
        hand is believed, and said to be without proof.
        """
        known: Mapping[str, object] = self.keys
        if cut.log != self.name or not _is_hash(cut.chain):
            self.found("cut_of_another", cut.through, cut.log)
        elif cut.key not in known:
            self.found("cut_key_unknown", cut.through, cut.key)
            return True
        elif not cut.is_signed_by(self.keys[cut.key]):
            self.found("cut_forged", cut.through)
        else:
            return True
        return False


def _is_hash(text: str) -> bool:
    try:
        return len(bytes.fromhex(text)) == len(START)
    except ValueError:
        return False
