"""The strip: which tiles there are, what mouse and keyboard do to them, how they are drawn."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from console.video import Reason, StreamState
from tests.widgets.video.fake_pool import FakePool
from widgets.bridge.language import language_bridge
from widgets.bridge.video import VideoBridge
from widgets.common.theme import Theme, colour
from widgets.video import TileSpec, VideoStrip, VideoTile
from widgets.video.strip import EMPTY_AFTER_MS

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)  # offscreen's own


def _specs(*numbers: int, tag: str = "") -> list[TileSpec]:
    return [TileSpec(f"C-{n}", f"和平大道 {n}", f"rtsp://cameras/{n}", tag) for n in numbers]


def _ids(strip: VideoStrip) -> list[str]:
    return [tile.spec.camera_id for tile in strip.tiles()]


def _look(tile: VideoTile) -> QImage:
    return tile.grab().toImage()


def test_cameras_that_stay_are_not_opened_again(strip: VideoStrip, pool: FakePool) -> None:
    strip.show_cameras(_specs(1, 2, 3))
    handles = {tile.spec.camera_id: tile.handle for tile in strip.tiles()}
    strip.show_cameras(_specs(3, 2, 4, tag="事件 2"))
    assert _ids(strip) == ["C-3", "C-2", "C-4"]
    assert strip.tiles()[0].handle == handles["C-3"]
    assert strip.tiles()[0].spec.tag == "事件 2"
    assert set(pool.urls.values()) == {f"rtsp://cameras/{n}" for n in (2, 3, 4)}


def test_what_does_not_fit_is_not_opened_and_is_said(strip: VideoStrip, pool: FakePool) -> None:
    strip.show_cameras(_specs(*range(9)))
    assert len(pool.urls) == len(strip.tiles()) == 5
    assert "4" in strip._header.remark.text()
    strip.resize(2_400, 184)
    assert len(pool.urls) == 6
    strip.resize(500, 184)
    assert len(pool.urls) == 1


def test_a_camera_opened_by_hand_stays_in_front(strip: VideoStrip) -> None:
    strip.show_cameras(_specs(1, 2))
    strip.open_camera(_specs(9)[0])
    assert _ids(strip) == ["C-9", "C-1", "C-2"]
    strip.show_cameras(_specs(5))
    assert _ids(strip) == ["C-9", "C-5"]
    strip.close_camera("C-9")
    assert _ids(strip) == ["C-5"]


def test_a_closed_tile_comes_back_with_another_selection_only(strip: VideoStrip) -> None:
    strip.show_cameras(_specs(1, 2))
    strip.close_camera("C-1")
    strip.show_cameras(_specs(1, 2, tag="x"))
    assert _ids(strip) == ["C-2"]
    strip.show_cameras(_specs(1, 3))
    assert _ids(strip) == ["C-1", "C-3"]


def test_folded_away_nothing_plays(strip: VideoStrip, pool: FakePool, bridge: VideoBridge) -> None:
    strip.show_cameras(_specs(1, 2))
    assert bridge.is_looking
    strip.hide()
    assert pool.urls == {}
    assert not bridge.is_looking
    strip.show()
    assert len(pool.urls) == 2


def test_an_empty_strip_says_what_to_do(strip: VideoStrip) -> None:
    assert strip._empty.isVisible()
    strip.show_cameras(_specs(1))
    assert not strip._empty.isVisible()
    language_bridge().speak("en")
    try:
        assert strip._empty.title.text() == "No picture is open"
        assert strip._header.title.text() == "Video"
    finally:
        language_bridge().speak("zh")


def test_mouse_and_keys(strip: VideoStrip, qtbot: QtBot) -> None:
    strip.show_cameras(_specs(1, 2, 3))
    first, second, _ = strip.tiles()
    with qtbot.waitSignal(strip.camera_activated) as activated:
        QTest.mouseClick(second, Qt.MouseButton.LeftButton, pos=QPoint(50, 60))
    assert activated.args == ["C-2"]
    first.setFocus()
    strip.activateWindow()
    qtbot.waitUntil(first.hasFocus)
    QTest.keyClick(first, Qt.Key.Key_Right)
    assert second.hasFocus()
    QTest.keyClick(second, Qt.Key.Key_Left)
    QTest.keyClick(first, Qt.Key.Key_Left)
    assert first.hasFocus()
    with qtbot.waitSignal(strip.camera_activated):
        QTest.keyClick(first, Qt.Key.Key_Space)
    QTest.keyClick(first, Qt.Key.Key_Delete)
    assert _ids(strip) == ["C-2", "C-3"]
    assert strip.entry() is strip.tiles()[0]


def test_large_is_the_same_stream_in_a_larger_size(
    strip: VideoStrip, pool: FakePool, qtbot: QtBot
) -> None:
    strip.show_cameras(_specs(1))
    [tile] = strip.tiles()
    small = pool.sizes[tile.handle]
    QTest.mouseDClick(tile, Qt.MouseButton.LeftButton, pos=QPoint(50, 60))
    window = strip._enlarged
    assert window is not None
    qtbot.waitUntil(lambda: pool.sizes[tile.handle] == (788, 443))  # its screen: 800
    assert len(pool.urls) == 1
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert strip._enlarged is None
    assert pool.sizes[tile.handle] == small


def test_d7_an_enlarged_picture_stays_when_another_incident_is_selected(
    strip: VideoStrip, pool: FakePool, qtbot: QtBot
) -> None:
    strip.show_cameras(_specs(1, 2))
    handle = strip.tiles()[0].handle
    QTest.mouseDClick(strip.tiles()[0], Qt.MouseButton.LeftButton, pos=QPoint(50, 60))
    large = strip._enlarged
    assert large is not None
    strip.show_cameras(_specs(3))
    assert handle in pool.urls
    assert large.isVisible()
    assert large._tile.state is not StreamState.CLOSED
    strip.show_cameras(_specs(1))
    assert strip.tiles()[0].handle == handle, "no second connection"
    strip.hide()
    assert large.isVisible()
    assert list(pool.urls) == [handle]
    large.close()
    assert pool.urls == {}


def test_d7_the_head_says_what_the_strip_shows(strip: VideoStrip) -> None:
    remark = strip._header.remark
    assert remark.text() == "跟随所选事件"
    strip.show_cameras(_specs(1))
    strip.open_camera(_specs(9)[0])
    assert remark.text() == "跟随所选事件·手动打开 1"
    strip.show_cameras([])
    assert remark.text() == "手动打开 1", "nothing of the selected incident is among them"
    strip.close_camera("C-9")
    assert remark.text() == "跟随所选事件"


def test_pictures_arrive_and_a_stalled_one_steps_back(
    strip: VideoStrip, pool: FakePool, bridge: VideoBridge, qtbot: QtBot
) -> None:
    strip.show_cameras(_specs(1, tag="事件 1"))
    [tile] = strip.tiles()
    with qtbot.waitSignal(bridge.frame_ready):
        pool.show(tile.handle, tone=200)
    live = _look(tile)
    assert live.pixelColor(tile.width() - 20, 40) == QColor(200, 200, 200)
    assert live.pixelColor(tile.width() // 2, tile.height() - 2).lightness() < 60  # the caption
    with qtbot.waitSignal(bridge.state_changed):
        pool.become(tile.handle, StreamState.STALLED, silent_ms=1_400)
    qtbot.waitUntil(lambda: bool(tile.words.lines))
    stalled = _look(tile).pixelColor(tile.width() - 20, 40)
    assert 90 < stalled.lightness() < 110
    assert "卡顿 1.4 s" in tile.accessibleDescription()


def test_a_fault_before_any_picture_says_why_and_what_to_do(
    strip: VideoStrip, pool: FakePool, bridge: VideoBridge, qtbot: QtBot
) -> None:
    strip.show_cameras(_specs(1))
    [tile] = strip.tiles()
    pool.become(tile.handle, StreamState.FAILED, attempt=1)
    pool.become(tile.handle, StreamState.FAILED, attempt=1, reason=Reason.UNAUTHORIZED)
    qtbot.waitUntil(lambda: len(tile.words.lines) >= 2)
    assert tile.words.lines[0] == "摄像机不接受用户名或密码"


def test_the_selected_tile_has_a_white_outline(strip: VideoStrip, theme: Theme) -> None:
    strip.show_cameras(_specs(1, 2))
    strip.select_camera("C-2")
    first, second = strip.tiles()
    assert _look(second).pixelColor(0, 60) == colour("select")
    assert _look(first).pixelColor(0, 60) != colour("select")
    theme.set_scale(2.0)
    try:
        assert _look(second).pixelColor(3, 60) == colour("select")
    finally:
        theme.set_scale(1.0)


def test_a_picture_of_another_shape_is_barred_not_bent(
    strip: VideoStrip, pool: FakePool, bridge: VideoBridge, qtbot: QtBot
) -> None:
    strip.show_cameras(_specs(1))
    [tile] = strip.tiles()
    pool.sizes[tile.handle] = (100, 136)
    with qtbot.waitSignal(bridge.frame_ready):
        pool.show(tile.handle, tone=200)
    look = _look(tile)
    assert look.pixelColor(5, 60) == colour("surface.video")
    assert look.pixelColor(tile.width() // 2, 60) == QColor(200, 200, 200)


def test_the_focus_ring_is_for_the_keyboard(strip: VideoStrip, qtbot: QtBot) -> None:
    strip.show_cameras(_specs(1))
    [tile] = strip.tiles()
    strip.activateWindow()
    tile.setFocus(Qt.FocusReason.MouseFocusReason)
    qtbot.waitUntil(tile.hasFocus)
    assert _look(tile).pixelColor(0, 60) != colour("focus.ring")
    tile.clearFocus()
    strip.enter()
    qtbot.waitUntil(tile.hasFocus)
    assert _look(tile).pixelColor(0, 60) == colour("focus.ring")


def test_b14_what_a_stream_does_is_told(
    strip: VideoStrip, pool: FakePool, bridge: VideoBridge, qtbot: QtBot
) -> None:
    told: list[tuple[str, StreamState, Reason | None]] = []
    strip.stream_changed.connect(lambda c, state: told.append((c, state.state, state.reason)))
    strip.show_cameras(_specs(1, 2))
    pool.become(strip.tiles()[1].handle, StreamState.FAILED, reason=Reason.UNAUTHORIZED, attempt=1)
    qtbot.waitUntil(lambda: ("C-2", StreamState.FAILED, Reason.UNAUTHORIZED) in told)


def test_d4_a_strip_without_pictures_says_so_a_moment_later(
    strip: VideoStrip, qtbot: QtBot
) -> None:
    told: list[bool] = []
    strip.emptied.connect(told.append)
    strip.show_cameras(_specs(1))
    strip.show_cameras([])
    strip.show_cameras(_specs(2))  # the next incident's: nothing flickers
    qtbot.wait(EMPTY_AFTER_MS + 100)
    assert True not in told
    strip.show_cameras([])
    qtbot.waitUntil(lambda: told[-1:] == [True])
    strip.hide()
    strip.show_cameras(_specs(3))
    assert told[-1] is False
