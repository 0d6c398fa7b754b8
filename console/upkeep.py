"""What an operator asks of stored data: check it, tend its keys, back it up and put it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
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
from console.audit.head import PublicKeys
from console.audit.keys import PUBLIC
from console.backup import back_up, restore
from console.clock import SystemClock
from console.i18n import text_of
from console.journal.verify import Verdict
from console.model.text import Text

Tell = Callable[[Text], None]
"""Says a sentence to the operator."""


def check_journal(
    url: str, data: Path, heads: Sequence[Path], public_keys: Sequence[Path], tell: Tell
) -> bool:
    """Check the journal at `url`, and it against signed heads; whether nothing is wrong.

    Without `heads` those beside the journal are taken, without `public_keys` those beside it: they
    show a slip, but not what somebody did who can write there. The access log is checked too.
    Raises JournalError, AuditError, StoreFailed.
    """
    places = list(heads) or own_heads(url, data)
    keys = _given(public_keys) or _own_keys(url, data, needed=bool(places))
    verdict, of_heads = checked(url, places, keys)
    _tell_verdict(verdict, tell)
    if of_heads is None:
        tell(text_of("audit.verdict.none"))
    else:
        _tell_heads(of_heads, tell)
    log_is_sound = check_access_log(url, list(heads) or own_log_heads(url, data), keys, tell)
    return verdict.is_sound and not (of_heads and of_heads.findings) and log_is_sound


def check_access_log(url: str, heads: Sequence[Path], keys: PublicKeys, tell: Tell) -> bool:
    """Check the access log beside the journal at `url`; whether nothing is wrong, or none is there.

    Raises StoreFailed, JournalError, AuditError.
    """
    ledger = open_log_ledger(url)
    if ledger is None:
        return True
    try:
        verdict = check_log(ledger, heads, keys)
    finally:
        ledger.close()
    _tell_log(verdict, tell)
    return verdict.is_sound


def rotate_key(url: str, data: Path, tell: Tell) -> None:
    """Sign with a new key from now on; a running server takes it within a second."""
    ring = KeyRing(_folder(url, data))
    ring.rotate()
    tell(text_of("audit.key.rotated", name=ring.current[0], file=ring.public_file))


def public_keys_of(url: str, data: Path) -> str:
    """All public keys of the journal at `url` as PEM, ready to be kept elsewhere in one file."""
    ring = KeyRing(_folder(url, data))
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


def put_back(file: Path, url: str, data: Path, tell: Tell) -> None:
    """Restore a backup to the journal `url`, or under its old name in the data folder `data`.

    Raises BackupError, JournalError, AuditError, OSError.
    """
    made, place = restore(file, url, data)
    tell(text_of("backup.done.restored", events=made.seq, file=place))
    target = url or f"sqlite:///{Path(place).absolute()}"
    _check_restored_log(target, data, tell)


def _check_restored_log(url: str, data: Path, tell: Tell) -> None:
    """Say whether the access log came back whole. It is no reason to keep a city from its journal:
    nothing is undone when it did not.
    """
    try:
        heads, keys = own_log_heads(url, data), _own_keys(url, data, needed=False)
        check_access_log(url, heads, keys, tell)
    except (AuditError, StoreFailed) as error:
        tell(error.message)


def _own_keys(url: str, data: Path, *, needed: bool) -> PublicKeys:
    """The keys kept for the journal at `url`; none where there are none and none are needed."""
    folder = audit_folder_of(url, data)
    there = folder is not None and (folder / PUBLIC).is_dir()
    return own_public_keys(url, data) if there or needed else {}


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


def _tell_heads(verdict: HeadsVerdict, tell: Tell) -> None:
    for finding in verdict.findings:
        tell(finding.message)
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
    if verdict.heads is None:
        tell(text_of("access.verdict.no_heads"))
    else:
        _tell_log_heads(verdict.heads, tell)


def _tell_log_heads(heads: HeadsVerdict, tell: Tell) -> None:
    for found in heads.findings:
        tell(text_of(f"access.head.{found.code}", seq=found.seq, detail=found.detail))
    key = "access.verdict.head_faults" if heads.findings else "access.verdict.heads"
    tell(text_of(key, heads=heads.heads, covered=heads.covered, faults=len(heads.findings)))
