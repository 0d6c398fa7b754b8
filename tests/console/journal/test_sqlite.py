"""The journal in SQLite keeps the contract, and its promises about the disk."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from console.clock import ManualClock
from console.journal import Journal, JournalError, StorageFailed, append, group, sqlite_file
from console.journal.sqlite import SqliteJournal, SqliteStore
from console.journal.sqlite_file import connect
from tests.console.journal.contract import JournalContract, batch
from tests.helpers.stream import NOW


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "journal.sqlite"


@pytest.fixture
def journal(path: Path, clock: ManualClock) -> Iterator[SqliteJournal]:
    opened = SqliteJournal(path, clock)
    yield opened
    if not opened._closing:
        opened.close()


class TestSqliteJournal(JournalContract):
    pass


def test_all_is_there_after_closing_and_opening(
    journal: SqliteJournal, path: Path, clock: ManualClock
) -> None:
    first = batch("one", "two")
    made = append(journal, first, 0).result(5).events
    journal.close()
    again = SqliteJournal(path, clock)
    assert again.id == journal.id
    assert again.head == 2
    assert tuple(again.read(0, 9)) == made
    assert append(again, first, 0).result(5).repeated
    assert [e.seq for e in append(again, batch("three"), 2).result(5).events] == [3]
    again.close()


def test_the_file_is_set_as_asked(journal: SqliteJournal) -> None:
    store = journal._store
    assert isinstance(store, SqliteStore)
    for connection in (store._writer, store._reader):
        assert connection.pragma("journal_mode") == "wal"
        assert connection.pragma("synchronous") == 2


def test_a_setting_that_does_not_read_back_is_an_error(
    path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "_PRAGMAS", (("synchronous", "normal", 2),))
    with pytest.raises(StorageFailed, match="synchronous"):
        SqliteJournal(path, clock)
    monkeypatch.undo()
    SqliteJournal(path, clock).close()


def test_two_servers_cannot_have_one_journal(
    journal: SqliteJournal, path: Path, clock: ManualClock
) -> None:
    with pytest.raises(JournalError, match="in use"):
        SqliteJournal(path, clock)


def test_another_programs_file_is_left_alone(tmp_path: Path, clock: ManualClock) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE song (title TEXT)")
    other.close()
    with pytest.raises(JournalError, match="not a Trellis journal"):
        SqliteJournal(path, clock)
    (tmp_path / "text.sqlite").write_text("just words, many of them, no database at all" * 20)
    with pytest.raises(JournalError):
        SqliteJournal(tmp_path / "text.sqlite", clock)


def test_a_newer_file_is_left_alone(path: Path, clock: ManualClock) -> None:
    SqliteJournal(path, clock).close()
    raw = apsw.Connection(str(path))
    raw.pragma("user_version", 99)
    raw.close()
    with pytest.raises(JournalError, match="newer Trellis"):
        SqliteJournal(path, clock)


def test_migrations_run_once_each_in_order(
    path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    SqliteJournal(path, clock).close()
    script = "CREATE TABLE extra (n INTEGER) STRICT; INSERT INTO extra VALUES (1);"
    monkeypatch.setattr(sqlite_file, "MIGRATIONS", (*sqlite_file.MIGRATIONS, script))
    for _ in range(2):
        SqliteJournal(path, clock).close()
    raw = connect(path)
    assert raw.pragma("user_version") == len(sqlite_file.MIGRATIONS)
    assert raw.execute("SELECT count(*) FROM extra").get == 1
    raw.close()


def test_what_the_disk_refuses_is_void_and_so_is_what_was_decided_on_it(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(journal, batch("good"), 0).result(5)
    gate = threading.Event()
    whole_commit = journal._commit

    def full(turn: object) -> None:
        gate.wait(5)
        raise apsw.FullError("disk is full")

    monkeypatch.setattr(journal, "_commit", full)
    doomed = batch("doomed")
    first = append(journal, doomed, 1)
    gate.set()
    with pytest.raises(StorageFailed, match="disk is full"):
        first.result(5)
    monkeypatch.setattr(journal, "_commit", whole_commit)
    assert journal.head == 1
    assert [e.seq for e in append(journal, doomed, 1).result(5).events] == [2]


def test_a_commit_that_fails_half_way_leaves_nothing(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(journal, batch("good"), 0).result(5)
    store = journal._store
    assert isinstance(store, SqliteStore)
    store._writer.execute(
        "CREATE TEMP TRIGGER full BEFORE INSERT ON submission "
        "BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
    )
    doomed = batch("doomed")
    with pytest.raises(StorageFailed, match="disk is full"):
        append(journal, doomed, 1).result(5)
    store._writer.execute("DROP TRIGGER temp.full")
    assert len(journal.read(0, 9)) == 1
    assert not append(journal, doomed, 1).result(5).repeated


def test_a_crowd_shares_commits(journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch) -> None:
    groups: list[int] = []
    whole_commit = journal._commit
    gate = threading.Event()

    def counted(turn: Any) -> None:
        gate.wait(5)
        groups.append(len(turn.entries))
        whole_commit(turn)

    monkeypatch.setattr(journal, "_commit", counted)
    receipts = [append(journal, batch(str(n)), n) for n in range(50)]
    gate.set()
    receipts[-1].result(5)
    assert sum(groups) == 50
    assert len(groups) <= 3


def test_a_turn_holds_no_more_than_it_may(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group, "MAX_GROUP", 7)
    receipts = [append(journal, batch(str(n)), n) for n in range(30)]
    assert [r.result(5).events[0].seq for r in receipts] == list(range(1, 31))


def test_a_queue_that_is_full_says_so(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group, "MAX_QUEUE", 0)
    with pytest.raises(StorageFailed, match="too many"):
        append(journal, batch("one"), 0).result(5)


def test_a_closed_journal_takes_nothing(journal: SqliteJournal) -> None:
    journal.close()
    with pytest.raises(StorageFailed):
        append(journal, batch("one"), 0).result(5)


def test_the_log_has_its_room_from_the_start(journal: SqliteJournal, path: Path) -> None:
    log = path.with_name(path.name + "-wal")
    before = log.stat().st_size
    assert before >= sqlite_file.ROOM_BYTES
    for n in range(20):
        append(journal, batch(str(n)), n).result(5)
    assert log.stat().st_size == before


def test_an_unknown_fact_survives_storage(path: Path, clock: ManualClock) -> None:
    """A newer program wrote it; an older one reads and passes it on."""
    journal = SqliteJournal(path, clock)
    append(journal, batch("one"), 0).result(5)
    journal.close()
    raw = apsw.Connection(str(path))
    raw.execute("UPDATE event SET kind = 'drone.launched', version = 7")
    raw.close()
    journal = SqliteJournal(path, clock)
    (event,) = journal.read(0, 9)
    assert (event.kind, event.version) == ("drone.launched", 7)
    journal.close()


def _is_journal(journal: SqliteJournal) -> Journal:
    return journal


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
def test_what_callers_said_is_for_the_owner_alone(journal: SqliteJournal, path: Path) -> None:
    append(journal, batch(), 0).result(5)
    for file in path.parent.glob("journal.sqlite*"):
        if not file.name.endswith(".lock"):
            assert file.stat().st_mode & 0o077 == 0, file.name
