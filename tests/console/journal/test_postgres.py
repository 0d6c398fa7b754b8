"""The journal in PostgreSQL keeps the contract, with one node and with several."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from console.clock import ManualClock
from console.journal import (
    Batch,
    End,
    Journal,
    JournalError,
    StorageFailed,
    append,
    postgres_schema,
)
from console.journal.postgres import PostgresJournal, PostgresStore
from console.journal.postgres_ledger import PostgresLedger
from console.journal.postgres_link import Link
from console.journal.store import OutcomeUnknown
from console.journal.verify import verify
from tests.console.journal.contract import JournalContract, batch
from tests.helpers.cut_line import CutLine
from tests.helpers.postgres import Cluster
from tests.helpers.stream import NOW


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def journal(database: str, clock: ManualClock) -> Iterator[PostgresJournal]:
    opened = PostgresJournal(database, clock)
    yield opened
    if not opened._closing:
        opened.close()


@pytest.fixture
def other(journal: PostgresJournal, database: str, clock: ManualClock) -> Iterator[PostgresJournal]:
    """Another node on the same database."""
    opened = PostgresJournal(database, clock)
    yield opened
    opened.close()


def soon(condition: Any, timeout_s: float = 10) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def store_of(journal: PostgresJournal) -> PostgresStore:
    assert isinstance(journal._store, PostgresStore)
    return journal._store


def cut(journal: PostgresJournal) -> None:
    """Cut the writer's connection, as a network does: in the kernel, without a word."""
    connection = store_of(journal)._writer._connection
    assert connection is not None
    with psycopg.connect(store_of(journal)._url, autocommit=True) as elsewhere:
        pid = connection.info.backend_pid
        elsewhere.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


class TestPostgresJournal(JournalContract):
    pass


def test_all_is_there_after_closing_and_opening(
    journal: PostgresJournal, database: str, clock: ManualClock
) -> None:
    first = batch("one", "two")
    made = append(journal, first, 0).result(5).events
    journal.close()
    again = PostgresJournal(database, clock)
    assert (again.id, again.head) == (journal.id, 2)
    assert tuple(again.read(0, 9)) == made
    assert append(again, first, 0).result(5).repeated
    again.close()
    assert verify(database).is_sound


def test_nodes_share_numbers_keys_and_time(
    journal: PostgresJournal, other: PostgresJournal, clock: ManualClock
) -> None:
    assert other.id == journal.id
    once = batch("one")
    made = append(journal, once, 0).result(5).events
    clock.set(NOW - 60_000)
    assert append(other, once, 0).result(5).events == made
    assert append(other, batch("two"), 1).result(5).events[0].recorded_at == NOW
    assert append(journal, batch("three"), 2).result(5).events[0].seq == 3


def test_a_node_hears_at_once_what_another_appends(
    journal: PostgresJournal, other: PostgresJournal
) -> None:
    heard: list[int] = []
    other.subscribe(lambda events: heard.extend(e.seq for e in events))
    for n in range(5):
        append(journal, batch(str(n)), n).result(5)
        began = time.monotonic()
        soon(lambda: len(heard) == n + 1)  # noqa: B023 - called at once
        assert time.monotonic() - began < 0.5
    assert heard == [1, 2, 3, 4, 5]
    assert other.head == 5


def test_a_decider_knows_what_other_nodes_did(
    journal: PostgresJournal, other: PostgresJournal
) -> None:
    known: list[list[int]] = []

    def decide(end: End) -> Batch:
        known.append([e.seq for e in end.since(0)])
        return made

    for n in range(3):
        made = batch(str(n))
        (journal, other)[n % 2].write(made.key, made.digest, decide).result(5)
    assert known == [[], [1], [1, 2]]


def test_several_nodes_and_many_writers_lose_double_and_starve_nothing(
    database: str, clock: ManualClock
) -> None:
    nodes = [PostgresJournal(database, clock) for _ in range(3)]
    heard: list[list[int]] = [[] for _ in nodes]
    for node, ears in zip(nodes, heard, strict=True):
        node.subscribe(lambda events, ears=ears: ears.extend(e.seq for e in events))  # type: ignore[misc]

    def write(n: int) -> None:
        made = batch("a", "b")
        node = nodes[n % 3]
        node.write(made.key, made.digest, lambda _end: made).result(20)

    with ThreadPoolExecutor(24) as pool:
        list(pool.map(write, range(600)))
    soon(lambda: all(len(ears) == 1200 for ears in heard))
    assert all(ears == list(range(1, 1201)) for ears in heard)
    for node in nodes:
        node.close()
    verdict = verify(database)
    assert verdict.is_sound
    assert verdict.events == 1200


def test_a_node_far_behind_reads_up(
    journal: PostgresJournal, other: PostgresJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.journal.postgres.NEWS", 3)
    monkeypatch.setattr(other, "_catch_up", lambda: None)
    for n in range(3):
        append(journal, batch(*"abcdefgh"), 8 * n)
    append(journal, batch(), 24).result(5)
    monkeypatch.undo()
    assert [e.seq for e in append(other, batch("z"), 24).result(5).events] == [25]


def test_a_connection_cut_while_idle_costs_nothing(journal: PostgresJournal) -> None:
    append(journal, batch("one"), 0).result(5)
    cut(journal)
    assert append(journal, batch("two"), 1).result(5).events[0].seq == 2


def test_a_connection_cut_while_deciding_voids_the_turn(journal: PostgresJournal) -> None:
    doomed = batch("doomed")

    def decide(_end: End) -> Batch:
        cut(journal)
        return doomed

    with pytest.raises(StorageFailed):
        journal.write(doomed.key, doomed.digest, decide).result(10)
    assert append(journal, doomed, 0).result(5).events[0].seq == 1


@pytest.mark.parametrize("arrived", [True, False])
def test_a_commit_whose_answer_never_came_is_looked_up(
    journal: PostgresJournal, monkeypatch: pytest.MonkeyPatch, arrived: bool
) -> None:
    store = store_of(journal)
    whole_commit = store.commit

    def commit(rows: Any, entries: Any) -> None:
        monkeypatch.undo()
        if arrived:
            whole_commit(rows, entries)
        cut(journal)
        raise OutcomeUnknown("cut")

    monkeypatch.setattr(store, "commit", commit)
    asked = batch("in doubt")
    answer = append(journal, asked, 0)
    if arrived:
        assert answer.result(10).events[0].seq == 1
    else:
        with pytest.raises(StorageFailed):
            answer.result(10)
    assert append(journal, asked, 0).result(10).repeated is arrived
    assert len(journal.read(0, 9)) == 1


def test_a_broken_commit_is_known_to_be_of_unknown_outcome(journal: PostgresJournal) -> None:
    store = store_of(journal)
    store.hold(0)
    cut(journal)
    with pytest.raises(OutcomeUnknown):
        store.commit([], [])
    store.let_go()


def test_a_node_that_stops_with_the_end_in_its_hand_is_thrown_out(
    journal: PostgresJournal, other: PostgresJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = store_of(other)._writer
    with writer.connected() as connection:
        connection.execute("SET idle_in_transaction_session_timeout = '300ms'")
    stopped = threading.Event()

    def decide(_end: End) -> Batch:
        stopped.wait(5)
        return late

    late = batch("late")
    hanging = other.write(late.key, late.digest, decide)
    time.sleep(0.05)
    assert append(journal, batch("one"), 0).result(5).events[0].seq == 1
    stopped.set()
    with pytest.raises(StorageFailed):
        hanging.result(10)


def test_a_database_that_is_gone_is_said_and_comes_back(
    postgres: Cluster, journal: PostgresJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[int] = []
    journal.subscribe(lambda events: heard.extend(e.seq for e in events))
    append(journal, batch("one"), 0).result(5)
    store_of(journal)._writer._patience_s = 0.2
    postgres.stop()
    try:
        with pytest.raises(StorageFailed):
            append(journal, batch("two"), 1).result(10)
        with pytest.raises(StorageFailed):
            journal.read(0, 9)
    finally:
        postgres.start()
    assert append(journal, batch("three"), 1).result(10).events[0].seq == 2
    soon(lambda: heard == [1, 2])


def test_repeats_again_and_again_among_new_ones(journal: PostgresJournal) -> None:
    """Often enough for statements to be prepared, by pipelines that fail among others."""
    first = batch("first")
    journal.write(first.key, first.digest, lambda _end: first).result(5)
    for n in range(30):
        new = batch(str(n), "x")
        repeat = journal.write(first.key, first.digest, lambda _end: first)
        made = journal.write(new.key, new.digest, lambda _end, new=new: new)  # type: ignore[misc]
        assert repeat.result(5).repeated
        assert made.result(5).events[0].seq == 2 + 2 * n
        if n % 3:
            append(journal, batch("y"), 99_999).exception(5)


def test_events_that_could_not_be_told_are_told_later(
    journal: PostgresJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[int] = []
    journal.subscribe(lambda events: heard.extend(e.seq for e in events))

    def broken(_events: object) -> None:
        monkeypatch.undo()
        raise StorageFailed("the reader's connection is gone")

    monkeypatch.setattr(journal, "_tell", broken)
    assert append(journal, batch("one"), 0).result(5).events[0].seq == 1
    soon(lambda: heard == [1])
    append(journal, batch("two"), 1).result(5)
    soon(lambda: heard == [1, 2])


def test_an_answer_means_durable_whatever_the_default(database: str, clock: ManualClock) -> None:
    with psycopg.connect(database, autocommit=True) as elsewhere:
        elsewhere.execute("ALTER ROLE trellis SET synchronous_commit = off")
    try:
        journal = PostgresJournal(database, clock)
        with store_of(journal)._writer.connected() as connection:
            assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
        journal.close()
    finally:
        with psycopg.connect(database, autocommit=True) as elsewhere:
            elsewhere.execute("ALTER ROLE trellis RESET synchronous_commit")


def test_another_programs_database_is_left_alone(database: str, clock: ManualClock) -> None:
    with psycopg.connect(database, autocommit=True) as elsewhere:
        elsewhere.execute("CREATE TABLE song (title text)")
    with pytest.raises(JournalError, match="not a Trellis journal"):
        PostgresJournal(database, clock)


def test_a_newer_database_is_left_alone(
    journal: PostgresJournal, database: str, clock: ManualClock
) -> None:
    with psycopg.connect(database, autocommit=True) as elsewhere:
        elsewhere.execute("UPDATE property SET value = '99' WHERE name = 'version'")
    with pytest.raises(JournalError, match="newer Trellis"):
        PostgresJournal(database, clock)


def test_nodes_that_start_together_make_one_schema(database: str, clock: ManualClock) -> None:
    with ThreadPoolExecutor(4) as pool:
        nodes = list(pool.map(lambda _: PostgresJournal(database, clock), range(4)))
    assert len({node.id for node in nodes}) == 1
    for node in nodes:
        node.close()


def test_migrations_run_once_each_in_order(
    journal: PostgresJournal, database: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(journal, batch("old"), 0).result(5)
    script = "CREATE TABLE extra (n int); INSERT INTO extra VALUES (1);"
    steps = (*postgres_schema.MIGRATIONS, script)
    monkeypatch.setattr(postgres_schema, "MIGRATIONS", steps)
    for _ in range(2):
        PostgresJournal(database, clock).close()
    with psycopg.connect(database) as elsewhere:
        assert elsewhere.execute("SELECT n FROM extra").fetchall() == [(1,)]
    assert verify(database).is_sound


def test_there_must_be_a_journal_to_verify(database: str) -> None:
    with pytest.raises(JournalError, match="no journal at"):
        verify(database)


def test_no_database_at_all(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Link.__init__, "__defaults__", (0.0, None))
    with pytest.raises(JournalError, match=r"cannot be reached .*refused"):
        PostgresJournal("postgresql://127.0.0.1:1/nowhere?connect_timeout=2", clock)


def _is_journal(journal: PostgresJournal) -> Journal:
    return journal


def test_a_line_that_swallows_everything_is_given_up(
    postgres: Cluster, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """libpq would wait for ever: nothing breaks off, and nothing answers."""
    for name in ("postgres.READ_S", "postgres.WRITE_S", "postgres_ledger.READ_S"):
        monkeypatch.setattr(f"console.journal.{name}", 0.5)
    url, line = postgres.fresh(), CutLine(postgres.socket)
    far = re.sub(r"host=[^&]*", f"host=127.0.0.1&port={line.port}&connect_timeout=2", url)
    journal, ledger = PostgresJournal(far, clock), PostgresLedger(far)
    append(journal, batch("before"), 0).result(10)
    assert [e.seq for e in journal.read(0, 10)] == [ledger.tip().seq] == [1]
    line.stall()
    for ask in (
        lambda: journal.read(0, 10),
        ledger.tip,
        lambda: append(journal, batch("lost"), 1).result(30),
    ):
        began = time.monotonic()
        with pytest.raises(StorageFailed):
            ask()
        assert time.monotonic() - began < 20
    line.mend()
    append(journal, batch("after"), 1).result(20)
    assert [e.seq for e in journal.read(0, 10)] == [1, 2]
    assert ledger.tip().seq == 2
    ledger.close()
    journal.close()
    line.close()
    assert verify(url).is_sound
