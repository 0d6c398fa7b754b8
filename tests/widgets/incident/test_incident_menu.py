"""What the incident's column can do besides the next step, and what long words must not do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from console.model.command import Step
from console.model.ids import new_key
from console.model.incident import Stage
from console.model.requests import (
    AddNote,
    ChangePriority,
    CloseIncident,
    MergeIncident,
    ReportIncident,
)
from console.model.text import Text
from tests.helpers.desk_city import PLACE
from tests.widgets.conftest import DeskRig
from widgets.incident.panel import IncidentPanel

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)  # offscreen's own


@pytest.fixture
def panel(rig: DeskRig, qtbot: QtBot) -> IncidentPanel:
    made = IncidentPanel(rig.desk)
    qtbot.addWidget(made)
    made.resize(396, 700)
    made.show()
    return made


def lines(menu: QMenu) -> list[tuple[str, bool]]:
    return [(action.text(), action.isEnabled()) for action in menu.actions()]


def test_d3_the_priority_is_changed_with_a_reason(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    incident_id = rig.report(priority=2)
    rig.desk.selection.select_incident(incident_id)
    menu = QMenu(panel)
    panel.head.menu.fill_priorities(menu, rig.incident(incident_id))
    assert lines(menu) == [("一级", True), ("二级", False), ("三级", True), ("四级", True)]
    menu.actions()[0].trigger()
    panel.reason.field.setText("有人被困")
    qtbot.keyClick(panel.reason.field, Qt.Key.Key_Return)
    rig.tell()
    assert rig.session.submitted[-1] == ChangePriority(incident_id, 1, "有人被困")
    assert rig.incident(incident_id).priority == 1


def test_d3_an_incident_is_merged_into_the_nearest(rig: DeskRig, panel: IncidentPanel) -> None:
    far = new_key(rig.clock.now_ms())
    words = Text("远", "Far")
    rig.session.act(ReportIncident(far, "fire", 1, PLACE[0] + 0.02, PLACE[1], words, words, "desk"))
    near, mine = rig.report(), rig.report()
    rig.desk.selection.select_incident(mine)
    menu = QMenu(panel)
    panel.head.menu.fill_merge(menu, rig.incident(mine))
    assert rig.incident(near).number in menu.actions()[0].text()
    assert rig.incident(far).number in menu.actions()[1].text()
    menu.actions()[0].trigger()
    rig.tell()
    assert MergeIncident(mine, near) in rig.session.submitted
    assert rig.desk.selection.incident_id == near


def test_d3_what_cannot_be_merged_says_why(rig: DeskRig, panel: IncidentPanel) -> None:
    alone = rig.report()
    menu = QMenu(panel)
    panel.head.menu.fill_merge(menu, rig.incident(alone))
    assert lines(menu) == [("没有其他未结事件。", False)]
    rig.report()
    rig.dispatch(alone, "F-1")
    menu.clear()
    panel.head.menu.fill_merge(menu, rig.incident(alone))
    assert lines(menu) == [("已派出单位，不能再并案。", False)]


def test_d3_with_no_unit_under_way_it_can_be_closed(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    incident_id = rig.report()
    rig.desk.selection.select_incident(incident_id)
    (command_id,) = rig.dispatch(incident_id, "F-1")
    assert not panel.acts.close_quiet.isVisible()
    rig.advance(command_id, Step.REFUSED, text="车坏了")
    assert panel.acts.close_quiet.isVisible()
    panel.acts.close_quiet.click()
    panel.reason.field.setText("误报")
    qtbot.keyClick(panel.reason.field, Qt.Key.Key_Return)
    rig.tell()
    assert rig.incident(incident_id).stage is Stage.CLOSED


def test_d3_nothing_is_rated_until_somebody_rates(rig: DeskRig, panel: IncidentPanel) -> None:
    incident_id = _closed(rig)
    rig.desk.selection.select_incident(incident_id)
    assert panel.acts.rating.isVisible()
    assert panel.acts.rating.index == -1


def test_d3_who_may_not_rate_sees_no_rating(rig: DeskRig, panel: IncidentPanel) -> None:
    rig.session.capabilities = replace(rig.session.capabilities, requests=frozenset({"AddNote"}))
    rig.desk.selection.select_incident(_closed(rig))
    assert not panel.acts.rating.isVisible()
    assert panel.acts.rate_label.text() == "由督查员评价"


@pytest.mark.parametrize("height", [480, 700])
def test_d3_long_words_leave_the_white_button_in_sight(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot, height: int
) -> None:
    panel.resize(396, height)
    incident_id = new_key(rig.clock.now_ms())
    words = Text("三楼楼道里有很浓的煤气味。" * 60, "A smell")
    rig.session.act(ReportIncident(incident_id, "gas_leak", 1, *PLACE, words, words, "desk"))
    rig.tell()
    rig.desk.selection.select_incident(incident_id)
    qtbot.waitUntil(lambda: not panel.dispatching.is_ranking, timeout=5000)
    button = panel.acts.dispatch
    bottom = button.mapTo(panel, QPoint(0, button.height()))
    assert button.isVisible() and button.visibleRegion().boundingRect().height() == button.height()
    assert bottom.y() <= panel.height()


def test_d3_a_click_opens_a_line_of_the_timeline(
    rig: DeskRig, panel: IncidentPanel, qtbot: QtBot
) -> None:
    incident_id = rig.report()
    rig.session.act(AddNote(incident_id, "已通知燃气公司，抢修队二十分钟后到场，" * 4))
    rig.tell()
    rig.desk.selection.select_incident(incident_id)
    before = panel.log.sizeHint().height()
    qtbot.mouseClick(panel.log, Qt.MouseButton.LeftButton, pos=QPoint(150, 31))
    opened = panel.log.sizeHint().height()
    assert opened > before + 23
    qtbot.mouseClick(panel.log, Qt.MouseButton.LeftButton, pos=QPoint(150, 31))
    assert panel.log.sizeHint().height() == before


def _closed(rig: DeskRig) -> str:
    incident_id = rig.report()
    (command_id,) = rig.dispatch(incident_id, "F-1")
    rig.advance(command_id, Step.DONE)
    rig.session.act(CloseIncident(incident_id, "好"))
    rig.tell()
    return incident_id
