"""Where signed heads lie, and how they get there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from console.audit.head import SignedHead, decode_head, encode_head
from console.journal.open import beside

HEADS = "heads.jsonl"
SUFFIX = ".audit"

_TAIL_BYTES = 16_384
"""Where the newest head is looked for: the file grows for years, a start must not."""


def audit_folder_of(url: str, data: Path | None = None) -> Path | None:
    """Where keys and heads of the journal at `url` are kept: beside its file; for a database of
    several nodes in this node's own data folder `data`; None for neither. Raises JournalError.
    """
    return beside(url, data, SUFFIX)


def own_heads(url: str, data: Path | None = None) -> list[Path]:
    """The file of heads kept for the journal at `url`, if there is one. Raises JournalError."""
    folder = audit_folder_of(url, data)
    return [] if folder is None or not (folder / HEADS).exists() else [folder / HEADS]


def heads_file(place: Path, name: str) -> Path:
    """The file of heads at a second place: in the folder `place`, else `place` itself."""
    return place / f"{name}.{HEADS}" if place.is_dir() else place


class HeadFile:
    """Appends heads to the file at `path`, each durable when `append` returns. Raises OSError.

    The file is opened anew for each: it may lie on a disk that comes and goes, and whoever tends
    it may move it away at any time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, head: SignedHead) -> None:
        """Add one line; what a crash left of another is closed off first."""
        with self.path.open("ab+") as file:
            line = encode_head(head)
            file.write(line if _ends_whole(file) else b"\n" + line)
            file.flush()
            os.fsync(file.fileno())

    def last(self) -> SignedHead | None:
        """The newest head that can be read, None without one near the end. Raises OSError."""
        if not self.path.exists():
            return None
        with self.path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            lines = file.read().splitlines()
        for line in reversed(lines):
            with suppress(ValueError):
                return decode_head(line)
        return None


def read_heads(path: Path) -> Iterator[SignedHead | int]:
    """The heads in a file, in order; the number of the line for one that cannot be read.

    A last line without its end is what a crash left, and passed over. Raises OSError.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield decode_head(line)
            except ValueError:
                if line.endswith(b"\n") and not _is_torn(line):
                    yield number


def _is_torn(line: bytes) -> bool:
    """Whether the line is the beginning of one, closed off later."""
    return line == b"\n" or (line.startswith(b'{"journal"') and not line.endswith(b"}\n"))


def _ends_whole(file: BinaryIO) -> bool:
    """Whether the file ends with a whole line; writing still goes to its end."""
    if file.seek(0, os.SEEK_END) == 0:
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"
