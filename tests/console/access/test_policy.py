"""Every role against every request."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from console.access import Actor, Role, permit
from console.i18n import text_of
from console.model.command import Step
from console.model.decide import Refused
from console.model.requests import AdvanceCommand, DeclareUnitStatus, RecallCommand, Request
from console.model.text import Text
from console.model.unit import UnitStatus
from tests.helpers.stream import dispatch, report

OFFICER = Actor(Role.OFFICER, "duty")
DEVICE = Actor(Role.DEVICE, "U-0001")
SYSTEM = Actor(Role.SYSTEM, "timer")
OWNERS = {"c-1": "U-0001", "c-2": "U-0002"}

FIELD = {"ReportIncident", "AdvanceCommand", "DeclareUnitStatus"}


def refusal(actor: Actor, request: Request) -> str:
    """The code of the refusal, "" when it is permitted; every code has its sentence."""
    try:
        permit(actor, request, OWNERS.get)
    except Refused as refused:
        said = text_of(f"refusal.{refused.code}", **refused.args_)
        assert said.zh
        assert said.en
        return refused.code
    return ""


def sample(cls: type) -> Any:
    """A request of the class that concerns the device's own unit and command."""
    made = {
        "ReportIncident": report(),
        "DispatchUnits": dispatch("i-1", "U-0001"),
        "AdvanceCommand": AdvanceCommand("c-1", Step.ACKNOWLEDGED),
        "DeclareUnitStatus": DeclareUnitStatus("U-0001", UnitStatus.SOS),
        "RecallCommand": RecallCommand("c-1", ""),
    }
    values = {"int": 1, "str": "x", "Text": Text("x")}
    fields = cls.__dataclass_fields__.values()
    return made.get(cls.__name__) or cls(*(values[str(f.type)] for f in fields))


@pytest.mark.parametrize("cls", get_args(Request), ids=lambda c: c.__name__)
def test_roles(cls: type) -> None:
    assert refusal(OFFICER, sample(cls)) == ""
    assert refusal(SYSTEM, sample(cls)) == ""
    assert refusal(DEVICE, sample(cls)) == ("" if cls.__name__ in FIELD else "not_for_devices")


def test_a_device_speaks_of_its_own_commands_only() -> None:
    assert refusal(DEVICE, AdvanceCommand("c-2", Step.DONE)) == "not_your_command"
    assert refusal(DEVICE, AdvanceCommand("c-9", Step.DONE)) == "not_your_command"


def test_a_device_speaks_for_its_own_unit_only() -> None:
    assert refusal(DEVICE, DeclareUnitStatus("U-0002", UnitStatus.OFF)) == "not_your_unit"


@pytest.mark.parametrize("step", list(Step))
def test_steps(step: Step) -> None:
    field = step not in (Step.DRAFTED, Step.QUEUED, Step.SENT, Step.RECALLED, Step.TIMED_OUT)
    expected = "" if field else "not_a_field_step"
    assert refusal(DEVICE, AdvanceCommand("c-1", step)) == expected
    assert refusal(OFFICER, AdvanceCommand("c-1", step)) == expected
    assert refusal(SYSTEM, AdvanceCommand("c-1", step)) == ""


def test_actors_name_themselves() -> None:
    assert [str(a) for a in (OFFICER, DEVICE, SYSTEM)] == [
        "desk/duty",
        "unit/U-0001",
        "system/timer",
    ]
