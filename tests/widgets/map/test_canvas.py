"""The canvas under an operator's hand: drag, wheel, keys, click, hover, and who may move it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from console.model.geo import LonLat
from layers.engine.viewport import metres_per_px_of
from tests.helpers.desk_city import PLACE, at
from tests.helpers.golden import pixels
from tests.widgets.map.conftest import MapRig

EMPTY = QPoint(700, 480)
ELSEWHERE = LonLat(*at(5.5, 5.5))


def test_the_first_size_shows_the_whole_city(make_map: object) -> None:
    view = make_map().canvas.view  # type: ignore[operator]
    x0, y0, x1, y1 = view.bounds
    b = make_map().panel.content.bounds  # type: ignore[operator]
    assert x0 <= b[0] and y0 <= b[1] and x1 >= b[2] and y1 >= b[3]


def test_a_drag_moves_the_ground_exactly(map_rig: MapRig) -> None:
    before = map_rig.canvas.view
    map_rig.press(EMPTY)
    map_rig.move(EMPTY + QPoint(-2, 1), held=True)
    assert map_rig.canvas.view == before
    for step in range(1, 30):
        map_rig.move(EMPTY + QPoint(-7 * step, 3 * step), held=True)
    map_rig.release(EMPTY + QPoint(-203, 87))
    after = map_rig.canvas.view
    assert after.x - before.x == pytest.approx(203 * before.metres_per_px)
    assert after.y - before.y == pytest.approx(87 * before.metres_per_px)


def test_a_drag_is_no_click(map_rig: MapRig, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(map_rig.canvas.ground_clicked):
        map_rig.press(EMPTY)
        map_rig.move(EMPTY + QPoint(40, 0), held=True)
        map_rig.release(EMPTY + QPoint(40, 0))


def test_the_wheel_zooms_about_the_pointer(map_rig: MapRig) -> None:
    pointer = QPoint(200, 130)
    before = map_rig.canvas.view.world_from_screen(200, 130)
    map_rig.wheel(pointer, 2)
    map_rig.settle()
    view = map_rig.canvas.view
    assert view.metres_per_px == metres_per_px_of(-4)
    assert view.world_from_screen(200, 130) == pytest.approx(before)


def test_fine_wheels_add_up(map_rig: MapRig) -> None:
    for _ in range(3):
        map_rig.wheel(EMPTY, -0.25)
    map_rig.settle()
    assert map_rig.canvas.view.step == 0
    map_rig.wheel(EMPTY, -0.25)
    map_rig.settle()
    assert map_rig.canvas.view.step == 2


def test_a_zoom_takes_less_than_a_fifth_of_a_second(map_rig: MapRig, qtbot: QtBot) -> None:
    map_rig.wheel(EMPTY, 1)
    assert map_rig.canvas.view.step == 0
    qtbot.waitUntil(lambda: not map_rig.canvas._glide.is_running, timeout=5000)
    assert map_rig.canvas.view == map_rig.canvas.target
    assert map_rig.canvas.view.step == -2


def test_reduced_motion_goes_there_at_once(map_rig: MapRig) -> None:
    map_rig.canvas.reduced_motion = True
    map_rig.wheel(EMPTY, 1)
    assert map_rig.canvas.view.step == -2


@pytest.mark.parametrize(
    ("key", "dx", "dy"),
    [("Left", -1, 0), ("Right", 1, 0), ("Up", 0, 1), ("Down", 0, -1)],
)
def test_arrows_pan(map_rig: MapRig, qtbot: QtBot, key: str, dx: int, dy: int) -> None:
    before = map_rig.canvas.view
    qtbot.keyClick(map_rig.canvas, getattr(Qt.Key, f"Key_{key}"))
    map_rig.settle()
    after = map_rig.canvas.view
    assert (after.x - before.x, after.y - before.y) == pytest.approx((96 * dx, 96 * dy))


def test_plus_minus_and_home(map_rig: MapRig, qtbot: QtBot) -> None:
    qtbot.keyClick(map_rig.canvas, Qt.Key.Key_Plus)
    map_rig.settle()
    assert map_rig.canvas.view.step == -2
    qtbot.keyClick(map_rig.canvas, Qt.Key.Key_Minus)
    qtbot.keyClick(map_rig.canvas, Qt.Key.Key_Minus)
    map_rig.settle()
    assert map_rig.canvas.view.step == 2
    qtbot.keyClick(map_rig.canvas, Qt.Key.Key_Home)
    map_rig.settle()
    assert map_rig.canvas.view == map_rig.canvas.view.fitting(map_rig.panel.content.bounds)


def test_a_click_on_the_ground_says_where(map_rig: MapRig, qtbot: QtBot) -> None:
    place = at(4.5, 3.5)
    with qtbot.waitSignal(map_rig.canvas.ground_clicked) as clicked:
        map_rig.click(map_rig.pixel_of(*place))
    assert clicked.args == pytest.approx(place, abs=2e-5)


def test_a_click_on_an_object_names_it(map_rig: MapRig, qtbot: QtBot) -> None:
    with qtbot.waitSignal(map_rig.canvas.object_clicked) as clicked:
        map_rig.click(map_rig.pixel_of(*at(2.6, 4.0)))
    assert clicked.args == ["camera", "C-3"]


def test_hover_shows_a_card_and_leaving_takes_it_away(map_rig: MapRig) -> None:
    spot = map_rig.pixel_of(*at(2.6, 4.0))
    map_rig.move(spot)
    hover = map_rig.canvas.hover
    assert hover is not None and hover.title == "路口西"
    with_card = pixels(map_rig.canvas.grab().toImage())
    map_rig.move(QPoint(5, 595))
    assert map_rig.canvas.hover is None
    assert (with_card != pixels(map_rig.canvas.grab().toImage())).any()


def test_a_cell_is_told_only_when_the_pointer_rests(map_rig: MapRig, qtbot: QtBot) -> None:
    map_rig.move(map_rig.pixel_of(*at(4.5, 3.6)))
    assert map_rig.canvas.hover is None
    qtbot.waitUntil(lambda: map_rig.canvas.hover is not None, timeout=5000)
    assert map_rig.canvas.hover is not None and map_rig.canvas.hover.kind == "cell"


def test_the_map_never_moves_under_a_hand(map_rig: MapRig) -> None:
    map_rig.press(EMPTY)
    before = map_rig.canvas.view
    assert not map_rig.canvas.centre_on(ELSEWHERE)
    assert map_rig.canvas.view == before
    map_rig.release(EMPTY)
    assert not map_rig.canvas.centre_on(ELSEWHERE, automatic=True)
    assert map_rig.canvas.centre_on(ELSEWHERE, animate=False)


def test_automatic_moves_come_back_after_five_seconds(
    map_rig: MapRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    map_rig.move(EMPTY)
    map_rig.wheel(EMPTY, 1)
    assert not map_rig.canvas.centre_on(ELSEWHERE, automatic=True)
    monkeypatch.setattr("widgets.map.canvas.HANDS_OFF_S", 0.0)
    assert map_rig.canvas.centre_on(ELSEWHERE, 2.0, animate=False, automatic=True)
    view = map_rig.canvas.view
    assert view.ground_metres_per_px == pytest.approx(2.0, rel=0.1)
    assert map_rig.pixel_of(ELSEWHERE.lon, ELSEWHERE.lat) == QPoint(
        view.width // 2, view.height // 2
    )


def test_the_city_cannot_be_lost(map_rig: MapRig, qtbot: QtBot) -> None:
    for _ in range(80):
        qtbot.keyClick(map_rig.canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    map_rig.settle()
    x0, _, x1, _ = map_rig.panel.content.bounds
    assert map_rig.canvas.view.x <= x1 + (x1 - x0) / 2 + 1


def test_a_double_click_on_the_ground_zooms_in(map_rig: MapRig, qtbot: QtBot) -> None:
    qtbot.mouseDClick(
        map_rig.canvas, Qt.MouseButton.LeftButton, pos=map_rig.pixel_of(*at(4.5, 3.6))
    )
    map_rig.settle()
    assert map_rig.canvas.view.step == -4


def test_a_context_menu_is_asked_for_with_what_lies_there(map_rig: MapRig, qtbot: QtBot) -> None:
    from PySide6.QtGui import QContextMenuEvent
    from PySide6.QtWidgets import QApplication

    spot = map_rig.pixel_of(*at(2.6, 4.0))
    with qtbot.waitSignal(map_rig.canvas.context_requested) as asked:
        event = QContextMenuEvent(
            QContextMenuEvent.Reason.Mouse, spot, map_rig.canvas.mapToGlobal(spot)
        )
        QApplication.sendEvent(map_rig.canvas, event)
    assert asked.args is not None and asked.args[0].id == "C-3"


def test_tiles_are_asked_for_where_the_map_is_going(map_rig: MapRig) -> None:
    map_rig.tiles.deliver()
    map_rig.wheel(EMPTY, 2)
    assert map_rig.tiles.wanted and map_rig.tiles.wanted[0].step == -4
    map_rig.tiles.deliver()
    assert map_rig.panel.store.is_complete(map_rig.canvas.target)


def test_the_pointer_is_told_and_forgotten(map_rig: MapRig, qtbot: QtBot) -> None:
    with qtbot.waitSignal(map_rig.canvas.pointer_moved) as moved:
        map_rig.move(map_rig.pixel_of(*PLACE))
    assert moved.args is not None
    assert (moved.args[0].lon, moved.args[0].lat) == pytest.approx(PLACE, abs=2e-5)


def test_a_fault_in_painting_is_told_once_and_survived(
    map_rig: MapRig, caplog: pytest.LogCaptureFixture
) -> None:
    layer = map_rig.panel.content.units
    layer.paint = lambda *_: 1 // 0  # type: ignore[assignment,method-assign,return-value]
    for _ in range(3):
        map_rig.canvas.repaint()
    assert [r.message for r in caplog.records].count("the map could not be painted") == 1
    del layer.paint
    map_rig.canvas.repaint()
    assert not map_rig.canvas.grab().isNull()


def test_names_survive_a_new_kit_while_zooming(map_rig: MapRig) -> None:
    while map_rig.panel.content.names.pending or not map_rig.panel.content.names.names:
        map_rig.canvas.repaint()
    map_rig.wheel(EMPTY, 2)
    map_rig.canvas._kit = None
    map_rig.canvas.scene.touch()
    map_rig.canvas.repaint()
    assert map_rig.canvas._last_fault == ""


def test_d5_a_card_goes_when_what_it_describes_moves_away(map_rig: MapRig) -> None:
    map_rig.desk.session.fix("P-1", *at(4.5, 3.5))
    map_rig.desk.tell()
    map_rig.move(map_rig.pixel_of(*at(4.5, 3.5)))
    hover = map_rig.canvas.hover
    assert hover is not None and hover.id == "P-1"
    map_rig.desk.clock.advance(1000)
    map_rig.desk.session.fix("P-1", *at(5.5, 3.5))
    map_rig.desk.tell()
    assert map_rig.canvas.hover is None


def test_d5_a_card_says_what_is_so_now(map_rig: MapRig) -> None:
    map_rig.desk.session.fix("P-1", *at(4.5, 3.5))
    map_rig.desk.tell()
    map_rig.move(map_rig.pixel_of(*at(4.5, 3.5)))
    before = map_rig.canvas.hover
    incident_id = map_rig.desk.report()
    map_rig.desk.dispatch(incident_id, "P-1")
    map_rig.desk.wait_s(600)
    after = map_rig.canvas.hover
    assert before is not None and after is not None and before.id == after.id == "P-1"
    assert before.lines != after.lines


def test_d5_zooming_under_a_still_pointer_looks_again(map_rig: MapRig) -> None:
    map_rig.move(map_rig.pixel_of(*at(2.6, 4.0)))
    assert map_rig.canvas.hover is not None
    map_rig.wheel(EMPTY, 2)
    map_rig.settle()
    assert map_rig.canvas.hover is None
