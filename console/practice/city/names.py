"""Names in Chinese and in English, each handed out once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from console.model.text import Text
from console.practice.city import nametables
from console.practice.city.nametables import Pair


def joined(word: Pair, zh: str, en: str) -> Text:
    """A name from a word and its two endings: 和平 + 大道 / Heping + Ave."""
    return Text(word[0] + zh, f"{word[1]} {en}" if en else word[1])


class Words:
    """Words without repetition: the known ones of a table first, then pairs of syllables."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._avenues = iter(shuffled(rng, nametables.AVENUES))
        self._compounds = _compounds(rng)

    def avenue(self) -> Pair:
        """A well-known word (of a Chinese city's usual street names), while there are any."""
        return next(self._avenues, None) or self.compound()

    def compound(self) -> Pair:
        """A two-syllable word."""
        return next(self._compounds)


def shuffled(rng: np.random.Generator, table: tuple[Pair, ...]) -> list[Pair]:
    """The table in a random order."""
    return [table[i] for i in rng.permutation(len(table))]


def _compounds(rng: np.random.Generator) -> Iterator[Pair]:
    first, second = nametables.FIRST, nametables.SECOND
    known = {zh for zh, _ in nametables.AVENUES + nametables.SUBDISTRICTS}
    for lead in ("", ""), ("新", "Xin"), ("东", "Dong"), ("西", "Xi"), ("南", "Nan"), ("北", "Bei"):
        for k in rng.permutation(len(first) * len(second)):
            a, b = first[k // len(second)], second[k % len(second)]
            if a[0] != b[0] and a[0] + b[0] not in known and a[0] != lead[0]:
                yield lead[0] + a[0] + b[0], _spelt(lead[1], _spelt(a[1], b[1]).lower())


def _spelt(first: str, second: str) -> str:
    """Two syllables as one word; a vowel that would run on is set off: Xi'an, not Xian."""
    if not first:
        return second.capitalize()
    return first + ("'" if second[0] in "aeo" else "") + second


def numbered_zh(number: int) -> str:
    """1 … 99 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    digits = nametables.ORDINALS
    lead = "" if tens == 0 else "十" if tens == 1 else digits[tens - 1] + "十"
    return lead + (digits[ones - 1] if ones else "")


def ordinal_en(number: int) -> str:
    """1st, 2nd, 3rd, 4th …"""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
