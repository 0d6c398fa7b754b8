"""Units on the map: a tick makes new places, everything else new marks."""

from __future__ import annotations

import numpy as np
import pytest

from console.model.facts import UnitStatusDeclared
from console.model.geo import world_from_lonlat
from console.model.unit import DeviceFault, Fix, UnitStatus
from console.session import effective_status
from layers.units import UnitMarks
from tests.helpers.desk_city import PLACE
from tests.widgets.conftest import DeskRig
from widgets.map.marks import UnitSource


@pytest.fixture
def source(rig: DeskRig) -> UnitSource:
    made = UnitSource(rig.desk)
    made.marks()
    return made


def agrees(rig: DeskRig, marks: UnitMarks) -> bool:
    """Whether the marks are what the session says, unit by unit."""
    fixes, units = rig.session.fixes, rig.desk.city.units
    assert list(marks.ids) == [u for u in units.id if u not in fixes.gone]
    for row, unit_id in enumerate(marks.ids):
        fix = fixes.of(unit_id)
        xy = units.xy[units.index(unit_id)]
        if fix is not None:
            xy = np.stack(world_from_lonlat(fix.lon, fix.lat))
        assert np.allclose(marks.xy[row], xy)
        assert marks.fixed_at[row] == (fix.at if fix is not None else 0)
        heading = None if np.isnan(marks.heading_deg[row]) else marks.heading_deg[row]
        assert heading == (fix.heading_deg if fix is not None else None)
        assert marks.status[row] is effective_status(rig.session.picture, fixes, unit_id)
    return True


def test_d9_units_that_only_move_keep_all_but_their_places(
    rig: DeskRig, source: UnitSource
) -> None:
    rig.session.fixes.take([Fix("F-1", *PLACE, 5, 90.0), Fix("P-2", *PLACE, 5)])
    first = source.moved()
    assert agrees(rig, first)
    rig.session.fixes.take([Fix("P-2", PLACE[0] + 0.001, PLACE[1], 6, 180.0)])
    second = source.moved()
    assert agrees(rig, second)
    assert second.ids is first.ids
    assert second.status is first.status
    assert not np.array_equal(second.xy, first.xy), "and what was given out stays as it was"


def test_d9_whatever_else_is_new_is_shown_by_the_same_tick(
    rig: DeskRig, source: UnitSource
) -> None:
    fixes = rig.session.fixes
    for step in (
        lambda: fixes.take([Fix("F-1", *PLACE, 5), Fix("U-ELSEWHERE", *PLACE, 5)]),
        lambda: fixes.visit({"F-1": "on_scene"}),
        lambda: fixes.forget(["F-1"]),
        lambda: fixes.take([Fix("F-1", *PLACE, 7)]),
        fixes.forget_all,
    ):
        step()
        assert agrees(rig, source.moved())
    rig.session.happen(UnitStatusDeclared("P-1", UnitStatus.OFF))
    assert agrees(rig, source.marks())


def test_a5_a_wrong_clock_stands_on_the_hover_card(rig: DeskRig, source: UnitSource) -> None:
    rig.session.device_faults = {"P-1": DeviceFault("clock_off", 600_000)}
    marks = source.marks()
    told = dict(zip(marks.ids, marks.details, strict=True))
    assert "终端时钟快 10:00" in told["P-1"]
    assert "终端时钟" not in told["P-2"]
