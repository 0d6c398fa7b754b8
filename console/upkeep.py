"""What an operator asks of stored data: check it, and tend the keys its heads are signed with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from console.audit import (
    AuditError,
    HeadsVerdict,
    KeyRing,
    audit_folder,
    checked,
    own_heads,
    own_public_keys,
    read_public_keys,
)
from console.audit.head import PublicKeys
from console.i18n import text_of
from console.journal.open import journal_file
from console.journal.verify import Verdict
from console.model.text import Text

Tell = Callable[[Text], None]
"""Says a sentence to the operator."""


def check_journal(url: str, heads: Sequence[Path], public_keys: Sequence[Path], tell: Tell) -> bool:
    """Check the journal at `url`, and it against signed heads; whether nothing is wrong.

    Without `heads` those beside the journal are taken, without `public_keys` those beside it: they
    show a slip, but not what somebody did who can write there. Raises JournalError, AuditError.
    """
    places = list(heads) or own_heads(url)
    keys = _given(public_keys) or (own_public_keys(url) if places else {})
    verdict, of_heads = checked(url, places, keys)
    _tell_verdict(verdict, tell)
    if of_heads is None:
        tell(text_of("audit.verdict.none"))
    else:
        _tell_heads(of_heads, tell)
    return verdict.is_sound and not (of_heads and of_heads.findings)


def rotate_key(url: str, tell: Tell) -> None:
    """Sign with a new key from now on; a running server takes it within a second."""
    ring = KeyRing(_folder(url))
    ring.rotate()
    tell(text_of("audit.key.rotated", name=ring.current[0], file=ring.public_file))


def public_keys_of(url: str) -> str:
    """All public keys of the journal at `url` as PEM, ready to be kept elsewhere in one file."""
    ring = KeyRing(_folder(url))
    return "".join(sorted(f.read_text("ascii") for f in ring.public_folder.glob("*.pem"))).strip()


def _given(files: Sequence[Path]) -> PublicKeys:
    return {key_id: key for file in files for key_id, key in read_public_keys(file).items()}


def _folder(url: str) -> Path:
    file = journal_file(url)
    if file is None:
        raise AuditError("no_place")
    return audit_folder(file)


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
