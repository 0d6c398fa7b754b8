"""Units by number: names are long, and an array wants an index."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray

MAX_UNITS = 1 << 19
_KEPT_MAPS = 16

_names: msgspec.msgpack.Decoder[tuple[str, ...]] = msgspec.msgpack.Decoder(tuple[str, ...])


class UnitNumbers:
    """Gives each unit id a number, from 0, in the order they are met. For use by many threads.

    Numbers are this process's own: every file says which ids its own numbers mean.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: list[str] = []
        self._number: dict[str, int] = {}
        self._maps: dict[int, tuple[tuple[str, ...], NDArray[np.int32]]] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def find(self, unit_id: str) -> int | None:
        """The number of a unit that has one."""
        return self._number.get(unit_id)

    def of(self, unit_ids: Iterable[str]) -> list[int]:
        """The number of each; units not met before get one. Raises OverflowError after 524,288."""
        known = self._number
        return [known[u] if u in known else self._add(u) for u in unit_ids]

    def map_of(self, unit_ids: tuple[str, ...]) -> NDArray[np.int32]:
        """`map[number in a file whose units are unit_ids]` is the number here."""
        # By identity, for files share their tuple of ids (decode_names) and hashing it is slow.
        found = self._maps.get(id(unit_ids))
        if found is None:
            found = (unit_ids, np.array(self.of(unit_ids), np.int32))
            with self._lock:
                if len(self._maps) >= _KEPT_MAPS:
                    self._maps.clear()
                self._maps[id(unit_ids)] = found
        return found[1]

    def number_in(self, unit_ids: tuple[str, ...], unit_id: str) -> int | None:
        """The number of the unit in a file whose units are `unit_ids`; None when not there."""
        number = self.find(unit_id)
        if number is None:
            return None
        if number < len(unit_ids) and unit_ids[number] == unit_id:
            return number
        found = np.flatnonzero(self.map_of(unit_ids) == number)
        return int(found[0]) if len(found) else None

    def names(self, start: int = 0) -> tuple[str, ...]:
        """The ids from number `start` on."""
        return tuple(self._ids[start:])

    def names_of(self, numbers: Sequence[int]) -> tuple[str, ...]:
        """The id of each number."""
        ids = self._ids
        return tuple([ids[n] for n in numbers])

    def _add(self, unit_id: str) -> int:
        with self._lock:
            if unit_id not in self._number:
                if len(self._ids) >= MAX_UNITS:
                    raise OverflowError(f"more than {MAX_UNITS} units")
                self._ids.append(unit_id)
                self._number[unit_id] = len(self._ids) - 1
            return self._number[unit_id]


def encode_names(unit_ids: Sequence[str]) -> bytes:
    """The ids as bytes."""
    return msgspec.msgpack.encode(unit_ids)


@lru_cache(maxsize=8)
def decode_names(data: bytes) -> tuple[str, ...]:
    """What `encode_names` made; equal bytes give the same object. Raises msgspec.DecodeError."""
    return _names.decode(data)
