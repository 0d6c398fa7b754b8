"""Chinese words as somebody spells them on a keyboard: in pinyin, whole or by first letters.

Nearly every character has rare readings that nobody types. Those that names really use in two ways
are spelt with each in turn, the others by their usual one, so that the spellings stay few.
"""

from __future__ import annotations

import os
from functools import lru_cache

# Single characters will do: the dictionary of phrases costs a third of a second and 40 MB.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

from pypinyin import Style, pinyin

_CHINESE = range(0x3400, 0xA000)
_TWOFOLD = frozenset("重长行乐朝都厦泊曲调传会藏单盛参系卡弹差石车堡蔚沈解仇区查朴燕曾")
_KEPT = 1 << 17


@lru_cache(_KEPT)
def spelt(words: str) -> str:
    """The spellings of `words`, each on a line that begins with a newline; "" where nothing is
    Chinese: "重庆路" gives zhongqinglu, zql, chongqinglu, cql …
    """
    readings = [_readings(letter) for letter in words.casefold()]
    if not any(ord(letter) in _CHINESE for letter in words):
        return ""
    usual = [each[0] for each in readings]
    ways = [usual]
    for place, each in enumerate(readings):
        ways += [[*usual[:place], other, *usual[place + 1 :]] for other in each[1:]]
    found = [line for way in ways for line in ("".join(way), "".join(s[:1] for s in way))]
    return "\n" + "\n".join(dict.fromkeys(found))


@lru_cache(None)
def _readings(letter: str) -> tuple[str, ...]:
    """How a character is read, the usual first, without tones; any other letter is itself."""
    if ord(letter) not in _CHINESE:
        return (letter,)
    found = pinyin(letter, style=Style.NORMAL, heteronym=True)[0]
    told = tuple(dict.fromkeys(reading.replace("ü", "v") for reading in found if reading))
    return told if letter in _TWOFOLD else told[:1]
