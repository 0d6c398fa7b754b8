"""The backup's file: parts put in with their hashes, and taken out only if these hold."""

from __future__ import annotations

import errno
import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from console.backup.errors import BackupError
from console.backup.manifest import MANIFEST, Manifest, Part, decode_manifest, encode_manifest

_BLOCK = 1 << 20
_LEVEL = 1
"""Compression: a journal shrinks to a fifth at the fastest level, and more costs minutes."""

_MANIFEST_BYTES = 64 << 20
"""What is read into memory at once: the names of some hundred thousand parts."""

_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, KeyError, EOFError, ValueError, RuntimeError, struct.error,
)  # fmt: skip
"""What zipfile raises over damaged bytes; RuntimeError for what looks encrypted."""


class Packer:
    """Puts parts into an archive."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.parts: list[Part] = []

    def add(self, path: str, file: Path) -> None:
        """Put the file in under `path`, as long as it is now: a log may grow meanwhile."""
        with file.open("rb") as source, self._archive.open(path, "w", force_zip64=True) as target:
            size, digest = _copied(source, target, os.fstat(source.fileno()).st_size)
        self.parts.append(Part(path, size, digest))

    def finish(self, manifest: Manifest) -> None:
        """Put the manifest in."""
        self._archive.writestr(MANIFEST, encode_manifest(manifest))


@contextmanager
def packing(out: Path) -> Iterator[Packer]:
    """An archive that stands at `out` when all went well, and is read back before. Raises OSError.

    BackupError: what was read back is not what was written.
    """
    draft = out.with_name(out.name + ".part")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
            yield Packer(archive)
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        with opened(draft) as (manifest, written):
            for part in manifest.parts:
                _check(written, part)
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def opened(file: Path) -> Iterator[tuple[Manifest, zipfile.ZipFile]]:
    """A backup and its manifest. Raises BackupError."""
    try:
        with zipfile.ZipFile(file) as archive:
            if archive.getinfo(MANIFEST).file_size > _MANIFEST_BYTES:
                raise BackupError("not_a_backup", reason="a manifest without measure")
            yield decode_manifest(archive.read(MANIFEST)), archive
    except _UNREADABLE as error:
        raise BackupError("not_a_backup", reason=error) from error
    except OSError as error:
        # zipfile seeks to places before the file's beginning when damaged bytes say so.
        if error.errno != errno.EINVAL:
            raise
        raise BackupError("not_a_backup", reason=error) from error


def unpack(archive: zipfile.ZipFile, part: Part, target: Path) -> None:
    """Write the part to `target`. Raises BackupError when it is not what the manifest says."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        _check(archive, part, file)
        file.flush()
        os.fsync(file.fileno())


def _check(archive: zipfile.ZipFile, part: Part, target: IO[bytes] | None = None) -> None:
    with archive.open(part.path) as source:
        found = _copied(source, target, part.size)
        longer = source.read(1)
    if found != (part.size, part.sha256) or longer:
        raise BackupError("damaged", part=part.path)


def _copied(source: IO[bytes], target: IO[bytes] | None, size: int) -> tuple[int, str]:
    """Copy at most `size` bytes; how many there were, and their SHA-256."""
    digest = hashlib.sha256()
    left = size
    while left and (block := source.read(min(_BLOCK, left))):
        digest.update(block)
        if target is not None:
            target.write(block)
        left -= len(block)
    return size - left, digest.hexdigest()
