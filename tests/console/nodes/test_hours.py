"""The boards of hours keep their contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from console.nodes.hours import HourBoard
from console.nodes.memory_hours import MemoryHours
from console.nodes.open import open_hours
from tests.console.nodes.hour_contract import HourContract


class TestMemoryHours(HourContract):
    @pytest.fixture
    def boards(self) -> tuple[HourBoard, HourBoard]:
        board = MemoryHours()
        return board, board


class TestPostgresHours(HourContract):
    @pytest.fixture
    def boards(self, database: str) -> Iterator[tuple[HourBoard, HourBoard]]:
        one, two = open_hours(database), open_hours(database)
        assert one is not None
        assert two is not None
        yield one, two
        one.close()
        two.close()


def test_a_journal_in_a_file_has_none() -> None:
    assert open_hours("memory:") is None
