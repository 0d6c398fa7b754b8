"""The board in memory keeps the contract."""

from __future__ import annotations

from itertools import count

import pytest

from console.nodes import Board
from console.nodes.memory import MemoryBoard, Wall
from tests.console.nodes.contract import BoardContract, MakeBoard


class TestMemoryBoard(BoardContract):
    @pytest.fixture
    def make(self) -> MakeBoard:
        wall, numbers = Wall(), count(1)

        def board() -> Board:
            return MemoryBoard(wall, next(numbers))

        return board
