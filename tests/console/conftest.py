"""One PostgreSQL for all tests that want one; each makes databases of its own in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.postgres import Cluster, cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A private cluster; skips where PostgreSQL is not installed. Who stops it starts it again."""
    with cluster() as running:
        yield running
