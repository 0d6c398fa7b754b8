"""From a click on an incident until queue and incident panel are painted with it.

Held against painting the same two panels with nothing changed. Offscreen: what a screen's own
refresh adds is not in it.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.bench.report import Row, main
from tests.helpers.desk_city import make_desk_city
from tests.helpers.desk_window import open_window
from tests.widgets.conftest import make_rig
from widgets.common.theme import install_theme
from widgets.window import DeskWindow

INCIDENTS = 200
CLICKS = 60


def rows() -> Iterator[Row]:
    """Click through the queue."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    install_theme(app, 1.0)
    with tempfile.TemporaryDirectory() as name:
        rig = make_rig(make_desk_city(Path(name)))
        window = open_window(rig, Path(name))
        for number in range(INCIDENTS):
            rig.report(priority=1 + number % 4, age_s=number)
        window.show()
        app.processEvents()
        clicks, idle = _measured(window)
        window.shut_down()
    p50, floor = statistics.median(clicks), statistics.median(idle)
    yield Row("click -> painted p50, against painting alone", p50, "ms", against=floor)
    yield Row("click -> painted, slowest", max(clicks), "ms", target=100.0)


def _measured(window: DeskWindow) -> tuple[list[float], list[float]]:
    view = window.queue.list
    clicks, idle = [], []
    for number in range(CLICKS):
        where = view.visualRect(view.model().index(number % 6, 0)).center()
        idle.append(_painted_ms(window))
        began = time.perf_counter()
        QTest.mouseClick(
            view.viewport(),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            QPoint(where),
        )
        clicks.append(_painted_ms(window, began))
    return clicks, idle


def _painted_ms(window: DeskWindow, began: float | None = None) -> float:
    began = time.perf_counter() if began is None else began
    window.queue.grab()
    window.incident.grab()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    raise SystemExit(main(rows))
