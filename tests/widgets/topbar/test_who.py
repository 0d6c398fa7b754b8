"""Who is at the desk: named, changed at practice, signed out; and what they may not do."""

from __future__ import annotations

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from console.access import PEOPLE_ROLES, RIGHTS, Role
from console.model.command import Step
from console.model.requests import AddNote, MarkSeen
from console.session import Me, SignIn
from console.session.interface import Capabilities, Changes
from tests.console.session.test_signin import FakeCaller
from tests.widgets.conftest import DeskRig
from widgets.bridge.account import Account
from widgets.incident.panel import IncidentPanel
from widgets.queue.panel import QueuePanel
from widgets.topbar.who import PRACTICE_ROLES, WhoButton


@pytest.fixture
def account(rig: DeskRig, qtbot: QtBot) -> Account:
    made = Account("http://127.0.0.1:9", "03", secret="the secret")
    caller = FakeCaller()
    made.signin = SignIn(caller, "03", "the secret")
    made.signin.changed = made._tell
    rig.desk.account = made
    return made


def become(rig: DeskRig, account: Account, role: Role) -> None:
    requests = frozenset(cls.__name__ for cls in RIGHTS[role].requests)
    calls = frozenset(call.value for call in RIGHTS[role].calls)
    account.signin.me = Me("lin", "林", role.value, ("",), requests, calls)
    rig.session.capabilities = Capabilities(requests=requests)
    rig.session.tell(Changes(people=True))
    account.changed.emit()
    rig.tell()


def actions(button: WhoButton) -> list[str]:
    return [action.text() for action in button.menu.actions() if action.text()]


def test_without_an_account_only_the_desk_is_named(rig: DeskRig, qtbot: QtBot) -> None:
    button = WhoButton(rig.desk)
    qtbot.addWidget(button)
    button.retranslate()
    assert button.text() == "03 席"
    assert actions(button) == []


def test_practice_says_that_it_signs_in_by_itself(
    rig: DeskRig, account: Account, qtbot: QtBot
) -> None:
    button = WhoButton(rig.desk)
    qtbot.addWidget(button)
    become(rig, account, Role.DUTY_OFFICER)
    assert button.text() == "值班员 · 练习：自动登录 · 03 席"
    assert len([a for a in actions(button) if "身份练习" in a]) == len(PRACTICE_ROLES)
    button.menu.actions()[1].trigger()
    caller: Any = account.signin._caller
    assert caller.calls[-1][1] == {"role": "supervisor", "desk": "03"}


def test_the_menu_offers_what_the_policy_knows() -> None:
    assert tuple(role.value for role in PEOPLE_ROLES) == PRACTICE_ROLES


def test_a_person_is_named_and_may_leave(rig: DeskRig, account: Account, qtbot: QtBot) -> None:
    account.signin._secret = ""
    button = WhoButton(rig.desk)
    qtbot.addWidget(button)
    become(rig, account, Role.DUTY_OFFICER)
    assert button.text() == "林 · 03 席"
    assert actions(button) == ["登记终端…", "退出登录"]
    become(rig, account, Role.TRAINER)
    assert actions(button) == ["退出登录"]
    with qtbot.waitSignal(account.changed):
        button.menu.actions()[-1].trigger()
    assert button.text() == "已退出登录 · 03 席"


def test_what_the_role_may_not_do_is_disabled_with_the_reason(
    rig: DeskRig, account: Account, qtbot: QtBot
) -> None:
    panel, queue = IncidentPanel(rig.desk), QueuePanel(rig.desk)
    for widget in (panel, queue):
        qtbot.addWidget(widget)
        widget.show()
    become(rig, account, Role.TRAINER)
    incident_id = rig.report()
    rig.desk.selection.select_incident(incident_id)
    reason = "您的角色（培训员）无权执行该操作。请有权的同事办理，或请管理员调整角色。"
    for button in (panel.acts.dispatch, panel.acts.accept, panel.acts.reject, queue.new):
        assert not button.isEnabled()
        assert button.toolTip().startswith(reason)
    assert not panel.note.isEnabled()
    before = list(rig.session.submitted)
    assert [type(r) for r in before] == [MarkSeen]
    for act in (panel.accept, panel.dispatch, panel.reject, panel.close_incident, panel.write_note):
        act()
    panel._submit(AddNote(incident_id, "x"))
    queue.report()
    assert rig.session.submitted == before
    assert not queue.form.isVisible()
    become(rig, account, Role.DUTY_OFFICER)
    assert panel.acts.accept.isEnabled()
    assert queue.new.isEnabled()
    (command_id,) = rig.dispatch(incident_id, rig.desk.city.units.id[0])
    rig.advance(command_id, Step.SENT)
    assert panel.commands.rows[0].recall.isEnabled()
    become(rig, account, Role.GRID_WORKER)
    assert not panel.commands.rows[0].recall.isEnabled()
    panel.recall(command_id)
    assert panel.reason.isHidden()
