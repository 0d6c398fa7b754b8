"""Databases for the journal's tests."""

from __future__ import annotations

import pytest

from tests.helpers.postgres import Cluster


@pytest.fixture
def database(postgres: Cluster) -> str:
    """The URL of a journal that is not there yet."""
    return postgres.fresh()
