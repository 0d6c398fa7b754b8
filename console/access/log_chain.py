"""The access log's chain: each entry is tied to the one before, in one order for all nodes.

`chain(n) = SHA-256(chain(n-1) + msgpack [n, body])`, zeros before the first, as in the journal.
Entries are written in a change, which is alone among writers: nodes on one database take turns, so
that there is one order, and it is that of the numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from console.journal.chain import START, hash_after

__all__ = ["START", "LogRow", "chained", "link"]


class LogRow(NamedTuple):
    """An entry as stored: its number, its msgpack, its hash (32 bytes)."""

    seq: int
    body: bytes
    chain: bytes


def link(previous: bytes, seq: int, body: bytes) -> bytes:
    """The hash of entry `seq` after `previous`."""
    return hash_after(previous, (seq, body))


def chained(seq: int, chain: bytes, bodies: Iterable[bytes]) -> Iterator[LogRow]:
    """`bodies` as the entries that follow on entry `seq`."""
    for number, body in enumerate(bodies, seq + 1):
        chain = link(chain, number, body)
        yield LogRow(number, body, chain)
