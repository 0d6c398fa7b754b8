"""The fold: any legal course of events leaves a picture that holds together."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from console.model import timelines as timelines_module
from console.model.command import FINAL_STEPS, Step, may_advance
from console.model.decide import Refused
from console.model.event import Event
from console.model.facts import IncidentFedBack, UnknownFact
from console.model.incident import Stage as Loop
from console.model.picture import Picture
from console.model.requests import (
    AcceptIncident,
    AdvanceCommand,
    CloseIncident,
    DispatchUnits,
    MergeIncident,
    Order,
    RecallCommand,
    RejectIncident,
    Request,
    VerifyIncident,
)
from console.model.text import Text
from console.model.unit import UnitStatus
from tests.console.model.stage import UNITS, Stage

NUMBERS = st.integers(0, 3)


class DutyRoom(RuleBasedStateMachine):
    """Officers and units act in any order; what is refused changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage()
        self.incidents = 0
        self.orders = 0

    def ask(self, request: Request) -> None:
        seq = self.stage.picture.seq
        try:
            self.stage.ask(request)
        except Refused:
            assert self.stage.picture.seq == seq

    def incident(self, n: int) -> str:
        """One of those that were reported."""
        return f"i{1 + n % self.incidents}"

    def command(self, n: int) -> str:
        """One of those that were given last."""
        return f"c{max(0, self.orders - 1 - n)}"

    @initialize(sent=st.booleans())
    def begin(self, sent: bool) -> None:
        """Few incidents, that requests meet; one may have units already."""
        for priority in (1, 2, 3):
            self.report(priority)
        if sent:
            self.dispatch(0, {"U-0001", "U-0002"})

    @rule(priority=st.integers(1, 4))
    def report(self, priority: int) -> None:
        if self.incidents < 4:
            self.incidents += 1
            self.stage.report(f"i{self.incidents}", priority)

    @rule(n=NUMBERS)
    def accept(self, n: int) -> None:
        self.ask(AcceptIncident(self.incident(n)))

    @rule(n=NUMBERS, units=st.sets(st.sampled_from(sorted(UNITS)[:4]), min_size=1, max_size=2))
    def dispatch(self, n: int, units: set[str]) -> None:
        orders = tuple(Order(f"c{self.orders + k}", u) for k, u in enumerate(sorted(units)))
        self.send(n, orders)

    @rule(n=NUMBERS, unit=st.sampled_from(sorted(UNITS)[:4]))
    def dispatch_beside(self, n: int, unit: str) -> None:
        known = self.stage.picture.unit(unit).command_ids
        self.send(n, (Order(f"c{self.orders}", unit, known),))

    def send(self, n: int, orders: tuple[Order, ...]) -> None:
        self.ask(DispatchUnits(self.incident(n), orders, Text()))
        if orders[0].command_id in self.stage.picture.commands:
            self.orders += len(orders)

    @rule(n=NUMBERS, step=st.sampled_from(list(Step)))
    def advance(self, n: int, step: Step) -> None:
        self.ask(AdvanceCommand(self.command(n), step, f"{step} of {self.command(n)}"))

    @rule(n=NUMBERS, ends=st.lists(st.sampled_from(sorted(FINAL_STEPS)), min_size=1, max_size=3))
    def end_round(self, n: int, ends: list[Step]) -> None:
        """The units sent to an incident come to an end, one after the other."""
        commands = self.stage.picture.commands_of(self.incident(n))
        active = [c.id for c in commands if not c.step.is_final]
        for command_id, step in zip(active, ends, strict=False):
            self.ask(AdvanceCommand(command_id, step, f"{step} of {command_id}"))

    @rule(n=NUMBERS)
    def recall(self, n: int) -> None:
        self.ask(RecallCommand(self.command(n), "not needed"))

    @rule(n=NUMBERS)
    def reject(self, n: int) -> None:
        self.ask(RejectIncident(self.incident(n), "a prank"))

    @rule(n=NUMBERS, on=st.integers(0, 3))
    def merge(self, n: int, on: int) -> None:
        self.ask(MergeIncident(self.incident(n), self.incident(n + on)))

    @rule(n=NUMBERS)
    def finish(self, n: int) -> None:
        self.ask(VerifyIncident(self.incident(n)))
        self.ask(CloseIncident(self.incident(n), "ok"))

    @invariant()
    def units_and_commands_agree(self) -> None:
        picture = self.stage.picture
        for unit_id in UNITS:
            unit = picture.unit(unit_id)
            active = {
                c.id
                for c in picture.commands.values()
                if c.unit_id == unit_id and not c.step.is_final
            }
            assert set(unit.command_ids) == active
            if not active:
                assert unit.status is UnitStatus.FREE

    @invariant()
    def a_second_fold_of_the_same_events_is_the_same(self) -> None:
        again = Picture()
        again.apply(self.stage.events)
        assert dict(again.incidents) == dict(self.stage.picture.incidents)
        assert dict(again.commands) == dict(self.stage.picture.commands)

    @invariant()
    def a8_every_report_has_an_incident_that_is_open_or_ended_by_somebody(self) -> None:
        picture = self.stage.picture
        for incident in picture.incidents.values():
            carries_on = picture.authoritative(incident.id)
            assert carries_on is not None
            assert carries_on.stage is not Loop.MERGED
            if carries_on.id != incident.id:
                assert carries_on.stage is not Loop.REJECTED
                assert incident.id in picture.incidents[incident.merged_into].merged_ids

    @invariant()
    def a7_a_round_that_is_through_is_handled_where_anyone_is_done(self) -> None:
        picture = self.stage.picture
        said = {
            (e.fact.incident_id, e.fact.text)
            for e in self.stage.events
            if isinstance(e.fact, IncidentFedBack)
        }
        for incident in picture.incidents.values():
            commands = picture.commands_of(incident.id)
            if incident.stage is Loop.DISPATCHED:
                last = commands[incident.handled_count :]
                steps = {c.step for c in last}
                assert any(not s.is_final for s in steps) or Step.DONE not in steps
            else:
                done = [c for c in commands if c.step is Step.DONE]
                assert {(incident.id, c.reason) for c in done} <= said
            assert len(said) == sum(isinstance(e.fact, IncidentFedBack) for e in self.stage.events)

    @invariant()
    def b7_what_ended_a_command_is_its_reason(self) -> None:
        picture = self.stage.picture
        for command in picture.commands.values():
            if command.step is Step.RECALLED:
                assert command.reason in ("not needed", f"recalled of {command.id}")

    @invariant()
    def closed_incidents_leave_nobody_under_way(self) -> None:
        picture = self.stage.picture
        for incident in picture.incidents.values():
            if not incident.stage.is_open:
                assert all(c.step.is_final for c in picture.commands_of(incident.id))


TestDutyRoom = DutyRoom.TestCase
TestDutyRoom.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)


def test_events_already_folded_are_passed_over() -> None:
    stage = Stage()
    stage.report()
    before = dict(stage.picture.incidents)
    touched = stage.picture.apply(stage.events)
    assert not touched.incidents
    assert dict(stage.picture.incidents) == before


def test_an_unknown_fact_moves_the_sequence_and_nothing_else() -> None:
    picture = Picture()
    future = UnknownFact("weather.changed", 3, {"wind": 9})
    picture.apply([Event(1, "weather/1", future, 0, 0, "system/x", "", "k")])
    assert picture.seq == 1
    assert not picture.incidents


def test_steps_are_never_taken_back() -> None:
    for now in Step:
        for to in Step:
            if may_advance(now, to):
                assert not now.is_final
                with contextlib.suppress(ValueError):
                    order = list(Step)
                    assert order.index(to) > order.index(now)


def test_a_step_is_found_among_words() -> None:
    assert Step.SENT in {"sent"}
    assert "done" in {Step.DONE}


def test_c10_timelines_of_what_is_over_are_dropped_and_can_be_recalled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(timelines_module, "KEPT_TIMELINES", 5)
    stage = Stage()
    stage.picture = Picture()
    first = stage.report("open")
    rejected = [f"i{n:02d}" for n in range(30)]
    for incident_id in rejected:
        stage.report(incident_id)
        stage.ask(RejectIncident(incident_id, "twice"))
    kept = [i for i in rejected if stage.picture.timeline(i)]
    assert 5 <= len(kept) <= 11
    assert kept == rejected[-len(kept) :]
    assert stage.picture.timeline(first), "of what is open nothing is dropped"
    gone = rejected[0]
    assert not stage.picture.is_whole(gone)
    events = [e for e in stage.events if getattr(e.fact, "incident_id", "") == gone]
    assert stage.picture.recall(gone, events, stage.picture.seq)
    assert stage.picture.timeline(gone) == tuple(events)
    assert stage.picture.is_whole(gone)
