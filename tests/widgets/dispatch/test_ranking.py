"""Who could be sent: by road, quickest first, the plan's units among them."""

from __future__ import annotations

import numpy as np
import pytest

from console.model.command import Step
from console.model.geo import world_from_lonlat
from console.model.requests import DeclareUnitStatus
from console.model.unit import DeviceFault, UnitKind, UnitStatus
from tests.helpers.desk_city import PLACE, at
from tests.widgets.conftest import DeskRig
from widgets.dispatch.ranking import (
    LIMIT,
    Candidate,
    Contact,
    FailedCommand,
    gather,
    rank,
    rank_units,
)
from widgets.incident.candidates import CandidateRow


def ranked(rig: DeskRig, incident_id: str) -> list[Candidate]:
    desk = rig.desk
    return rank_units(
        desk.city, desk.session, rig.incident(incident_id), desk.plans, now_ms=desk.now_ms()
    )


def test_quickest_first_and_along_the_road(rig: DeskRig) -> None:
    candidates = ranked(rig, rig.report())
    seconds = [c.seconds for c in candidates]
    assert seconds == sorted(seconds)
    assert len(candidates) <= LIMIT
    by_id = {c.unit_id: c for c in candidates}
    straight_m = 680  # two streets east and three north of it, about 200 m each
    assert by_id["P-2"].metres >= straight_m
    assert len(by_id["P-2"].route_xy) >= 2


def test_the_route_leads_from_the_unit_to_the_incident(rig: DeskRig) -> None:
    candidate = next(c for c in ranked(rig, rig.report()) if c.unit_id == "F-2")
    city = rig.desk.city
    start, end = candidate.route_xy[0], candidate.route_xy[-1]
    home = city.units.xy[city.units.index("F-2")]
    assert np.hypot(*(start - home)) < 1
    assert np.hypot(*(end - place_xy())) < 1


def place_xy() -> np.ndarray:
    x, y = world_from_lonlat(*PLACE)
    return np.array([float(x), float(y)])


def test_the_plan_ticks_what_is_required_and_the_cells_own_worker(rig: DeskRig) -> None:
    by_id = {c.unit_id: c for c in ranked(rig, rig.report("gas_leak"))}
    assert by_id["F-2"].ticked  # required by the plan, and nearer than F-1
    assert not by_id["F-1"].ticked
    assert by_id["G-1"].wanted
    assert by_id["G-1"].own_cell
    assert by_id["G-1"].ticked
    assert not by_id["A-1"].ticked  # optional in the plan
    assert by_id["F-2"].why.zh.startswith("预案必派")


def test_special_units_are_offered_only_where_wanted(rig: DeskRig) -> None:
    kinds = {c.kind for c in ranked(rig, rig.report("street_stall", priority=3))}
    assert kinds <= {UnitKind.FOOT, UnitKind.CAR, UnitKind.MOTO}
    assert "B-1" in {c.unit_id for c in ranked(rig, rig.report("person_in_water"))}


def test_busy_and_off_units_are_not_offered(rig: DeskRig) -> None:
    other, here = rig.report(), rig.report()
    (command_id,) = rig.dispatch(other, "F-2")
    rig.session.act(DeclareUnitStatus("P-1", UnitStatus.OFF))
    offered = {c.unit_id for c in ranked(rig, here)}
    assert not {"F-2", "P-1"} & offered
    rig.advance(command_id, Step.DONE)
    assert "F-2" in {c.unit_id for c in ranked(rig, here)}


def test_units_stand_where_their_last_fix_says(rig: DeskRig) -> None:
    incident_id = rig.report()
    before = next(c for c in ranked(rig, incident_id) if c.unit_id == "P-2")
    rig.session.fix("P-2", *at(3, 4.2))
    after = next(c for c in ranked(rig, incident_id) if c.unit_id == "P-2")
    assert after.seconds < before.seconds
    assert after.contact == Contact(connected=True, age_ms=0, reachable=True)


def test_an_incident_nobody_can_reach_has_no_candidates(rig: DeskRig) -> None:
    incident = rig.incident(rig.report())
    desk = rig.desk
    question = gather(desk.city, desk.session, incident, desk.plans, now_ms=desk.now_ms())
    object.__setattr__(question, "units", question.units[:0])
    object.__setattr__(question, "xy", question.xy[:0])
    assert rank(desk.city, question) == []


def test_a3_who_is_out_of_contact_stands_below_and_is_never_ticked(rig: DeskRig) -> None:
    incident_id = rig.report("gas_leak")
    rig.session.devices -= {"F-2", "P-1"}  # F-2 is the nearest that the plan wants
    rig.session.fix("P-1", *at(3, 6))
    candidates = ranked(rig, incident_id)
    by_id = {c.unit_id: c for c in candidates}
    assert by_id["F-1"].ticked
    assert by_id["P-1"].contact == Contact(connected=False, age_ms=0, reachable=True)
    assert by_id["F-2"].contact == Contact(connected=False, age_ms=None, reachable=False)
    assert not by_id["F-2"].ticked
    assert [c.unit_id for c in candidates][-1] == "F-2"
    rule = rig.desk.plans.contact[UnitKind.CAR]
    rig.clock.advance(rule.silence_s * 1000 + 1)
    assert not {c.unit_id: c for c in ranked(rig, incident_id)}["P-1"].contact.reachable
    rig.session.devices |= {"P-1"}
    assert {c.unit_id: c for c in ranked(rig, incident_id)}["P-1"].contact.reachable
    rig.clock.advance(rule.position_s * 1000)
    assert not {c.unit_id: c for c in ranked(rig, incident_id)}["P-1"].contact.reachable


@pytest.mark.parametrize("step", [Step.REFUSED, Step.TIMED_OUT, Step.RECALLED])
def test_a3_who_was_here_in_vain_is_not_ticked_again(rig: DeskRig, step: Step) -> None:
    incident_id, other = rig.report("gas_leak"), rig.report("gas_leak")
    (command_id,) = rig.dispatch(incident_id, "F-2")
    rig.advance(command_id, step, text="车坏了")
    by_id = {c.unit_id: c for c in ranked(rig, incident_id)}
    ended = FailedCommand(step, rig.clock.now_ms(), "车坏了")
    assert (by_id["F-2"].ticked, by_id["F-2"].ended) == (False, ended)
    assert by_id["F-1"].ticked
    elsewhere = {c.unit_id: c for c in ranked(rig, other)}["F-2"]
    assert (elsewhere.ticked, elsewhere.ended) == (True, None)


def test_a5_a_row_says_what_is_wrong_with_the_units_device(rig: DeskRig) -> None:
    rig.session.device_faults = {"P-1": DeviceFault("clock_off", -600_000)}
    by_id = {c.unit_id: c for c in ranked(rig, rig.report())}
    assert by_id["P-1"].contact.fault == DeviceFault("clock_off", -600_000)
    assert by_id["F-2"].contact.fault is None
    row = CandidateRow()
    row.show_candidate(by_id["P-1"], ticked=False)
    assert "终端时钟慢 10:00" in row.accessibleName()
    row.deleteLater()


def test_a3_what_was_sent_is_not_wanted_again(rig: DeskRig) -> None:
    incident_id = rig.report("gas_leak")
    rig.dispatch(incident_id, "F-2")
    assert not any(c.ticked for c in ranked(rig, incident_id) if c.kind is UnitKind.FIRE)


def test_a3_a_desk_of_an_area_is_offered_the_units_it_may_send(rig: DeskRig) -> None:
    incident_id, city = rig.report("gas_leak"), rig.desk.city
    cell = city.cells.code[int(city.units.cell[city.units.index("G-1")])]
    found = rank_units(
        city,
        rig.session,
        rig.incident(incident_id),
        rig.desk.plans,
        now_ms=rig.desk.now_ms(),
        area=[cell],
    )
    homes = {city.cells.code[int(city.units.cell[city.units.index(c.unit_id)])] for c in found}
    assert homes == {cell}
