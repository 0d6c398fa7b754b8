"""A unit in distress on the map: above all, never in a pill, and pointed to from the edge."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.model.geo import world_from_lonlat
from console.model.requests import AcknowledgeSos, DeclareUnitStatus
from console.model.unit import UnitStatus
from layers.engine.layer import Hit
from tests.helpers.desk_city import PLACE
from tests.helpers.desk_window import NoTiles
from tests.widgets.conftest import DeskRig
from widgets.dispatch.ranking import rank_units
from widgets.map.panel import MapPanel

UNIT = "P-1"


@pytest.fixture
def panel(rig: DeskRig, qtbot: QtBot) -> Iterator[MapPanel]:
    tiles = NoTiles()
    made = MapPanel(rig.desk, tiles)
    tiles.setParent(made)
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show()
    yield made
    made.shut_down()


def call(rig: DeskRig) -> None:
    rig.session.fix(UNIT, *PLACE)
    rig.session.act(DeclareUnitStatus(UNIT, UnitStatus.SOS), f"unit/{UNIT}")
    rig.tell()


def hit_at(panel: MapPanel, x: float, y: float) -> Hit | None:
    view = panel.canvas.view
    panel.content.scene.prepare(view, panel.canvas.kit)
    return panel.content.scene.pick(view, x, y)


def test_a1_a_call_lies_above_the_incident_at_the_same_place(rig: DeskRig, panel: MapPanel) -> None:
    rig.report()
    call(rig)
    view = panel.canvas.view
    x, y = view.screen_from_world(world_from_lonlat(*PLACE))[0]
    hit = hit_at(panel, float(x), float(y))
    assert hit is not None
    assert (hit.kind, hit.id) == ("unit", UNIT)
    layers = list(panel.content.scene)
    assert layers[-1] is panel.content.distress


def test_a1_a_call_is_drawn_with_the_units_switched_off(rig: DeskRig, panel: MapPanel) -> None:
    call(rig)
    panel.chips["units"].setChecked(False)
    QApplication.processEvents()
    picture = panel.canvas.grab().toImage()
    view = panel.canvas.view
    x, y = view.screen_from_world(world_from_lonlat(*PLACE))[0]
    red = QColor("#ff6b60")
    ring = [picture.pixelColor(round(x) + dx, round(y)) for dx in range(10, 32)]
    assert red in ring


def test_a1_a_call_outside_the_view_is_pointed_to_and_a_click_goes_there(
    rig: DeskRig, panel: MapPanel
) -> None:
    call(rig)
    canvas = panel.canvas
    view = canvas.view
    x, _y = world_from_lonlat(*PLACE)
    canvas._show(type(view)(float(x) - 50_000, view.y, view.metres_per_px, view.width, view.height))
    layer = panel.content.distress
    panel.content.scene.prepare(canvas.view, canvas.kit)
    ((sx, sy),) = layer._screen.tolist()
    assert 0 < sx < canvas.width()
    assert 0 < sy < canvas.height()
    (turn,) = layer._turns
    assert turn == 90
    hit = layer.pick(canvas.view, sx, sy)
    assert hit is not None
    assert hit.zoom_to is not None
    x0, _, x1, _ = hit.zoom_to
    assert x0 < x < x1


def test_a1_a_call_flashes_until_it_is_acknowledged(rig: DeskRig, panel: MapPanel) -> None:
    assert not panel.content.flashes
    call(rig)
    assert panel.content.flashes
    at = rig.session.picture.sos_calls[UNIT].at
    rig.session.act(AcknowledgeSos(UNIT, at), "person/lin")
    rig.tell()
    assert not panel.content.flashes
    assert [mark.waits for mark in panel.content.distress.marks] == [False]


def test_a1_a_unit_in_distress_is_not_offered_for_dispatch(rig: DeskRig) -> None:
    incident = rig.incident(rig.report())
    desk = rig.desk

    def offered() -> set[str]:
        now = rig.clock.now_ms()
        found = rank_units(desk.city, rig.session, incident, desk.plans, now_ms=now)
        return {candidate.unit_id for candidate in found}

    assert UNIT in offered()
    call(rig)
    assert UNIT not in offered()
