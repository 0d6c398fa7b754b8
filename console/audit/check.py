"""Holds signed heads against a journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from console.audit.errors import AuditError
from console.audit.head import PublicKeys, SignedHead
from console.audit.places import read_heads
from console.i18n import text_of
from console.journal.chain import Tip
from console.journal.open import open_ledger
from console.journal.verify import Verdict, verify_ledger
from console.model.text import Text

_MINUTE_MS = 60_000
SETTLED_MS = 10_000
"""A server signs within a second: what is older than this has a head, or the head is missing."""
_DAMAGE = frozenset({"other_journal", "cut_off", "differs", "submissions_differ"})
"""What only a signed head can show: that another end, or another past, was there once."""


@dataclass(frozen=True, slots=True)
class HeadFinding:
    """Something wrong about the head of event `seq`; `code` is `audit.finding.CODE`."""

    code: str
    seq: int
    detail: str = ""

    @property
    def is_damage(self) -> bool:
        """Whether a signature proves it of the journal; else it is a proof that is missing."""
        return self.code in _DAMAGE

    @property
    def message(self) -> Text:
        """The finding in both languages."""
        return text_of(f"audit.finding.{self.code}", seq=self.seq, detail=self.detail)


@dataclass(frozen=True, slots=True)
class HeadsVerdict:
    """How many heads were looked at, the last event a sound one covers, and what is wrong."""

    heads: int
    covered: int
    findings: tuple[HeadFinding, ...]

    @property
    def damage(self) -> tuple[HeadFinding, ...]:
        """What the heads prove to be wrong."""
        return tuple(found for found in self.findings if found.is_damage)

    def asked_to_cover(self, settled: int) -> HeadsVerdict:
        """With a finding when there is no proof of the events up to `settled`, and nothing says
        why.
        """
        if self.covered >= settled or self.damage:
            return self
        missing = HeadFinding("uncovered", self.covered + 1, str(settled))
        return replace(self, findings=(*self.findings, missing))


def checked(
    url: str, heads: Sequence[Path], keys: PublicKeys, settled_before: int = 0
) -> tuple[Verdict, HeadsVerdict]:
    """Check the journal at `url`, and it against the signed heads in the files `heads`, which must
    cover all that was recorded before `settled_before` (ms UTC).

    Raises JournalError, AuditError.
    """
    kept, broken, count = kept_heads(heads, of_access_log=False)
    ledger = open_ledger(url)
    try:
        tip = ledger.tip()
        verdict = verify_ledger(
            ledger,
            frozenset(head.seq for head in kept),
            settled_before,
            asked_submissions=frozenset(head.submissions for head in kept),
        )
    finally:
        ledger.close()
    found = check_heads(kept, tip, verdict.chains, keys, verdict.submission_chains)
    of_heads = HeadsVerdict(count, found.covered, broken + found.findings)
    return verdict, of_heads.asked_to_cover(verdict.settled)


def check_heads(
    heads: Sequence[SignedHead],
    tip: Tip,
    chains: Mapping[int, bytes],
    keys: PublicKeys,
    submission_chains: Mapping[int, bytes] | None = None,
) -> HeadsVerdict:
    """Hold `heads` against a journal that ends at `tip`; `chains` are hashes of its events,
    `submission_chains` of its submissions, where there are any.

    Signatures are checked where something hangs on them: of every head that contradicts the
    journal, and of the highest that agree, for those prove all that is below.
    """
    check = _Check(tip, chains, keys, submission_chains or {})
    for head in sorted(heads, key=lambda h: h.seq):
        check.take(head)
    return HeadsVerdict(len(heads), check.covered(), tuple(check.findings))


class _Check:
    def __init__(
        self,
        tip: Tip,
        chains: Mapping[int, bytes],
        keys: PublicKeys,
        submission_chains: Mapping[int, bytes],
    ) -> None:
        self.findings: list[HeadFinding] = []
        self._tip = tip
        self._chains = chains
        self._keys = keys
        self._submission_chains = submission_chains
        self._agreeing: list[SignedHead] = []
        self._told: set[str] = set()
        self._count = 0

    def take(self, head: SignedHead) -> None:
        """Check one head; they come by event."""
        self._count += 1
        if head.key not in self._keys:
            self._once("key_unknown", head, head.key, about=head.key)
        elif self._agrees(head) and self._submissions_agree(head):
            self._agreeing.append(head)
        elif not head.is_signed_by(self._keys[head.key]):
            self.findings.append(HeadFinding("forged", head.seq, _moment(head)))
        else:
            self._contradiction(head)

    def covered(self) -> int:
        """The last event that a sound head covers; a forged one above it is a finding."""
        while self._agreeing:
            head = self._agreeing.pop()
            if head.is_signed_by(self._keys[head.key]):
                return head.seq
            self.findings.append(HeadFinding("forged", head.seq, _moment(head)))
        if self._count:
            self.findings.append(HeadFinding("none_sound", 0))
        return 0

    def _agrees(self, head: SignedHead) -> bool:
        found = self._chains.get(head.seq)
        return head.journal == self._tip.journal and found is not None and found.hex() == head.chain

    def _submissions_agree(self, head: SignedHead) -> bool:
        found = self._submission_chains.get(head.submissions, b"")
        return not head.submissions or found.hex() == head.submissions_chain

    def _contradiction(self, head: SignedHead) -> None:
        """Said of the first only: all that follow differ for the same reason."""
        if head.journal != self._tip.journal:
            self._once("other_journal", head, head.journal, about=head.journal)
        elif head.seq > self._tip.seq:
            self._once("cut_off", head, str(self._tip.seq))
        elif self._agrees(head):
            self._once("submissions_differ", head, str(head.submissions))
        else:
            last = self._agreeing[-1].seq if self._agreeing else 0
            self._once("differs", head, str(last))

    def _once(self, code: str, head: SignedHead, detail: str, about: str = "") -> None:
        if code + about not in self._told:
            self._told.add(code + about)
            self.findings.append(HeadFinding(code, head.seq, detail))


def kept_heads(
    files: Sequence[Path], *, of_access_log: bool
) -> tuple[list[SignedHead], tuple[HeadFinding, ...], int]:
    """The last head of each key and minute of journals, or of access logs; lines that cannot be
    read; how many heads there were. Raises AuditError.

    A year of seconds does not fit into memory, and needs not: a head proves all before it.
    """
    kept: dict[tuple[str, str, int], SignedHead] = {}
    broken: list[HeadFinding] = []
    count = 0
    for where, head in _all(files):
        if isinstance(head, int):
            broken.append(HeadFinding("unreadable", 0, f"{where}:{head}"))
            continue
        if head.is_of_access_log is not of_access_log:
            continue
        count += 1
        slot = (head.journal, head.key, head.at // _MINUTE_MS)
        if slot not in kept or kept[slot].seq <= head.seq:
            kept[slot] = head
    return list(kept.values()), tuple(broken), count


def _all(files: Sequence[Path]) -> Iterator[tuple[Path, SignedHead | int]]:
    for file in files:
        try:
            yield from ((file, head) for head in read_heads(file))
        except OSError as error:
            raise AuditError("no_heads", file=file, reason=error.strerror or "?") from error


def _moment(head: SignedHead) -> str:
    try:
        return datetime.fromtimestamp(head.at / 1000, UTC).isoformat(timespec="seconds")
    except (OverflowError, OSError, ValueError):
        return str(head.at)
