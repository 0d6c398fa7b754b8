"""Where people, sign-ins, codes and devices are kept: the port. One database per server or city.

Entries are small documents by kind and key; an entry may belong to a group (all sign-ins of a
person) and may end by itself. Beside them stands the access log, chained by hash, which only grows
but for what its policy cuts off.

Exception
 └── StoreFailed       the store could not be read or written; nothing was changed
      └── StoreDamaged it is there, and cannot be read any more
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

import msgspec

from console.access.log_chain import LogRow
from console.i18n import text_of
from console.model.text import Text


class StoreFailed(Exception):  # noqa: N818 - it reads as what happened
    """The store of people and devices does not work; `message` says why, and what to do."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


class StoreDamaged(StoreFailed):
    """What is stored was damaged; `message` says where."""


class Store(Protocol):
    """Safe to use from several threads, and from several processes at once. Raises StoreFailed."""

    def get(self, kind: str, key: str) -> bytes | None:
        """The entry, or None."""
        ...

    def group(self, kind: str, group: str) -> list[bytes]:
        """The entries of a group, in the order of their keys."""
        ...

    def all(self, kind: str) -> list[bytes]:
        """All entries of a kind, in the order of their keys."""
        ...

    def change(self) -> AbstractContextManager[None]:
        """One durable change of all or nothing, alone among writers; what is read inside is so."""
        ...

    def put(self, kind: str, key: str, body: bytes, group: str = "", ends_at: int = 0) -> None:
        """Keep an entry in place of one with the same key; 0 ends never (ms UTC). In `change`."""
        ...

    def delete(self, kind: str, key: str) -> None:
        """Forget an entry, if there is one. In `change`."""
        ...

    def purge(self, now_ms: int) -> None:
        """Forget what has ended. In `change`."""
        ...

    def note(self, records: Sequence[bytes]) -> None:
        """Add to the access log, at the chain's end. In `change`."""
        ...

    def notes(self, after: int, limit: int) -> list[LogRow]:
        """The log's entries numbered above `after`."""
        ...

    def log_end(self) -> tuple[int, bytes]:
        """The number (0 for none) and the hash of the log's last entry."""
        ...

    def cut_log(self, through: int) -> None:
        """Forget the log's entries up to number `through`. In `change`."""
        ...

    @property
    def changes(self) -> int:
        """How many changes were made through this store: nothing is asked of the database."""
        ...

    def stamp(self) -> int:
        """Another number whenever somebody, in this process or another, has changed something."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


_T = TypeVar("_T")


def decode_entry(body: bytes, kind: type[_T]) -> _T:
    """An entry's fields. Raises StoreFailed for one that is damaged."""
    try:
        return msgspec.msgpack.decode(body, type=kind)
    except (ValueError, TypeError, RecursionError) as error:  # msgspec.DecodeError is a ValueError
        raise StoreFailed(text_of("access.error.store_damaged", reason=error)) from error


_RIGHTS = ("rights", "stamp")


def rights_stamp(store: Store) -> bytes:
    """Another value whenever somebody's rights ended or changed; tokens alone do not change it."""
    return store.get(*_RIGHTS) or b""


def rights_changed(store: Store) -> None:
    """Somebody's rights end or change with the present change."""
    count = int.from_bytes(rights_stamp(store)) + 1
    store.put(*_RIGHTS, count.to_bytes(8))
