"""Who could be sent: by road, quickest first, the plan's units among them."""

from __future__ import annotations

import numpy as np

from console.model.command import Step
from console.model.geo import world_from_lonlat
from console.model.requests import DeclareUnitStatus
from console.model.unit import UnitKind, UnitStatus
from tests.helpers.desk_city import PLACE, at
from tests.widgets.conftest import DeskRig
from widgets.dispatch.ranking import LIMIT, Candidate, gather, rank, rank_units


def ranked(rig: DeskRig, incident_id: str) -> list[Candidate]:
    desk = rig.desk
    return rank_units(
        desk.city,
        desk.picture,
        desk.session.fixes,
        rig.incident(incident_id),
        desk.plans,
        now_ms=desk.now_ms(),
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
    assert not after.stale
    rig.clock.advance(6 * 60_000)
    assert next(c for c in ranked(rig, incident_id) if c.unit_id == "P-2").stale


def test_an_incident_nobody_can_reach_has_no_candidates(rig: DeskRig) -> None:
    incident = rig.incident(rig.report())
    desk = rig.desk
    question = gather(
        desk.city, desk.picture, desk.session.fixes, incident, desk.plans, now_ms=desk.now_ms()
    )
    object.__setattr__(question, "units", question.units[:0])
    object.__setattr__(question, "xy", question.xy[:0])
    assert rank(desk.city, question) == []
