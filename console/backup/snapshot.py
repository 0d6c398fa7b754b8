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

    `VACUUM INTO` reads as any reader does and holds no writer up (the write-ahead log only grows
    meanwhile); what was deleted or laid out ahead is not copied.
    """
    try:
        connection = apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            connection.set_busy_timeout(_BUSY_MS)
            connection.execute("VACUUM INTO ?", (str(target),))
        finally:
            connection.close()
    except apsw.Error as error:
        raise BackupError("cannot_copy", file=source, reason=error) from error
