"""A copy of a SQLite file as it is at one moment, while others write to it."""

from __future__ import annotations

from pathlib import Path

import apsw

from console.backup.errors import BackupError

_HEADER = b"SQLite format 3\0"
_BUSY_MS = 10_000


def is_sqlite(path: Path) -> bool:
    """Whether the file begins as a SQLite file does."""
    with path.open("rb") as file:
        return file.read(len(_HEADER)) == _HEADER


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy the database, one moment of it, into one file of its own. Raises BackupError.

    SQLite's online backup in a single step: a reader among others, who holds no writer up (the
    write-ahead log only grows meanwhile).
    """
    try:
        reading = apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READWRITE)
        writing = apsw.Connection(str(target))
        try:
            reading.set_busy_timeout(_BUSY_MS)
            with writing.backup("main", reading, "main") as copying:
                while not copying.done:
                    copying.step()
            writing.pragma("journal_mode", "delete")
        finally:
            writing.close()
            reading.close()
    except apsw.Error as error:
        raise BackupError("cannot_copy", file=source, reason=error) from error
