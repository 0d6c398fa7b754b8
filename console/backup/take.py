"""Makes a backup of everything that belongs to a journal, while its server runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from console.audit import audit_folder_of
from console.backup import postgres
from console.backup.archive import Packer, packing
from console.backup.errors import BackupError
from console.backup.manifest import FORMAT, Manifest, program
from console.backup.snapshot import copy_sqlite, is_sqlite
from console.backup.stored import DATABASE, FILES, FOLDERS, JOURNAL, files_in
from console.clock import Clock
from console.journal.chain import Tip
from console.journal.open import is_postgresql, journal_file, open_ledger
from console.journal.verify import verify_ledger


def back_up(url: str, out: Path, clock: Clock, data: Path | None = None) -> Manifest:
    """Write everything of the journal at `url` into the new file `out`, and read it back.

    The journal is verified: a backup of a damaged one is not made. `data` is the data folder, where
    a journal in PostgreSQL has its keys and heads. Raises BackupError, JournalError, OSError.
    """
    if out.exists():
        raise BackupError("exists", file=out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with _private_files(), TemporaryDirectory(dir=out.parent, prefix=".backup-") as folder:
        scratch = Path(folder)
        # What is older than this has its head in the copy; what comes meanwhile may have none.
        begun_at = clock.now_ms()
        with packing(out) as packer:
            # Heads first: none may be newer than the copy of the journal.
            kind, name, tip = _add_all(packer, url, data, scratch)
            manifest = Manifest(
                FORMAT, program(), begun_at, name, kind,
                tip.journal, tip.seq, tip.chain.hex(), tuple(packer.parts),
            )  # fmt: skip
            packer.finish(manifest)
    return manifest


def _add_all(packer: Packer, url: str, data: Path | None, scratch: Path) -> tuple[str, str, Tip]:
    """Everything of the journal; what kind of database it is in, its name and its end."""
    if is_postgresql(url):
        audit = audit_folder_of(url, data)
        if audit is not None:
            _add_folders(packer, audit)
        name = "postgresql" if audit is None else audit.stem
        return "postgresql", name, _add_database(packer, url, scratch)
    journal = journal_file(url)
    if journal is None:
        raise BackupError("nothing_stored")
    _add_folders(packer, journal)
    _add_files(packer, journal, scratch)
    return "sqlite", journal.stem, _add_journal(packer, journal, scratch)


def _add_database(packer: Packer, url: str, scratch: Path) -> Tip:
    tip = _verified(url, url)
    copy = scratch / DATABASE
    postgres.dump(url, copy)
    postgres.check_dump(url, copy)
    packer.add(DATABASE, copy)
    return tip


def _add_journal(packer: Packer, journal: Path, scratch: Path) -> Tip:
    open_ledger(f"sqlite:///{journal.absolute()}").close()
    copy = scratch / JOURNAL
    copy_sqlite(journal, copy)
    tip = _verified(f"sqlite:///{copy.absolute()}", str(journal))
    packer.add(JOURNAL, copy)
    return tip


def _verified(url: str, name: str) -> Tip:
    """Where the journal ends, which is sound so far. Raises BackupError."""
    ledger = open_ledger(url)
    try:
        tip = ledger.tip()
        verdict = verify_ledger(ledger)
    finally:
        ledger.close()
    if not verdict.is_sound:
        raise BackupError("not_sound", file=name, faults=verdict.faults)
    return tip


def _add_files(packer: Packer, journal: Path, scratch: Path) -> None:
    for name, suffix in FILES.items():
        file = journal.with_suffix(suffix)
        if not file.exists():
            continue
        if is_sqlite(file):
            copy_sqlite(file, scratch / name)
            file = scratch / name
        packer.add(name, file)


def _add_folders(packer: Packer, beside: Path) -> None:
    for name, suffix in FOLDERS.items():
        folder = beside.with_suffix(suffix)
        for file in _each_once(folder):
            packer.add(f"{name}/{file.relative_to(folder).as_posix()}", file)


def _each_once(folder: Path) -> Iterator[Path]:
    """The folder's files; those that take another's place while it is read come too."""
    seen: set[Path] = set()
    while fresh := [file for file in files_in(folder) if file not in seen]:
        seen.update(fresh)
        yield from (file for file in fresh if file.exists())


@contextmanager
def _private_files() -> Iterator[None]:
    """What is written meanwhile can be read by its owner alone: it holds people's data."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
