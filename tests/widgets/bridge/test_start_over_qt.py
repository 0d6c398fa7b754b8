"""A desk starts from the picture of a real server with a long past, and sees all of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from console.clock import SystemClock
from console.model.picture import Picture
from console.model.requests import AddNote
from console.session import LiveSession, Outbox
from console.wire import decode_answer
from tests.helpers.history import write_history
from tests.helpers.server_process import ServerProcess, server_process
from tests.helpers.stream import SECRET
from widgets.bridge.transport import QtTransport

COUNT = 6000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    write_history(tmp_path / "journal.sqlite", COUNT)
    with server_process(tmp_path / "journal.sqlite") as running:
        yield running


@pytest.fixture
def desk(server: ServerProcess, tmp_path: Path, qapp: QCoreApplication) -> Iterator[LiveSession]:
    transport = QtTransport(server.url, SECRET)
    session = LiveSession(transport, Outbox(tmp_path / "outbox"), SystemClock())
    yield session
    session.close()


def folded(server: ServerProcess) -> Picture:
    """All the server's events, one by one."""
    picture = Picture()
    while picture.seq < COUNT:
        address = f"{server.url}/api/v1/events?after={picture.seq}&limit=5000"
        asked = Request(address, headers={"Authorization": f"Bearer {SECRET}"})
        with urlopen(asked) as answer:
            picture.apply(decode_answer(200, answer.read()).events)
    return picture


def test_it_is_on_line_with_all_there_is(
    server: ServerProcess, desk: LiveSession, qtbot: QtBot
) -> None:
    touched: set[str] = set()
    desk.subscribe(lambda changes: touched.update(changes.incidents))
    desk.start()
    qtbot.waitUntil(lambda: desk.link.state == "online", timeout=10_000)
    every = folded(server)
    assert (desk.picture.seq, touched) == (COUNT, set(every.incidents))
    assert dict(desk.picture.incidents) == dict(every.incidents)
    assert dict(desk.picture.units) == dict(every.units)
    assert dict(desk.picture.commands) == dict(every.commands)


def test_a_timeline_comes_when_somebody_looks_and_goes_on(
    server: ServerProcess, desk: LiveSession, qtbot: QtBot
) -> None:
    desk.start()
    qtbot.waitUntil(lambda: desk.link.state == "online", timeout=10_000)
    incident = next(i for i in desk.picture.incidents.values() if i.stage.is_open)
    assert not desk.picture.is_whole(incident.id)
    desk.submit(AddNote(incident.id, "先到的"))
    desk.look_into(incident.id)
    before = folded(server).timeline(incident.id)

    def whole() -> bool:
        return len(desk.picture.timeline(incident.id)) == len(before) + 1

    qtbot.waitUntil(whole, timeout=10_000)
    *past, note = desk.picture.timeline(incident.id)
    assert tuple(past) == before
    assert note.fact.text == "先到的"  # type: ignore[union-attr]


def test_the_server_comes_back_and_the_desk_goes_on(
    server: ServerProcess, desk: LiveSession, qtbot: QtBot
) -> None:
    desk.start()
    qtbot.waitUntil(lambda: desk.link.state == "online", timeout=10_000)
    server.kill()
    qtbot.waitUntil(lambda: desk.link.state == "offline", timeout=10_000)
    incident_id = next(iter(desk.picture.incidents))
    desk.submit(AddNote(incident_id, "x"))
    server.start()
    qtbot.waitUntil(lambda: desk.picture.seq == COUNT + 1, timeout=10_000)
    assert desk.link.state == "online"
