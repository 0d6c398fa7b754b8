"""The board in PostgreSQL keeps the contract, and comes back after the database went away."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from console.journal import JournalError, StorageFailed
from console.nodes import Board, Known, Said
from console.nodes.open import open_board
from console.nodes.postgres import PostgresBoard
from tests.console.nodes.contract import BoardContract, MakeBoard, groups, heard_of
from tests.helpers.cut_line import CutLine
from tests.helpers.postgres import Cluster


@pytest.fixture
def make(database: str) -> Iterator[MakeBoard]:
    made: list[Board] = []

    def board() -> Board:
        made.append(PostgresBoard(database))
        return made[-1]

    yield board
    for one in made:
        one.close()


class TestPostgresBoard(BoardContract):
    pass


def test_a_journal_in_a_file_has_no_board(tmp_path: Path, database: str) -> None:
    assert open_board(f"sqlite:///{tmp_path / 'j.sqlite'}") is None
    assert open_board("memory:") is None
    board = open_board(database)
    assert board is not None
    board.close()


def test_a_database_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="PostgreSQL"):
        PostgresBoard(f"postgresql:///nobody?host={tmp_path}")


def test_a_connection_that_was_cut_is_made_anew(make: MakeBoard, database: str) -> None:
    one, two = make(), make()
    one.swap(Said(1, groups([1]), 1, b""), {})
    with psycopg.connect(database, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'trellis' AND pid <> pg_backend_pid()"
        )
    with pytest.raises(StorageFailed):
        one.swap(Said(2, groups([2])), {})
    one.swap(Said(2, groups([2])), {})
    assert heard_of(two.swap(Said(1), {}), one.node) == list(groups([1, 2]))


def test_a_database_that_crashed_is_empty_and_works(postgres: Cluster, make: MakeBoard) -> None:
    one, two = make(), make()
    one.swap(Said(1, groups([1, 2]), 1, b"line"), {})
    postgres.stop(signal.SIGQUIT)
    with pytest.raises(StorageFailed):
        one.swap(Said(2), {})
    postgres.start()
    assert one.swap(Said(3, groups([3])), {}).signs == ()
    one.swap(Said(4, groups([4]), 2, b"line"), {})
    heard = two.swap(Said(1), {one.node: Known(2, 1)}) if _up(two) else None
    assert heard is not None
    assert heard_of(heard, one.node) == list(groups([3, 4]))


def _up(board: Board) -> bool:
    try:
        board.swap(Said(1), {})
    except StorageFailed:
        board.swap(Said(1), {})
    return True


def test_a_database_that_does_not_answer_is_not_waited_for(
    postgres: Cluster, database: str, make: MakeBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.nodes.postgres.READ_S", 0.3)
    line = CutLine(postgres.socket)
    far = PostgresBoard(re.sub(r"host=[^&]*", f"host=127.0.0.1&port={line.port}", database))
    try:
        far.swap(Said(1, groups([1]), 1, b""), {})
        line.stall()
        with pytest.raises(StorageFailed):
            far.swap(Said(2, groups([2])), {})
        line.mend()
        far.swap(Said(3, groups([2])), {})
        assert heard_of(make().swap(Said(1), {}), far.node) == list(groups([1, 2]))
    finally:
        far.close()
        line.close()
