"""A place typed as coordinates, and what it is called."""

from __future__ import annotations

import re

from console.model.geo import LonLat

_NUMBER = r"([-+]?\d{1,3}(?:\.\d+)?)\s*°?\s*([NSEWnsew]?)"
_PAIR = re.compile(rf"^\s*{_NUMBER}\s*[,，;\s]\s*{_NUMBER}\s*$")


def parse_coordinates(text: str) -> LonLat | None:
    """Read `116.397, 39.908` (longitude first) or `39.908N 116.397E`; None if it is no place.

    Without letters the longitude comes first, unless only the other order is on the globe.
    """
    match = _PAIR.match(text)
    if match is None:
        return None
    first, second = (_signed(match[1], match[2]), _signed(match[3], match[4]))
    letters = match[2].upper() + match[4].upper()
    swapped = bool(letters) and (letters[0] in "NS" or letters[-1] in "EW")
    if not letters and abs(second) > 90 >= abs(first):
        swapped = True
    place = LonLat(second, first) if swapped else LonLat(first, second)
    return place if place.is_valid() else None


def _signed(number: str, letter: str) -> float:
    return -float(number) if letter.upper() in ("S", "W") and letter else float(number)
