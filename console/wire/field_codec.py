"""How the two ends of a device's line write their frames: msgpack, or JSON for a browser.

A browser has no msgpack of its own, and cannot set a header on a WebSocket: it asks for JSON by the
subprotocol `trellis.field.json`, and offers its token beside it as `bearer.TOKEN`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from console.wire.errors import WireError
from console.wire.frames import (
    FieldPush,
    FieldSaid,
    FixFrame,
    checked_said,
    decode_field_said,
    decode_fix,
    encode_frame,
)

SUBPROTOCOL = "trellis.field.json"
_BEARER = "bearer."

_encoder = msgspec.json.Encoder()
_said: msgspec.json.Decoder[FieldSaid] = msgspec.json.Decoder(FieldSaid)


@dataclass(frozen=True, slots=True)
class FieldCodec:
    """The server's side of one way of writing. `decode` and `decode_fix` raise WireError.

    With a `subprotocol` the messages are text, otherwise binary.
    """

    subprotocol: str
    encode: Callable[[FieldPush], bytes]
    decode: Callable[[bytes], FieldSaid]
    decode_fix: Callable[[bytes], FixFrame]
    fix_mark: bytes
    """What stands after the first byte of a fix as our own devices write it."""


def decode_field_said_json(data: bytes) -> FieldSaid:
    """A frame a browser sent: strict, and a fix is on the globe. Raises WireError."""
    return checked_said(_said.decode, data)


def decode_fix_json(data: bytes) -> FixFrame:
    """`decode_field_said_json` for a fix and nothing else. Raises WireError."""
    said = decode_field_said_json(data)
    if not isinstance(said, FixFrame):
        raise WireError("device frame: begins as a fix, and is none")
    return said


BINARY_CODEC = FieldCodec("", encode_frame, decode_field_said, decode_fix, b"\xa1t\xa3fix")
JSON_CODEC = FieldCodec(
    SUBPROTOCOL, _encoder.encode, decode_field_said_json, decode_fix_json, b'"t":"fix"'
)


def codec_for(offered: Sequence[str]) -> FieldCodec:
    """How to write to a device that offers these subprotocols."""
    return JSON_CODEC if SUBPROTOCOL in offered else BINARY_CODEC


def token_among(offered: Sequence[str]) -> str:
    """The token among the subprotocols that a browser offers, "" for none."""
    if SUBPROTOCOL not in offered:
        return ""
    tokens = [word.removeprefix(_BEARER) for word in offered if word.startswith(_BEARER)]
    return tokens[0] if tokens else ""
