"""The desk's one selection says what changed, and only that."""

from __future__ import annotations

from widgets.common.selection import RouteOffer, Selection


def test_selecting_says_so_once() -> None:
    selection = Selection()
    heard: list[str] = []
    selection.incident_changed.connect(heard.append)
    selection.select_incident("a")
    selection.select_incident("a")
    selection.select_incident("")
    assert heard == ["a", ""]


def test_another_incident_forgets_offers_and_sightings() -> None:
    selection = Selection()
    selection.select_incident("a")
    selection.set_offers((RouteOffer("U-1", 1, 60.0, True),))
    selection.set_sightings(("C-1",))
    selection.select_incident("b")
    assert selection.offers == ()
    assert selection.sightings == ()


def test_opening_a_camera_selects_it_and_may_be_repeated() -> None:
    selection = Selection()
    opened: list[str] = []
    selection.camera_opened.connect(opened.append)
    selection.open_camera("C-1")
    selection.open_camera("C-1")
    assert opened == ["C-1", "C-1"]
    assert selection.camera_id == "C-1"


def test_a_picked_place_ends_the_picking() -> None:
    selection = Selection()
    wanted: list[bool] = []
    picked: list[tuple[float, float]] = []
    selection.place_wanted.connect(wanted.append)
    selection.place_picked.connect(lambda lon, lat: picked.append((lon, lat)))
    selection.want_place(True)
    selection.pick_place(116.4, 39.9)
    assert wanted == [True, False]
    assert picked == [(116.4, 39.9)]
    assert not selection.is_picking_place
