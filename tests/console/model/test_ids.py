"""Keys are UUIDv7 and sort by time."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from console.model.ids import is_key, new_key

moments = st.integers(0, 2**47)


@given(moments, moments)
def test_keys_sort_by_the_moment_of_their_making(a: int, b: int) -> None:
    if a != b:
        assert (new_key(a) < new_key(b)) == (a < b)


@given(moments)
def test_a_key_says_its_moment(now_ms: int) -> None:
    key = uuid.UUID(new_key(now_ms))
    assert key.version == 7
    assert key.int >> 80 == now_ms


@given(st.text(max_size=40))
def test_other_text_is_no_key(text: str) -> None:
    assert not is_key(text)


def test_random_uuids_are_no_keys() -> None:
    assert is_key(new_key(1))
    assert not is_key(str(uuid.uuid4()))
    assert not is_key(new_key(1).upper())
