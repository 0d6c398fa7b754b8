"""A whole picture on its way to a desk, as JSON: what stands after event `seq`."""

from __future__ import annotations

from functools import cache

import msgspec

from console.model.command import Command
from console.model.incident import Incident
from console.model.unit import UnitState
from console.wire.errors import WireError


class WholePicture(msgspec.Struct, frozen=True):
    """Incidents and commands by age, as far as the reader may see them.

    `journal` is the name that the frames of the stream bear for this reader.
    """

    seq: int
    journal: str
    incidents: list[Incident]
    commands: list[Command]
    units: list[UnitState]


def encode_picture(picture: WholePicture) -> bytes:
    """The answer to `GET /api/v1/picture`."""
    return msgspec.json.encode(picture)


def decode_picture(body: bytes) -> WholePicture:
    """The picture in `body`. Raises WireError."""
    try:
        return _decoder().decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WireError(f"picture: {error}") from error


@cache
def _decoder() -> msgspec.json.Decoder[WholePicture]:
    return msgspec.json.Decoder(WholePicture)
