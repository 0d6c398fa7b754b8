"""The closed loop, step by step, and every way a request is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from console.i18n import text_of
from console.model.command import Step
from console.model.decide import Refused
from console.model.facts import IncidentFedBack, IncidentHandled, IncidentMerged, NoteAdded
from console.model.incident import Stage as Loop
from console.model.requests import (
    AcceptIncident,
    AddNote,
    AdvanceCommand,
    ChangePriority,
    CloseIncident,
    DeclareUnitStatus,
    DispatchUnits,
    EvaluateIncident,
    MergeIncident,
    Order,
    RecallCommand,
    RejectIncident,
    ReportIncident,
    Request,
    VerifyIncident,
)
from console.model.text import Text
from console.model.unit import UnitStatus
from tests.console.model.stage import Stage


def send(stage: Stage, *units: str, incident: str = "i1") -> None:
    orders = tuple(Order(f"c-{incident}-{u}", u) for u in units)
    stage.ask(DispatchUnits(incident, orders, Text("速去", "Go")))


def step(stage: Stage, unit: str, *steps: Step, text: str = "") -> None:
    for each in steps:
        stage.ask(AdvanceCommand(f"c-i1-{unit}", each, text if each is Step.DONE else ""))


def loop_of(stage: Stage) -> Loop:
    return stage.picture.incidents["i1"].stage


def test_an_incident_runs_its_whole_loop() -> None:
    stage = Stage()
    stage.report()
    stage.ask(AcceptIncident("i1"))
    send(stage, "U-0001")
    step(stage, "U-0001", Step.SENT, Step.DELIVERED, Step.ACKNOWLEDGED, Step.EN_ROUTE)
    assert stage.picture.unit("U-0001").status is UnitStatus.EN_ROUTE
    step(stage, "U-0001", Step.ON_SCENE, Step.DONE, text="已扑灭")
    stage.ask(VerifyIncident("i1"))
    stage.ask(CloseIncident("i1", "火已扑灭"))
    stage.ask(EvaluateIncident("i1", 5, ""))
    incident = stage.picture.incidents["i1"]
    assert [reached for reached, _ in incident.stage_times] == [
        Loop.REPORTED,
        Loop.ACCEPTED,
        Loop.DISPATCHED,
        Loop.HANDLED,
        Loop.FED_BACK,
        Loop.VERIFIED,
        Loop.CLOSED,
        Loop.EVALUATED,
    ]
    assert incident.outcome == "火已扑灭"
    assert stage.picture.unit("U-0001").status is UnitStatus.FREE
    assert len(stage.picture.timeline("i1")) == len(stage.events)


def test_dispatch_accepts_a_fresh_incident() -> None:
    stage = Stage()
    stage.report()
    send(stage, "U-0001", "U-0002")
    kinds = [event.kind for event in stage.events]
    assert kinds == ["incident.reported", "incident.accepted", "command.issued", "command.issued"]


def test_only_the_last_unit_makes_the_incident_handled() -> None:
    stage = Stage()
    stage.report()
    send(stage, "U-0001", "U-0002")
    step(stage, "U-0001", Step.DONE, text="first")
    assert stage.picture.incidents["i1"].stage is Loop.DISPATCHED
    step(stage, "U-0002", Step.DONE, text="second")
    assert [event.fact for event in stage.events[-3:]] == [
        IncidentHandled("i1"),
        IncidentFedBack("i1", "first", "U-0001"),
        IncidentFedBack("i1", "second", "U-0002"),
    ]


@pytest.mark.parametrize("last", [Step.REFUSED, Step.RECALLED, Step.TIMED_OUT])
def test_a7_one_unit_done_is_enough_however_the_last_one_ends(last: Step) -> None:
    stage = Stage()
    stage.report()
    send(stage, "U-0001", "U-0002")
    step(stage, "U-0001", Step.DONE, text="阀门已关")
    step(stage, "U-0002", last)
    assert [event.fact for event in stage.events[-2:]] == [
        IncidentHandled("i1"),
        IncidentFedBack("i1", "阀门已关", "U-0001"),
    ]
    stage.ask(VerifyIncident("i1"))
    assert stage.picture.incidents["i1"].stage is Loop.VERIFIED


def test_a7_nobody_done_is_not_handled() -> None:
    stage = Stage()
    stage.report()
    send(stage, "U-0001", "U-0002")
    step(stage, "U-0001", Step.REFUSED)
    step(stage, "U-0002", Step.TIMED_OUT)
    assert stage.picture.incidents["i1"].stage is Loop.DISPATCHED


def test_a7_a_second_round_is_judged_by_itself() -> None:
    stage = Stage()
    stage.report()
    send(stage, "U-0001")
    step(stage, "U-0001", Step.DONE, text="first")
    send(stage, "U-0002")
    step(stage, "U-0002", Step.REFUSED)
    assert loop_of(stage) is Loop.DISPATCHED
    send(stage, "U-0003")
    step(stage, "U-0003", Step.DONE, text="third")
    fed = [e.fact.text for e in stage.events if isinstance(e.fact, IncidentFedBack)]
    assert fed == ["first", "third"]
    send(stage, "U-0004")
    step(stage, "U-0004", Step.RECALLED)
    assert loop_of(stage) is Loop.HANDLED


def test_a8_an_incident_that_others_were_merged_into_is_not_rejected() -> None:
    stage = Stage()
    for incident in ("a", "b", "c"):
        stage.report(incident)
    stage.ask(MergeIncident("a", "b"))
    for request in (RejectIncident("b", "no"), MergeIncident("b", "a"), MergeIncident("a", "c")):
        with pytest.raises(Refused):
            stage.ask(request)
    stage.ask(MergeIncident("b", "c"))
    found = stage.picture.authoritative("a")
    assert found is not None
    assert (found.id, found.merged_ids) == ("c", ("b",))
    assert [event.fact for event in stage.picture.timeline("b")][-2:] == [
        IncidentMerged("a", "b"),
        IncidentMerged("b", "c"),
    ]


def test_b7_one_unit_goes_to_two_incidents_only_where_the_first_is_named() -> None:
    stage = Stage()
    stage.report("i1")
    stage.report("i2")
    send(stage, "U-0001")
    with pytest.raises(Refused, match="unit_engaged"):
        send(stage, "U-0001", incident="i2")
    stage.ask(DispatchUnits("i2", (Order("second", "U-0001", ("c-i1-U-0001",)),), Text()))
    assert stage.picture.unit("U-0001").command_ids == ("c-i1-U-0001", "second")


def test_b7_words_on_the_way_and_the_reason_of_a_recall_are_both_kept() -> None:
    stage = Stage()
    stage.report()
    send(stage, "U-0001")
    stage.ask(AdvanceCommand("c-i1-U-0001", Step.EN_ROUTE, "堵车"))
    stage.ask(RecallCommand("c-i1-U-0001", ""))
    command = stage.picture.commands["c-i1-U-0001"]
    assert (command.reason, command.remarks) == ("", ((Step.EN_ROUTE, "堵车"),))


def test_a_second_assignment_does_not_hide_on_scene() -> None:
    stage = Stage()
    stage.report("i1")
    stage.report("i2")
    send(stage, "U-0001")
    step(stage, "U-0001", Step.ON_SCENE)
    stage.ask(DispatchUnits("i2", (Order("second", "U-0001", ("c-i1-U-0001",)),), Text()))
    stage.ask(AdvanceCommand("second", Step.EN_ROUTE))
    assert stage.picture.unit("U-0001").status is UnitStatus.ON_SCENE


def test_distress_beats_every_other_status() -> None:
    stage = Stage()
    stage.report()
    send(stage, "U-0001")
    step(stage, "U-0001", Step.ON_SCENE)
    stage.ask(DeclareUnitStatus("U-0001", UnitStatus.SOS))
    assert stage.picture.unit("U-0001").status is UnitStatus.SOS


def test_numbers_count_up_within_the_duty_day_and_start_anew_on_the_next() -> None:
    stage = Stage()
    stage.report("i1")
    stage.report("i2")
    stage.now_ms += 86_400_000
    stage.report("i3")
    numbers = [incident.number for incident in stage.picture.incidents.values()]
    assert numbers == ["E-20261121-0001", "E-20261121-0002", "E-20261122-0001"]


def test_b15_the_day_in_a_number_is_the_city_s() -> None:
    stage = Stage()
    stage.around = replace(stage.around, zone=ZoneInfo("America/New_York"))
    stage.report("i1")
    assert [i.number for i in stage.picture.incidents.values()] == ["E-20261120-0001"]


def test_what_is_already_so_makes_no_event() -> None:
    stage = Stage()
    stage.report()
    stage.ask(AcceptIncident("i1"))
    assert stage.ask(AcceptIncident("i1")) == []
    assert stage.ask(ChangePriority("i1", 2, "")) == []
    send(stage, "U-0001")
    step(stage, "U-0001", Step.READ)
    assert stage.ask(AdvanceCommand("c-i1-U-0001", Step.READ)) == []


REFUSALS: list[tuple[str, Request]] = [
    ("no_such_incident", AcceptIncident("nobody")),
    ("incident_exists", ReportIncident("i1", "fire", 1, 118.7, 31.9, Text(), Text(), "110")),
    ("bad_position", ReportIncident("new", "fire", 1, float("nan"), 31.9, Text(), Text(), "110")),
    ("bad_priority", ReportIncident("new", "fire", 5, 118.7, 31.9, Text(), Text(), "110")),
    ("text_too_long", AddNote("i1", "x" * 2001)),
    ("text_missing", AddNote("i1", "  ")),
    ("reason_missing", RejectIncident("i1", " ")),
    ("merge_with_itself", MergeIncident("i1", "i1")),
    ("nobody_to_send", DispatchUnits("i1", (), Text())),
    ("no_such_unit", DispatchUnits("i1", (Order("c", "U-9999"),), Text())),
    ("unit_twice", DispatchUnits("i1", (Order("a", "U-0001"), Order("b", "U-0001")), Text())),
    ("command_exists", DispatchUnits("i1", (Order("a", "U-0001"), Order("a", "U-0002")), Text())),
    ("no_such_command", RecallCommand("nothing", "")),
    ("not_handled_yet", VerifyIncident("i1")),
    ("not_accepted_yet", CloseIncident("i1", "done")),
    ("not_closed_yet", EvaluateIncident("i1", 3, "")),
    ("no_such_unit", DeclareUnitStatus("U-9999", UnitStatus.OFF)),
    ("status_not_declared", DeclareUnitStatus("U-0001", UnitStatus.ON_SCENE)),
]


@pytest.mark.parametrize(("code", "request_"), REFUSALS)
def test_a_refusal_names_its_reason(code: str, request_: Request) -> None:
    stage = Stage()
    stage.report()
    before = stage.picture.seq
    with pytest.raises(Refused) as refused:
        stage.ask(request_)
    assert refused.value.code == code
    assert stage.picture.seq == before
    assert text_of(f"refusal.{code}", **refused.value.args_)


def test_refusals_once_units_are_sent() -> None:
    stage = Stage()
    stage.report()
    send(stage, "U-0001")
    later: list[tuple[str, Request]] = [
        ("already_dispatched", RejectIncident("i1", "no")),
        ("units_still_sent", CloseIncident("i1", "done")),
        ("already_sent", DispatchUnits("i1", (Order("again", "U-0001"),), Text())),
        ("command_exists", DispatchUnits("i1", (Order("c-i1-U-0001", "U-0002"),), Text())),
    ]
    for code, request in later:
        with pytest.raises(Refused) as refused:
            stage.ask(request)
        assert refused.value.code == code


def test_a_finished_command_goes_nowhere() -> None:
    stage = Stage()
    stage.report()
    send(stage, "U-0001")
    stage.ask(RecallCommand("c-i1-U-0001", "误报"))
    with pytest.raises(Refused, match="step_not_possible"):
        step(stage, "U-0001", Step.EN_ROUTE)


def test_a_unit_off_duty_is_not_sent() -> None:
    stage = Stage()
    stage.report()
    stage.ask(DeclareUnitStatus("U-0001", UnitStatus.OFF))
    with pytest.raises(Refused, match="unit_off_duty"):
        send(stage, "U-0001")


def test_a_closed_incident_takes_nothing_but_notes_and_an_evaluation() -> None:
    stage = Stage()
    stage.report()
    stage.ask(AcceptIncident("i1"))
    stage.ask(CloseIncident("i1", "误报"))
    stage.ask(AddNote("i1", "后记"))
    with pytest.raises(Refused, match="incident_over"):
        send(stage, "U-0001")


@pytest.mark.parametrize("field", ["type_code", "source", "incident_id"])
def test_c8_a_code_is_a_code_and_not_a_novel(field: str) -> None:
    code = {"type_code": "bad_type_code", "source": "bad_source", "incident_id": "bad_id"}[field]
    for given in ("", "x" * 65, "a b", "fire\n", "<img>", "a/../b", "\u202efire"):
        with pytest.raises(Refused, match=code):
            Stage().ask(a_report(**{field: given}))
    for given in ("traffic.collision", "smoke_bike_shed", "燃气泄漏", "x" * 64, "E-1"):
        Stage().ask(a_report(**{field: given}))


def a_report(**codes: Any) -> ReportIncident:
    plain = ReportIncident(
        "i1", "fire", 2, 120.0, 30.0, Text("路", "Road"), Text("火", "Fire"), "phone"
    )
    return replace(plain, **codes)


def test_b13_the_loop_holds_only_what_really_happened() -> None:
    stage = Stage()
    stage.report()
    send(stage, "U-0001")
    step(stage, "U-0001", Step.REFUSED)
    stage.ask(CloseIncident("i1", "误报"))
    assert list(stage.picture.incidents["i1"].loop_times()) == [
        Loop.REPORTED,
        Loop.ACCEPTED,
        Loop.DISPATCHED,
        Loop.CLOSED,
    ]


def test_b13_a_new_round_overtakes_what_the_last_one_reached() -> None:
    stage = Stage()
    stage.report()
    send(stage, "U-0001")
    step(stage, "U-0001", Step.DONE, text="好了")
    send(stage, "U-0002")
    incident = stage.picture.incidents["i1"]
    assert list(incident.loop_times()) == [Loop.REPORTED, Loop.ACCEPTED, Loop.DISPATCHED]
    assert incident.time_of(Loop.HANDLED) is not None


@pytest.mark.parametrize("end", [Step.RECALLED, Step.TIMED_OUT, Step.DONE])
def test_a7_what_a_unit_says_after_its_command_has_ended_still_reaches_the_incident(
    end: Step,
) -> None:
    stage = Stage()
    stage.report()
    send(stage, "U-0001")
    step(stage, "U-0001", end)
    late = AdvanceCommand("c-i1-U-0001", Step.DONE, "阀门已关")
    (event,) = stage.ask(late, "unit/U-0001")
    assert event.fact == NoteAdded("i1", "阀门已关")
    assert stage.picture.commands["c-i1-U-0001"].step is end
    if end is not Step.DONE:
        with pytest.raises(Refused, match="step_not_possible"):
            stage.ask(late)
        with pytest.raises(Refused, match="step_not_possible"):
            stage.ask(AdvanceCommand("c-i1-U-0001", Step.DONE), "unit/U-0001")


def test_a7_the_same_words_twice_are_one_feedback() -> None:
    stage = Stage()
    stage.report()
    send(stage, "U-0001")
    done = AdvanceCommand("c-i1-U-0001", Step.DONE, "阀门已关")
    stage.ask(done, "unit/U-0001")
    assert stage.ask(done, "unit/U-0001") == []
