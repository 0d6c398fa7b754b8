"""The main job, end to end, by mouse and keyboard on the real window."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from console.city import Visibility, cameras_that_see
from console.journal.verify import verify
from console.model.command import Step
from console.model.facts import CommandAdvanced
from console.model.geo import lonlat_from_world
from console.model.ids import new_key
from console.model.incident import Stage
from console.model.requests import DeclareUnitStatus, ReportIncident, Submission
from console.model.text import Text
from console.model.unit import UnitStatus
from console.video import StreamState
from console.wire import encode_submission
from main import OpenDesk
from widgets.bridge.fake_sound import FakeSoundOutput
from widgets.map.panel import MapPanel
from widgets.queue.list_view import CardList
from widgets.video.strip import VideoStrip
from widgets.video.tile import VideoTile

PATIENCE_S = 60.0

BRIGHT = 150
"""Grey value above which a pixel belongs to burnt-in text."""


def wait(condition: Callable[[], object], what: str) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end_s, f"no {what} in a minute"
        QTest.qWait(20)


def connected(desk: OpenDesk) -> None:
    wait(lambda: desk.session.link.state == "online", "link")
    wait(lambda: len(desk.session.devices) > 10, "units on line")


def watched_place(desk: OpenDesk) -> tuple[float, float]:
    """World x, y in front of a camera that is on line."""
    cameras = desk.window.desk.city.cameras
    for row in np.flatnonzero(cameras.online):
        azimuth = np.radians(cameras.azimuth_deg[row])
        x, y = cameras.xy[row] + 30 * np.array([np.sin(azimuth), np.cos(azimuth)])
        seen = cameras_that_see(desk.window.desk.city, x, y, 3)
        if any(s.visible is Visibility.VISIBLE and cameras.online[s.camera] for s in seen):
            return float(x), float(y)
    raise AssertionError("no camera sees anything")


def as_device(desk: OpenDesk, path: str, body: bytes, token: str) -> dict[str, Any]:
    """What a phone sends."""
    asked = urllib.request.Request(
        f"{desk.access.url}/api/v1/{path}",
        data=body,
        headers={"Authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(asked, timeout=20) as answer:
        told: dict[str, Any] = json.load(answer)
        return told


def declare(desk: OpenDesk, unit_id: str, status: UnitStatus, token: str) -> None:
    now = desk.window.desk.now_ms()
    said = Submission(new_key(now), DeclareUnitStatus(unit_id, status), now)
    as_device(desk, "requests", encode_submission(said), token)


def report(desk: OpenDesk, type_code: str = "gas_leak", priority: int = 1) -> str:
    """An incident comes in from the hotline, by the session like any other request."""
    lon, lat = lonlat_from_world(*watched_place(desk))
    incident_id = new_key(desk.window.desk.now_ms())
    desk.session.submit(
        ReportIncident(
            incident_id=incident_id,
            type_code=type_code,
            priority=priority,
            lon=float(lon),
            lat=float(lat),
            address=Text("和平大道 214 号", "214 Heping Ave"),
            words=Text("楼道里有煤气味", "It smells of gas on the stairs"),
            source="hotline",
        )
    )
    wait(lambda: incident_id in desk.session.picture.incidents, "incident")
    return incident_id


def click_card(desk: OpenDesk, incident_id: str) -> None:
    cards: CardList = desk.window.queue.list
    wait(lambda: desk.window.queue.model.row_of(incident_id) >= 0, "card")
    row = desk.window.queue.model.row_of(incident_id)
    where = cards.visualRect(desk.window.queue.model.index(row)).center()
    QTest.mouseClick(cards.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert desk.window.desk.selection.incident_id == incident_id


def press(target: QWidget, key: Qt.Key) -> None:
    QTest.keyClick(target, key)


def stage(desk: OpenDesk, incident_id: str) -> Stage:
    return desk.session.picture.incidents[incident_id].stage


def steps(desk: OpenDesk, incident_id: str) -> list[Step]:
    return [command.step for command in desk.session.picture.commands_of(incident_id)]


def have_all_come(desk: OpenDesk, incident_id: str, step: Step) -> bool:
    order = list(Step)
    return all(order.index(s) >= order.index(step) for s in steps(desk, incident_id))


def first_tile(desk: OpenDesk) -> VideoTile:
    strip = desk.window.findChild(VideoStrip)
    assert strip is not None
    wait(strip.tiles, "tile")
    tile = strip.tiles()[0]
    wait(lambda: tile.state is StreamState.LIVE, "live picture")
    return tile


def burnt_in_clock(desk: OpenDesk, tile: VideoTile) -> NDArray[np.bool_]:
    """The bright pixels where the camera's clock is burnt in: the second line, top right."""
    image = desk.video.image(tile.handle)
    assert image is not None
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    height, width = grey.height(), grey.width()
    pixels = np.frombuffer(grey.constBits(), np.uint8).reshape(height, grey.bytesPerLine())
    clock = pixels[int(0.11 * height) : int(0.19 * height), int(0.62 * width) : width]
    return (clock > BRIGHT).copy()


@pytest.mark.timeout(180)
def test_an_incident_from_the_call_to_the_closed_file(desk: OpenDesk) -> None:
    window = desk.window
    connected(desk)
    incident_id = report(desk)

    click_card(desk, incident_id)
    wait(lambda: window.desk.selection.offers, "ranking")
    assert any(offer.ticked for offer in window.desk.selection.offers)

    tile = first_tile(desk)
    wait(lambda: desk.video.image(tile.handle), "picture")
    before = burnt_in_clock(desk, tile)
    assert before.sum() > 20
    wait(
        lambda: np.count_nonzero(burnt_in_clock(desk, tile) != before) > 5,
        "tick of the burnt-in clock",
    )

    press(window, Qt.Key.Key_Return)
    wait(lambda: steps(desk, incident_id), "command")
    for step in (Step.ACKNOWLEDGED, Step.ON_SCENE, Step.DONE):
        wait(partial(have_all_come, desk, incident_id, step), step)
    wait(lambda: stage(desk, incident_id) is Stage.FED_BACK, "feedback")

    press(window, Qt.Key.Key_V)
    wait(lambda: stage(desk, incident_id) is Stage.VERIFIED, "verification")
    press(window, Qt.Key.Key_C)
    form = window.incident.reason
    assert form.isVisible()
    QTest.keyClicks(form.field, "handled")
    press(form.field, Qt.Key.Key_Return)
    wait(lambda: stage(desk, incident_id) is Stage.CLOSED, "closing")
    wait(lambda: desk.session.link.pending == 0, "empty outbox")

    kinds = [event.kind for event in desk.session.picture.timeline(incident_id)]
    for kind in (
        "incident.reported",
        "incident.accepted",
        "command.issued",
        "command.advanced",
        "incident.handled",
        "incident.fed_back",
        "incident.verified",
        "incident.closed",
    ):
        assert kind in kinds
    taken = {
        event.fact.step
        for event in desk.session.picture.timeline(incident_id)
        if isinstance(event.fact, CommandAdvanced)
    }
    assert taken >= {
        Step.SENT,
        Step.DELIVERED,
        Step.ACKNOWLEDGED,
        Step.EN_ROUTE,
        Step.ON_SCENE,
        Step.DONE,
    }


@pytest.mark.timeout(180)
def test_the_server_dies_and_nothing_the_officer_does_is_lost(desk: OpenDesk) -> None:
    window = desk.window
    connected(desk)
    incident_id = report(desk, "construction_noise", 3)
    click_card(desk, incident_id)

    server = desk.backstage.child("server").pid
    assert server is not None
    os.kill(server, signal.SIGSTOP)
    press(window, Qt.Key.Key_A)
    assert desk.session.link.pending >= 1
    os.kill(server, signal.SIGKILL)
    wait(lambda: desk.session.link.state != "online", "broken link")

    wait(lambda: desk.session.link.state == "online", "link again")
    wait(lambda: stage(desk, incident_id) is Stage.ACCEPTED, "acceptance")
    wait(lambda: desk.session.link.pending == 0, "empty outbox")
    accepted = [
        event
        for event in desk.session.picture.timeline(incident_id)
        if event.kind == "incident.accepted"
    ]
    assert len(accepted) == 1


@pytest.mark.timeout(180)
def test_closed_and_opened_again_the_desk_shows_the_same(
    desk: OpenDesk, town, tmp_path, qapp
) -> None:
    from PySide6.QtCore import QSettings

    connected(desk)
    incident_id = report(desk)
    picture = dict(desk.session.picture.incidents)
    desk.close()
    db = f"sqlite:///{tmp_path / 'journal.sqlite'}"
    assert verify(db).is_sound
    settings = QSettings(str(tmp_path / "desk.ini"), QSettings.Format.IniFormat)
    again = OpenDesk(town, tmp_path, settings=settings, db=db, field=None)
    try:
        again.window.show()
        wait(lambda: incident_id in again.session.picture.incidents, "incident")
        assert dict(again.session.picture.incidents) == picture
    finally:
        again.close()


def test_a_click_on_the_map_selects_what_is_there(desk: OpenDesk) -> None:
    window = desk.window
    connected(desk)
    incident_id = report(desk)
    assert isinstance(window.map, MapPanel)
    canvas = window.map.canvas
    incident = desk.session.picture.incidents[incident_id]
    canvas.centre_on(incident.position, 2.0, animate=False)
    QTest.qWait(300)
    centre = QPoint(canvas.width() // 2, canvas.height() // 2)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=centre)
    wait(lambda: window.desk.selection.incident_id == incident_id, "selection")


def test_a1_a_phones_call_for_help_stands_on_the_desk_until_the_phone_says_it_is_safe(
    desk: OpenDesk,
) -> None:
    connected(desk)
    window = desk.window
    output = FakeSoundOutput()
    window.ringer.use(output)
    unit = sorted(desk.session.devices)[0]
    body = json.dumps({"unit_id": unit}).encode()
    token = str(as_device(desk, "devices", body, desk.access.token)["token"])
    declare(desk, unit, UnitStatus.SOS, token)
    wait(lambda: unit in window.sos.cards, "the call")
    card = window.sos.cards[unit]
    assert card.isVisible()
    assert window.edge.isVisible()
    assert output.played
    QTest.keyClick(window, Qt.Key.Key_F9)
    QTest.keyClick(card.acknowledge, Qt.Key.Key_Return)
    wait(lambda: not card.waits, "the acknowledgement")
    me = desk.account.me if desk.account is not None else None
    assert me is not None
    assert desk.session.picture.sos_calls[unit].acknowledged_by == f"person/{me.name}"
    assert not window.edge.isVisible()
    declare(desk, unit, UnitStatus.FREE, token)
    wait(lambda: unit not in window.sos.cards, "the end of the call")
    assert window.sos.ended
