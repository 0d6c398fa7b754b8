"""Events in bulk, for folding: only what a picture needs of them, and in the cheapest form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, fields
from typing import Any, get_type_hints

import msgspec

from console.model.facts import KNOWN_FACTS, Fact
from console.model.picture import FOLDED_KINDS
from console.wire import WireError

HISTORY_COLUMNS = "seq, happened_at, kind, version, fact"
"""What `folded_facts` wants, in its order."""

Told = tuple[int, int, str, Any]
"""Number, time (ms UTC), kind, and something with the fact's fields; "" and None where the event
changes no picture."""


def folded_facts(rows: Iterable[tuple[Any, ...]]) -> list[Told]:
    """What rows of `HISTORY_COLUMNS` tell a picture. Raises WireError."""
    known = _DECODERS.get
    try:
        return [
            (seq, at, kind, decode(fact))
            if (decode := known((kind, version)))
            else (seq, at, "", None)
            for seq, at, kind, version, fact in rows
        ]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WireError(f"an event cannot be read: {error}") from error


def _light(cls: type[Fact]) -> type[msgspec.Struct]:
    """A struct with the fact's fields: decoded faster, and nothing to the garbage collector."""
    hints = get_type_hints(cls)
    required = [(f.name, hints[f.name]) for f in fields(cls) if f.default is MISSING]
    others = [(f.name, hints[f.name], f.default) for f in fields(cls) if f.default is not MISSING]
    return msgspec.defstruct(cls.__name__, [*required, *others], gc=False)


_DECODERS = {
    name: msgspec.msgpack.Decoder(_light(cls)).decode
    for name, cls in KNOWN_FACTS.items()
    if name[0] in FOLDED_KINDS
}
