"""URLs of journals."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.clock import ManualClock
from console.journal import JournalError
from console.journal.memory import MemoryJournal
from console.journal.open import is_postgresql, journal_file, open_journal


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///data/j.sqlite", Path("/data/j.sqlite")),
        ("sqlite:////data/j.sqlite", Path("/data/j.sqlite")),
        ("sqlite:data/j.sqlite", Path("data/j.sqlite")),
        ("sqlite:///C:/data/j.sqlite", Path("C:/data/j.sqlite")),
        ("memory:", None),
    ],
)
def test_which_file(url: str, path: Path | None) -> None:
    assert journal_file(url) == path


def test_in_memory() -> None:
    assert isinstance(open_journal("memory:", ManualClock(1)), MemoryJournal)


def test_what_lies_in_no_file() -> None:
    for url in ("postgresql://localhost/trellis", "postgres:///trellis"):
        assert is_postgresql(url)
        assert journal_file(url) is None


@pytest.mark.parametrize("url", ["", "sqlite:", "sqlite://", "mysql://x/y", "/plain/path"])
def test_what_is_no_journal(url: str) -> None:
    with pytest.raises(JournalError, match="--db"):
        open_journal(url, ManualClock(1))
