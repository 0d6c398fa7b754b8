"""The live session through Qt's sockets, against a real server that is killed and comes back."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from console.clock import SystemClock
from console.model.ids import new_key
from console.model.incident import Stage
from console.model.picture import Picture
from console.model.requests import AcceptIncident, AddNote, ReportIncident
from console.session import LiveSession, Outbox, Refusal
from tests.helpers.server_process import ServerProcess, server_process
from tests.helpers.stream import SECRET, report
from widgets.bridge.session import SessionBridge
from widgets.bridge.transport import QtTransport


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with server_process(tmp_path / "journal.sqlite") as running:
        yield running


@pytest.fixture
def desk(
    server: ServerProcess, tmp_path: Path, qapp: QCoreApplication
) -> Iterator[Callable[..., LiveSession]]:
    """Opens desks on the server, one at a time, over one outbox."""
    opened: list[LiveSession] = []

    def open_desk(token: str = SECRET) -> LiveSession:
        if opened:
            opened[-1].close()
        session = LiveSession(
            QtTransport(server.url, token), Outbox(tmp_path / "outbox"), SystemClock()
        )
        opened.append(session)
        return session

    yield open_desk
    opened[-1].close()


def fresh_report(**changes: Any) -> ReportIncident:
    return report(new_key(SystemClock().now_ms()), **changes)


def shown(picture: Picture) -> list[tuple[Any, ...]]:
    """What a picture shows, to compare two."""
    return [
        (i.number, i.stage, i.stage_times, picture.timeline(i.id))
        for i in picture.incidents.values()
    ]


def test_a_click_reaches_the_journal_and_comes_back(
    desk: Callable[..., LiveSession], qtbot: QtBot
) -> None:
    session = desk()
    bridge = SessionBridge(session)
    session.start()
    qtbot.waitUntil(lambda: session.link.state == "online", timeout=5000)
    asked = fresh_report()
    with qtbot.waitSignal(bridge.incidents_changed, timeout=5000) as heard:
        session.submit(asked)
    assert heard.args == [{asked.incident_id}]
    qtbot.waitUntil(lambda: session.link.pending == 0, timeout=5000)
    qtbot.waitUntil(lambda: session.link.latency_ms is not None, timeout=5000)
    latency_ms = session.link.latency_ms
    assert latency_ms is not None and 0 < latency_ms < 2000


def test_closed_and_opened_again_it_is_the_same_picture(
    desk: Callable[..., LiveSession], qtbot: QtBot
) -> None:
    first = desk()
    first.start()
    for _ in range(5):
        asked = fresh_report()
        first.submit(asked)
        first.submit(AcceptIncident(asked.incident_id))
    qtbot.waitUntil(lambda: first.link.pending == 0 and first.picture.seq == 10, timeout=5000)
    before = shown(first.picture)
    second = desk()
    second.start()
    qtbot.waitUntil(lambda: second.link.state == "online", timeout=5000)
    assert shown(second.picture) == before


def test_a_refusal_comes_back_with_its_reason(
    desk: Callable[..., LiveSession], qtbot: QtBot
) -> None:
    session = desk()
    bridge = SessionBridge(session)
    session.start()
    with qtbot.waitSignal(bridge.refused, timeout=5000) as heard:
        key = session.submit(AddNote("no such incident", "hello"))
    (refusal,) = heard.args
    assert isinstance(refusal, Refusal)
    assert (refusal.key, refusal.code) == (key, "no_such_incident")
    assert refusal.message.zh
    assert session.link.pending == 0


def test_the_server_is_killed_and_comes_back(
    desk: Callable[..., LiveSession], server: ServerProcess, qtbot: QtBot
) -> None:
    session = desk()
    session.start()
    asked = fresh_report()
    session.submit(asked)
    qtbot.waitUntil(lambda: session.picture.seq == 1, timeout=5000)
    server.kill()
    qtbot.waitUntil(lambda: session.link.state == "offline", timeout=5000)
    session.submit(AcceptIncident(asked.incident_id))
    for n in range(3):
        session.submit(AddNote(asked.incident_id, f"off line {n}"))
    assert session.link.pending == 4
    server.start()
    qtbot.waitUntil(lambda: session.link.state == "online", timeout=10_000)
    qtbot.waitUntil(lambda: session.link.pending == 0, timeout=10_000)
    assert session.picture.incidents[asked.incident_id].stage is Stage.ACCEPTED
    notes = [e.fact.text for e in session.picture.timeline(asked.incident_id) if e.seq > 2]  # type: ignore[union-attr]
    assert notes == ["off line 0", "off line 1", "off line 2"]


def test_a_desk_without_its_server_keeps_trying_one_connection_at_a_time(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.session.link.STARTING_S", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    session = LiveSession(
        QtTransport(f"http://127.0.0.1:{port}", SECRET), Outbox(tmp_path / "o"), SystemClock()
    )
    session.start()
    session.submit(fresh_report())
    qtbot.waitUntil(lambda: session.link.state == "offline", timeout=5000)
    qtbot.wait(700)
    assert (session.link.state, session.link.pending) == ("offline", 1)
    session.close()


def test_a_wrong_secret_keeps_the_desk_off_line_and_its_work_safe(
    desk: Callable[..., LiveSession], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.session.link.STARTING_S", 0.0)
    session = desk("another secret altogether")
    session.start()
    session.submit(fresh_report())
    qtbot.waitUntil(lambda: session.link.state == "offline", timeout=5000)
    assert session.link.pending == 1


@pytest.mark.skipif(os.name == "nt", reason="needs SIGSTOP")
def test_a_frozen_server_is_noticed(
    desk: Callable[..., LiveSession],
    server: ServerProcess,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("console.session.link.SILENCE_S", 0.5)
    session = desk()
    session.start()
    states: list[str] = []
    session.subscribe(lambda _changes: states.append(session.link.state))
    qtbot.waitUntil(lambda: "online" in states, timeout=5000)
    os.kill(server.pid, signal.SIGSTOP)
    try:
        qtbot.waitUntil(lambda: session.link.state == "offline", timeout=5000)
    finally:
        os.kill(server.pid, signal.SIGCONT)
    monkeypatch.undo()
    qtbot.waitUntil(lambda: session.link.state == "online", timeout=10_000)
