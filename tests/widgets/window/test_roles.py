"""Each role opens on its own work, and is told what it does not see and may not do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.access import RIGHTS, Role
from console.session import Capabilities, Changes, Me, SignIn
from tests.console.session.test_signin import FakeCaller
from tests.helpers.desk_window import open_window
from tests.widgets.conftest import DeskRig
from widgets.bridge.account import Account
from widgets.map.panel import MapPanel
from widgets.window import DeskWindow

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)  # offscreen's own


@pytest.fixture
def account() -> Account:
    made = Account("http://127.0.0.1:9", "03")
    made.signin = SignIn(FakeCaller(), "03")
    made.signin.changed = made._tell
    return made


@pytest.fixture
def window(rig: DeskRig, account: Account, qtbot: QtBot, tmp_path: Path) -> Iterator[DeskWindow]:
    made = open_window(rig, tmp_path, account=account)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.shut_down()


def become(rig: DeskRig, account: Account, role: Role, *areas: str) -> None:
    rights = RIGHTS[role]
    requests = frozenset(cls.__name__ for cls in rights.requests)
    calls = frozenset(call.value for call in rights.calls)
    reads = frozenset(data.value for data in rights.reads)
    account.signin.me = Me("lin", "林", role.value, areas or ("",), requests, calls, reads)
    rig.session.capabilities = Capabilities(requests=requests, reads=reads)
    rig.session.tell(Changes(people=True))
    account.changed.emit()
    rig.tell()


@pytest.mark.parametrize(
    ("role", "work"), [(Role.DATA_KEEPER, "城市数据"), (Role.ADMINISTRATOR, "人员与终端")]
)
def test_b12_who_sees_no_incidents_is_told_so_and_what_their_work_is(
    rig: DeskRig, window: DeskWindow, account: Account, role: Role, work: str
) -> None:
    become(rig, account, role)
    queue = window.queue
    assert queue.empty.isVisible()
    assert "看不到事件" in queue.empty.title.text()
    assert work in queue.empty.advice.text()
    assert not queue.segments.isVisible()
    assert queue.header.remark.text() == ""
    assert "看不到事件" in window.incident.empty.title.text()
    assert "看不到事件" in window.timeline.header.remark.text()
    assert isinstance(window.map, MapPanel)
    for name, chip in window.map.chips.items():
        assert chip.isEnabled() is (name not in {"units", "incidents"})
        assert chip.isChecked() is chip.isEnabled()
    assert "看不到" in window.map.chips["incidents"].toolTip()
    may_enrol = role is Role.ADMINISTRATOR
    assert queue.enrol.isVisible() is may_enrol
    wanted: list[bool] = []
    window.desk.enrol_wanted.connect(lambda: wanted.append(True))
    queue.enrol.click()
    assert wanted
    become(rig, account, Role.DUTY_OFFICER)
    assert queue.segments.isVisible()
    assert window.map.chips["units"].isChecked()
    assert "看不到" not in window.timeline.header.remark.text()


@pytest.mark.parametrize(
    ("role", "said"),
    [(Role.TRAINER, ("只读", "不能处置")), (Role.GRID_WORKER, ("上报与留言", "写留言"))],
)
def test_b12_who_may_not_act_sees_no_dispatch_panel_and_reads_why(
    rig: DeskRig, window: DeskWindow, account: Account, role: Role, said: tuple[str, str]
) -> None:
    badge, words = said
    become(rig, account, role)
    incident_id = rig.report()
    window.desk.selection.select_incident(incident_id)
    panel = window.incident
    assert not panel.acts.isVisible()
    assert not panel.candidates.isVisible()
    assert panel.only.isVisible()
    assert words in panel.only.text()
    assert (window.topbar.rights.isVisible(), window.topbar.rights.text()) == (True, badge)
    assert window.queue.segments.index == 1, "what goes on, for nothing needs them"
    assert panel.note.isEnabled() is (role is Role.GRID_WORKER)
    assert window.queue.new.isEnabled() is (role is Role.GRID_WORKER)
    become(rig, account, Role.DUTY_OFFICER)
    window.desk.selection.select_incident(incident_id)
    assert panel.acts.isVisible()
    assert panel.candidates.isVisible()
    assert not panel.only.isVisible()
    assert not window.topbar.rights.isVisible()
    assert window.queue.segments.index == 0


def test_b12_an_areas_officer_sees_the_area(
    rig: DeskRig, window: DeskWindow, account: Account, qapp: QApplication
) -> None:
    assert isinstance(window.map, MapPanel)
    code = rig.desk.city.cells.code[0]
    whole = window.map.canvas.view
    assert window.map.content.area.rings == ()
    become(rig, account, Role.DUTY_OFFICER, code)
    name = rig.desk.city.cells.area_name(code).zh
    assert window.topbar.area.isVisible()
    assert name in window.topbar.area.toolTip()
    area = window.map.content.area
    rings = area.rings
    x0, y0, x1, y1 = rig.desk.city.cells.bounds[0]
    assert min(ring[:, 0].min() for ring in rings) == pytest.approx(x0, abs=0.5)
    assert max(ring[:, 1].max() for ring in rings) == pytest.approx(y1, abs=0.5)
    near = window.map.canvas.view
    assert near.metres_per_px < whole.metres_per_px
    assert x0 < near.x < x1
    assert y0 < near.y < y1
    inside, outside = window.map.grab().toImage(), near.screen_from_world([[x0, y0]])[0]
    assert inside.pixelColor(int(outside[0]) - 20, int(outside[1]) + 20).lightness() < 128
    become(rig, account, Role.DUTY_OFFICER)
    assert window.map.content.area.rings == ()
    assert window.topbar.area.text() == ""


def test_b12_neighbouring_cells_are_one_area_without_lines_between(rig: DeskRig) -> None:
    cells = rig.desk.city.cells
    street = cells.code[0][:9]
    together = cells.area_rings((street,))
    assert len(cells.in_area((street,))) > 1
    assert len(together) == 1
    assert cells.area_name("000000").zh == "000000"
