"""Files put in place whole: whoever looks sees the old one or the new one, and so does a crash."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from console.wire.record_log import sync_folder

HOUR_SUFFIX = ".hour"
KEYS_SUFFIX = ".keys"
LOG_SUFFIX = ".fixes"
DRAFT_SUFFIX = ".new"

_STAMP = "%Y-%m-%dT%H"


def stamp(at: int) -> str:
    """The hour that `at` (ms UTC) is in, as files are named: `2026-11-21T20`."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime(_STAMP)


def hour_of(path: Path) -> int | None:
    """When the hour that the file is named after begins, ms UTC; None for another name."""
    try:
        begin = datetime.strptime(path.stem, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(begin.timestamp()) * 1000


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write to; it takes the place of `path` once it is on the disk. Raises OSError."""
    draft = path.with_name(path.name + DRAFT_SUFFIX)
    try:
        with draft.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def remove_drafts(folder: Path) -> None:
    """Remove what a crash left half written."""
    for draft in folder.glob("*" + DRAFT_SUFFIX):
        draft.unlink(missing_ok=True)
