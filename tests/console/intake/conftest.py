from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """Where a package will be; nothing is there yet."""
    return tmp_path / "city"


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a CSV of the given lines, in any encoding."""

    def write(*lines: str, encoding: str = "utf-8", name: str = "rows.csv") -> Path:
        path = tmp_path / name
        path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))
        return path

    return write
