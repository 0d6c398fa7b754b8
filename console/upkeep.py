"""What an operator asks of stored data: check it, tend its keys, back it up and put it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path

from console.access import StoreFailed
from console.access.log_check import LogVerdict, check_log
from console.access.log_keeper import own_log_heads
from console.access.log_ledger import open_log_ledger
from console.audit import (
    AuditError,
    HeadsVerdict,
    KeyRing,
    audit_folder_of,
    checked,
    own_heads,
    own_public_keys,
    read_public_keys,
)
from console.audit.check import SETTLED_MS
from console.audit.head import PublicKeys
from console.audit.keys import PUBLIC
from console.backup import back_up, restore
from console.clock import SystemClock
from console.i18n import text_of
from console.journal.verify import Verdict
from console.model.text import Text

Tell = Callable[[Text], None]
"""Says a sentence to the operator."""


class Condition(IntEnum):
    """What a check came to, as the exit status of the command. 1 and 2 are a command that was
    refused or mistyped: that says nothing of the data.
    """

    SOUND = 0
    DAMAGED = 3
    UNPROVED = 4

    @classmethod
    def of(cls, *, damaged: bool, proved: bool) -> Condition:
        """Damage counts before a missing proof."""
        if damaged:
            return cls.DAMAGED
        return cls.SOUND if proved else cls.UNPROVED


def check_journal(
    url: str, data: Path, heads: Sequence[Path], public_keys: Sequence[Path], tell: Tell
) -> Condition:
    """Check the journal at `url` and its access log, and both against signed heads: `heads`, and
    those beside the journal.

    Without `public_keys` the keys beside the journal are taken: they show a slip, but not what
    somebody did who can write there. Raises JournalError, AuditError, StoreFailed.
    """
    settled = SystemClock().now_ms() - SETTLED_MS
    places = _each_once(own_heads(url, data), heads)
    keys = _given(public_keys) or _own_keys(url, data)
    verdict, of_heads = checked(url, places, keys, settled)
    _tell_verdict(verdict, tell)
    _tell_heads(of_heads, verdict.events, tell)
    of_journal = Condition.of(
        damaged=bool(verdict.faults or of_heads.damage), proved=not of_heads.findings
    )
    of_log = check_access_log(url, _each_once(own_log_heads(url, data), heads), keys, tell, settled)
    worst = min(filter(None, (of_journal, of_log)), default=Condition.SOUND)
    tell(text_of(f"audit.condition.{worst.name.lower()}"))
    return worst


def check_access_log(
    url: str, heads: Sequence[Path], keys: PublicKeys, tell: Tell, settled_before: int
) -> Condition:
    """Check the access log beside the journal at `url`; one that is not there is sound.

    Raises StoreFailed, JournalError, AuditError.
    """
    ledger = open_log_ledger(url)
    if ledger is None:
        return Condition.SOUND
    try:
        verdict = check_log(ledger, heads, keys, settled_before)
    finally:
        ledger.close()
    _tell_log(verdict, tell)
    return Condition.of(damaged=verdict.is_damaged, proved=verdict.is_sound)


def rotate_key(url: str, data: Path, tell: Tell) -> None:
    """Sign with a new key from now on; a running server takes it within a second."""
    ring = KeyRing(_folder(url, data), make=False)
    ring.rotate()
    tell(text_of("audit.key.rotated", name=ring.current[0], file=ring.public_file))


def public_keys_of(url: str, data: Path) -> str:
    """All public keys of the journal at `url` as PEM, ready to be kept elsewhere in one file."""
    ring = KeyRing(_folder(url, data), make=False)
    return "".join(sorted(f.read_text("ascii") for f in ring.public_folder.glob("*.pem"))).strip()


def make_backup(url: str, data: Path, out: Path, tell: Tell) -> None:
    """Back the journal at `url` and all beside it up into `out`; its server may run.

    Raises BackupError, JournalError, OSError.
    """
    made = back_up(url, out, SystemClock(), data)
    size = round(out.stat().st_size / 1e6, 1)
    tell(
        text_of(
            "backup.done.made", events=made.seq, parts=len(made.parts), file=out, megabytes=size
        )
    )


def put_back(file: Path, url: str, data: Path, tell: Tell) -> Condition:
    """Restore a backup to the journal `url`, or under its old name in the data folder `data`.

    What is damaged is not put in place. Raises BackupError, JournalError, AuditError, OSError.
    """
    made, place, of_heads = restore(file, url, data)
    for finding in of_heads.findings:
        tell(finding.message)
    proof = "restored" if of_heads.heads else "nothing_signed"
    key = "unproved" if of_heads.findings else proof
    tell(text_of(f"backup.done.{key}", events=made.seq, file=place))
    target = url or f"sqlite:///{Path(place).absolute()}"
    of_log = _check_restored_log(target, data, made.at - SETTLED_MS, tell)
    return of_log or Condition.of(damaged=False, proved=not of_heads.findings)


def _check_restored_log(url: str, data: Path, settled_before: int, tell: Tell) -> Condition:
    """Say whether the access log came back whole. It is no reason to keep a city from its journal:
    nothing is undone when it did not.
    """
    try:
        heads, keys = own_log_heads(url, data), _own_keys(url, data)
        return check_access_log(url, heads, keys, tell, settled_before)
    except (AuditError, StoreFailed) as error:
        tell(error.message)
        return Condition.DAMAGED


def _each_once(*files: Sequence[Path]) -> list[Path]:
    return list(dict.fromkeys(file.resolve() for some in files for file in some))


def _own_keys(url: str, data: Path) -> PublicKeys:
    """The keys kept for the journal at `url`; none where there are none."""
    folder = audit_folder_of(url, data)
    there = folder is not None and (folder / PUBLIC).is_dir()
    return own_public_keys(url, data) if there else {}


def _given(files: Sequence[Path]) -> PublicKeys:
    return {key_id: key for file in files for key_id, key in read_public_keys(file).items()}


def _folder(url: str, data: Path) -> Path:
    folder = audit_folder_of(url, data)
    if folder is None:
        raise AuditError("no_place")
    return folder


def _tell_verdict(verdict: Verdict, tell: Tell) -> None:
    for finding in verdict.findings:
        tell(finding.message)
    key = "server.verdict.sound" if verdict.is_sound else "server.verdict.faults"
    tell(
        text_of(
            key,
            events=verdict.events,
            submissions=verdict.submissions,
            faults=verdict.faults,
        )
    )


def _tell_heads(verdict: HeadsVerdict, events: int, tell: Tell) -> None:
    for finding in verdict.findings:
        tell(finding.message)
    if not verdict.heads:
        tell(text_of("audit.verdict.none" if events else "audit.verdict.nothing_yet"))
        return
    key = "audit.verdict.faults" if verdict.findings else "audit.verdict.sound"
    tell(
        text_of(key, heads=verdict.heads, covered=verdict.covered, faults=len(verdict.findings)),
    )


def _tell_log(verdict: LogVerdict, tell: Tell) -> None:
    for finding in verdict.findings:
        tell(finding.message)
    key = "access.verdict.faults" if verdict.faults else "access.verdict.sound"
    tell(text_of(key, entries=verdict.entries, faults=verdict.faults))
    cut = verdict.last_cut
    if cut is not None:
        day = datetime.fromtimestamp(cut.before / 1000, UTC).date().isoformat()
        tell(text_of("access.verdict.cut", through=cut.through, day=day, name=cut.key))
    _tell_log_heads(verdict.heads, verdict.entries, tell)


def _tell_log_heads(heads: HeadsVerdict, entries: int, tell: Tell) -> None:
    for found in heads.findings:
        tell(text_of(f"access.head.{found.code}", seq=found.seq, detail=found.detail))
    if not heads.heads:
        tell(text_of("access.verdict.no_heads" if entries else "access.verdict.nothing_yet"))
        return
    key = "access.verdict.head_faults" if heads.findings else "access.verdict.heads"
    tell(text_of(key, heads=heads.heads, covered=heads.covered, faults=len(heads.findings)))
