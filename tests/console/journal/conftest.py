"""One PostgreSQL for all tests of the journal that want one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.postgres import Cluster, cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A private cluster; skips where PostgreSQL is not installed."""
    with cluster() as running:
        yield running


@pytest.fixture
def database(postgres: Cluster) -> str:
    """The URL of a journal that is not there yet."""
    return postgres.fresh()
