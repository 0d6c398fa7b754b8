"""A fact's fields as msgpack or JSON; its kind and version travel beside them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
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
_DECODER_TYPES: Mapping[Format, Any] = {
    "json": msgspec.json.Decoder,
    "msgpack": msgspec.msgpack.Decoder,
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
    try:
        if (kind, version) not in KNOWN_FACTS:
            return UnknownFact(kind, version, _RAW_DECODERS[form].decode(data))
        fact: Fact = _decoder(kind, version, form).decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"fact {kind} v{version}: {error}") from error
    return fact


@cache
def _decoder(kind: str, version: int, form: Format) -> Any:
    """Of a known kind. Made when it is first wanted: few starts need more than a few of them."""
    return _DECODER_TYPES[form](KNOWN_FACTS[kind, version])
