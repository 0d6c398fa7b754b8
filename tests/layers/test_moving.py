"""Units, incidents and cameras: what is shown, what is brought together, what is picked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImage

from console.city import City
from console.model.geo import world_from_lonlat
from console.model.unit import STALE_AFTER_MS, UnitKind, UnitStatus
from layers.cameras import CameraCrowdLayer, CamerasLayer
from layers.engine.layer import Kit, Layer
from layers.engine.viewport import Viewport
from layers.incidents import IncidentMark, IncidentsLayer
from layers.units import UnitMarks, UnitsLayer, age_in_words
from tests.helpers.desk_city import PLACE
from tests.helpers.golden import assert_golden, pixels

NOW = 1_795_233_600_000
NEAR = Viewport(0, 0, 1.0, 400, 300)
FAR = Viewport(0, 0, 32.0, 400, 300)
Draw = Callable[..., QImage]


def units(*rows: tuple[str, float, float, UnitStatus, int]) -> UnitMarks:
    """Units by id, world x, y, status and age of the fix in ms."""
    return UnitMarks(
        ids=[row[0] for row in rows],
        xy=np.array([row[1:3] for row in rows], float).reshape(-1, 2),
        kind=[UnitKind.CAR] * len(rows),
        status=[row[3] for row in rows],
        heading_deg=np.full(len(rows), 45, np.float32),
        fixed_at=np.array([NOW - row[4] for row in rows], np.int64),
        titles=[f"Patrol {row[0]}" for row in rows],
        details=["Free"] * len(rows),
    )


def prepared(layer: Layer, view: Viewport, kit: Kit) -> None:
    layer.prepare(view, kit)


@pytest.fixture
def patrol(kit: Kit) -> UnitsLayer:
    layer = UnitsLayer()
    layer.show(
        units(
            ("A", 0, 0, UnitStatus.FREE, 0),
            ("B", 60, 0, UnitStatus.FREE, STALE_AFTER_MS + 1),
            ("C", 100, 50, UnitStatus.EN_ROUTE, 0),
            ("D", 5000, 0, UnitStatus.OFF, STALE_AFTER_MS * 9),
        ),
        NOW,
    )
    return layer


def test_stale_is_old_and_on_duty(patrol: UnitsLayer) -> None:
    assert patrol.is_stale().tolist() == [False, True, False, False]


def test_a_unit_is_picked_where_it_stands(patrol: UnitsLayer, kit: Kit) -> None:
    patrol.prepare(NEAR, kit)
    hit = patrol.pick(NEAR, 208, 154)
    assert hit is not None and (hit.kind, hit.id, hit.title) == ("unit", "A", "Patrol A")
    stale = patrol.pick(NEAR, 262, 150)
    assert stale is not None and "stale" in stale.lines[1]
    assert patrol.pick(NEAR, 20, 20) is None


def test_from_afar_free_units_come_together_and_busy_ones_do_not(kit: Kit) -> None:
    patrol = station(UnitStatus.FREE, 0)
    patrol.prepare(FAR, kit)
    busy = patrol.pick(FAR, 203, 148)
    assert busy is not None and busy.id == "C"
    assert badges(patrol) == {("7 units, free or off duty", "Click to zoom in")}


def test_a_wall_shows_what_a_desk_does(kit: Kit) -> None:
    """Twice the size at half the metres a pixel: the same detail, so the same badges."""
    patrol = station(UnitStatus.FREE, 0)
    desk = Viewport(0, 0, 8.0, 400, 300)
    patrol.prepare(desk, kit)
    at_desk = len(patrol.obstacles())
    kit.scale = 2.0
    patrol.prepare(Viewport(0, 0, 4.0, 800, 600), kit)
    assert len(patrol.obstacles()) == at_desk == 2


def test_a_selected_or_offered_unit_is_never_in_a_badge(kit: Kit) -> None:
    patrol = station(UnitStatus.FREE, 0)
    patrol.selected, patrol.offered = "S0", frozenset({"S1"})
    patrol.prepare(FAR, kit)
    assert {title.split()[0] for title, *_ in badges(patrol)} == {"5"}
    found = patrol.pick(FAR, *FAR.screen_from_world([(-600, 0)])[0])
    assert found is not None and found.id in ("S0", "S1")


@pytest.mark.parametrize(
    ("status", "age_ms", "look"),
    [
        (UnitStatus.FREE, 0, "free"),
        (UnitStatus.FREE, STALE_AFTER_MS + 1, "stale"),
        (UnitStatus.OFF, STALE_AFTER_MS + 1, "off"),
    ],
)
def test_d5_a_badge_is_green_only_if_one_of_its_units_was_heard_of(
    kit: Kit, shown: Draw, status: UnitStatus, age_ms: int, look: str
) -> None:
    patrol = station(status, age_ms)
    patrol.prepare(FAR, kit)
    (badge,) = patrol._badges
    assert badge.look == look
    (card,) = badges(patrol)
    assert ("7 of them not heard of lately" in card) is (look == "stale")
    assert pixels(shown(FAR, patrol)).max() > 100


def station(status: UnitStatus, age_ms: int) -> UnitsLayer:
    """Seven units at one place, and one under way elsewhere."""
    layer = UnitsLayer()
    seven = [(f"S{i}", -600 + 10.0 * i, 0.0, status, age_ms) for i in range(7)]
    layer.show(units(("C", 100, 50, UnitStatus.EN_ROUTE, 0), *seven), NOW)
    return layer


def badges(layer: Layer) -> set[tuple[str, ...]]:
    """What the cards of the badges on a screen from afar say."""
    around = [layer.pick(FAR, x, y) for x in range(0, 400, 8) for y in range(0, 300, 6)]
    return {(hit.title, *hit.lines) for hit in around if hit is not None and hit.kind == "cluster"}


def test_ages_in_words(kit: Kit) -> None:
    assert age_in_words(6 * 60_000 + 5) == "6 min ago"
    assert age_in_words(3 * 3_600_000) == "3 h ago"


def mark(incident_id: str, x: float, y: float, priority: int, **more: object) -> IncidentMark:
    base = IncidentMark(incident_id, x, y, priority, 0.5, False, False, False, "Gas leak", "1:48")
    return replace(base, **more)  # type: ignore[arg-type]


def test_a_priority_1_is_never_brought_together(kit: Kit) -> None:
    layer = IncidentsLayer()
    layer.marks = [mark(f"{i}", 100 + 20 * i, 100, 2 + i % 3) for i in range(5)]
    layer.marks += [mark("P1", 110, 100, 1)]
    layer.prepare(FAR, kit)
    at = FAR.screen_from_world([(110, 100)])[0]
    hit = layer.pick(FAR, *at)
    assert hit is not None and hit.id == "P1"
    around = [layer.pick(FAR, x, y) for x in range(0, 400, 8) for y in range(0, 300, 6)]
    rings = {hit.title for hit in around if hit is not None and hit.kind == "cluster"}
    assert rings == {"5 incidents"}


def test_d5_two_thousand_incidents_are_as_many_rings_as_the_screen_has_room_for(kit: Kit) -> None:
    layer, chance = IncidentsLayer(), np.random.default_rng(4)
    places = chance.uniform(-6000, 6000, (2000, 2)).tolist()
    layer.marks = [mark(f"{i}", x, y, 2 + i % 3) for i, (x, y) in enumerate(places)]
    shown = []
    for scale in (32.0, 16.0, 12.0, 8.0, 4.0):
        layer.prepare(Viewport(0, 0, scale, 1200, 700), kit)
        shown.append(len(layer.obstacles()))
    assert max(shown) < 140, shown
    layer.prepare(Viewport(0, 0, 1.0, 1200, 700), kit)
    assert not layer._rings


def test_the_selected_incident_lies_on_top(kit: Kit) -> None:
    layer = IncidentsLayer()
    layer.marks = [mark("chosen", 0, 0, 4), mark("urgent", 0, 0, 1)]
    layer.prepare(NEAR, kit)
    hit = layer.pick(NEAR, 200, 150)
    assert hit is not None and hit.id == "urgent"
    layer.selected = "chosen"
    layer.prepare(NEAR, kit)
    hit = layer.pick(NEAR, 200, 150)
    assert hit is not None and hit.id == "chosen"


def test_only_the_dial_flashes_and_reduced_motion_stills_it(kit: Kit, shown: Draw) -> None:
    layer = IncidentsLayer()
    layer.marks = [mark("new", 0, 0, 1, flashing=True)]
    on = pixels(shown(NEAR, layer))
    kit.flash_on = False
    off = pixels(shown(NEAR, layer))
    kit.reduced_motion = True
    still = pixels(shown(NEAR, layer))
    changed = np.argwhere((on != off).any(axis=2))
    radius = np.hypot(*(changed - (150, 200)).T)
    assert len(changed) and radius.min() > 8 and radius.max() < 16
    assert (still != on).any() and (still != off).any()


@pytest.fixture
def cameras(city: City) -> CamerasLayer:
    return CamerasLayer(city.cameras)


@pytest.fixture
def crossing() -> tuple[float, float]:
    x, y = world_from_lonlat(*PLACE)
    return float(x), float(y)


def test_a_camera_is_picked_by_its_body(
    city: City, cameras: CamerasLayer, kit: Kit, crossing: tuple[float, float]
) -> None:
    view = Viewport(*crossing, 1.0, 800, 600)
    cameras.prepare(view, kit)
    row = city.cameras.index("C-3")
    hit = cameras.pick(view, *view.screen_from_world(city.cameras.xy[row])[0])
    assert hit is not None and (hit.kind, hit.id) == ("camera", "C-3")
    assert "Offline" in hit.lines[0]


def test_from_afar_cameras_are_marks(
    cameras: CamerasLayer, kit: Kit, crossing: tuple[float, float]
) -> None:
    view = Viewport(*crossing, 32.0, 800, 600)
    crowd = CameraCrowdLayer(cameras)
    cameras.prepare(view, kit)
    crowd.prepare(view, kit)
    hits = [crowd.pick(view, x, y) for x in range(0, 800, 5) for y in range(0, 600, 4)]
    titles = {hit.title for hit in hits if hit is not None}
    assert titles == {"3 cameras here", "Crossing N", "Far away"}
    boxes = {hit.zoom_to for hit in hits if hit is not None and hit.kind == "cluster"}
    assert len(boxes) == 1
    assert cameras.pick(view, 400, 300) is None


def test_d5_cameras_far_from_the_incident_are_small_and_have_no_view(
    city: City, kit: Kit, shown: Draw, crossing: tuple[float, float]
) -> None:
    view = Viewport(*crossing, 4.0, 800, 600)
    cameras = CamerasLayer(city.cameras)
    quiet = pixels(shown(view, CameraCrowdLayer(cameras), cameras))
    assert 0 < np.count_nonzero(quiet.max(axis=2) > 90) < 5 * 40
    cameras.ranked = ((city.cameras.index("C-1"), 1),)
    ranked = pixels(shown(view, CameraCrowdLayer(cameras), cameras))
    assert np.count_nonzero(ranked != quiet) > 600


def test_d5_a_mark_gives_way_to_a_name(city: City, kit: Kit, crossing: tuple[float, float]) -> None:
    row = city.cameras.index("C-4")
    x, y = city.cameras.xy[row].tolist()
    view = Viewport(x, y, 4.0, 800, 600)
    cameras = CamerasLayer(city.cameras)
    crowd = CameraCrowdLayer(cameras)
    spot = view.screen_from_world(city.cameras.xy[[row]])
    for taken, count in ((np.empty((0, 4)), 1), (np.concatenate([spot - 20, spot + 20], 1), 0)):
        kit.obstacles = taken
        cameras.prepare(view, kit)
        crowd.prepare(view, kit)
        found = crowd.pick(view, *spot[0])
        assert (found is not None) is bool(count)


def test_the_best_cameras_keep_clear_of_the_incident(
    city: City, cameras: CamerasLayer, kit: Kit, crossing: tuple[float, float]
) -> None:
    view = Viewport(*crossing, 8.0, 800, 600)
    row = city.cameras.index("C-1")
    cameras.ranked, cameras.clear_of = ((row, 1),), crossing
    cameras.prepare(view, kit)
    at = view.screen_from_world(city.cameras.xy[row])[0]
    assert np.hypot(*(at - (400, 300))) < 30
    away = at + (at - (400, 300)) / np.hypot(*(at - (400, 300))) * 30
    hit = cameras.pick(view, 400, 300 - 34)
    assert hit is not None and hit.id == "C-1", away


def test_symbols_golden(kit: Kit, shown: Draw, city: City) -> None:
    """Each kind, status and priority, stale and selected, at the size they are built."""
    kinds, states = list(UnitKind), list(UnitStatus)
    rows = [(k, s, stale) for stale in (False, True) for k in kinds for s in states]
    marks = units(
        *((str(i), 0, 0, s, STALE_AFTER_MS * 2 * st) for i, (_, s, st) in enumerate(rows))
    )
    xy = np.array([(30 + 40 * (i % 10), -(30 + 40 * (i // 10))) for i in range(len(rows))], float)
    marks = replace(marks, xy=xy, kind=[k for k, _, _ in rows])
    patrol = UnitsLayer()
    patrol.offered = frozenset(marks.ids)
    patrol.show(replace(marks, fixed_at=np.where(marks.fixed_at < NOW, 0, NOW)), NOW)
    changes: list[dict[str, object]]
    changes = [{}, {"share": None}, {"over": True, "share": 1.0}, {"closed": True}]
    looks = [
        mark(f"{p}{i}", 60 + 70 * i, -(340 + 50 * p), p, **change)
        for p in (1, 2, 3, 4)
        for i, change in enumerate(changes)
    ]
    reports = IncidentsLayer()
    reports.marks = [*looks, mark("sel", 360, -440, 2)]
    reports.selected = "sel"
    view = Viewport(220, -290, 1.0, 440, 580)
    assert_golden(shown(view, patrol, reports), "symbols")
