"""A Shapefile is several files; whether all are there and whole, which GDAL lets pass in silence.

Source: ESRI Shapefile Technical Description (July 1998), main file header, big-endian: file code
9994 at byte 0, length in 16-bit words at 24; dBASE header: records uint32 at 4, lengths uint16 at
8 and 10.
"""

from __future__ import annotations

import struct
from pathlib import Path

from console.i18n import text_of
from console.intake.errors import IntakeError

_HEADER_BYTES = 100
_FILE_CODE = 9994


def refuse_incomplete(path: Path) -> None:
    """Raise IntakeError when .shx or .dbf is missing beside `path`, or one of the three is cut."""
    for suffix in (".shp", ".shx", ".dbf"):
        part = _part(path, suffix)
        stated = _dbase_bytes(part) if suffix == ".dbf" else _shape_bytes(part)
        if part.stat().st_size < stated:
            sizes = {"found": part.stat().st_size, "stated": stated}
            raise IntakeError(text_of("intake.file.cut", name=part.name, **sizes))


def _part(path: Path, suffix: str) -> Path:
    """The file beside `path` with that suffix, in either case."""
    for part in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
        if part.is_file():
            return part
    raise IntakeError(text_of("intake.file.part", name=path.name, part=suffix))


def _shape_bytes(path: Path) -> int:
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES:
        return _HEADER_BYTES
    code, words = struct.unpack_from(">i20xi", header)
    if code != _FILE_CODE:
        detail = f"file code {code}, not {_FILE_CODE}"
        raise IntakeError(text_of("intake.file.unreadable", name=path.name, detail=detail))
    return 2 * int(words)


def _dbase_bytes(path: Path) -> int:
    with path.open("rb") as file:
        header = file.read(12)
    if len(header) < 12:
        return 12
    records, header_bytes, record_bytes = struct.unpack_from("<IHH", header, 4)
    return int(header_bytes + records * record_bytes)
