"""The panel: it follows the desk, and what is clicked on it reaches the desk."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from console.city import RoadGraph, Route
from console.city.reach import NO_ROUTE
from console.i18n import tr
from console.model.command import Step
from console.model.facts import IncidentClosed
from console.model.geo import world_from_lonlat
from console.model.unit import UnitStatus
from console.session import Changes
from layers.engine.occupied import overlaps
from tests.helpers.desk_city import PLACE, at
from tests.widgets.map.conftest import MapRig
from widgets.common.selection import RouteOffer
from widgets.common.theme import install_theme
from widgets.map.chrome import nice_length
from widgets.map.underway import rest_of_way


def test_incidents_appear_with_their_deadline(map_rig: MapRig) -> None:
    incident_id = map_rig.desk.report(priority=1, age_s=20)
    (mark,) = map_rig.panel.content.incidents.marks
    assert (mark.id, mark.priority, mark.closed, mark.flashing) == (incident_id, 1, False, True)
    before = mark.share
    assert before is not None
    map_rig.desk.wait_s(30)
    (mark,) = map_rig.panel.content.incidents.marks
    assert mark.share is not None and mark.share > before
    assert map_rig.panel.chips["incidents"]._figure == "1"


def test_a_closed_incident_stays_a_while_with_a_tick(map_rig: MapRig) -> None:
    incident_id = map_rig.desk.report()
    map_rig.desk.session.happen(IncidentClosed(incident_id, "ok"))
    map_rig.desk.tell()
    (mark,) = map_rig.panel.content.incidents.marks
    assert mark.closed
    map_rig.desk.wait_s(11 * 60)
    assert list(map_rig.panel.content.incidents.marks) == []


def test_a_click_on_an_incident_selects_and_centres_it(map_rig: MapRig) -> None:
    incident_id = map_rig.desk.report()
    map_rig.canvas._show(map_rig.canvas.view.moved_by(180, 60))
    map_rig.click(map_rig.pixel_of(*PLACE))
    map_rig.settle()
    assert map_rig.desk.desk.selection.incident_id == incident_id
    middle = QPoint(map_rig.canvas.width() // 2, map_rig.canvas.height() // 2)
    assert (map_rig.pixel_of(*PLACE) - middle).manhattanLength() <= 2
    assert map_rig.panel.content.grid.selected >= 0


def test_selecting_from_afar_comes_nearer(map_rig: MapRig) -> None:
    map_rig.canvas._show(map_rig.canvas.view.centred(0, 0, 32.0))
    incident_id = map_rig.desk.report()
    map_rig.desk.desk.selection.select_incident(incident_id)
    map_rig.settle()
    assert 3.0 < map_rig.canvas.view.ground_metres_per_px < 6.0


def test_units_move_with_their_fixes_and_change_with_their_commands(map_rig: MapRig) -> None:
    content = map_rig.panel.content
    row = list(content.units.marks.ids).index("P-1")
    assert content.units.marks.fixed_at[row] == 0
    map_rig.desk.session.fix("P-1", *at(5, 5), heading=90)
    map_rig.desk.tell()
    x, y = world_from_lonlat(*at(5, 5))
    assert content.units.marks.xy[row] == pytest.approx((float(x), float(y)))
    assert content.units.marks.heading_deg[row] == 90
    incident_id = map_rig.desk.report()
    (command,) = map_rig.desk.dispatch(incident_id, "P-1")
    map_rig.desk.advance(command, Step.EN_ROUTE)
    assert content.units.marks.status[row] is UnitStatus.EN_ROUTE


def test_the_way_of_a_unit_sent_is_drawn_and_gets_shorter(map_rig: MapRig, qtbot: QtBot) -> None:
    content = map_rig.panel.content
    map_rig.desk.session.fix("P-2", *at(1, 1))
    incident_id = map_rig.desk.report()
    map_rig.desk.desk.selection.select_incident(incident_id)
    (command,) = map_rig.desk.dispatch(incident_id, "P-2")
    map_rig.desk.advance(command, Step.EN_ROUTE)
    qtbot.waitUntil(lambda: len(content.routes.marks) == 1, timeout=10_000)
    whole = content.routes.marks[0]
    assert whole.is_underway and whole.ticked
    map_rig.desk.clock.advance(1000)
    map_rig.desk.session.fix("P-2", *at(1, 2))
    map_rig.desk.tell()
    rest = content.routes.marks[0]
    assert _length(rest.xy) < _length(whole.xy)
    map_rig.desk.advance(command, Step.ON_SCENE)
    assert list(content.routes.marks) == []


def test_d9_where_no_way_leads_none_is_looked_for_again_until_somebody_moved(
    map_rig: MapRig, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched = []

    def path(_roads: RoadGraph, *ends: object) -> Route:
        searched.append(ends)
        if len(searched) > 2:
            raise RuntimeError("the search itself may fail, too")
        return NO_ROUTE

    monkeypatch.setattr(RoadGraph, "path", path)
    map_rig.desk.session.fix("P-2", *at(1, 1))
    incident_id = map_rig.desk.report()
    (command,) = map_rig.desk.dispatch(incident_id, "P-2")
    map_rig.desk.advance(command, Step.EN_ROUTE)

    def tell_often() -> None:
        for _ in range(10):
            map_rig.desk.clock.advance(1000)
            map_rig.desk.tell()
            qtbot.wait(20)

    tell_often()
    assert len(searched) == 1
    for place in (at(5, 5), at(9, 9), at(5, 5)):  # 560 m on, and on: now one looks again
        map_rig.desk.session.fix("P-2", *place)
        tell_often()
    assert len(searched) == 4
    assert list(map_rig.panel.content.routes.marks) == []


def _length(xy: np.ndarray) -> float:
    return float(np.hypot(*np.diff(xy, axis=0).T).sum())


def test_offers_and_sightings_are_shown(map_rig: MapRig) -> None:
    selection, content = map_rig.desk.desk.selection, map_rig.panel.content
    map_rig.desk.report()
    way = np.array([(0.0, 0.0), (10.0, 0.0)])
    selection.set_offers((RouteOffer("P-1", 1, 130.0, True, way),))
    assert [(m.rank, m.ticked, m.tag) for m in content.routes.marks] == [(1, True, "2:10")]
    selection.set_sightings(("C-1", "C-2", "C-4", "C-5"))
    rows = map_rig.desk.desk.city.cameras
    assert content.cameras.ranked == tuple((rows.index(f"C-{i}"), r) for i, r in
                                           ((1, 1), (2, 2), (4, 3)))  # fmt: skip


def test_a_click_on_a_camera_opens_it(map_rig: MapRig, qtbot: QtBot) -> None:
    with qtbot.waitSignal(map_rig.desk.desk.selection.camera_opened) as opened:
        map_rig.click(map_rig.pixel_of(*at(2.6, 4.0)))
    assert opened.args == ["C-3"]
    assert map_rig.panel.content.cameras.selected >= 0


def test_digits_switch_layers_and_their_tiles(map_rig: MapRig, qtbot: QtBot) -> None:
    assert map_rig.panel.store.style.grid and map_rig.panel.store.style.wedges
    for number, name in enumerate(map_rig.panel.chips, start=1):
        qtbot.keyClick(map_rig.canvas, getattr(Qt.Key, f"Key_{number}"))
        assert not map_rig.panel.content.switchable[name].visible
    assert not map_rig.panel.store.style.grid and not map_rig.panel.store.style.wedges
    assert any(not key.style.grid for key in map_rig.tiles.wanted)
    map_rig.move(map_rig.pixel_of(*at(2.6, 4.0)))
    assert map_rig.canvas.hover is None
    map_rig.panel.chips["grid"].click()
    assert map_rig.panel.store.style.grid


def test_measuring_with_mouse_and_keys(map_rig: MapRig, qtbot: QtBot) -> None:
    qtbot.keyClick(map_rig.canvas, Qt.Key.Key_D)
    measure = map_rig.panel.content.measure
    assert measure.active and map_rig.panel._hint.isVisible()
    for px in (300, 400, 500):
        map_rig.click(QPoint(px, 300))
    assert len(measure.points) == 3
    assert measure.distances_m()[-1] == pytest.approx(173, abs=2)
    assert "173" in map_rig.panel.legend._distance or "172" in map_rig.panel.legend._distance
    qtbot.keyClick(map_rig.canvas, Qt.Key.Key_Backspace)
    assert len(measure.points) == 2
    qtbot.keyClick(map_rig.canvas, Qt.Key.Key_Escape)
    assert not measure.active and not map_rig.panel._hint.isVisible()
    assert map_rig.canvas.on_ground_click is None


def test_a_place_that_is_wanted_is_picked(map_rig: MapRig, qtbot: QtBot) -> None:
    selection = map_rig.desk.desk.selection
    selection.want_place(True)
    assert map_rig.panel._hint.isVisible()
    with qtbot.waitSignal(selection.place_picked) as picked:
        map_rig.click(map_rig.pixel_of(*at(2.6, 4.0)))
    assert picked.args == pytest.approx(at(2.6, 4.0), abs=2e-5)
    assert not selection.is_picking_place and map_rig.canvas.on_ground_click is None


def test_escape_gives_up_picking(map_rig: MapRig, qtbot: QtBot) -> None:
    map_rig.desk.desk.selection.want_place(True)
    qtbot.keyClick(map_rig.canvas, Qt.Key.Key_Escape)
    assert not map_rig.desk.desk.selection.is_picking_place
    assert not map_rig.panel._hint.isVisible()


def test_both_languages(map_rig: MapRig, speak: Callable[[str], None]) -> None:
    assert map_rig.panel.chips["grid"].text() == "网格"
    speak("en")
    assert map_rig.panel.chips["grid"].text() == "Cells"
    map_rig.move(map_rig.pixel_of(*at(2.6, 4.0)))
    hover = map_rig.canvas.hover
    assert hover is not None and hover.title == "Crossing W"
    assert map_rig.panel.content.units.marks.titles[0] == "Fire 1"


def test_everything_grows_with_the_viewer_s_distance(map_rig: MapRig, qapp: object) -> None:
    install_theme(qapp, 2.0)  # type: ignore[arg-type]
    assert map_rig.canvas.kit.scale == 2.0
    assert map_rig.panel.store.style.scale == 2.0
    assert map_rig.tiles.wanted[0].style.scale == 2.0
    assert map_rig.panel.legend.sizeHint().height() == 56


def test_the_panel_paints_in_both_languages_and_sizes(
    map_rig: MapRig, speak: Callable[[str], None]
) -> None:
    map_rig.desk.report()
    map_rig.tiles.deliver()
    for language in ("zh", "en"):
        speak(language)
        for width in (640, 1204, 1920):
            map_rig.panel.resize(width, 600)
            assert not map_rig.panel.grab().isNull()


def test_tool_tips_name_their_keys(map_rig: MapRig) -> None:
    tips = [tool.toolTip() for tool in map_rig.panel._tools.tools]
    assert tips[0] == f"{tr('map.tool.zoom_in')}（+）"
    assert "没有选中事件" in tips[3]
    map_rig.desk.desk.selection.select_incident(map_rig.desk.report())
    assert map_rig.panel._tools.tools[3].isEnabled()


@pytest.mark.parametrize(
    ("longest", "nice"), [(0.9, 0.5), (1, 1), (199, 100), (260, 200), (7e3, 5e3)]
)
def test_nice_lengths(longest: float, nice: float) -> None:
    assert nice_length(longest) == nice


def test_what_is_left_of_a_way() -> None:
    way = np.array([(0.0, 0.0), (100.0, 0.0), (100.0, 100.0)])
    rest, away = rest_of_way(way, np.array([60.0, 8.0]))
    assert rest.tolist() == [[60, 8], [100, 0], [100, 100]] and away == 8
    rest, _ = rest_of_way(way, np.array([100.0, 90.0]))
    assert rest.tolist() == [[100, 90], [100, 100]]


def test_a_unit_that_left_the_area_is_taken_off_at_once_and_comes_back(map_rig: MapRig) -> None:
    """At home it is not, and where it was last it is no more: no place would be true."""
    desk, content = map_rig.desk, map_rig.panel.content
    desk.session.fix("P-1", *at(100, 100))
    desk.session.fixes.visit({"P-1": "sos"})
    desk.tell()
    row = list(content.units.marks.ids).index("P-1")
    assert content.units.marks.status[row] is UnitStatus.SOS
    count = len(content.units.marks.ids)
    desk.session.fixes.forget(["P-1"])
    desk.session.tell(Changes(fixes=True))
    desk.tell()
    assert "P-1" not in content.units.marks.ids
    assert len(content.units.marks.xy) == len(content.units.marks.kind) == count - 1
    desk.session.fix("P-1", *at(100, 100))
    desk.tell()
    assert "P-1" in content.units.marks.ids


def _offer(unit_id: str, rank: int, ticked: bool) -> RouteOffer:
    return RouteOffer(unit_id, rank, 60.0 * rank, ticked, np.empty((0, 2)))


def _is_in_sight(map_rig: MapRig, unit_id: str) -> bool:
    marks = map_rig.panel.content.units.marks
    x, y = map_rig.canvas.view.screen_from_world(marks.xy[list(marks.ids).index(unit_id)])[0]
    view = map_rig.canvas.view
    return bool(40 < x < view.width - 40 and 40 < y < view.height - 40)


def test_d5_who_is_to_be_sent_is_in_sight_when_an_incident_is_opened(map_rig: MapRig) -> None:
    map_rig.desk.session.fix("F-1", *at(12, 4))
    map_rig.desk.session.fix("F-2", *at(3, 30))
    map_rig.desk.tell()
    incident_id = map_rig.desk.report()
    selection = map_rig.desk.desk.selection
    selection.select_incident(incident_id)
    map_rig.settle()
    assert not _is_in_sight(map_rig, "F-1")
    selection.set_offers((_offer("F-1", 1, True), _offer("F-2", 2, False)))
    map_rig.settle()
    assert _is_in_sight(map_rig, "F-1") and not _is_in_sight(map_rig, "F-2")
    view = map_rig.canvas.view
    selection.set_offers((_offer("F-1", 1, True), _offer("F-2", 2, True)))
    map_rig.settle()
    assert map_rig.canvas.view == view


def test_d5_the_map_is_not_widened_under_a_hand(map_rig: MapRig) -> None:
    map_rig.desk.session.fix("F-1", *at(12, 4))
    map_rig.desk.tell()
    selection = map_rig.desk.desk.selection
    selection.select_incident(map_rig.desk.report())
    map_rig.settle()
    map_rig.wheel(QPoint(300, 300), 1)
    map_rig.settle()
    view = map_rig.canvas.view
    selection.set_offers((_offer("F-1", 1, True),))
    map_rig.settle()
    assert map_rig.canvas.view == view


def test_d5_the_view_of_the_hovered_camera_is_shown(map_rig: MapRig) -> None:
    spot = map_rig.pixel_of(*at(2.6, 4.0))
    map_rig.move(spot)
    cameras = map_rig.panel.content.cameras
    assert cameras.hovered == map_rig.desk.desk.city.cameras.index("C-3")
    assert cameras.hovered in cameras.highlighted
    map_rig.move(QPoint(5, 595))
    assert cameras.hovered == -1


def test_d5_tags_card_and_names_keep_off_each_other(map_rig: MapRig) -> None:
    content = map_rig.panel.content
    map_rig.desk.session.fix("P-1", *at(4.2, 4.6))
    map_rig.desk.session.fix("P-2", *at(2.0, 3.2))
    map_rig.desk.tell()
    selection = map_rig.desk.desk.selection
    selection.select_incident(map_rig.desk.report())
    ways = [content.units.marks.xy[list(content.units.marks.ids).index(u)] for u in ("P-1", "P-2")]
    selection.set_offers(
        tuple(
            RouteOffer(unit, rank, 60.0, True, np.array([way, way + 5]))
            for rank, (unit, way) in enumerate(zip(("P-1", "P-2"), ways, strict=True), start=1)
        )
    )
    map_rig.settle()
    map_rig.canvas.repaint()
    by_name = {layer.name: layer.obstacles() for layer in content.scene}
    symbols = np.concatenate([by_name["incidents"], by_name["units"]])
    assert len(by_name["route_tags"]) == 2 and len(by_name["standing_card"]) == 1
    assert overlaps(by_name["standing_card"], symbols).sum() == 0
    for tag in by_name["route_tags"]:
        assert overlaps(tag.reshape(1, 4), np.concatenate([symbols, by_name["standing_card"]])) == 0
    assert overlaps(*by_name["route_tags"].reshape(2, 1, 4)) == 0
    if len(by_name["names"]):
        assert overlaps(by_name["names"] + (4, 4, -4, -4), by_name["route_tags"]).sum() == 0
