"""`simulate` from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from console.commands import field
from console.commands.arguments import build_parser


@pytest.fixture
def seeds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The seeds that the field was started with."""
    given: list[int] = []

    async def simulate(*_args: Any, seed: int, **_more: Any) -> None:
        given.append(seed)

    monkeypatch.setattr(field, "simulate", simulate)
    monkeypatch.setenv("TRELLIS_TOKEN", "t")
    return given


def _start(city: Path, *more: str) -> None:
    server = ["simulate", "--server", "http://127.0.0.1:1", "--city", str(city)]
    assert field.simulate_field(build_parser().parse_args([*server, *more])) == 0


def test_d2_a_second_start_does_not_report_the_same_again(seeds: list[int], tmp_path: Path) -> None:
    _start(tmp_path)
    _start(tmp_path)
    assert seeds[0] != seeds[1]


def test_a_seed_that_is_given_is_taken(seeds: list[int], tmp_path: Path) -> None:
    _start(tmp_path, "--seed", "7")
    assert seeds == [7]
