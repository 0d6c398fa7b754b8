"""One PostgreSQL for the tests of nodes that want one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from console.clock import ManualClock
from console.journal.open import open_journal
from tests.helpers.postgres import Cluster, cluster
from tests.helpers.stream import NOW


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A private cluster; skips where PostgreSQL is not installed."""
    with cluster() as running:
        yield running


@pytest.fixture
def database(postgres: Cluster) -> str:
    """The URL of a journal that is there."""
    url = postgres.fresh()
    open_journal(url, ManualClock(NOW)).close()
    return url
