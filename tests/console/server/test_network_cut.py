"""The line between desk and server is cut, stalls and is slow: the desk catches up."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from console.clock import SystemClock
from console.journal.verify import verify
from console.model.ids import new_key
from console.model.requests import AddNote, ReportIncident
from console.session import LiveSession, Outbox
from tests.helpers.cut_line import CutLine
from tests.helpers.server_process import ServerProcess, server_process
from tests.helpers.stream import SECRET, report
from widgets.bridge.transport import QtTransport

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Qt says so when a line breaks between reading a frame and answering it: what is tried here.
pytestmark = pytest.mark.qt_log_ignore(r"QIODevice::write \(QTcpSocket\): device not open")


class Rig:
    """Two desks on one server: one over a line that can be cut, one straight."""

    def __init__(self, server: ServerProcess, line: CutLine, folder: Path) -> None:
        self.server = server
        self.line = line
        self.far = self._desk(line.url, folder / "far")
        self.near = self._desk(server.url, folder / "near")

    def _desk(self, url: str, outbox: Path) -> LiveSession:
        session = LiveSession(QtTransport(url, SECRET), Outbox(outbox), SystemClock())
        session.start()
        return session

    @property
    def agree(self) -> bool:
        """Whether both show the same, and nothing is under way."""
        return (
            self.far.link.pending == self.near.link.pending == 0
            and self.far.picture.seq == self.near.picture.seq > 0
            and list(self.far.picture.incidents) == list(self.near.picture.incidents)
        )


@pytest.fixture
def rig(tmp_path: Path, qapp: QCoreApplication, qtbot: QtBot) -> Iterator[Rig]:
    with server_process(tmp_path / "journal.sqlite") as server:
        line = CutLine(server.port)
        rig = Rig(server, line, tmp_path)
        qtbot.waitUntil(
            lambda: rig.far.link.state == rig.near.link.state == "online", timeout=10_000
        )
        yield rig
        rig.far.close()
        rig.near.close()
        line.close()


def fresh() -> ReportIncident:
    return report(new_key(SystemClock().now_ms()))


def test_cut_again_and_again(rig: Rig, qtbot: QtBot) -> None:
    asked = 0
    for _ in range(3):
        rig.line.cut()
        for _ in range(5):
            rig.far.submit(fresh())
            rig.near.submit(fresh())
            asked += 2
        qtbot.waitUntil(lambda: rig.far.link.state == "offline", timeout=10_000)
        qtbot.waitUntil(lambda: rig.near.link.pending == 0, timeout=10_000)
        assert rig.far.link.pending == 5
        rig.line.mend()
        qtbot.waitUntil(lambda: rig.far.link.state == "online", timeout=15_000)
        qtbot.waitUntil(lambda: rig.agree, timeout=10_000)
    assert rig.far.picture.seq == asked
    rig.server.stop()
    verdict = verify(rig.server.db)
    assert (verdict.is_sound, verdict.events) == (True, asked)


def test_answers_are_lost_on_the_way(rig: Rig, qtbot: QtBot) -> None:
    """What was asked arrives, its answer does not: it is asked again, and done once."""
    incident = fresh()
    rig.far.submit(incident)
    qtbot.waitUntil(lambda: rig.agree, timeout=5000)
    for n in range(8):
        rig.far.submit(AddNote(incident.incident_id, f"note {n}"))
        qtbot.wait(3 * n)
        rig.line.cut()
        qtbot.wait(20)
        rig.line.mend()
    qtbot.waitUntil(lambda: rig.agree and rig.far.picture.seq == 9, timeout=20_000)
    notes = [e.fact.text for e in rig.near.picture.timeline(incident.incident_id) if e.seq > 1]  # type: ignore[union-attr]
    assert notes == [f"note {n}" for n in range(8)]


def test_a_line_that_swallows_everything_is_noticed(
    rig: Rig, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.session.link.SILENCE_S", 2.5)
    rig.line.stall()
    rig.far.submit(fresh())
    rig.near.submit(fresh())
    qtbot.waitUntil(lambda: rig.far.link.state == "offline", timeout=15_000)
    assert rig.far.link.pending == 1
    rig.line.mend()
    qtbot.waitUntil(lambda: rig.agree and rig.far.picture.seq == 2, timeout=20_000)


def test_a_slow_line_is_only_slow(rig: Rig, qtbot: QtBot) -> None:
    rig.line.delay_s = 0.2
    for _ in range(4):
        rig.far.submit(fresh())
        rig.near.submit(fresh())
    qtbot.waitUntil(lambda: rig.agree and rig.far.picture.seq == 8, timeout=15_000)
    assert rig.far.link.state == "online"
    qtbot.waitUntil(lambda: (rig.far.link.latency_ms or 0) > 200, timeout=10_000)
