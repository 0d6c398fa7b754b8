"""What a backup says about itself."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version

import msgspec

from console.backup.errors import BackupError

FORMAT = 1
MANIFEST = "manifest.json"

_STEP = r"[A-Za-z0-9_][A-Za-z0-9_.:-]*"
_PATH = re.compile(rf"{_STEP}(/{_STEP})*")
_NAME = re.compile(r"[^/\\\0]{1,120}")


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the backup; `sha256` in hexadecimal, `size` in bytes."""

    path: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`name` is the journal's, as its file was called; `seq` and `chain` its end; `at` when the
    backup was begun (ms UTC).
    """

    format: int
    made_by: str
    at: int
    name: str
    database: str
    journal: str
    seq: int
    chain: str
    parts: tuple[Part, ...]


def encode_manifest(manifest: Manifest) -> bytes:
    """The manifest as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def decode_manifest(data: bytes) -> Manifest:
    """The manifest in `data`. Raises BackupError for one that is none, or newer than this program.

    No path in it leads out of the folder that it is put into.
    """
    try:
        form = msgspec.json.decode(data, type=_Format).format
        if form > FORMAT:
            raise BackupError("newer", format=form)
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BackupError("not_a_backup", reason=error) from error
    paths = [part.path for part in manifest.parts]
    if len(set(paths)) != len(paths) or not all(map(_PATH.fullmatch, paths)):
        raise BackupError("not_a_backup", reason="a path that leads elsewhere")
    if not _NAME.fullmatch(manifest.name) or manifest.name.startswith("."):
        raise BackupError("not_a_backup", reason="a name that leads elsewhere")
    return manifest


def program() -> str:
    """This program and its version."""
    try:
        return f"trellis {version('trellis-console')}"
    except PackageNotFoundError:
        return "trellis"


class _Format(msgspec.Struct):
    format: int
