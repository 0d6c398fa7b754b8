"""A unit's call for help: who may acknowledge and end it, and what holds while it stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.model.command import Step
from console.model.decide import Refused
from console.model.facts import SosAcknowledged, SosEnded, UnitStatusDeclared
from console.model.requests import (
    AcknowledgeSos,
    AdvanceCommand,
    DeclareUnitStatus,
    DispatchUnits,
    EndSos,
    Order,
)
from console.model.text import Text
from console.model.unit import SosCall, UnitStatus
from tests.console.model.stage import Stage

UNIT, LIN, WU = "U-0001", "person/lin", "person/wu"
CALL = DeclareUnitStatus(UNIT, UnitStatus.SOS)
SAFE = DeclareUnitStatus(UNIT, UnitStatus.FREE)


def calling() -> tuple[Stage, SosCall]:
    """A stage on which the unit calls for help, and its call."""
    stage = Stage()
    stage.ask(CALL, f"unit/{UNIT}")
    call = stage.picture.unit(UNIT).open_sos
    assert call is not None
    return stage, call


def code_of(stage: Stage, request: object, actor: str) -> str:
    with pytest.raises(Refused) as caught:
        stage.ask(request, actor)  # type: ignore[arg-type]
    return caught.value.code


def test_a1_one_officer_acknowledges_and_it_stays_that_officer() -> None:
    stage, call = calling()
    (event,) = stage.ask(AcknowledgeSos(UNIT, call.at), LIN)
    assert event.fact == SosAcknowledged(UNIT, call.at, LIN)
    assert event.stream == f"unit/{UNIT}"
    at = stage.now_ms
    assert stage.ask(AcknowledgeSos(UNIT, call.at), WU) == []
    known = stage.picture.sos_calls[UNIT]
    assert (known.acknowledged_by, known.acknowledged_at) == (LIN, at)


def test_a1_the_unit_says_that_it_is_safe() -> None:
    stage, call = calling()
    events = stage.ask(SAFE, f"unit/{UNIT}")
    assert [e.fact for e in events] == [
        SosEnded(UNIT, call.at, f"unit/{UNIT}"),
        UnitStatusDeclared(UNIT, UnitStatus.FREE),
    ]
    assert stage.picture.sos_calls == {}
    state = stage.picture.unit(UNIT)
    assert state.status is UnitStatus.FREE
    assert state.sos is not None
    assert state.sos.ended_at == stage.now_ms


def test_a1_an_officer_ends_it_with_a_word_and_not_without() -> None:
    stage, call = calling()
    assert code_of(stage, EndSos(UNIT, call.at, " "), LIN) == "reason_missing"
    assert code_of(stage, SAFE, LIN) == "sos_stands"
    assert stage.picture.unit(UNIT).status is UnitStatus.SOS
    stage.ask(EndSos(UNIT, call.at, "电话确认平安"), LIN)
    state = stage.picture.unit(UNIT)
    assert (state.status, state.open_sos) == (UnitStatus.FREE, None)
    assert state.sos is not None
    assert (state.sos.ended_by, state.sos.reason) == (LIN, "电话确认平安")


def test_a1_off_duty_does_not_end_a_call() -> None:
    stage, _ = calling()
    off = DeclareUnitStatus(UNIT, UnitStatus.OFF)
    assert code_of(stage, off, f"unit/{UNIT}") == "sos_stands"
    assert stage.picture.unit(UNIT).status is UnitStatus.SOS


def test_a1_a_repeated_call_is_new_only_after_somebody_has_seen_the_first() -> None:
    stage, first = calling()
    assert stage.ask(CALL, f"unit/{UNIT}") == []
    stage.ask(AcknowledgeSos(UNIT, first.at), LIN)
    stage.ask(CALL, f"unit/{UNIT}")
    second = stage.picture.sos_calls[UNIT]
    assert second.at > first.at
    assert not second.acknowledged_at


def test_a1_who_saw_the_first_call_has_not_acknowledged_the_second() -> None:
    stage, first = calling()
    stage.ask(AcknowledgeSos(UNIT, first.at), LIN)
    stage.ask(CALL, f"unit/{UNIT}")
    assert code_of(stage, AcknowledgeSos(UNIT, first.at), WU) == "sos_called_again"
    assert code_of(stage, EndSos(UNIT, first.at, "ok"), WU) == "sos_called_again"


def test_a1_a_call_that_is_over_cannot_be_acknowledged() -> None:
    stage, call = calling()
    stage.ask(SAFE, f"unit/{UNIT}")
    assert code_of(stage, AcknowledgeSos(UNIT, call.at), LIN) == "no_sos"
    assert code_of(stage, AcknowledgeSos("U-0002", call.at), LIN) == "no_sos"


def test_a1_a_unit_in_distress_is_not_dispatched() -> None:
    stage, call = calling()
    stage.report()
    send = DispatchUnits("i1", (Order("c-1", UNIT),), Text())
    assert code_of(stage, send, LIN) == "unit_in_distress"
    stage.ask(AcknowledgeSos(UNIT, call.at), LIN)
    assert code_of(stage, send, LIN) == "unit_in_distress"
    stage.ask(SAFE, f"unit/{UNIT}")
    assert stage.ask(send, LIN)


@pytest.mark.parametrize("step", [Step.ACKNOWLEDGED, Step.EN_ROUTE, Step.ON_SCENE, Step.DONE])
def test_a1_no_step_of_a_command_hides_the_distress(step: Step) -> None:
    stage = Stage()
    stage.report()
    stage.ask(DispatchUnits("i1", (Order("c-1", UNIT),), Text()), LIN)
    stage.ask(CALL, f"unit/{UNIT}")
    stage.ask(AdvanceCommand("c-1", step), f"unit/{UNIT}")
    assert stage.picture.unit(UNIT).status is UnitStatus.SOS


def test_a1_a_call_of_an_older_journal_ends_by_the_words_it_had() -> None:
    """Before there were facts about acknowledging, a unit only declared what it was."""
    stage, _ = calling()
    stage.events.clear()
    event = stage.ask(DeclareUnitStatus("U-0002", UnitStatus.OFF))[0]
    old = UnitStatusDeclared(UNIT, UnitStatus.FREE)
    stage.picture.apply([replace(event, seq=event.seq + 1, fact=old)])
    assert stage.picture.sos_calls == {}


def test_a1_a_copy_and_an_undo_know_the_calls() -> None:
    stage, call = calling()
    assert stage.picture.copy().sos_calls == {UNIT: call}
    event = stage.events[-1]
    again = replace(event, seq=event.seq + 1, fact=SosEnded(UNIT, call.at, LIN, "ok"))
    undo = stage.picture.undo_of(again)
    stage.picture.apply([again])
    assert stage.picture.sos_calls == {}
    stage.picture.take_back(undo)
    assert stage.picture.sos_calls == {UNIT: call}
