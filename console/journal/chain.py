"""The hash that ties each event to the one before, so that a changed past shows.

`chain(n) = SHA-256(chain(n-1) + msgpack of the row without its chain)`; before the first: zeros.
Submissions have a chain of their own, in the order in which they were taken: also one that made no
event cannot go, nor its digest change, without a trace.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
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
    """A submission as stored: what tells its body from another, where its events start and how many
    it made; its number and its hash, 0 and b"" in a journal of a program that did not chain them.
    """

    key: bytes
    digest: bytes
    first_seq: int
    events: int
    number: int = 0
    chain: bytes = b""


class Tip(NamedTuple):
    """Where a journal ends: its own name, the number (0 for none) and hash of its last event, and
    of its last submission.
    """

    journal: str
    seq: int
    chain: bytes
    submissions: int = 0
    submissions_chain: bytes = START


class Ledger(Protocol):
    """A journal's rows as they lie on the disk, for those who check them."""

    def rows(self) -> Iterator[Row]:
        """All events, by number."""
        ...

    def entries(self) -> Iterator[Entry]:
        """All submissions, in the order in which they were taken."""
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


def entry_link(previous: bytes, entry: Entry) -> bytes:
    """The hash of a submission after `previous` (32 bytes)."""
    key, digest, first_seq, events, number, _ = entry
    return hash_after(previous, (number, key, digest, first_seq, events))


def linked_entries(
    number: int, chain: bytes, entries: Iterable[tuple[bytes, bytes, int, int]]
) -> Iterator[Entry]:
    """`entries` (key, digest, first event, events) as they follow on submission `number`."""
    for fields in entries:
        number += 1
        entry = Entry(*fields, number)
        chain = entry_link(chain, entry)
        yield entry._replace(chain=chain)
