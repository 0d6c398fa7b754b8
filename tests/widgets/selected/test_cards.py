"""The cards of the selected unit and camera."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.model.incident import Stage
from console.model.requests import DeclareUnitStatus, DispatchUnits
from console.model.unit import DeviceFault, UnitStatus
from console.session import Changes
from tests.helpers.desk_city import PLACE
from tests.widgets.conftest import DeskRig
from widgets.incident.panel import IncidentPanel
from widgets.window.columns import DetailColumn

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)  # offscreen's own


@pytest.fixture
def aside(rig: DeskRig, qtbot: QtBot) -> DetailColumn:
    made = DetailColumn(rig.desk, IncidentPanel(rig.desk))
    qtbot.addWidget(made)
    made.resize(396, 852)
    made.show()
    return made


def test_d3_a_selected_unit_says_what_it_is_and_does(rig: DeskRig, aside: DetailColumn) -> None:
    assert not aside.unit.isVisible()
    rig.desk.selection.select_unit("F-1")
    card = aside.unit
    assert card.isVisible()
    assert card.title.text() == "消防一"
    assert "从未上报" in card.values["position"].text()
    rig.session.fix("F-1", *PLACE)
    rig.wait_s(90)
    assert "1:30" in card.values["position"].text()
    incident_id = rig.report()
    rig.dispatch(incident_id, "F-1")
    rig.desk.second.emit()
    assert rig.incident(incident_id).number in card.values["work"].text()
    card.work.click()
    assert rig.desk.selection.incident_id == incident_id


def test_a5_a_unit_whose_device_has_a_wrong_clock_says_so(
    rig: DeskRig, aside: DetailColumn
) -> None:
    rig.desk.selection.select_unit("F-1")
    value = aside.unit.values["device"]
    assert not value.isVisible(), "nothing is wrong"
    for fault, words in (
        (DeviceFault("clock_off", -600_000), "终端时钟慢 10:00，时间已校正"),
        (DeviceFault("ahead", 3_600_000), "位置未接收：终端时钟快 1:00 h"),
        (DeviceFault("in_seconds"), "位置未接收：时间以秒为单位"),
        (DeviceFault("outside_region"), "位置未接收：不在本市范围内"),
    ):
        rig.session.device_faults = {"F-1": fault}
        rig.session.tell(Changes(units=frozenset({"F-1"})))
        rig.tell()
        assert value.isVisible()
        assert value.text() == words
    rig.session.device_faults = {}
    rig.session.tell(Changes(units=frozenset({"F-1"})))
    rig.tell()
    assert not value.isVisible()


def test_d3_just_this_unit_is_sent(rig: DeskRig, aside: DetailColumn, qtbot: QtBot) -> None:
    rig.desk.selection.select_unit("P-2")
    assert not aside.unit.send.isVisible(), "there is nothing to send it to"
    incident_id = rig.report()
    rig.desk.selection.select_incident(incident_id)
    qtbot.mouseClick(aside.unit.send, Qt.MouseButton.LeftButton)
    rig.tell()
    (request,) = (r for r in rig.session.submitted if isinstance(r, DispatchUnits))
    assert [order.unit_id for order in request.orders] == ["P-2"]
    assert rig.incident(incident_id).stage is Stage.DISPATCHED
    assert not aside.unit.send.isEnabled()
    assert "已派往" in aside.unit.send.toolTip()


def test_d3_an_officer_sets_a_units_duty(rig: DeskRig, aside: DetailColumn) -> None:
    rig.desk.selection.select_unit("G-1")
    aside.unit.duty.click()
    rig.tell()
    assert rig.session.submitted[-1] == DeclareUnitStatus("G-1", UnitStatus.OFF)
    assert aside.unit.duty.text() == "上勤"
    aside.unit.duty.click()
    rig.tell()
    assert rig.session.submitted[-1] == DeclareUnitStatus("G-1", UnitStatus.FREE)


def test_a1_an_officer_raises_the_alarm_for_a_unit_heard_by_voice(
    rig: DeskRig, aside: DetailColumn
) -> None:
    rig.desk.selection.select_unit("G-1")
    card = aside.unit
    card.alarm.click()
    assert not rig.session.submitted, "one click alarms nobody"
    assert card.alarm.text() == "拉响警报？"
    rig.desk.selection.select_unit("G-2")
    card.alarm.click()
    assert not rig.session.submitted, "the question was about another unit"
    card.alarm.click()
    rig.tell()
    assert rig.session.submitted == [DeclareUnitStatus("G-2", UnitStatus.SOS)]
    assert list(rig.session.picture.sos_calls) == ["G-2"]
    assert not card.alarm.isVisible()


def test_d3_a_camera_pointed_at_has_a_card_and_one_of_a_list_has_none(
    rig: DeskRig, aside: DetailColumn
) -> None:
    rig.desk.selection.open_camera("C-1")
    assert not aside.camera.isVisible()
    rig.desk.selection.inspect_camera("C-3")
    assert aside.camera.isVisible()
    assert aside.camera.title.text() == "路口西"
    assert "离线" in aside.camera.detail.text()
    assert "90°" in aside.camera.values["view"].text()
    rig.desk.selection.select_unit("F-1")
    assert aside.unit.isVisible() and not aside.camera.isVisible()
    assert aside.step_back()
    assert not aside.unit.isVisible()
    assert not aside.step_back()
