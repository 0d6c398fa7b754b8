"""Puts a backup back, where nothing stands yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from console.audit import HeadsVerdict, audit_folder_of, checked, read_public_keys
from console.audit.check import SETTLED_MS
from console.audit.keys import PUBLIC
from console.audit.places import HEADS
from console.backup import postgres
from console.backup.archive import opened, unpack
from console.backup.errors import BackupError
from console.backup.manifest import Manifest
from console.backup.stored import DATABASE, FILES, FOLDERS, JOURNAL, taken, targets
from console.journal.open import is_postgresql, journal_file
from console.wire.record_log import sync_folder


def restore(
    file: Path, url: str = "", data: Path | None = None
) -> tuple[Manifest, str, HeadsVerdict]:
    """Put the backup in `file` to the journal `url`, or into the data folder under its old name.

    Nothing is ever overwritten; a part that is not as the manifest says, or a journal that is
    damaged, stops it before anything is in place. Signed heads that are missing do not: a city is
    not kept from its journal for that. Returns the manifest, where the journal is, and what its
    heads prove. Raises BackupError, JournalError, AuditError, OSError.
    """
    if not file.is_file():
        raise BackupError("no_such_backup", file=file)
    with opened(file) as (manifest, archive):
        if any(not _is_known(part.path) for part in manifest.parts):
            raise BackupError("not_a_backup", reason="a part nobody knows")
        if manifest.database == "postgresql":
            return manifest, *_into_database(manifest, archive, url, data)
        return manifest, *_into_files(manifest, archive, _target(manifest, url, data))


def _into_files(manifest: Manifest, archive: ZipFile, journal: Path) -> tuple[str, HeadsVerdict]:
    standing = taken(journal)
    if standing:
        raise BackupError("in_the_way", file=standing[0])
    with _unpacked(manifest, archive, journal.parent) as scratch:
        heads = _check(manifest, f"sqlite:///{(scratch / JOURNAL).absolute()}", scratch / "audit")
        _move(scratch, journal)
    return str(journal), heads


def _into_database(
    manifest: Manifest, archive: ZipFile, url: str, data: Path | None
) -> tuple[str, HeadsVerdict]:
    if not is_postgresql(url) or data is None:
        raise BackupError("other_database", database=manifest.database)
    audit = audit_folder_of(url, data)
    assert audit is not None
    standing = taken(audit)
    if standing:
        raise BackupError("in_the_way", file=standing[0])
    with _unpacked(manifest, archive, audit.parent) as scratch:
        postgres.load(url, scratch / DATABASE)
        heads = _check(manifest, url, scratch / "audit")
        for folder, suffix in FOLDERS.items():
            if (scratch / folder).exists():
                (scratch / folder).rename(audit.with_suffix(suffix))
    return audit.stem, heads


@contextmanager
def _unpacked(manifest: Manifest, archive: ZipFile, beside: Path) -> Iterator[Path]:
    """All parts, found whole, in a folder that nobody else may look into."""
    beside.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=beside, prefix=".restore-") as name:
        for part in manifest.parts:
            unpack(archive, part, Path(name) / part.path)
        yield Path(name)


def _target(manifest: Manifest, url: str, data: Path | None) -> Path:
    if is_postgresql(url):
        raise BackupError("other_database", database=manifest.database)
    if url:
        file = journal_file(url)
    else:
        file = None if data is None else data / "journals" / f"{manifest.name}.sqlite"
    if file is None:
        raise BackupError("nothing_stored")
    return file


def _is_known(path: str) -> bool:
    head, _, rest = path.partition("/")
    return head in FOLDERS if rest else head in (JOURNAL, DATABASE, *FILES)


def _check(manifest: Manifest, url: str, audit: Path) -> HeadsVerdict:
    """The journal is sound, holds what the manifest speaks of, and does not contradict its signed
    heads; what they prove.
    """
    heads = [path for path in [audit / HEADS] if path.exists()]
    keys = read_public_keys(audit / PUBLIC) if (audit / PUBLIC).exists() else {}
    verdict, of_heads = checked(url, heads, keys, manifest.at - SETTLED_MS)
    faults = verdict.faults + len(of_heads.damage)
    if faults or verdict.events < manifest.seq:
        raise BackupError("not_sound", file=manifest.name, faults=faults)
    return of_heads


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
