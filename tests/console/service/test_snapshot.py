"""The picture kept beside the journal: always the same as the journal's, or thrown away."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from console.access import Actor, Role
from console.clock import Clocks, ManualClock
from console.journal import Journal, StorageFailed
from console.journal.sqlite import SqliteJournal
from console.model.decide import Refused
from console.model.event import Event
from console.model.facts import PriorityChanged
from console.model.picture import Picture
from console.model.requests import (
    AcknowledgeSos,
    AddNote,
    DeclareUnitStatus,
    EvaluateIncident,
    Request,
)
from console.model.unit import UnitStatus
from console.service import Service, opening, snapshot
from console.service.opening import Keeper, open_picture
from tests.console.model.test_replay import state
from tests.console.service.test_service import OFFICER
from tests.helpers.history import write_history
from tests.helpers.stream import NOW, dispatch, report, small_ground, submission

EVENTS = 4000


@pytest.fixture(autouse=True)
def saved_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "SAVE_EVERY", 20)
    monkeypatch.setattr(snapshot, "NEWEST", 10)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    write_history(tmp_path / "j.sqlite", EVENTS)
    opened = SqliteJournal(tmp_path / "j.sqlite", ManualClock(NOW))
    yield opened
    opened.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "j.picture"


def whole(journal: Journal) -> Picture:
    picture, keeper = open_picture(journal, None)
    assert keeper is None
    return picture


def opened(journal: Journal, path: Path) -> tuple[Picture, Keeper]:
    """A picture, once what is to be saved of it is saved."""
    picture, keeper = open_picture(journal, path)
    assert keeper is not None
    saved()
    return picture, keeper


def saved() -> None:
    for thread in threading.enumerate():
        if thread.name == "snapshot":
            thread.join(10)


def at_hand(picture: Picture) -> int:
    incidents, commands = picture.at_hand()
    return len(incidents) + len(commands)


def test_a_start_from_what_was_kept_is_the_same(journal: SqliteJournal, path: Path) -> None:
    first, _ = opened(journal, path)
    again, _ = opened(journal, path)
    assert again.seq == EVENTS
    assert at_hand(again) < at_hand(first), "what is over is not brought in"
    assert state(again) == state(first) == state(whole(journal))
    assert len(again.incidents) == len(first.incidents)
    assert list(again.incidents) == sorted(first.incidents)


def test_it_is_kept_up_while_the_server_works(journal: SqliteJournal, path: Path) -> None:
    opened(journal, path)
    picture, keeper = opened(journal, path)
    over = [i for i in picture.incidents.values() if not i.stage.is_open][:3]
    feed = picture.copy()
    service = Service(journal, Clocks(ManualClock(NOW)), small_ground(), picture, keeper)
    for n in range(100):
        service.handle(submission(report()), OFFICER)
        if n % 10 == 0:
            service.do(EvaluateIncident(over[n % 3].id, 1 + n // 25, ""), "test").events()
        saved()
    feed.apply(journal.read(feed.seq, 10_000))
    assert state(feed) == state(whole(journal)), "a picture must not find its future in the file"
    again, _ = opened(journal, path)
    assert state(again) == state(whole(journal))


def test_a_random_walk_of_starts_and_work(journal: SqliteJournal, path: Path) -> None:
    rng = random.Random(5)
    for _ in range(8):
        picture, keeper = opened(journal, path)
        service = Service(journal, Clocks(ManualClock(NOW)), small_ground(), picture, keeper)
        known = list(picture.incidents)
        for _ in range(rng.randrange(60)):
            service.handle(submission(AddNote(rng.choice(known), "x")), OFFICER)
            service.handle(submission(report()), OFFICER)
        saved()
        assert state(opened(journal, path)[0]) == state(whole(journal))


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE about SET value = 'another' WHERE name = 'journal'",
        "UPDATE about SET value = '0' WHERE name = 'fold'",
        "UPDATE about SET value = '99' WHERE name = 'format'",
        "UPDATE about SET value = '999999' WHERE name = 'seq'",
        "UPDATE incident SET body = x'00112233445566' WHERE alive",
        "UPDATE command SET body = zeroblob(length(body)) WHERE alive",
        "UPDATE unit SET body = substr(body, 1, 9)",
        "DROP TABLE series",
        "UPDATE about SET value = 'x' WHERE name = 'seq'",
        "DELETE FROM about WHERE name = 'seq'",
        "DELETE FROM incident WHERE id = (SELECT max(id) FROM incident WHERE alive)",
        "DELETE FROM command WHERE id = (SELECT max(id) FROM command WHERE alive)",
        "UPDATE incident SET id = 'another' WHERE id = (SELECT max(id) FROM incident WHERE alive)",
        "UPDATE unit SET id = 'another' WHERE id = (SELECT max(id) FROM unit)",
        "UPDATE unit SET id = CAST(x'ff' AS TEXT) WHERE id = (SELECT max(id) FROM unit)",
    ],
)
def test_what_cannot_be_used_is_made_anew(journal: SqliteJournal, path: Path, damage: str) -> None:
    opened(journal, path)
    raw = apsw.Connection(str(path))
    raw.execute(damage)
    raw.close()
    picture, _ = opened(journal, path)
    assert state(picture) == state(whole(journal))
    again, _ = opened(journal, path)
    assert at_hand(again) < at_hand(picture)


def test_a_file_that_is_none_is_replaced(journal: SqliteJournal, path: Path) -> None:
    path.write_bytes(b"not a database, by far" * 300)
    assert state(opened(journal, path)[0]) == state(whole(journal))
    assert state(opened(journal, path)[0]) == state(whole(journal))


def test_a_folder_that_takes_nothing_is_no_reason_not_to_start(
    journal: SqliteJournal, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    picture, keeper = open_picture(journal, tmp_path / "file" / "j.picture")
    assert keeper is None
    assert state(picture) == state(whole(journal))


def test_damage_found_late_is_said_and_mended_at_the_next_start(
    journal: SqliteJournal, path: Path
) -> None:
    opened(journal, path)
    picture, keeper = opened(journal, path)
    raw = apsw.Connection(str(path))
    raw.execute("UPDATE incident SET body = zeroblob(length(body)) WHERE NOT alive")
    raw.close()
    over = next(i for i in whole(journal).incidents.values() if not i.stage.is_open)
    service = Service(journal, Clocks(ManualClock(NOW)), small_ground(), picture, keeper)
    with pytest.raises(StorageFailed):
        service.handle(submission(AddNote(over.id, "x")), OFFICER)
    assert state(opened(journal, path)[0]) == state(whole(journal))


def test_a_full_disk_costs_the_kept_picture_and_nothing_else(
    journal: SqliteJournal, path: Path
) -> None:
    picture, keeper = opened(journal, path)
    file = keeper._file
    file._connection.pragma("max_page_count", file._connection.pragma("page_count"))
    service = Service(journal, Clocks(ManualClock(NOW)), small_ground(), picture, keeper)
    for _ in range(60):
        service.handle(submission(report()), OFFICER)
    saved()
    assert not path.exists(), "half a picture is none"
    for _ in range(30):
        service.handle(submission(report()), OFFICER)
    saved()
    assert state(opened(journal, path)[0]) == state(whole(journal))
    assert path.exists()


def test_what_came_to_nothing_is_not_kept(
    journal: SqliteJournal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture, keeper = opened(journal, path)
    service = Service(journal, Clocks(ManualClock(NOW)), small_ground(), picture, keeper)
    asked = report()
    service.handle(submission(asked), OFFICER)
    commit = journal._commit
    gate = threading.Event()

    def full(_turn: object) -> None:
        gate.wait(5)
        raise apsw.FullError("disk is full")

    monkeypatch.setattr(journal, "_commit", full)
    outcomes = [service.submit(submission(r), OFFICER) for r in lost_work(asked.incident_id)]
    gate.set()
    for outcome in outcomes:
        with pytest.raises((StorageFailed, Refused)):
            outcome.events()
    monkeypatch.setattr(journal, "_commit", commit)
    for _ in range(30):
        service.handle(submission(report()), OFFICER)
    saved()
    assert state(opened(journal, path)[0]) == state(whole(journal))


def lost_work(incident_id: str) -> list[Request]:
    return [
        dispatch(incident_id, "U-0001"),
        dispatch(incident_id, "U-0002"),
        report(),
        AddNote(incident_id, "x"),
    ]


def test_c10_what_was_asked_for_is_not_held_for_ever(
    journal: SqliteJournal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What changed since is kept: the file has it as it was at the start."""
    monkeypatch.setattr(snapshot, "MOST_FETCHED", 30)
    opened(journal, path)
    picture, _ = opened(journal, path)
    before = at_hand(picture)
    over = picture.not_at_hand(picture.newest_incidents(1000))
    assert len(over) > 100
    fact = PriorityChanged(over[0], 1, "")
    picture.apply([Event(picture.seq + 1, "i", fact, NOW, NOW, "person/lin", "", "k")])
    changed = picture.incidents[over[0]]
    whole_picture = whole(journal)
    for incident_id in over[1:]:
        assert picture.incidents[incident_id] == whole_picture.incidents[incident_id]
        assert picture.commands_of(incident_id) == whole_picture.commands_of(incident_id)
    picture.take_in(*picture.fetch(over[1:]))
    assert at_hand(picture) <= before + 2 * 30 + 1
    assert picture.incidents[over[0]] is changed


def test_a1_an_open_call_for_help_outlives_a_start(journal: SqliteJournal, path: Path) -> None:
    picture, keeper = open_picture(journal, path)
    service = Service(journal, Clocks(ManualClock(NOW)), small_ground(), picture, keeper)
    unit = Actor(Role.DEVICE, "U-0001")
    call = DeclareUnitStatus("U-0001", UnitStatus.SOS)
    service.handle(submission(call), unit)
    service.handle(submission(AcknowledgeSos("U-0001", NOW), NOW + 1), OFFICER)
    path.unlink(missing_ok=True)
    opened(journal, path)  # made from the journal, and kept
    again, _ = opened(journal, path)
    calls = again.sos_calls
    assert calls == whole(journal).sos_calls
    assert calls["U-0001"].acknowledged_by == OFFICER.who
