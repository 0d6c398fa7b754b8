"""A desk killed in mid-dispatch, or with a server that stands still, loses and doubles nothing."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.faults.kill_desk import Told, faults_in, freeze, kill_again_and_again, settle
from tests.helpers.server_process import server_process

KILLS = 5


def test_what_a_killed_desk_had_taken_is_done_once(tmp_path: Path) -> None:
    random.seed(KILLS)
    with server_process(tmp_path / "journal.sqlite") as server:
        outcome = kill_again_and_again(server, tmp_path / "outbox", KILLS)
    assert outcome.faults == ()
    assert outcome.taken >= KILLS - 1
    assert outcome.events >= outcome.taken


@pytest.mark.skipif(os.name == "nt", reason="needs SIGSTOP")
def test_a_desk_works_on_while_its_server_stands_still(tmp_path: Path) -> None:
    with server_process(tmp_path / "journal.sqlite") as server:
        told = freeze(server, tmp_path / "outbox", seconds=1.5, silence_s=0.5)
        assert told.states[0] == "offline"
        assert told.states[-1] == "online"
        outcome = settle(server, tmp_path / "outbox", told, kills=1)
    assert outcome.faults == ()


def test_what_is_counted_as_lost_or_doubled() -> None:
    told = Told()
    for line in ("opening", "taken a", "taken b", "refused b no_such_incident"):
        told.hear(line)
    twice = [
        {"key": key, "kind": "command.issued", "fact": {"command_id": "c"}} for key in ("a", "x")
    ]
    assert faults_in(told, twice) == [
        "b: taken by the desk, not in the journal",
        "refused: b no_such_incident",
        "command.issued c: 2 times",
    ]
