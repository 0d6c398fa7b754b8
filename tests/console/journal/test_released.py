"""Journals of every schema ever released are brought up to date, and lose nothing by it.

`released/DATABASE-N.sql` is a journal as version N left it. A release that raises the version adds
its own; none is ever changed.
"""

from __future__ import annotations

from pathlib import Path

import apsw
import psycopg
import pytest

from console.clock import ManualClock
from console.journal import append, postgres_schema, sqlite_file
from console.journal.open import open_journal
from console.journal.verify import verify
from tests.console.journal.contract import batch
from tests.helpers.stream import NOW

RELEASED = Path(__file__).parent / "released"


def scripts(database: str) -> list[Path]:
    return sorted(RELEASED.glob(f"{database}-*.sql"))


def test_every_version_is_here() -> None:
    assert len(scripts("sqlite")) == len(sqlite_file.MIGRATIONS)
    assert len(scripts("postgresql")) == len(postgres_schema.MIGRATIONS)


@pytest.mark.parametrize("script", scripts("sqlite"), ids=lambda p: p.stem)
def test_sqlite(script: Path, tmp_path: Path) -> None:
    connection = apsw.Connection(str(tmp_path / "j.sqlite"))
    connection.execute(script.read_text("utf-8"))
    connection.close()
    goes_on(f"sqlite:///{tmp_path}/j.sqlite")


@pytest.mark.parametrize("script", scripts("postgresql"), ids=lambda p: p.stem)
def test_postgresql(script: Path, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(script.read_bytes())
    goes_on(database)


def goes_on(url: str) -> None:
    """The journal is whole as it is, takes the next event, and is whole again."""
    before = verify(url)
    assert (before.is_sound, before.events, before.submissions) == (True, 10, 6)
    for opened in range(2):
        journal = open_journal(url, ManualClock(NOW))
        assert journal.head == 10 + opened
        assert [e.seq for e in journal.read(0, 99)] == list(range(1, 11 + opened))
        append(journal, batch("next"), 10 + opened).result(5)
        journal.close()
    verdict = verify(url)
    assert verdict.is_sound
    assert (verdict.events, verdict.submissions) == (12, 8)
