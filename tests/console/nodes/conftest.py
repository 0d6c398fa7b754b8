"""One PostgreSQL for the tests of nodes that want one."""

from __future__ import annotations

import pytest

from console.clock import ManualClock
from console.journal.open import open_journal
from tests.helpers.postgres import Cluster
from tests.helpers.stream import NOW


@pytest.fixture
def database(postgres: Cluster) -> str:
    """The URL of a journal that is there."""
    url = postgres.fresh()
    open_journal(url, ManualClock(NOW)).close()
    return url
