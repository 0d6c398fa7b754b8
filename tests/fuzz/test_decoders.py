"""A short and always the same run of the fuzzers, and noise by hypothesis."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.decoders import SEEDS, TARGETS, mutated, try_one
from tests.helpers.wire_values import steady

TRIES = 400


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_changed_seeds(name: str) -> None:
    rng = random.Random(name)
    for _ in range(TRIES):
        data = mutated(rng)
        try_one(name, data)


def test_every_target_reads_some_seed() -> None:
    assert {n for n in TARGETS if any(try_one(n, seed) for seed in SEEDS)} == set(TARGETS)


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_noise(name: str) -> None:
    @given(st.binary(max_size=300))
    @steady
    def run(data: bytes) -> None:
        try_one(name, data)

    run()
