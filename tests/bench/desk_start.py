"""How long a desk takes to come on line with a server that has a long past."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from unittest import mock
from urllib.request import Request, urlopen

import apsw
from PySide6.QtCore import QCoreApplication, QEventLoop

from console.clock import SystemClock
from console.session import LiveSession, Outbox, live
from tests.bench.report import Row, main
from tests.helpers.history import write_history
from tests.helpers.server_process import ServerProcess, server_process
from tests.helpers.stream import SECRET
from widgets.bridge.transport import QtTransport

EVENTS = 100_000
PATIENCE_S = 300.0


def rows(events: int) -> Iterator[Row]:
    """A desk with everything to learn, by the picture and event by event."""
    app = QCoreApplication.instance() or QCoreApplication([])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_history(folder / "journal.sqlite", events)
        with server_process(folder / "journal.sqlite") as server:
            _kept(folder / "journal.picture", events)
            server.kill()
            server.start()
            first = start(app, server, folder, events)
            again = start(app, server, folder, events)
            with mock.patch.object(live, "FAR_BEHIND", 1 << 60):
                one_by_one = start(app, server, folder, events)
            size = picture_bytes(server)
    yield Row("events in the journal", events, "")
    told = "on line, the server's first desk, against event by event"
    yield Row(told, first[0], "ms", against=one_by_one[0], target=1000)
    told = "on line, the next desk, against event by event"
    yield Row(told, again[0], "ms", against=one_by_one[0], target=1000)
    yield Row("CPU of the desk, against event by event", again[1], "ms", against=one_by_one[1])
    yield Row("the picture on its way", size / 1000, "kB")


def _kept(path: Path, events: int) -> None:
    """Wait until the server has its own picture on the disk, as every server but the first has."""
    end_s = time.monotonic() + PATIENCE_S
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    asked = "SELECT value FROM about WHERE name = 'seq'"
    while connection.execute(asked).get != str(events):
        assert time.monotonic() < end_s, "the server keeps no picture"
        time.sleep(0.1)
    connection.close()


def start(
    app: QCoreApplication, server: ServerProcess, folder: Path, events: int
) -> tuple[float, float]:
    """Time on the clock, and CPU of this process, until a new desk is on line; ms."""
    session = LiveSession(QtTransport(server.url, SECRET), Outbox(folder / "outbox"), SystemClock())
    began, used = time.perf_counter(), time.process_time()
    session.start()
    _wait(app, lambda: session.link.state == "online")
    took = (time.perf_counter() - began) * 1000, (time.process_time() - used) * 1000
    assert session.picture.seq == events
    session.close()
    return took


def _wait(app: QCoreApplication, until: Callable[[], bool]) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not until():
        assert time.monotonic() < end_s, "it does not come on line"
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)


def picture_bytes(server: ServerProcess) -> int:
    """What the picture takes on the wire."""
    headers = {"Authorization": f"Bearer {SECRET}"}
    with urlopen(Request(f"{server.url}/api/v1/picture", headers=headers)) as answer:
        return len(answer.read())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--events", type=int, default=EVENTS)
    chosen, rest = parser.parse_known_args()
    raise SystemExit(main(partial(rows, chosen.events), rest))
