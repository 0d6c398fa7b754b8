"""Events as rows of a table, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from console.journal.chain import Row, hash_after
from console.model.event import Event
from console.wire import decode_fact, encode_fact

EVENT_COLUMNS = (
    "seq, stream, happened_at, recorded_at, actor, cause, key, part, kind, version, fact"
)
"""What `event_of` wants, in its order."""


def key_bytes(key: str) -> bytes:
    """The 16 bytes of a UUID in its canonical form."""
    return bytes.fromhex(key.replace("-", ""))


def key_text(key: bytes) -> str:
    """The canonical form of a UUID's 16 bytes."""
    digits = key.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def linked_rows(chain: bytes, events: Iterable[Event]) -> Iterator[Row]:
    """The rows of `events`, each tied to the one before; `chain` is the hash before the first."""
    for event in events:
        fields = _fields(event)
        chain = hash_after(chain, fields)
        yield Row._make((*fields, chain))


def event_of(found: tuple[Any, ...]) -> Event:
    """The event in a row of `EVENT_COLUMNS`. Raises WireError."""
    seq, stream, happened_at, recorded_at, actor, cause, key, part, kind, version, fact = found
    return Event(
        seq,
        stream,
        decode_fact(kind, version, fact),
        happened_at,
        recorded_at,
        actor,
        cause,
        key_text(key),
        part,
    )


def _fields(event: Event) -> tuple[Any, ...]:
    fact = event.fact
    return (
        event.seq,
        event.stream,
        fact.kind,
        fact.version,
        encode_fact(fact),
        event.happened_at,
        event.recorded_at,
        event.actor,
        event.cause,
        key_bytes(event.key),
        event.part,
    )
