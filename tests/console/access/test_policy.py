"""Every role against every request, in the own area, another and none: made from the table."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from console.access import (
    RIGHTS,
    WHOLE,
    Actor,
    Area,
    Denied,
    Role,
    Whereabouts,
    area_of,
    permit,
    policy,
)
from console.access.policy import FIELD_STEPS, PEOPLE_ROLES, Call, Data
from console.i18n import text_of
from console.model.command import Step
from console.model.decide import Refused
from console.model.requests import (
    AdvanceCommand,
    DeclareUnitStatus,
    DispatchUnits,
    MergeIncident,
    Order,
    RecallCommand,
    ReportIncident,
    Request,
)
from console.model.text import Text
from console.model.unit import UnitStatus

OWN, OTHER, NONE = "330106001002003", "330106009002003", ""
PLACES = {1.0: OWN, 2.0: OTHER, 3.0: NONE}
"""The cell at a longitude."""

REQUESTS: tuple[type, ...] = get_args(Request)
LEVELS = [OWN[:length] for length in (9, 12, 15)]
"""The own street, community and cell; the district holds the other cell too."""

WHERE = Whereabouts(
    cell_of_incident={"i-own": OWN, "i-other": OTHER, "i-none": NONE}.get,
    incident_of_command={"c-own": "i-own", "c-other": "i-other", "c-none": "i-none"}.get,
    unit_of_command={"c-own": "u-own", "c-other": "u-other", "c-none": "u-none"}.get,
    cell_of_unit={"u-own": OWN, "u-other": OTHER, "u-none": NONE}.get,
    cell_at=lambda lon, _lat: PLACES[lon],
)


def request_in(cls: type, where: str) -> Any:
    """A request of the class about something `where`: own, other, none or (nowhere) unknown."""
    lon = {"own": 1.0, "other": 2.0}.get(where, 3.0)
    values: dict[str, Any] = {
        "incident_id": f"i-{where}",
        "into_id": f"i-{where}",
        "command_id": f"c-{where}",
        "unit_id": f"u-{where}",
        "orders": (Order("c-new", f"u-{where}"),),
        "step": Step.ACKNOWLEDGED,
        "status": UnitStatus.SOS,
        "lon": lon,
        "lat": 0.0,
        "priority": 1,
        "rating": 3,
        "called_at": 1_795_000_000_000,
    }
    by_type: dict[object, Any] = {"Text": Text(), "int": 1}
    fields = dataclasses.fields(cls)
    return cls(**{f.name: values.get(f.name, by_type.get(f.type, "x")) for f in fields})


def refusal(actor: Actor, request: Request) -> str:
    """The code of the refusal, "" when it is permitted; every code has its sentence."""
    try:
        permit(actor, request, WHERE)
    except Refused as refused:
        assert isinstance(refused, Denied)
        said = text_of(f"refusal.{refused.code}", **refused.args_)
        assert said.zh
        assert said.en
        return refused.code
    return ""


def matrix() -> Iterator[tuple[Role, type, str, str]]:
    for role in Role:
        for cls in REQUESTS:
            for area in ("", *LEVELS) if role in PEOPLE_ROLES else ("",):
                for where in ("own", "other", "none", "unknown"):
                    yield role, cls, area, where


@pytest.mark.parametrize("role", list(Role))
def test_every_role_every_request_every_area(role: Role) -> None:
    for who, cls, prefix, where in matrix():
        if who is not role or role is Role.DEVICE:
            continue
        said = refusal(Actor(role, "lin", area_of([prefix])), request_in(cls, where))
        if cls not in RIGHTS[role].requests:
            expected = "not_your_role"
        elif prefix == "" or where == "own":
            expected = ""
        else:
            expected = "not_in_your_area"
        assert said == expected, (role, cls, prefix, where)


@pytest.mark.parametrize("cls", REQUESTS)
def test_a_device_speaks_for_its_own_unit_and_commands_only(cls: type) -> None:
    device = Actor(Role.DEVICE, "u-own")
    for where in ("own", "other", "none", "unknown"):
        said = refusal(device, request_in(cls, where))
        if cls not in RIGHTS[Role.DEVICE].requests:
            assert said == "not_for_devices"
        elif where == "own" or cls is ReportIncident:
            assert said == ""
        else:
            assert said == ("not_your_command" if cls is AdvanceCommand else "not_your_unit")


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("role", list(Role))
def test_only_the_system_sets_steps_that_are_not_the_fields(role: Role, step: Step) -> None:
    said = refusal(Actor(role, "u-own"), AdvanceCommand("c-own", step))
    if role is Role.SYSTEM:
        assert said == ""
    elif AdvanceCommand in RIGHTS[role].requests:
        assert said == ("" if step in FIELD_STEPS else "not_a_field_step")
    else:
        assert said != ""


def test_both_ends_of_a_merger_and_every_unit_sent_must_be_of_the_area() -> None:
    officer = Actor(Role.DUTY_OFFICER, "lin", Area((OWN[:9],)))
    assert refusal(officer, MergeIncident("i-own", "i-other")) == "not_in_your_area"
    assert refusal(officer, MergeIncident("i-other", "i-own")) == "not_in_your_area"
    both = DispatchUnits("i-own", (Order("c", "u-own"), Order("d", "u-other")), Text())
    assert refusal(officer, both) == "unit_not_in_your_area"
    assert refusal(officer, RecallCommand("c-other", "")) == "not_in_your_area"
    assert refusal(officer, DeclareUnitStatus("u-none", UnitStatus.OFF)) == "not_in_your_area"


def test_the_table_is_whole() -> None:
    assert RIGHTS.keys() == set(Role)
    for rights in RIGHTS.values():
        assert rights.requests <= set(REQUESTS)
        assert rights.reads <= set(Data)
        assert rights.calls <= set(Call)
        assert (Call.SUBMIT in rights.calls) == bool(rights.requests) or not rights.calls


def test_every_request_and_every_reading_is_somebodys_work() -> None:
    people = [RIGHTS[role] for role in PEOPLE_ROLES]
    assert frozenset().union(*(r.requests for r in people)) == set(REQUESTS)
    assert frozenset().union(*(r.reads for r in people)) == set(Data)


def test_actors_name_themselves() -> None:
    actors = [
        Actor(Role.DUTY_OFFICER, "lin", desk="03"),
        Actor(Role.SUPERVISOR, "zhou"),
        Actor(Role.DEVICE, "U-0001"),
        Actor(Role.SYSTEM, "timer"),
        Actor(Role.PRACTICE, "practice"),
    ]
    assert [str(a) for a in actors] == [
        "person/lin@03",
        "person/zhou",
        "unit/U-0001",
        "system/timer",
        "system/practice",
    ]


@pytest.mark.parametrize("wrong", ["1", "33010", "3301060", "33010600100200", "33010x", "٣٣٠١٠٦"])
def test_an_area_ends_where_a_level_ends(wrong: str) -> None:
    with pytest.raises(ValueError, match="digits"):
        area_of([wrong])


def test_areas() -> None:
    street = area_of([OWN[:9], OWN[:9]])
    assert street.prefixes == (OWN[:9],)
    assert street.levels == ("street",)
    assert (street.holds(OWN), street.holds(OTHER)) == (True, False)
    assert (street.holds(""), street.holds(None)) == (False, False)
    assert (WHOLE.holds(""), WHOLE.holds(None)) == (True, True)
    assert area_of([OWN, ""]) == WHOLE
    assert not Area().holds(OWN)


def test_a_new_request_is_nobodys_until_a_role_names_it() -> None:
    """Allow-lists: what a role may is written down, and everything that exists is somebody's."""
    source = inspect.getsource(policy)
    assert "get_args(Request)" not in source, "rights that follow from what exists grant the new"
    for cls in get_args(Request):
        assert any(cls in RIGHTS[role].requests for role in PEOPLE_ROLES), cls.__name__
