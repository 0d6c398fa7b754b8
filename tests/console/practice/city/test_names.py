from __future__ import annotations

import re
from itertools import islice

import numpy as np
import pytest

from console.practice.city import nametables
from console.practice.city.names import Words, numbered_zh, ordinal_en

TABLES = {k: v for k, v in vars(nametables).items() if k.isupper() and isinstance(v, tuple)}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_tables_hold_distinct_bilingual_words(table: tuple[tuple[str, str], ...]) -> None:
    assert len({zh for zh, _ in table}) == len(table)
    for zh, latin in table:
        assert re.fullmatch(r"[一-鿿]+", zh)
        assert re.fullmatch(r"[A-Za-z' ]+", latin)


def test_words_never_repeat() -> None:
    words = Words(np.random.default_rng(1))
    drawn = [words.avenue() for _ in range(150)] + [words.compound() for _ in range(6000)]
    assert len({zh for zh, _ in drawn}) == len(drawn)


def test_latin_spelling_is_one_capitalised_word() -> None:
    words = Words(np.random.default_rng(2))
    for _, latin in islice(iter(words.compound, None), 5000):
        assert re.fullmatch(r"[A-Z][a-z']+", latin)


@pytest.mark.parametrize(
    ("number", "zh", "en"),
    [(1, "一", "1st"), (2, "二", "2nd"), (3, "三", "3rd"), (10, "十", "10th"), (11, "十一", "11th"),
     (13, "十三", "13th"), (20, "二十", "20th"), (21, "二十一", "21st"), (99, "九十九", "99th")],
)  # fmt: skip
def test_numerals(number: int, zh: str, en: str) -> None:
    assert numbered_zh(number) == zh
    assert ordinal_en(number) == en
