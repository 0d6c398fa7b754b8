"""The part of the city that somebody answers for, by the codes of the grid.

A cell's code has 15 digits: division 6, street 3, community 3, serial 3. So the first 6, 9, 12 or
15 digits name a district, a street, a community or a cell, and "" the whole city.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LENGTHS = (6, 9, 12, 15)
"""Digits of a district's, a street's, a community's and a cell's code."""

_NAMES = {0: "city", 6: "district", 9: "street", 12: "community", 15: "cell"}


@dataclass(frozen=True, slots=True)
class Area:
    """Everything whose cell's code begins with one of `prefixes`; without any, nothing."""

    prefixes: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether this is the whole city."""
        return "" in self.prefixes

    def holds(self, code: str | None) -> bool:
        """Whether the cell `code` is in it. What lies in no cell is in the whole city only."""
        if self.is_whole:
            return True
        return bool(code) and any(str(code).startswith(prefix) for prefix in self.prefixes)

    def covers(self, other: Area) -> bool:
        """Whether all of `other`, which is somewhere, lies in it."""
        return bool(other.prefixes) and all(
            any(prefix.startswith(own) for own in self.prefixes) for prefix in other.prefixes
        )

    @property
    def levels(self) -> tuple[str, ...]:
        """What each prefix names: city, district, street, community or cell."""
        return tuple(_NAMES[len(prefix)] for prefix in self.prefixes)


WHOLE = Area(("",))
NOWHERE = Area()


def area_of(prefixes: Iterable[str]) -> Area:
    """The area of `prefixes`, in order and without repeats. Raises ValueError for one that is no
    code's beginning at a level's end.
    """
    kept = tuple(sorted(set(prefixes)))
    for prefix in kept:
        if prefix and not (prefix.isascii() and prefix.isdecimal() and len(prefix) in LENGTHS):
            raise ValueError(f"{prefix!r} is not 6, 9, 12 or 15 digits")
    return WHOLE if "" in kept else Area(kept)
