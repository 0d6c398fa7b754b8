"""Puts a backup back, where nothing stands yet."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from console.audit import checked, read_public_keys
from console.backup.archive import opened, unpack
from console.backup.errors import BackupError
from console.backup.manifest import Manifest
from console.backup.stored import FILES, FOLDERS, JOURNAL, taken, targets
from console.journal.open import journal_file
from console.wire.record_log import sync_folder


def restore(file: Path, url: str = "", folder: Path | None = None) -> tuple[Manifest, Path]:
    """Put the backup in `file` to the journal `url`, or into `folder` under its old name.

    Nothing is ever overwritten; a part that is not as the manifest says, or a journal that is not
    sound, stops it before anything is in place. Returns the manifest and the journal's file.
    Raises BackupError, JournalError, AuditError, OSError.
    """
    if not file.is_file():
        raise BackupError("no_such_backup", file=file)
    with opened(file) as (manifest, archive):
        journal = _target(manifest, url, folder)
        standing = taken(journal)
        if standing:
            raise BackupError("in_the_way", file=standing[0])
        journal.parent.mkdir(parents=True, exist_ok=True)
        # Made by mkdtemp: nobody else may look into it.
        with TemporaryDirectory(dir=journal.parent, prefix=".restore-") as name:
            scratch = Path(name)
            for part in manifest.parts:
                _check_known(part.path)
                unpack(archive, part, scratch / part.path)
            _check(manifest, scratch)
            _move(scratch, journal)
    return manifest, journal


def _target(manifest: Manifest, url: str, folder: Path | None) -> Path:
    if manifest.database != "sqlite":
        raise BackupError("other_database", database=manifest.database)
    if url:
        file = journal_file(url)
    else:
        file = None if folder is None else folder / f"{manifest.name}.sqlite"
    if file is None:
        raise BackupError("nothing_stored")
    return file


def _check_known(path: str) -> None:
    head, _, rest = path.partition("/")
    if not (head in FOLDERS if rest else head == JOURNAL or head in FILES):
        raise BackupError("not_a_backup", reason=path)


def _check(manifest: Manifest, scratch: Path) -> None:
    """The journal is sound, is the one the manifest speaks of, and agrees with its signed heads."""
    heads = [path for path in [scratch / "audit" / "heads.jsonl"] if path.exists()]
    keys = read_public_keys(scratch / "audit" / "public") if heads else {}
    url = f"sqlite:///{(scratch / JOURNAL).absolute()}"
    verdict, of_heads = checked(url, heads, keys)
    faults = verdict.faults + len(of_heads.findings if of_heads else ())
    if faults or verdict.events != manifest.seq:
        raise BackupError("not_sound", file=manifest.name, faults=faults)


def _move(scratch: Path, journal: Path) -> None:
    """Put everything in its place, the journal last: without it nothing counts as restored."""
    places = targets(journal)
    moved: list[Path] = []
    try:
        for name in (*FILES, *FOLDERS, JOURNAL):
            if (scratch / name).exists():
                (scratch / name).rename(places[name])
                moved.append(places[name])
    except OSError:
        for name, place in places.items():
            if place in moved:
                place.rename(scratch / name)
        raise
    for place in (p for p in moved if p.is_file()):
        place.chmod(0o600)
    sync_folder(journal.parent)
