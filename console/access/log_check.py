"""Checks an access log: its chain, what was cut off it, and it against signed heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class LogFinding:
    """Something wrong at entry `seq`; `code` is `access.verify.CODE`."""

    code: str
    seq: int
    detail: str = ""

    @property
    def message(self) -> Text:
        """The finding in both languages."""
        return text_of(f"access.verify.{self.code}", seq=self.seq, detail=self.detail)


@dataclass(frozen=True, slots=True)
class LogVerdict:
    """What was checked and found. `last_cut` is the statement that what is left hangs on; `heads`
    None where none were given.
    """

    entries: int
    faults: int
    findings: tuple[LogFinding, ...]
    last_cut: SignedCut | None
    heads: HeadsVerdict | None

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.faults and not (self.heads and self.heads.findings)


def check_log(ledger: LogLedger, files: Sequence[Path], keys: PublicKeys) -> LogVerdict:
    """Check the log in `ledger`, and it against the signed heads in `files`.

    Raises StoreFailed, AuditError.
    """
    # A log that no server has looked after yet has no name.
    names = ledger.bodies("log")
    check = _Check(keys, names[0].decode() if names else "")
    check.take_cuts(ledger.bodies("log_cut"))
    if not ledger.is_chained:
        check.found("not_chained", 0)
        return check.verdict(None)
    kept, broken, count = kept_heads(files, of_access_log=True)
    check.asked = frozenset(head.seq for head in kept)
    for row in ledger.rows():
        check.take(row)
    if not check.entries and (check.name or check.last_cut):
        check.found("emptied", 0)
    heads = check.against(kept) if count else None
    if heads is not None:
        heads = HeadsVerdict(count, heads.covered, broken + heads.findings)
    return check.verdict(heads)


@dataclass(slots=True)
class _Check:
    """Walks the entries in order, remembering what the next must hang on."""

    keys: PublicKeys
    name: str
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
        self.faults += 1
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(LogFinding(code, seq, detail))

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
        self.entries += 1
        self._seq, self._chain = row.seq, row.chain

    def against(self, heads: Sequence[SignedHead]) -> HeadsVerdict:
        """Hold the heads against the log; what was cut off is proved by the statement alone."""
        start = 0 if self.last_cut is None else self.last_cut.through
        left = [head for head in heads if head.journal != self.name or head.seq >= start]
        return check_heads(left, Tip(self.name, self._seq, self._chain), self.chains, self.keys)

    def verdict(self, heads: HeadsVerdict | None) -> LogVerdict:
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
        """Whether the statement is this log's and signed by a key that is known."""
        known: Mapping[str, object] = self.keys
        if cut.key not in known:
            self.found("cut_key_unknown", cut.through, cut.key)
        elif not cut.is_signed_by(self.keys[cut.key]):
            self.found("cut_forged", cut.through)
        elif cut.log != self.name or not _is_hash(cut.chain):
            self.found("cut_of_another", cut.through, cut.log)
        else:
            return True
        return False


def _is_hash(text: str) -> bool:
    try:
        return len(bytes.fromhex(text)) == len(START)
    except ValueError:
        return False
