"""Makes a backup of everything that belongs to a journal, while its server runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from console.backup.archive import Packer, packing
from console.backup.errors import BackupError
from console.backup.manifest import FORMAT, Manifest, program
from console.backup.snapshot import copy_sqlite, is_sqlite
from console.backup.stored import FILES, FOLDERS, JOURNAL, files_in
from console.clock import Clock
from console.journal.chain import Tip
from console.journal.open import journal_file, open_ledger
from console.journal.verify import verify_ledger


def back_up(url: str, out: Path, clock: Clock) -> Manifest:
    """Write everything of the journal at `url` into the new file `out`, and read it back.

    The copy of the journal is verified: a backup of a damaged journal is not made. Raises
    BackupError, JournalError, OSError.
    """
    journal = _journal(url)
    if out.exists():
        raise BackupError("exists", file=out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with _private_files(), TemporaryDirectory(dir=out.parent, prefix=".backup-") as name:
        scratch = Path(name)
        with packing(out) as packer:
            # Heads first: none may be newer than the copy of the journal.
            _add_folders(packer, journal)
            _add_files(packer, journal, scratch)
            tip = _add_journal(packer, journal, scratch)
            manifest = Manifest(
                FORMAT, program(), clock.now_ms(), journal.stem, "sqlite",
                tip.journal, tip.seq, tip.chain.hex(), tuple(packer.parts),
            )  # fmt: skip
            packer.finish(manifest)
    return manifest


def _journal(url: str) -> Path:
    file = journal_file(url)
    if file is None:
        raise BackupError("nothing_stored")
    return file


def _add_journal(packer: Packer, journal: Path, scratch: Path) -> Tip:
    open_ledger(f"sqlite:///{journal.absolute()}").close()
    copy = scratch / JOURNAL
    copy_sqlite(journal, copy)
    ledger = open_ledger(f"sqlite:///{copy.absolute()}")
    try:
        verdict = verify_ledger(ledger)
        tip = ledger.tip()
    finally:
        ledger.close()
    if not verdict.is_sound:
        raise BackupError("not_sound", file=journal, faults=verdict.faults)
    packer.add(JOURNAL, copy)
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


def _add_folders(packer: Packer, journal: Path) -> None:
    for name, suffix in FOLDERS.items():
        folder = journal.with_suffix(suffix)
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
