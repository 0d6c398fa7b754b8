"""A unit's call for help on the desk: seen whatever else is shown, answered, and over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.model.requests import AcknowledgeSos, DeclareUnitStatus, DispatchUnits, EndSos
from console.model.text import Text
from console.model.unit import SosCall, UnitStatus
from console.session import Capabilities, Refusal
from tests.helpers.desk_city import PLACE, at
from tests.helpers.desk_window import open_window
from tests.widgets.conftest import NOON_MS, DeskRig
from widgets.common.theme import install_theme
from widgets.map.panel import MapPanel
from widgets.queue.rows import Segment
from widgets.window import DeskWindow

UNIT, OTHER = "P-1", "F-1"

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)


@pytest.fixture
def window(rig: DeskRig, qtbot: QtBot, tmp_path: Path) -> Iterator[DeskWindow]:
    made = open_window(rig, tmp_path)
    qtbot.addWidget(made)
    made.resize(1280, 720)
    made.show()
    yield made
    made.shut_down()


def call(rig: DeskRig, unit: str = UNIT) -> int:
    """A unit calls for help; the name of its call."""
    rig.session.act(DeclareUnitStatus(unit, UnitStatus.SOS), f"unit/{unit}")
    rig.tell()
    return rig.session.picture.sos_calls[unit].at


def acknowledge(rig: DeskRig, at_ms: int, unit: str = UNIT, who: str = "lin") -> None:
    rig.session.act(AcknowledgeSos(unit, at_ms), f"person/{who}")
    rig.tell()


def test_a1_a_call_says_who_where_how_old_and_how_to_call(rig: DeskRig, window: DeskWindow) -> None:
    rig.session.fix(UNIT, *PLACE)
    rig.dispatch(rig.report("gas_leak"), UNIT)
    rig.wait_s(72)
    call(rig)
    rig.wait_s(38)
    card = window.sos.cards[UNIT]
    assert window.sos.isVisible()
    assert card.who.value.text() == "巡逻一"
    assert "燃气泄漏" in card.who.note.text()
    assert "网格 001-003" in card.place.value.text()
    assert card.place.note.text().startswith("1:50 前的位置")
    assert card.phone.value.text() == "660003"
    assert (card.answer.value.text(), card.answer.note.text()) == ("0:38", "尚无人确认")
    assert window.edge.isVisible()


def test_a1_a_unit_that_never_told_its_place_is_said_to_be_at_home(
    rig: DeskRig, window: DeskWindow
) -> None:
    call(rig, OTHER)
    card = window.sos.cards[OTHER]
    assert card.place.value.text() == "驻地：一站"
    assert card.place.note.text() == "未收到位置"


def test_a1_nothing_on_the_desk_hides_a_call(rig: DeskRig, window: DeskWindow) -> None:
    """Not the report form, a filter, a folded bottom, the overview of keys, or a layer's switch."""
    window.keys.open()
    call(rig)
    assert window.keys.isHidden()
    QTest.keyClick(window, Qt.Key.Key_N)
    window.fold_bottom()
    window.queue.segments.parts[Segment.ALL].click()
    for number in "123456":
        QTest.keyClick(window.map, getattr(Qt.Key, f"Key_{number}"))
    rig.wait_s(3600)
    QApplication.processEvents()
    card = window.sos.cards[UNIT]
    assert card.isVisible()
    assert window.sos.mapTo(window, window.sos.rect().topLeft()).y() < 120
    for widget in (card.acknowledge, card.who.value, card.phone.value, card.mark):
        middle = widget.mapTo(window, widget.rect().center())
        assert window.childAt(middle) is widget
    assert isinstance(window.map, MapPanel)
    assert [mark.unit_id for mark in window.map.content.distress.marks] == [UNIT]
    assert window.map.content.distress.visible
    assert "distress" not in window.map.content.switchable


def test_a1_the_queue_does_not_say_that_nothing_needs_anybody(
    rig: DeskRig, window: DeskWindow
) -> None:
    assert window.queue.empty.title.text() == "现在没有要你处理的事件。"
    call(rig)
    assert "求助" in window.queue.empty.title.text()


def test_a1_a_call_from_before_is_shown_at_a_desk_that_comes_later(
    rig: DeskRig, qtbot: QtBot, tmp_path: Path
) -> None:
    call(rig)
    window = open_window(rig, tmp_path)
    qtbot.addWidget(window)
    window.show()
    assert window.sos.cards[UNIT].isVisible()
    assert window.edge.isVisible()
    window.shut_down()


def test_a1_the_edge_is_seen_and_covers_nothing(rig: DeskRig, window: DeskWindow) -> None:
    call(rig)
    QApplication.processEvents()
    picture = window.grab().toImage()
    red = [
        picture.pixelColor(x, y).name()
        for x, y in ((1, 300), (8, 700), (1278, 300), (600, 718), (600, 1))
    ]
    assert red == ["#ff6b60"] * 5
    assert window.topbar.geometry().left() >= 10
    assert window.topbar.geometry().top() >= 10
    acknowledge(rig, rig.session.picture.sos_calls[UNIT].at)
    QApplication.processEvents()
    assert not window.edge.isVisible()
    assert window.topbar.geometry().left() == 0


def test_a1_a_click_on_its_way_as_the_panels_move_is_for_nobody(
    rig: DeskRig, window: DeskWindow, qtbot: QtBot
) -> None:
    call(rig)
    QApplication.processEvents()
    new = window.queue.new
    QTest.mouseClick(new, Qt.MouseButton.LeftButton)
    assert not window.queue.form.isVisible()
    card = window.sos.cards[UNIT]
    QTest.mouseClick(card.acknowledge, Qt.MouseButton.LeftButton)
    rig.tell()
    assert not card.waits, "the band itself takes clicks at once"
    qtbot.waitUntil(lambda: not window._guard._timer.isActive(), timeout=5000)
    QTest.mouseClick(new, Qt.MouseButton.LeftButton)
    assert window.queue.form.isVisible()


def test_a1_f9_goes_to_the_oldest_call_and_enter_acknowledges(
    rig: DeskRig, window: DeskWindow
) -> None:
    window.activateWindow()
    call(rig)
    rig.wait_s(5)
    call(rig, OTHER)
    QTest.keyClick(window, Qt.Key.Key_F9)
    assert rig.desk.selection.unit_id == UNIT
    card = window.sos.cards[UNIT]
    assert card.acknowledge.key == "F9"
    assert window.sos.cards[OTHER].acknowledge.key == ""
    rig.desk.selection.select_incident(rig.report())
    QTest.keyClick(card.acknowledge, Qt.Key.Key_Return)
    rig.tell()
    asked = [type(request) for request in rig.session.submitted]
    assert rig.session.submitted[-1] == AcknowledgeSos(UNIT, NOON_MS)
    assert DispatchUnits not in asked, "Enter is for the button that has the keyboard"
    assert not window.sos.cards[UNIT].waits
    assert window.sos.entry() is window.sos.cards[OTHER].acknowledge


def test_a1_all_desks_see_who_has_acknowledged(rig: DeskRig, window: DeskWindow) -> None:
    rig.session.people = {"lin": "林岚"}
    at_ms = call(rig)
    rig.wait_s(12)
    acknowledge(rig, at_ms)
    card = window.sos.cards[UNIT]
    assert card.answer.value.text() == "林岚 已确认"
    assert card.answer.note.text().startswith("12:00:12")
    assert card.acknowledge.isHidden()
    assert card.isVisible(), "it stands there until it is over"


def test_a1_what_is_not_sent_yet_is_not_acknowledged(rig: DeskRig, window: DeskWindow) -> None:
    call(rig)
    rig.session.offline()
    card = window.sos.cards[UNIT]
    card.acknowledge.click()
    rig.tell()
    assert card.waits
    assert card.answer.note.text() == "已在本席确认，尚未发出"
    assert not card.acknowledge.isEnabled()
    assert window.edge.isVisible()
    rig.session.online()
    rig.tell()
    assert not card.waits


def test_a1_a_call_repeated_after_the_acknowledgement_alarms_again(
    rig: DeskRig, window: DeskWindow
) -> None:
    acknowledge(rig, call(rig))
    rig.wait_s(60)
    call(rig)
    assert window.sos.cards[UNIT].waits
    assert window.edge.isVisible()


def test_a1_those_that_wait_stand_first(rig: DeskRig, window: DeskWindow) -> None:
    at_ms = call(rig)
    rig.wait_s(5)
    call(rig, OTHER)
    assert list(window.sos.cards) == [UNIT, OTHER]
    acknowledge(rig, at_ms)
    assert list(window.sos.cards) == [OTHER, UNIT]


def test_a1_an_officer_ends_it_with_a_reason(rig: DeskRig, window: DeskWindow) -> None:
    at_ms = call(rig)
    card = window.sos.cards[UNIT]
    card.end.click()
    card.reason.confirm.click()
    assert card.reason.isVisible(), "not without a word"
    card.reason.field.setText("对讲机报平安")
    card.reason.confirm.click()
    assert rig.session.submitted[-1] == EndSos(UNIT, at_ms, "对讲机报平安")
    rig.tell()
    assert not window.sos.cards
    assert not window.edge.isVisible()
    (line,) = window.sos.ended
    assert "对讲机报平安" in line.words.text()
    rig.wait_s(61)
    assert not window.sos.isVisible()


def test_a1_the_unit_says_that_it_is_safe(rig: DeskRig, window: DeskWindow) -> None:
    call(rig)
    rig.session.act(DeclareUnitStatus(UNIT, UnitStatus.FREE), f"unit/{UNIT}")
    rig.tell()
    assert window.sos.ended[0].words.text() == "巡逻一 报平安·12:00:00"
    window.sos.ended[0].dismiss.click()
    assert not window.sos.isVisible()


def test_a1_a_refusal_stands_on_the_card_it_is_about(rig: DeskRig, window: DeskWindow) -> None:
    at_ms = call(rig)
    refusal = Refusal("k", "x", Text("不在本区", "Not here"), AcknowledgeSos(UNIT, at_ms))
    rig.desk.bridge.refused.emit(refusal)
    assert window.sos.cards[UNIT].problem.text() == "不在本区"
    assert window.sos.cards[UNIT].problem.isVisible()


def test_b8_a_refused_end_keeps_its_reason_and_stands_on_its_card_only(
    rig: DeskRig, window: DeskWindow
) -> None:
    at_ms = call(rig)
    refusal = Refusal("k", "x", Text("不在本区", "Not here"), EndSos(UNIT, at_ms, "已找到人"))
    rig.desk.bridge.refused.emit(refusal)
    card = window.sos.cards[UNIT]
    assert card.problem.text() == "不在本区"
    assert rig.desk.refusals.incident_ids == frozenset()
    card.end.click()
    assert card.reason.field.text() == "已找到人"


def test_a1_who_may_not_answer_sees_why(rig: DeskRig, window: DeskWindow) -> None:
    rig.session.capabilities = Capabilities(requests=frozenset())
    call(rig)
    card = window.sos.cards[UNIT]
    assert not card.acknowledge.isEnabled()
    assert not card.end.isEnabled()
    assert card.acknowledge.toolTip()


def test_a1_a_unit_from_elsewhere_is_shown_and_not_offered(
    rig: DeskRig, window: DeskWindow
) -> None:
    rig.session.fixes.hear_calls({UNIT: SosCall(NOON_MS)})
    rig.session.fix(UNIT, *at(3, 5))
    rig.tell()
    assert window.sos.cards[UNIT].waits
    assert isinstance(window.map, MapPanel)
    marks = window.map.content.units.marks
    assert marks.status[list(marks.ids).index(UNIT)] is UnitStatus.SOS


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("size", "scale"), [((1280, 720), 1.0), ((1920, 1080), 1.0), ((3840, 2160), 2.0)]
)
def test_a1_nothing_of_a_card_is_cut(  # noqa: PLR0917
    rig: DeskRig,
    window: DeskWindow,
    qapp: QApplication,
    speak: object,
    language: str,
    size: tuple[int, int],
    scale: float,
) -> None:
    speak(language)  # type: ignore[operator]
    install_theme(qapp, scale)
    window.setMinimumSize(0, 0)
    window.resize(*size)
    rig.session.people = {"lin": "林岚 Lin Lan"}
    rig.session.fix(UNIT, *PLACE)
    rig.dispatch(rig.report("gas_leak"), UNIT)
    acknowledge(rig, call(rig))
    rig.wait_s(5)
    call(rig, OTHER)
    QApplication.processEvents()
    for card in window.sos.cards.values():
        for fact in (card.who, card.place, card.phone, card.answer):
            for label in (fact.value, fact.note):
                needed = label.fontMetrics().horizontalAdvance(label.text())
                assert needed <= label.width() + 1, (label.text(), needed, label.width())
        assert card.rect().contains(card.end.geometry().translated(card._buttons.pos()))


def test_a1_the_volume_is_remembered(rig: DeskRig, qtbot: QtBot, tmp_path: Path) -> None:
    window = open_window(rig, tmp_path)
    qtbot.addWidget(window)
    window.ringer.set_volume(2)
    again = open_window(rig, tmp_path)
    qtbot.addWidget(again)
    assert again.ringer.volume == 2
    for each in (window, again):
        each.shut_down()


def test_a1_with_reduced_motion_a_second_ring_stands_still(
    rig: DeskRig, window: DeskWindow
) -> None:
    call(rig)
    mark = window.sos.cards[UNIT].mark
    assert mark._timer.isActive()
    assert len(mark._rings()) == 1
    rig.desk.reduce_motion(True)
    assert not mark._timer.isActive()
    assert len(mark._rings()) == 2
    acknowledge(rig, rig.session.picture.sos_calls[UNIT].at)
    assert mark._rings() == ()
