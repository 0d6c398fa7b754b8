"""What a stored picture is made of, as msgpack with a checksum: incidents, commands and units."""

from __future__ import annotations

import struct
import zlib
from typing import Any, TypeVar

import msgspec

from console.model.command import Command
from console.model.incident import Incident
from console.model.unit import UnitState
from console.wire.errors import WireError

Stored = Incident | Command | UnitState
T = TypeVar("T", bound=Stored)

_SUM = struct.Struct("<I")
_encoder = msgspec.msgpack.Encoder()
_DECODERS: dict[type, msgspec.msgpack.Decoder[Any]] = {
    cls: msgspec.msgpack.Decoder(cls) for cls in (Incident, Command, UnitState)
}


def encode_stored(value: Stored) -> bytes:
    """The value's CRC-32 (little-endian u32) and its fields."""
    body = _encoder.encode(value)
    return _SUM.pack(zlib.crc32(body)) + body


def decode_stored(cls: type[T], data: bytes) -> T:
    """The value of `cls` in `data`. Raises WireError where it is damaged."""
    body = memoryview(data)[_SUM.size :]
    if len(data) < _SUM.size or zlib.crc32(body) != _SUM.unpack_from(data)[0]:
        raise WireError(f"a stored {cls.__name__} is damaged")
    try:
        value: T = _DECODERS[cls].decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"a stored {cls.__name__}: {error}") from error
    return value
