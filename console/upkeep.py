"""What an operator asks of stored data: check it, tend its keys, back it up and put it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

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
    show a slip, but not what somebody did who can write there. Raises JournalError, AuditError.
    """
    places = list(heads) or own_heads(url, data)
    keys = _given(public_keys) or (own_public_keys(url, data) if places else {})
    verdict, of_heads = checked(url, places, keys)
    _tell_verdict(verdict, tell)
    if of_heads is None:
        tell(text_of("audit.verdict.none"))
    else:
        _tell_heads(of_heads, tell)
    return verdict.is_sound and not (of_heads and of_heads.findings)


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
