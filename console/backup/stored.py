"""Where a server keeps what belongs to a journal, and what those places are called in a backup."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

JOURNAL = "journal"
DATABASE = "database"
"""A dump of PostgreSQL, in place of the journal's file."""

FILES = {"access": ".access", "devices": ".devices"}
"""Single files beside the journal, by their name in a backup: people and devices."""

FOLDERS = {"audit": ".audit", "tracks": ".tracks"}
"""Folders beside the journal."""

_LEFT_OUT = ("private.pem", "*.new", "*.part", "*.lock")
"""The signing key, and what is half written."""

_OF_SQLITE = ("-wal", "-shm", "-journal")
_PICTURE = ".picture"
"""The kept fold: never backed up, for it is made anew, and in the way of a restore, for it would be
taken for the fold of what is restored.
"""


def targets(journal: Path) -> dict[str, Path]:
    """Every place that a restored journal takes up, by its name in a backup."""
    beside = {name: journal.with_suffix(end) for name, end in (FILES | FOLDERS).items()}
    return {JOURNAL: journal, **beside}


def taken(journal: Path) -> list[Path]:
    """What stands at those places already."""
    picture = journal.with_suffix(_PICTURE)
    logs = [f.with_name(f.name + end) for f in (journal, picture) for end in _OF_SQLITE]
    return [path for path in (*targets(journal).values(), picture, *logs) if path.exists()]


def files_in(folder: Path) -> Iterator[Path]:
    """The files that a backup takes of a folder, in order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(path.match(pattern) for pattern in _LEFT_OUT):
            yield path
