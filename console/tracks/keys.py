"""The key frame of an hour: where every unit was when it began, however long it had been quiet.

A file of its own beside the hour's, so that what comes in late, or must be forgotten, changes this
small file and not the hours after it.

    file = head + zstd(ids, rows as planes of bytes)
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from console.tracks.codecs import zstd
from console.tracks.errors import TracksDamaged
from console.tracks.files import replacing
from console.tracks.numbers import MAX_UNITS, decode_names, encode_names
from console.tracks.rows import ROW, Rows

_MAGIC = b"TRKKEYS1"
_HEAD = struct.Struct("<8sIII")
_MAX_IDS = 300 * MAX_UNITS
"""Bytes of ids: 64 characters of up to four bytes each, and some."""


@dataclass(frozen=True, slots=True)
class Keys:
    """`rows` has one row a unit at most; their numbers are places in `unit_ids`."""

    unit_ids: tuple[str, ...]
    rows: Rows


def write_keys(path: Path, keys: Keys) -> None:
    """Put the key frame in place. Raises OSError."""
    ids = encode_names(keys.unit_ids)
    planes = keys.rows.view(np.uint8).reshape(-1, ROW.itemsize).T
    body: bytes = zstd().compress(ids + planes.tobytes(), asbytes=True)
    counts = struct.pack("<II", len(ids), len(keys.rows))
    with replacing(path) as file:
        file.write(_HEAD.pack(_MAGIC, len(ids), len(keys.rows), zlib.crc32(counts + body)) + body)


def read_keys(path: Path) -> Keys:
    """The key frame at `path`. Raises OSError, TracksDamaged."""
    data = path.read_bytes()
    if len(data) < _HEAD.size:
        raise TracksDamaged(path, "too short for a key frame")
    magic, id_bytes, count, crc = _HEAD.unpack_from(data)
    body = data[_HEAD.size :]
    counts = struct.pack("<II", id_bytes, count)
    if magic != _MAGIC or zlib.crc32(counts + body) != crc:
        raise TracksDamaged(path, "not a key frame, or a damaged one")
    return _decoded(path, body, id_bytes, count)


def _decoded(path: Path, body: bytes, id_bytes: int, count: int) -> Keys:
    if id_bytes > _MAX_IDS or count > MAX_UNITS:
        raise TracksDamaged(path, "more units than there can be")
    size = id_bytes + count * ROW.itemsize
    try:
        raw = zstd().decompress(body, decompressed_size=size, asbytes=True)
        unit_ids = decode_names(raw[:id_bytes])
    except (OSError, ValueError, msgspec.DecodeError) as error:
        raise TracksDamaged(path, f"a key frame cannot be unpacked ({error})") from error
    if len(raw) != size:
        raise TracksDamaged(path, "a key frame is shorter than it says")
    planes = np.frombuffer(raw, np.uint8, offset=id_bytes).reshape(ROW.itemsize, count)
    rows = np.ascontiguousarray(planes.T).view(ROW).reshape(count)
    units = rows["unit"]
    if count and not 0 <= int(units.min()) <= int(units.max()) < len(unit_ids):
        raise TracksDamaged(path, "a key frame of a unit without an id")
    return Keys(unit_ids, rows)
