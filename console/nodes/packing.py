"""Fixes and units as bytes on the board.

    fixes = "TRG1", bytes of ids, bytes unpacked, rows (u32 each) + zstd(ids + planes of the rows)
    units = "TRU2", bytes of ids, bytes unpacked (u32 each) + zstd(ids + planes of their turns)

A row's unit number is a place among the ids that stand with it; rows as planes of bytes pack to a
half. Ids are msgpack. A turn says since when a unit's line is there (`console.server.presence`).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
import numpy as np

from console.tracks import ROW, Rows

_FIXES = struct.Struct("<4sIII")
_UNITS = struct.Struct("<4sII")
_TURN = np.dtype("<u8")
_MOST_BYTES = 64 << 20
"""What may be unpacked: a node's units and fixes of half a minute are a tenth of it."""

_names: msgspec.msgpack.Decoder[list[str]] = msgspec.msgpack.Decoder(list[str])


def pack_fixes(unit_ids: Sequence[str], rows: Rows) -> bytes:
    """`rows`, whose unit numbers are places in `unit_ids`."""
    ids = msgspec.msgpack.encode(unit_ids)
    planes = rows.view(np.uint8).reshape(-1, ROW.itemsize).T
    raw = ids + planes.tobytes()
    packed: bytes = _zstd().compress(raw, asbytes=True)
    return _FIXES.pack(b"TRG1", len(ids), len(raw), len(rows)) + packed


def unpack_fixes(data: bytes) -> tuple[list[str], Rows]:
    """What `pack_fixes` packed. Raises ValueError for anything else."""
    if len(data) < _FIXES.size:
        raise ValueError("too short for fixes")
    magic, id_bytes, size, count = _FIXES.unpack_from(data)
    if magic != b"TRG1" or id_bytes + count * ROW.itemsize != size:
        raise ValueError("not fixes, or of another version")
    raw = _unpacked(data[_FIXES.size :], size)
    unit_ids = _ids(raw[:id_bytes])
    planes = np.frombuffer(raw, np.uint8, offset=id_bytes).reshape(ROW.itemsize, count)
    rows: Rows = np.ascontiguousarray(planes.T).reshape(-1).view(ROW)
    if count and not 0 <= int(rows["unit"].min()) <= int(rows["unit"].max()) < len(unit_ids):
        raise ValueError("a fix of a unit without an id")
    return unit_ids, rows


def pack_units(turns: Mapping[str, int]) -> bytes:
    """Units with their turns, in any order."""
    unit_ids = sorted(turns)
    ids = msgspec.msgpack.encode(unit_ids)
    numbers = np.array([turns[unit_id] for unit_id in unit_ids], _TURN)
    raw = ids + numbers.view(np.uint8).reshape(-1, _TURN.itemsize).T.tobytes()
    packed: bytes = _zstd().compress(raw, asbytes=True)
    return _UNITS.pack(b"TRU2", len(ids), len(raw)) + packed


def unpack_units(data: bytes) -> dict[str, int]:
    """What `pack_units` packed. Raises ValueError for anything else."""
    if len(data) < _UNITS.size:
        raise ValueError("too short for units")
    magic, id_bytes, size = _UNITS.unpack_from(data)
    if magic != b"TRU2":
        raise ValueError("not units, or of another version")
    raw = _unpacked(data[_UNITS.size :], size)
    unit_ids = _ids(raw[:id_bytes])
    if id_bytes + len(unit_ids) * _TURN.itemsize != size:
        raise ValueError("not as many turns as units")
    planes = np.frombuffer(raw, np.uint8, offset=id_bytes).reshape(_TURN.itemsize, -1)
    turns: list[int] = np.ascontiguousarray(planes.T).reshape(-1).view(_TURN).tolist()
    return dict(zip(unit_ids, turns, strict=True))


def _ids(data: bytes) -> list[str]:
    try:
        return _names.decode(data)
    except msgspec.DecodeError as error:
        raise ValueError(f"ids cannot be read ({error})") from error


def _unpacked(data: bytes, size: int) -> bytes:
    if size > _MOST_BYTES:
        raise ValueError("larger than there can be")
    try:
        raw: bytes = _zstd().decompress(data, decompressed_size=size, asbytes=True)
    except OSError as error:
        raise ValueError(f"cannot be unpacked ({error})") from error
    if len(raw) != size:
        raise ValueError("shorter than it says")
    return raw


@cache
def _zstd() -> Any:
    # Imported here: a node that starts need not wait for Arrow.
    import pyarrow as pa  # noqa: PLC0415

    return pa.Codec("zstd", compression_level=1)
