"""Bursts become one look."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from console.model.requests import AcceptIncident
from console.model.text import Text
from console.session import Changes, Refusal
from console.session.interface import Listener
from widgets.bridge.session import QUIET_MS, SessionBridge


class Source:
    """As much of a session as the bridge needs."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> object:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def tell(self, changes: Changes) -> None:
        for listener in self.listeners:
            listener(changes)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def bridge(source: Source, qapp: QCoreApplication) -> SessionBridge:
    return SessionBridge(source)  # type: ignore[arg-type]


def test_a_burst_is_one_round(source: Source, bridge: SessionBridge, qtbot: QtBot) -> None:
    heard: list[object] = []
    bridge.incidents_changed.connect(heard.append)
    for n in range(100):
        source.tell(Changes(incidents=frozenset({f"i-{n}"}), commands=frozenset({"c"})))
    assert heard == []
    qtbot.waitUntil(lambda: bool(heard), timeout=1000)
    qtbot.wait(2 * QUIET_MS)
    assert heard == [{f"i-{n}" for n in range(100)}]


def test_rounds_keep_their_distance(source: Source, bridge: SessionBridge, qtbot: QtBot) -> None:
    times: list[float] = []
    bridge.fixes_changed.connect(lambda: times.append(time.monotonic()))
    end = time.monotonic() + 0.4
    while time.monotonic() < end:
        source.tell(Changes(fixes=True))
        qtbot.wait(5)
    gaps = [b - a for a, b in pairwise(times)]
    assert len(times) >= 3
    assert min(gaps) > 0.8 * QUIET_MS / 1000


def test_each_change_has_its_signal(source: Source, bridge: SessionBridge, qtbot: QtBot) -> None:
    heard: dict[str, list[object]] = {}

    def note(name: str) -> object:
        return lambda *args: heard.setdefault(name, []).append(args)

    for name in ("incidents_changed", "commands_changed", "units_changed", "refused"):
        getattr(bridge, name).connect(note(name))
    for name in ("fixes_changed", "link_changed"):
        getattr(bridge, name).connect(note(name))
    refusals = tuple(Refusal(k, "no", Text(), AcceptIncident("i")) for k in "ab")
    source.tell(Changes(units=frozenset({"u"}), outbox=True))
    source.tell(Changes(commands=frozenset({"c"}), refused=refusals))
    qtbot.waitUntil(lambda: "refused" in heard, timeout=1000)
    assert heard == {
        "units_changed": [({"u"},)],
        "commands_changed": [({"c"},)],
        "link_changed": [()],
        "refused": [(refusals[0],), (refusals[1],)],
    }


def test_a_bridge_that_is_gone_hears_nothing(source: Source, qtbot: QtBot) -> None:
    bridge = SessionBridge(source)  # type: ignore[arg-type]
    bridge.deleteLater()
    qtbot.waitUntil(lambda: source.listeners == [], timeout=1000)
