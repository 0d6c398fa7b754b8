"""A fact's fields as msgpack or JSON; its kind and version travel beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from console.model.facts import KNOWN_FACTS, Fact, UnknownFact
from console.wire.errors import WireError

Format = Literal["json", "msgpack"]

_ENCODERS: Mapping[Format, msgspec.json.Encoder | msgspec.msgpack.Encoder] = {
    "json": msgspec.json.Encoder(),
    "msgpack": msgspec.msgpack.Encoder(),
}

_RAW_DECODERS: Mapping[Format, Any] = {
    "json": msgspec.json.Decoder(dict[str, Any]),
    "msgpack": msgspec.msgpack.Decoder(dict[str, Any]),
}
_DECODERS: Mapping[Format, Mapping[tuple[str, int], Any]] = {
    "json": {name: msgspec.json.Decoder(cls) for name, cls in KNOWN_FACTS.items()},
    "msgpack": {name: msgspec.msgpack.Decoder(cls) for name, cls in KNOWN_FACTS.items()},
}


def encode_fact(fact: Fact | UnknownFact, form: Format = "msgpack") -> bytes:
    """The fact's fields. What `decode_fact` kept as unknown comes out as it went in."""
    return _ENCODERS[form].encode(fact.raw if isinstance(fact, UnknownFact) else fact)


def decode_fact(
    kind: str, version: int, data: bytes | memoryview, form: Format = "msgpack"
) -> Fact | UnknownFact:
    """The fact of `kind` and `version` in `data`; an UnknownFact where this program knows no such.

    Raises WireError when the bytes do not fit the kind.
    """
    known = _DECODERS[form].get((kind, version))
    try:
        if known is None:
            return UnknownFact(kind, version, _RAW_DECODERS[form].decode(data))
        fact: Fact = known.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WireError(f"fact {kind} v{version}: {error}") from error
    return fact
