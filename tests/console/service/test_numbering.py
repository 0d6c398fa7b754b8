"""Incident numbers are all different, and tell nobody how many there were."""

from __future__ import annotations

from itertools import pairwise

import pytest

from console.access.sqlite import SqliteStore
from console.service.numbering import FIRST_RANGE, numbering, numbering_key

DAY, NEXT = "E-20261121", "E-20261122"


def test_c8_the_numbers_of_a_day_are_all_different() -> None:
    number = numbering(b"k" * 16)
    given = [number(DAY, nth) for nth in range(1, FIRST_RANGE + 1)]
    assert sorted(given) == list(range(FIRST_RANGE))
    more = [number(DAY, nth) for nth in range(FIRST_RANGE + 1, FIRST_RANGE + 300)]
    assert len(set(more)) == len(more)
    assert all(FIRST_RANGE <= n < 10 * FIRST_RANGE for n in more)


def test_c8_one_number_says_nothing_of_how_many_there_were() -> None:
    number = numbering(b"k" * 16)
    first = [number(DAY, nth) for nth in range(1, 301)]
    assert min(first) < FIRST_RANGE // 20
    assert max(first) > FIRST_RANGE - FIRST_RANGE // 20
    rising = sum(a < b for a, b in pairwise(first))
    assert 100 < rising < 200
    assert first != [number(NEXT, nth) for nth in range(1, 301)]
    assert first != [numbering(b"other" * 3)(DAY, nth) for nth in range(1, 301)]


def test_c8_all_nodes_and_lives_have_one_key() -> None:
    store = SqliteStore(None)
    key = numbering_key(store)
    assert len(key) == 16
    assert numbering_key(store) == key
    assert numbering_key(SqliteStore(None)) != key
    store.close()


def test_a_key_s_numbers_stay_what_they_were() -> None:
    """Were they others from one version to the next, the day of the change had some twice."""
    number = numbering(b"k" * 16)
    given = [number(DAY, nth) for nth in (1, 2, 3, 4711, FIRST_RANGE + 1)]
    assert given == [5245, 6210, 8596, 9468, 88161]


@pytest.mark.parametrize("nth", [1, 2, 4711])
def test_without_a_key_they_count(nth: int) -> None:
    assert numbering(b"")(DAY, nth) == nth
