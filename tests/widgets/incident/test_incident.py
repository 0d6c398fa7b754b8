"""The column of the selected incident: what it shows and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.city import Visibility
from console.model.command import Step
from console.model.ids import new_key
from console.model.incident import Stage
from console.model.picture import Picture
from console.model.requests import (
    AcceptIncident,
    AddNote,
    CloseIncident,
    DeclareUnitStatus,
    DispatchUnits,
    EvaluateIncident,
    MarkSeen,
    MergeIncident,
    RecallCommand,
    RejectIncident,
    ReportIncident,
    VerifyIncident,
)
from console.model.text import Text
from console.model.unit import UnitStatus
from console.session import NOT_KEPT, Changes, Refusal
from tests.helpers.desk_city import at
from tests.widgets.conftest import DeskRig
from widgets.incident.panel import IncidentPanel

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)  # offscreen's own


@pytest.fixture
def panel(rig: DeskRig, qtbot: QtBot) -> IncidentPanel:
    made = IncidentPanel(rig.desk)
    qtbot.addWidget(made)
    made.resize(396, 852)
    made.show()
    return made


def select(rig: DeskRig, panel: IncidentPanel, qtbot: QtBot, incident_id: str) -> None:
    rig.desk.selection.select_incident(incident_id)
    qtbot.waitUntil(lambda: not panel.dispatching.is_ranking, timeout=5000)


def test_nothing_selected_says_what_to_do(panel: IncidentPanel) -> None:
    assert panel.empty.isVisible()
    assert panel.empty.advice.text()


def test_selecting_shows_facts_at_once_and_units_and_cameras_soon(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    incident_id = rig.report()
    rig.desk.selection.select_incident(incident_id)
    assert panel.head.title.text() == "燃气泄漏"
    assert panel.head.values["cell"].text() == "001-003"
    qtbot.waitUntil(lambda: bool(panel.candidates.rows), timeout=5000)
    qtbot.waitUntil(lambda: bool(rig.desk.selection.sightings), timeout=5000)
    assert panel.acts.dispatch.text() == "派遣 2 个单位"
    assert rig.desk.selection.sightings[0] == "C-1"
    assert [offer.ticked for offer in rig.desk.selection.offers].count(True) == 2


def test_dispatch_sends_the_ticked_units(rig: DeskRig, panel: IncidentPanel, qtbot: QtBot) -> None:
    incident_id = rig.report()
    select(rig, panel, qtbot, incident_id)
    row = next(r for r in panel.candidates.rows if r.candidate and r.candidate.unit_id == "G-1")
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    assert panel.acts.dispatch.text() == "派遣 1 个单位"
    qtbot.mouseClick(panel.acts.dispatch, Qt.MouseButton.LeftButton)
    rig.tell()
    request = rig.session.submitted[-1]
    assert isinstance(request, DispatchUnits)
    assert [order.unit_id for order in request.orders] == ["F-2"]
    assert request.text.zh == "燃气泄漏，和平大道 214 号"
    assert rig.incident(incident_id).stage is Stage.DISPATCHED
    assert not panel.candidates.isVisible()
    assert panel.commands.isVisible()
    assert rig.desk.selection.offers == ()


def test_a_dispatch_without_the_server_shows_as_waiting(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    incident_id = rig.report()
    select(rig, panel, qtbot, incident_id)
    rig.session.offline()
    panel.proceed()
    assert rig.incident(incident_id).stage is Stage.REPORTED
    assert "待发 2" in panel.commands.header.remark.text()
    assert "未送出" in panel.commands.rows[0].life.toolTip()
    assert not panel.acts.dispatch.isVisible()
    rig.session.online()
    rig.tell()
    assert rig.incident(incident_id).stage is Stage.DISPATCHED
    assert "2 单位" in panel.commands.header.remark.text()


def test_the_life_of_a_command_is_told(rig: DeskRig, panel: IncidentPanel, qtbot: QtBot) -> None:
    incident_id = rig.report()
    select(rig, panel, qtbot, incident_id)
    (command_id,) = rig.dispatch(incident_id, "F-1")
    for step, word in (
        (Step.SENT, "已发"),
        (Step.DELIVERED, "已达"),
        (Step.READ, "已读"),
        (Step.ACKNOWLEDGED, "已签收"),
        (Step.EN_ROUTE, "途中"),
        (Step.ON_SCENE, "到场"),
    ):
        rig.clock.advance(1000)
        rig.advance(command_id, step)
        assert word in panel.commands.rows[0].life.toolTip()
    assert "消防一 到场" in panel.log.lines[0].words


def test_a_refused_unit_brings_the_list_back(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    incident_id = rig.report()
    select(rig, panel, qtbot, incident_id)
    (command_id,) = rig.dispatch(incident_id, "F-1")
    assert not panel.candidates.isVisible()
    rig.advance(command_id, Step.REFUSED, text="车坏了")
    assert panel.candidates.isVisible()
    assert panel.acts.dispatch.isVisible()


def test_the_loop_to_its_end_by_keyboard_actions(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    incident_id = rig.report()
    select(rig, panel, qtbot, incident_id)
    panel.accept()
    (command_id,) = rig.dispatch(incident_id, "F-1")
    rig.advance(command_id, Step.DONE, text="关阀")
    panel.proceed()
    rig.tell()
    panel.proceed()
    panel.reason.field.setText("已处置")
    qtbot.keyClick(panel.reason.field, Qt.Key.Key_Return)
    rig.tell()
    panel.acts.rating.parts[3].click()
    sent = [type(request) for request in rig.session.submitted]
    assert sent == [MarkSeen, AcceptIncident, VerifyIncident, CloseIncident, EvaluateIncident]
    assert rig.incident(incident_id).stage is Stage.EVALUATED
    assert rig.session.submitted[-1] == EvaluateIncident(incident_id, 4, "")


def test_closing_wants_an_outcome_and_escape_takes_it_back(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    incident_id = rig.report()
    select(rig, panel, qtbot, incident_id)
    panel.close_incident()
    assert not panel.acts.isVisible()
    qtbot.keyClick(panel.reason.field, Qt.Key.Key_Return)
    assert panel.reason.problem.isVisible()
    assert panel.step_back()
    assert panel.acts.isVisible()
    assert not panel.step_back()
    assert rig.session.submitted == [MarkSeen(incident_id, "03")]


def test_reject_and_recall_go_with_their_reasons(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    first, second = rig.report(), rig.report()
    select(rig, panel, qtbot, first)
    panel.reject()
    panel.reason._quick[0].click()
    panel.reason.confirm.click()
    assert rig.session.submitted[-1:] == [RejectIncident(first, "误报")]
    select(rig, panel, qtbot, second)
    (command_id,) = rig.dispatch(second, "F-1")
    panel.commands.rows[0].recall.click()
    panel.reason.confirm.click()
    assert rig.session.submitted[-1:] == [RecallCommand(command_id, "")]


def test_a_note_goes_into_the_timeline(rig: DeskRig, panel: IncidentPanel, qtbot: QtBot) -> None:
    incident_id = rig.report()
    select(rig, panel, qtbot, incident_id)
    panel.write_note()
    panel.note.setText("已通知燃气公司")
    qtbot.keyClick(panel.note, Qt.Key.Key_Return)
    rig.tell()
    assert rig.session.submitted[-1] == AddNote(incident_id, "已通知燃气公司")
    assert panel.note.text() == ""
    assert any("已通知燃气公司" in line.words for line in panel.log.lines)


def test_a_refusal_is_said_in_place(rig: DeskRig, panel: IncidentPanel, qtbot: QtBot) -> None:
    incident_id = rig.report()
    select(rig, panel, qtbot, incident_id)
    rig.dispatch(incident_id, "F-2")  # another desk was quicker
    panel.dispatching.tick("F-2", True)
    panel._sending_again = True
    rig.session.submit(VerifyIncident(incident_id))
    rig.tell()
    assert panel.notice.isVisible()
    assert panel.notice.body.text() == "不行：not_handled_yet"


def test_what_cannot_be_kept_is_said_in_place(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    incident_id = rig.report()
    select(rig, panel, qtbot, incident_id)
    full = Text("磁盘满了", "The disk is full")
    refusal = Refusal("key", NOT_KEPT, full, AcceptIncident(incident_id))
    rig.session.tell(Changes(refused=(refusal,)))
    rig.tell()
    assert panel.notice.isVisible()
    assert panel.notice.body.text() == "磁盘满了"


def test_a_camera_row_opens_its_picture(rig: DeskRig, panel: IncidentPanel, qtbot: QtBot) -> None:
    incident_id = rig.report()
    select(rig, panel, qtbot, incident_id)
    qtbot.waitUntil(panel.cameras.rows[0].isVisible, timeout=5000)
    with qtbot.waitSignal(rig.desk.selection.camera_opened) as opened:
        qtbot.mouseClick(panel.cameras.rows[0], Qt.MouseButton.LeftButton)
    assert opened.args == ["C-1"]


def test_d4_where_none_sees_the_nearest_stand_there_with_the_reason(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    selection = rig.desk.selection
    selection.select_incident(rig.report(place=at(7.0, 6.2)))
    qtbot.waitUntil(lambda: bool(selection.sightings), timeout=5000)
    assert selection.sightings == ("C-4",)
    assert panel.cameras.none.text() == "现在没有摄像机看得到这里。最近的："
    assert panel.cameras.rows[0].isVisible()
    assert "距离过远" in panel.cameras.rows[0].toolTip()
    assert selection.view("C-4") is Visibility.FAR


def test_the_card_is_seen_once(rig: DeskRig, panel: IncidentPanel, qtbot: QtBot) -> None:
    first, second = rig.report(), rig.report()
    for incident_id in (first, second, first):
        rig.desk.selection.select_incident(incident_id)
    seen = [r for r in rig.session.submitted if isinstance(r, MarkSeen)]
    assert seen == [MarkSeen(first, "03"), MarkSeen(second, "03")]


def test_a_slow_ranking_of_another_incident_is_dropped(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    first, second = rig.report("gas_leak"), rig.report("street_stall", priority=3)
    rig.desk.selection.select_incident(first)
    select(rig, panel, qtbot, second)
    qtbot.wait(50)
    kinds = {c.kind.value for c in panel.dispatching.candidates}
    assert kinds <= {"foot", "car", "moto"}


def test_all_units_on_request(rig: DeskRig, panel: IncidentPanel, qtbot: QtBot) -> None:
    select(rig, panel, qtbot, rig.report("street_stall", priority=3))
    short = len(panel.dispatching.shown)
    panel.acts.more.click()
    assert len(panel.dispatching.shown) >= short
    assert panel.dispatching.is_expanded
    assert panel.acts.more.text() == "收起"


def test_a_new_incident_that_waits_for_the_server_says_so(
    rig: DeskRig, panel: IncidentPanel
) -> None:
    rig.session.offline()
    incident_id = new_key(rig.clock.now_ms())
    words = Text("话", "words")
    rig.desk.submit(ReportIncident(incident_id, "fire", 1, 120.1, 30.1, words, words, "desk"))
    rig.desk.selection.select_incident(incident_id)
    assert panel.empty.title.text() == "新事件待发。"
    rig.session.online()
    rig.tell()
    assert panel.head.title.text() == "火灾"
    assert panel.head.isVisible()


def test_b8_a_refusal_stays_with_its_incident_until_it_is_read(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    first, second = rig.report(), rig.report()
    select(rig, panel, qtbot, first)
    rig.session.submit(VerifyIncident(first))
    rig.desk.selection.select_incident(second)
    rig.tell()
    assert not panel.notice.isVisible()
    assert rig.desk.standing(rig.incident(first)).state == "没有办成"
    rig.desk.selection.select_incident(first)
    assert panel.notice.isVisible()
    assert panel.notice.title.text() == "没有办成：核实"
    rig.desk.selection.select_incident(second)
    rig.desk.selection.select_incident(first)
    assert panel.notice.isVisible()
    qtbot.mouseClick(panel.notice._dismiss, Qt.MouseButton.LeftButton)
    assert not panel.notice.isVisible()
    assert rig.desk.standing(rig.incident(first)).state != "没有办成"


def test_a8_what_others_changed_is_said_with_who_and_when(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    first, second = rig.report(), rig.report()
    select(rig, panel, qtbot, first)
    panel.reject()
    rig.session.act(MergeIncident(second, first), "person/wang@02")
    rig.tell()
    panel.reason.field.setText("误报")
    qtbot.keyClick(panel.reason.field, Qt.Key.Key_Return)
    rig.tell()
    assert rig.incident(first).stage is Stage.REPORTED
    number = rig.incident(second).number
    assert f"12:00:00 wang · 02 席：{number} 并入本事件" in panel.notice.body.text()
    assert any(line.words == f"{number} 并入本事件" for line in panel.log.lines)
    panel.close_incident()
    panel.reject()
    assert panel.reason.field.text() == "误报"


def test_b8_words_stay_with_what_they_are_about(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot, speak: Callable[[str], None]
) -> None:
    first, second = rig.report(), rig.report()
    select(rig, panel, qtbot, first)
    panel.note.setText("给第一起的话")
    panel.reject()
    panel.reason.field.setText("写了一半")
    speak("en")
    assert panel.reason.isVisible()
    assert panel.reason.confirm.text() == "Reject"
    rig.desk.selection.select_incident(second)
    assert panel.note.text() == ""
    panel.reject()
    assert panel.reason.field.text() == ""
    rig.desk.selection.select_incident(first)
    assert panel.note.text() == "给第一起的话"
    panel.reject()
    assert panel.reason.field.text() == "写了一半"


def test_b8_words_over_the_limit_stay_in_the_field_that_says_why(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    select(rig, panel, qtbot, rig.report())
    long = "长" * 2010
    panel.note.setText(long)
    qtbot.keyClick(panel.note, Qt.Key.Key_Return)
    assert panel.note.text() == long
    assert "多了 10 字" in panel.notice.body.text()
    panel.reject()
    panel.reason.field.setText(long)
    qtbot.keyClick(panel.reason.field, Qt.Key.Key_Return)
    assert panel.reason.isVisible()
    assert "多了 10 字" in panel.reason.problem.text()
    assert all(isinstance(r, MarkSeen) for r in rig.session.submitted)


def test_b8_a_refused_note_comes_back(rig: DeskRig, panel: IncidentPanel, qtbot: QtBot) -> None:
    first, second = rig.report(), rig.report()
    select(rig, panel, qtbot, first)
    refusal = Refusal("k", "storage", Text("不行", "No"), AddNote(first, "说过的话"))
    rig.desk.selection.select_incident(second)
    rig.session.tell(Changes(refused=(refusal,)))
    rig.tell()
    assert panel.note.text() == ""
    rig.desk.selection.select_incident(first)
    assert panel.note.text() == "说过的话"


def test_a3_a_row_says_whether_the_unit_can_be_reached_and_what_came_of_it_here(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    rig.session.devices -= {"F-1"}
    rig.session.fix("F-2", *at(4, 4))
    rig.clock.advance(12_000)
    incident_id = rig.report()
    select(rig, panel, qtbot, incident_id)
    panel.acts.more.click()

    def words(unit_id: str) -> str:
        shown = (r for r in panel.candidates.rows if r.isVisible())
        return next(r.toolTip() for r in shown if r.candidate and r.candidate.unit_id == unit_id)

    assert "在线·0:12 前" in words("F-2")
    assert "从未连接" in words("F-1")
    (command_id,) = rig.dispatch(incident_id, "F-2")
    rig.advance(command_id, Step.REFUSED, text="车坏了")
    panel.dispatching.refresh()
    qtbot.waitUntil(lambda: "F-2" not in panel.dispatching.ticked, timeout=5000)
    qtbot.waitUntil(lambda: "在此被拒·车坏了" in words("F-2"), timeout=5000)
    assert "消防车 1" in panel.candidates.unmet.text()
    assert panel.candidates.unmet.isVisible()


def test_a1_a_unit_that_was_sent_and_calls_for_help_says_so(
    rig: DeskRig, panel: IncidentPanel
) -> None:
    incident = rig.report()
    rig.desk.selection.select_incident(incident)
    (command,) = rig.dispatch(incident, "P-1")
    rig.advance(command, Step.EN_ROUTE)
    life = panel.commands.rows[0].life
    assert not life.accessibleName().startswith("SOS")
    rig.session.act(DeclareUnitStatus("P-1", UnitStatus.SOS), "unit/P-1")
    rig.tell()
    assert life.accessibleName().startswith("SOS 巡逻一")
    panel.show()
    picture = life.grab().toImage()
    tints = {picture.pixelColor(x, 17).name() for x in range(12, 36)}
    assert "#ff6b60" in tints


def test_b7_a_unit_with_another_command_is_sent_only_after_a_word(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    first, second = rig.report(), rig.report()
    (known,) = rig.dispatch(first, "F-2")
    select(rig, panel, qtbot, second)
    panel.send_unit("F-2")
    assert panel.second.isVisible()
    assert f"消防二 正在执行：燃气泄漏 {rig.incident(first).number}" in panel.second.question.text()
    panel.proceed()
    assert panel.second.isVisible()
    assert panel.step_back()
    assert rig.incident(second).stage is Stage.REPORTED
    panel.send_unit("F-2")
    qtbot.mouseClick(panel.second.confirm, Qt.MouseButton.LeftButton)
    rig.tell()
    request = rig.session.submitted[-1]
    assert isinstance(request, DispatchUnits)
    assert request.orders[0].beside == (known,)
    assert rig.incident(second).stage is Stage.DISPATCHED


def test_b7_what_this_desk_sent_and_is_not_answered_counts(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    first, second = rig.report(), rig.report()
    rig.session.offline()
    for incident_id in (first, second):
        rig.desk.selection.select_incident(incident_id)
        panel.send_unit("F-2")
    assert panel.second.isVisible()
    assert [type(s.request) for s in rig.session.pending].count(DispatchUnits) == 1


def test_b7_another_desk_was_quicker_and_the_officer_wants_it_all_the_same(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    first, second = rig.report(), rig.report()
    select(rig, panel, qtbot, second)
    rig.session.offline()
    panel.send_unit("F-2")
    rig.dispatch(first, "F-2")
    rig.session.online()
    rig.tell()
    assert panel.notice.isVisible()
    assert rig.incident(second).stage is Stage.REPORTED
    qtbot.mouseClick(panel.notice.action, Qt.MouseButton.LeftButton)
    assert panel.second.isVisible()
    qtbot.mouseClick(panel.second.confirm, Qt.MouseButton.LeftButton)
    rig.tell()
    assert rig.incident(second).stage is Stage.DISPATCHED
    assert not panel.notice.isVisible()


def test_b13_closing_without_verification_ticks_only_what_happened(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    incident_id = rig.report()
    select(rig, panel, qtbot, incident_id)
    (command_id,) = rig.dispatch(incident_id, "F-2")
    rig.advance(command_id, Step.REFUSED)
    rig.session.act(CloseIncident(incident_id, "误报"))
    rig.tell()
    told = panel.loop.toolTip().splitlines()
    assert [line for line in told if "未经此步" in line] == [
        "处置：未经此步",
        "反馈：未经此步",
        "核实：未经此步",
    ]
    assert len(told) == 7
    panel.grab()


def test_b10_the_cameras_of_an_incident_go_with_it(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    incident_id = rig.report()
    select(rig, panel, qtbot, incident_id)
    qtbot.waitUntil(lambda: bool(rig.desk.selection.sightings), timeout=5000)
    rig.session.picture = Picture()
    rig.desk.bridge.incidents_changed.emit({incident_id})
    assert rig.desk.selection.sightings == ()
