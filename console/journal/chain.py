"""The hash that ties each event to the one before, so that a changed past shows.

`chain(n) = SHA-256(chain(n-1) + msgpack of the row without its chain)`; before the first: zeros.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import NamedTuple, Protocol

import msgspec

START = bytes(32)
"""What the first event is tied to."""


class Row(NamedTuple):
    """An event as stored: `fact` is msgpack, `key` the UUID's 16 bytes, `chain` its hash."""

    seq: int
    stream: str
    kind: str
    version: int
    fact: bytes
    happened_at: int
    recorded_at: int
    actor: str
    cause: str
    key: bytes
    part: int
    chain: bytes


class Entry(NamedTuple):
    """A submission as stored: where its events start, and how many it made."""

    key: bytes
    first_seq: int
    events: int


class Tip(NamedTuple):
    """Where a journal ends: its own name, its last event's number (0 for none) and hash."""

    journal: str
    seq: int
    chain: bytes


class Ledger(Protocol):
    """A journal's rows as they lie on the disk, for those who check them."""

    def rows(self) -> Iterator[Row]:
        """All events, by number."""
        ...

    def entries(self) -> Iterator[Entry]:
        """All submissions, by the number of their first event."""
        ...

    def tip(self) -> Tip:
        """The end as it is durable now, and the journal's own name."""
        ...

    def close(self) -> None:
        """Let go of the storage."""
        ...


_encoder = msgspec.msgpack.Encoder()


def link(previous: bytes, row: Row) -> bytes:
    """The hash of `row` after `previous` (32 bytes)."""
    return hash_after(previous, row[:-1])


def hash_after(previous: bytes, fields: tuple[object, ...]) -> bytes:
    """The hash of a row after `previous`; `fields` are those of `Row` but its hash."""
    return hashlib.sha256(previous + _encoder.encode(fields)).digest()
