"""Incident numbers that do not count: each day's are all different, and in no order.

Who is told one number, a phone in the field or a desk of one street, could tell from numbers in
order how much happens in the whole city. The day's n-th incident gets the number to which a
permutation under a key puts n: a Feistel network over the bits of the range, repeated for what
falls outside of it (Black and Rogaway, *Ciphers with Arbitrary Finite Domains*, 2002).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from functools import lru_cache

from console.access import Store

_ROUNDS = 8
_ENTRY = ("numbers", "key")
FIRST_RANGE = 10_000
"""Numbers of a day before they get a digit more."""


def numbering(key: bytes) -> Callable[[str, int], int]:
    """The number of the `nth` incident (from 1) of a series; without a key they count."""

    def number(series: str, nth: int) -> int:
        if not key:
            return nth
        first, size = 0, FIRST_RANGE
        while nth > first + size:
            first, size = first + size, 9 * (first + size)
        placed = nth - 1 - first
        half = ((size - 1).bit_length() + 1) // 2
        while True:
            placed = _feistel(key, f"{series}/{size}".encode(), placed, half)
            if placed < size:
                return first + placed

    return number


def numbering_key(store: Store) -> bytes:
    """The key in `store`, which is the same for all nodes; made once. Raises StoreFailed."""
    with store.change():
        key = store.get(*_ENTRY)
        if key is None:
            key = secrets.token_bytes(16)
            store.put(*_ENTRY, key)
    return key


def _feistel(key: bytes, series: bytes, value: int, half: int) -> int:
    left, right = value >> half, value & ((1 << half) - 1)
    for turn in range(_ROUNDS):
        left, right = right, left ^ (_mixed(key, series, turn, right) & ((1 << half) - 1))
    return left << half | right


@lru_cache(maxsize=_ROUNDS << 9)
def _mixed(key: bytes, series: bytes, turn: int, right: int) -> int:
    """A round's word. A day's numbers ask for few of them again and again."""
    said = b"%d/%d/" % (turn, right) + series
    return int.from_bytes(hashlib.blake2b(said, digest_size=8, key=key).digest())
