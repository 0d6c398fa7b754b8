"""The journal in memory keeps the contract."""

from __future__ import annotations

import pytest

from console.clock import ManualClock
from console.journal import Journal
from console.journal.memory import MemoryJournal
from tests.console.journal.contract import JournalContract
from tests.helpers.stream import NOW


class TestMemoryJournal(JournalContract):
    @pytest.fixture
    def clock(self) -> ManualClock:
        return ManualClock(NOW)

    @pytest.fixture
    def journal(self, clock: ManualClock) -> Journal:
        return MemoryJournal(clock)
