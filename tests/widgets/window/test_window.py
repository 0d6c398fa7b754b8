"""The whole window: an incident from report to closing, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.model.command import Step
from console.model.incident import Stage
from console.video import Reason, StreamState, TileState
from tests.helpers.desk_window import open_window
from tests.widgets.conftest import DeskRig
from widgets.incident.cameras import words_for
from widgets.map.panel import MapPanel
from widgets.video.strip import VideoStrip
from widgets.window import DeskWindow

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)  # offscreen's own


@pytest.fixture
def window(rig: DeskRig, qtbot: QtBot, tmp_path: Path) -> Iterator[DeskWindow]:
    made = open_window(rig, tmp_path)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.shut_down()


def press(key: Qt.Key, words: str = "") -> None:
    """A key as the system would deliver it: to whoever has the keyboard."""
    target = QApplication.focusWidget() or QApplication.activeWindow()
    assert target is not None
    event = QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, words)
    QApplication.sendEvent(target, event)


def ranked(window: DeskWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.incident.dispatching.is_ranking, timeout=5000)


def test_the_panels_have_the_sizes_of_the_design(window: DeskWindow, qtbot: QtBot) -> None:
    qtbot.wait(20)
    assert abs(window.queue.width() - 320) <= 2
    assert abs(window.incident.width() - 396) <= 2
    assert abs(window.timeline.height() - 184) <= 3
    assert window.topbar.height() == 44


def test_from_report_to_closing_by_mouse(rig: DeskRig, window: DeskWindow, qtbot: QtBot) -> None:
    incident_id = rig.report()
    view = window.queue.list
    where = view.visualRect(view.model().index(0, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert window.desk.selection.incident_id == incident_id
    ranked(window, qtbot)
    qtbot.mouseClick(window.incident.acts.dispatch, Qt.MouseButton.LeftButton)
    rig.tell()
    for command_id in rig.incident(incident_id).command_ids:
        rig.advance(command_id, Step.ACKNOWLEDGED, Step.ON_SCENE)
        rig.advance(command_id, Step.DONE, text="好了")
    qtbot.mouseClick(window.incident.acts.verify, Qt.MouseButton.LeftButton)
    rig.tell()
    qtbot.mouseClick(window.incident.acts.close_primary, Qt.MouseButton.LeftButton)
    window.incident.reason.field.setText("已处置")
    qtbot.mouseClick(window.incident.reason.confirm, Qt.MouseButton.LeftButton)
    assert rig.incident(incident_id).stage is Stage.CLOSED


def test_from_report_to_closing_by_keyboard(rig: DeskRig, window: DeskWindow, qtbot: QtBot) -> None:
    incident_id = rig.report()
    window.activateWindow()
    window.queue.enter()
    press(Qt.Key.Key_Down)
    assert window.desk.selection.incident_id == incident_id
    ranked(window, qtbot)
    press(Qt.Key.Key_A, "a")
    rig.tell()
    assert rig.incident(incident_id).stage is Stage.ACCEPTED
    press(Qt.Key.Key_Return)
    rig.tell()
    assert rig.incident(incident_id).stage is Stage.DISPATCHED
    for command_id in rig.incident(incident_id).command_ids:
        rig.advance(command_id, Step.DONE, text="好了")
    press(Qt.Key.Key_V, "v")
    rig.tell()
    press(Qt.Key.Key_C, "c")
    for letter in "ok":
        press(Qt.Key(ord(letter.upper())), letter)
    press(Qt.Key.Key_Return)
    assert rig.incident(incident_id).stage is Stage.CLOSED
    assert rig.incident(incident_id).outcome == "ok"


def test_letters_in_a_field_are_only_letters(
    rig: DeskRig, window: DeskWindow, qtbot: QtBot
) -> None:
    incident_id = rig.report()
    window.activateWindow()
    window.desk.selection.select_incident(incident_id)
    ranked(window, qtbot)
    window.queue.enter()
    press(Qt.Key.Key_M, "m")
    assert window.incident.note.hasFocus()
    for letter in "avcn?":
        press(Qt.Key(ord(letter.upper())), letter)
    assert window.incident.note.text() == "avcn?"
    assert rig.incident(incident_id).stage is Stage.REPORTED
    press(Qt.Key.Key_Escape)
    assert window.desk.selection.incident_id == incident_id
    press(Qt.Key.Key_Escape)
    assert window.desk.selection.incident_id == ""


def test_f6_goes_round_the_panels(window: DeskWindow) -> None:
    window.activateWindow()
    window.queue.enter()
    order = []
    for _ in range(5):
        press(Qt.Key.Key_F6)
        focus = QApplication.focusWidget()
        assert focus is not None
        panels = (window.map, window.incident, window.video, window.timeline, window.queue)
        order.append(next(p for p in panels if p is focus or p.isAncestorOf(focus)))
    assert order == [window.map, window.incident, window.video, window.timeline, window.queue]


def test_the_keys_are_listed_and_any_key_puts_them_away(window: DeskWindow) -> None:
    window.activateWindow()
    window.queue.enter()
    press(Qt.Key.Key_F1)
    assert window.keys.isVisible()
    press(Qt.Key.Key_X, "x")
    assert not window.keys.isVisible()


def test_the_bottom_folds_and_comes_back(window: DeskWindow, qtbot: QtBot) -> None:
    before = window.map.height()
    window.fold_bottom()
    qtbot.wait(10)
    assert window.map.height() > before + 150
    window.fold_bottom()
    qtbot.wait(10)
    assert abs(window.map.height() - before) <= 2


def test_sizes_and_language_are_remembered(
    rig: DeskRig, window: DeskWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window._middle.setSizes([400, 1100, 420])
    wide = window.queue.width()
    window.topbar.languages.parts[1].click()
    window.desk.reduce_motion(True)
    window.close()
    window._settings.remove("window/geometry")  # the test's screen is smaller than the window
    again = open_window(rig, tmp_path)
    qtbot.addWidget(again)
    again.show()
    qtbot.wait(20)
    assert abs(again.queue.width() - wide) <= 2
    assert again._settings.value("view/language") == "en"
    assert again.desk.reduced_motion
    again.topbar.languages.parts[0].click()
    again.shut_down()


def test_a_farther_viewer_gets_larger_panels(window: DeskWindow, qtbot: QtBot) -> None:
    window.set_distance(1500)
    qtbot.wait(20)
    assert window.topbar.height() > 60
    assert window.queue.width() > 400
    window.set_distance(600)


def test_the_strip_follows_the_cameras_that_see(
    rig: DeskRig, window: DeskWindow, qtbot: QtBot
) -> None:
    assert isinstance(window.video, VideoStrip)
    window.desk.selection.select_incident(rig.report())
    qtbot.waitUntil(lambda: bool(window.desk.selection.sightings), timeout=5000)
    shown = [tile.spec.camera_id for tile in window.video.tiles()]
    assert shown[0] == "C-1"
    assert "C-3" not in shown  # offline
    window.desk.selection.open_camera("C-4")
    assert window.video.tiles()[0].spec.camera_id == "C-4"


def test_d4_without_pictures_the_timeline_has_the_whole_bottom(
    rig: DeskRig, window: DeskWindow, qtbot: QtBot
) -> None:
    qtbot.waitUntil(window.video.isHidden, timeout=5000)
    qtbot.waitUntil(lambda: window.timeline.width() > 0.95 * window.width(), timeout=5000)
    window.desk.selection.select_incident(rig.report())
    qtbot.waitUntil(window.video.isVisible, timeout=5000)
    qtbot.waitUntil(lambda: window.video.width() > window.timeline.width(), timeout=5000)
    window.desk.selection.select_incident("")
    qtbot.waitUntil(window.video.isHidden, timeout=5000)


def test_b14_a_camera_that_refuses_does_not_stay_first(
    rig: DeskRig, window: DeskWindow, qtbot: QtBot
) -> None:
    assert isinstance(window.video, VideoStrip) and isinstance(window.map, MapPanel)
    desk, layer = window.desk, window.map.content.cameras
    desk.selection.select_incident(rig.report())
    qtbot.waitUntil(lambda: desk.selection.sightings[:1] == ("C-1",), timeout=5000)
    rows = window.incident.cameras.rows
    refused = TileState(StreamState.FAILED, Reason.UNAUTHORIZED, 1)
    window.video.stream_changed.emit("C-1", refused)
    assert desk.selection.sightings[0] == "C-2"
    assert rows[0].seen is not None and rows[0].seen.camera_id == "C-2"
    assert "C-1" in desk.selection.sightings
    assert not layer.online[desk.city.cameras.index("C-1")]
    assert layer.ranked[0] == (desk.city.cameras.index("C-2"), 1)
    shown = [tile.spec.camera_id for tile in window.video.tiles()]
    assert shown[0] == "C-2" and "C-1" in shown[1:]
    row = next(r for r in rows if r.seen is not None and r.seen.camera_id == "C-1")
    assert row.seen is not None and words_for(row.seen).startswith("无画面")
    assert "摄像机不接受用户名或密码" in row.toolTip()
    desk.selection.inspect_camera("C-1")
    assert "摄像机不接受用户名或密码" in window.details.camera.detail.text()
    window.video.stream_changed.emit("C-1", TileState(StreamState.LIVE))
    assert "摄像机不接受" not in window.details.camera.detail.text()
    assert desk.selection.sightings[0] == "C-1"


def test_the_link_says_how_long_it_is_down_and_what_waits(
    rig: DeskRig, window: DeskWindow, qtbot: QtBot
) -> None:
    window.desk.selection.select_incident(rig.report())
    ranked(window, qtbot)
    rig.session.offline()
    window.incident.proceed()
    rig.wait_s(42)
    assert window.topbar.link.state.text() == "已断开 0:42"
    assert window.topbar.link.detail.text() == "待发 1"
    rig.session.online()
    rig.tell()
    assert window.topbar.link.state.text() == "已连接"


def test_a_click_is_on_the_screen_without_waiting_for_anything(
    rig: DeskRig, window: DeskWindow, qtbot: QtBot
) -> None:
    """How quick that is: `tests.bench.click`."""
    for age_s in range(6):
        rig.report(priority=2 + age_s % 3, age_s=age_s)
    rig.session.offline()
    view = window.queue.list
    for row in range(6):
        where = view.visualRect(view.model().index(row, 0)).center()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(where))
        chosen = window.desk.selection.incident_id
        assert chosen is not None
        assert rig.incident(chosen).number in window.incident.head.number.text()


def test_ctrl_k_finds_from_anywhere(rig: DeskRig, window: DeskWindow, qtbot: QtBot) -> None:
    incident_id = rig.report()
    window.activateWindow()
    window.queue.enter()
    focus = QApplication.focusWidget()
    assert focus is not None
    qtbot.keyClick(focus, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.finder.isVisible()
    qtbot.keyClicks(window.finder.field, "gas")
    qtbot.keyClick(window.finder.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.desk.selection.incident_id == incident_id, timeout=5000)


def test_d6_home_shows_the_city_whichever_panel_has_the_keyboard(
    rig: DeskRig, window: DeskWindow, qtbot: QtBot
) -> None:
    incident_id = rig.report()
    window.desk.selection.select_incident(incident_id)
    assert isinstance(window.map, MapPanel)
    canvas = window.map.canvas
    window.activateWindow()
    window.queue.enter()
    focus = QApplication.focusWidget()
    assert focus is not None and focus is not canvas
    qtbot.keyClick(focus, Qt.Key.Key_Home)
    assert canvas.target == canvas.target.fitting(window.map.content.bounds)


def test_a_low_window_folds_its_bottom(window: DeskWindow, qtbot: QtBot) -> None:
    window.resize(1400, 640)
    qtbot.wait(10)
    assert window._rows.sizes()[1] == 0
    window.resize(1400, 1000)
    qtbot.wait(10)
    assert window._rows.sizes()[1] > 100


@pytest.mark.parametrize("name", ["search", "new", "more"])
def test_d1_arrows_choose_incidents_whatever_button_has_the_keyboard(
    rig: DeskRig, window: DeskWindow, qtbot: QtBot, name: str
) -> None:
    """After an acknowledgement the keyboard stood on the search box, and the arrows were dead."""
    first, second = rig.report(priority=1), rig.report(priority=2)
    window.desk.selection.select_incident(first)
    ranked(window, qtbot)
    buttons = {
        "search": window.topbar.search,
        "new": window.queue.new,
        "more": window.incident.acts.more,
    }
    buttons[name].setFocus(Qt.FocusReason.OtherFocusReason)
    assert buttons[name].hasFocus()
    press(Qt.Key.Key_Down)
    assert window.desk.selection.incident_id == second
