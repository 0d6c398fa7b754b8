"""Events in bulk, for folding: only what a picture needs of them, and in the cheapest form."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, get_type_hints

import msgspec

from console.model.facts import KNOWN_FACTS, Fact
from console.model.picture import FOLDED_FIELDS, FOLDS, Fold, Picture
from console.wire import WireError

HISTORY_COLUMNS = "seq, happened_at, kind, version, fact"
"""What is told of an event, in this order."""

Told = tuple[int, int, str, int, bytes]
"""Number, time (ms UTC), kind, version, and the fact's fields as msgpack."""


def replay(picture: Picture, history: Iterable[Told]) -> None:
    """Fold a history, which must follow on `picture.seq` and be in order. Raises WireError.

    For a picture without timelines. This is `Picture.apply` in bulk: nothing is made of an event
    but what the fold reads, and nothing outlives its event.
    """
    seq = picture.seq
    folded = _folded()
    try:
        for seq, at, kind, version, fact in history:  # noqa: B007 - the last is asked for
            known = folded[version].get(kind) if version in folded else None
            if known is not None:
                decode, fold = known
                fold(picture, at, decode(fact))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"event {seq} cannot be read: {error}") from error
    picture.skip_to(seq)


def _light(cls: type[Fact], names: Collection[str]) -> type[msgspec.Struct]:
    """A struct with some of the fact's fields: decoded faster, nothing to the garbage collector."""
    hints = get_type_hints(cls)
    wanted = [f for f in fields(cls) if f.name in names]
    required = [(f.name, hints[f.name]) for f in wanted if f.default is MISSING]
    others = [(f.name, hints[f.name], f.default) for f in wanted if f.default is not MISSING]
    return msgspec.defstruct(cls.__name__, [*required, *others], gc=False)


def _reader_of(cls: type[Fact]) -> tuple[Callable[[bytes], Any], Fold]:
    decoder = msgspec.msgpack.Decoder(_light(cls, FOLDED_FIELDS[cls]))
    return decoder.decode, FOLDS[cls]


@cache
def _folded() -> Mapping[int, Mapping[str, tuple[Callable[[bytes], Any], Fold]]]:
    """By version, then by kind: to look up both at once would make a tuple for each event."""
    known = [(name, cls) for name, cls in KNOWN_FACTS.items() if cls in FOLDS]
    versions = {version for (_, version), _ in known}
    return {
        wanted: {kind: _reader_of(cls) for (kind, version), cls in known if version == wanted}
        for wanted in versions
    }
