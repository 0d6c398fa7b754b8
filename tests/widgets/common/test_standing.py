"""What a card says of an incident's state, and when it needs an officer."""

from __future__ import annotations

import pytest

from console.model.command import Step
from console.model.requests import AcceptIncident, CloseIncident, VerifyIncident
from tests.widgets.conftest import DeskRig


def standing(rig: DeskRig, incident_id: str) -> tuple[str, bool, bool]:
    now = rig.desk.standing(rig.incident(incident_id))
    return now.state, now.needs_me, now.hot


def test_a_fresh_report_needs_me_and_is_not_yet_hot(rig: DeskRig) -> None:
    assert standing(rig, rig.report()) == ("待受理", True, False)


def test_near_its_deadline_it_is_hot_and_then_over(rig: DeskRig) -> None:
    incident_id = rig.report()  # a first priority is to be accepted within 60 s
    rig.wait_s(50)
    assert standing(rig, incident_id) == ("待受理", True, True)
    rig.wait_s(20)
    now = rig.desk.standing(rig.incident(incident_id))
    assert now.over
    assert now.detail == "超时 0:10"
    assert now.share == 1.0


def test_sent_units_leave_me_alone_until_they_do_not_answer(rig: DeskRig) -> None:
    incident_id = rig.report()
    (command_id,) = rig.dispatch(incident_id, "F-1")
    assert standing(rig, incident_id) == ("已下达", False, False)
    rig.wait_s(61)
    assert standing(rig, incident_id) == ("未签收", True, True)
    rig.advance(command_id, Step.SENT, Step.ACKNOWLEDGED)
    assert standing(rig, incident_id) == ("途中", False, False)
    rig.advance(command_id, Step.ON_SCENE)
    assert standing(rig, incident_id)[0] == "处置中"


def test_a_refusal_comes_back_to_me(rig: DeskRig) -> None:
    incident_id = rig.report()
    (command_id,) = rig.dispatch(incident_id, "F-1")
    rig.advance(command_id, Step.REFUSED, text="车坏了")
    assert standing(rig, incident_id) == ("被拒", True, True)


@pytest.mark.parametrize(("text", "state"), [("", "待核实"), ("关阀了", "已反馈")])
def test_what_is_done_wants_verifying_and_closing(rig: DeskRig, text: str, state: str) -> None:
    incident_id = rig.report()
    (command_id,) = rig.dispatch(incident_id, "F-1")
    rig.advance(command_id, Step.ON_SCENE)
    rig.advance(command_id, Step.DONE, text=text)
    assert standing(rig, incident_id)[:2] == (state, True)
    rig.session.act(VerifyIncident(incident_id))
    assert standing(rig, incident_id)[:2] == ("待结案", True)
    rig.session.act(CloseIncident(incident_id, "已处置"))
    now = rig.desk.standing(rig.incident(incident_id))
    assert (now.state, now.detail, now.needs_me, now.share) == ("已结案", "已处置", False, None)


def test_accepted_waits_for_units(rig: DeskRig) -> None:
    incident_id = rig.report()
    rig.session.act(AcceptIncident(incident_id))
    assert standing(rig, incident_id)[:2] == ("待派遣", True)
