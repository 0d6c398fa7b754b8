"""Chinese words in pinyin."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.city.spelling import spelt


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        ("南湖路", "nanhulu"),
        ("南湖路", "nhl"),
        ("重庆路", "chongqing"),
        ("重庆路", "cq"),
        ("长江大道 3 号", "changjiangdadao"),
        ("绿城", "lvcheng"),
        ("银行", "yinhang"),
        ("A座 Tower", "azuo tower"),
    ],
)
def test_found_by_what_is_typed(words: str, typed: str) -> None:
    assert f"\n{typed}" in spelt(words)


def test_what_is_not_chinese_is_not_spelt() -> None:
    assert spelt("Crossing E-7") == spelt("") == ""


@given(st.text())
def test_any_text_can_be_spelt(words: str) -> None:
    lines = spelt(words).split("\n")[1:]
    assert len(lines) <= 2 + 2 * 10 * len(words)
