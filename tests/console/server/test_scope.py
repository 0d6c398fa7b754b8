"""Positions for who sees a part of the city: filtered once, and gone when a unit leaves."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import aiohttp
from hypothesis import given, settings
from hypothesis import strategies as st

from console.access import WHOLE, Actor, Role, View, area_of
from console.access.area import Area
from console.clock import Clocks, ManualClock
from console.model.picture import Picture
from console.model.requests import (
    AcknowledgeSos,
    DeclareUnitStatus,
    DispatchUnits,
    Order,
    Submission,
)
from console.model.text import Text
from console.model.unit import Fix, SosCall, UnitStatus
from console.server.fix_feed import KEPT_TICKS, FixFeed
from console.server.limits import Limits
from console.service import whereabouts
from console.session.fixes import Fixes
from console.tracks import Tracks
from console.wire import FixesFrame, decode_desk_frame, encode_submission, fix_from_wire
from tests.helpers.people import WEST, Door, door, two_streets
from tests.helpers.stream import NOW, key, report, submission

IN_WEST, IN_EAST, NOWHERE = (119.0, 31.0), (121.0, 31.0), (119.0, 29.0)
PLACES = [IN_WEST, IN_EAST, NOWHERE]
ONLY_WEST = area_of([WEST[:9]])
QUICK = Limits(fixes_every_s=0.01, ping_every_s=0.1)


class Stage:
    """A feed, and what its units are said to be doing."""

    def __init__(self) -> None:
        self.states: dict[str, UnitStatus] = {}
        self.where = whereabouts(Picture(timelines=False), two_streets())
        self.tracks = Tracks(None, Clocks(ManualClock(NOW)), None)
        self.feed = FixFeed(self.tracks, self.where, self.status_of)
        self.at = NOW - 10_000

    def status_of(self, unit_id: str) -> UnitStatus:
        return self.states.get(unit_id, UnitStatus.FREE)

    def view(self, area: Area, role: Role = Role.DUTY_OFFICER) -> View:
        return View(Actor(role, "lin", area), self.where)

    def fix(self, unit_id: str, place: tuple[float, float]) -> None:
        self.at += 1
        self.feed.take(Fix(unit_id, *place, self.at))


def frames(sent: list[tuple[int, bytes]]) -> list[FixesFrame]:
    found = [decode_desk_frame(frame) for _, frame in sent]
    assert all(isinstance(frame, FixesFrame) for frame in found)
    return [frame for frame in found if isinstance(frame, FixesFrame)]


def show(desk: Fixes, sent: list[tuple[int, bytes]]) -> None:
    """Take the frames as a desk does."""
    for frame in frames(sent):
        if frame.whole:
            desk.keep_only({f.unit_id for f in frame.fixes})
        desk.forget(frame.gone)
        desk.take(fix_from_wire(f) for f in frame.fixes)
        desk.visit(frame.states)


def test_a_unit_that_leaves_is_gone_and_one_that_comes_is_told_with_what_it_does() -> None:
    stage = Stage()
    stage.states["U-EAST"] = UnitStatus.ON_SCENE
    stage.fix("U-EAST", IN_EAST)
    stage.fix("U-WEST", IN_WEST)
    stage.feed.gather()
    west = stage.view(ONLY_WEST)
    (first,) = frames(stage.feed.since(None, west))
    assert ([f.unit_id for f in first.fixes], first.whole, first.states) == (["U-WEST"], True, {})
    stage.fix("U-EAST", IN_WEST)
    stage.feed.gather()
    (came,) = frames(stage.feed.since(1, west))
    assert ([f.unit_id for f in came.fixes], came.gone) == (["U-EAST"], [])
    assert came.states == {"U-EAST": "on_scene"}
    stage.states["U-EAST"] = UnitStatus.FREE
    assert stage.feed.gather(), "what a visitor does is told without a position too"
    (news,) = frames(stage.feed.since(2, west))
    assert (news.fixes, news.states) == ([], {"U-EAST": "free"})
    stage.fix("U-EAST", IN_EAST)
    stage.fix("U-WEST", IN_EAST)
    stage.feed.gather()
    (left,) = frames(stage.feed.since(3, west))
    assert (left.gone, [f.unit_id for f in left.fixes]) == (["U-EAST"], ["U-WEST"])
    assert "U-EAST" not in str(left.fixes), "where it went is nobody's business here"


def test_sockets_that_see_the_same_share_the_bytes() -> None:
    stage = Stage()
    asked = 0

    def counting(lon: float, lat: float) -> str:
        nonlocal asked
        asked += 1
        return two_streets().around.cell_at(lon, lat)

    where = replace(stage.where, cell_at=counting)
    stage.feed = FixFeed(stage.tracks, where, stage.status_of)
    views = [stage.view(ONLY_WEST) for _ in range(50)]
    firsts = [stage.feed.since(None, view)[0][1] for view in views]
    assert len({id(frame) for frame in firsts}) == 1
    stage.fix("U-WEST", IN_WEST)
    stage.feed.gather()
    sent = [stage.feed.since(0, view)[0][1] for view in views]
    assert len({id(frame) for frame in sent}) == 1
    assert asked == 1, "a fix is looked up once, however many sockets there are"


def test_a_scope_that_nobody_asks_for_is_let_go() -> None:
    stage = Stage()
    stage.feed.since(None, stage.view(ONLY_WEST))
    for _ in range(KEPT_TICKS + 1):
        stage.fix("U-WEST", IN_WEST)
        stage.feed.gather()
    assert not stage.feed._scopes
    (frame,) = frames(stage.feed.since(0, stage.view(ONLY_WEST)))
    assert frame.whole


def test_who_may_not_see_positions_is_sent_none() -> None:
    stage = Stage()
    stage.fix("U-WEST", IN_WEST)
    stage.feed.gather()
    view = stage.view(WHOLE, Role.ADMINISTRATOR)
    (frame,) = frames(stage.feed.since(None, view))
    assert (frame.fixes, frame.whole) == ([], True)
    stage.fix("U-WEST", IN_EAST)
    stage.feed.gather()
    assert stage.feed.since(1, view) == []


@given(
    st.lists(
        st.one_of(
            st.tuples(
                st.sampled_from(["U-WEST", "U-EAST", "U-NONE", "U-UNKNOWN"]),
                st.sampled_from(PLACES),
            ),
            st.sampled_from(["gather", "ask", "come late"]),
        ),
        max_size=80,
    )
)
@settings(deadline=None)
def test_a_desk_shows_what_it_may_see_and_nothing_else(
    steps: list[tuple[str, tuple[float, float]] | str],
) -> None:
    """Whenever a desk is level it shows exactly the newest fixes that its view lets through."""
    stage = Stage()
    view, desk, tick = stage.view(ONLY_WEST), Fixes(), None
    for step in [*steps, "gather", "ask"]:
        if isinstance(step, tuple):
            stage.fix(*step)
        elif step == "gather":
            stage.feed.gather()
        else:
            sent = stage.feed.since(None if step == "come late" else tick, view)
            tick = stage.feed.tick
            show(desk, sent)
    may_see = {f.unit_id: f.at for f in view.fixes(stage.tracks.latest())}
    ids, _, _, at = desk.all()
    assert dict(zip(ids, at.tolist(), strict=True)) == may_see


def test_who_came_and_went_within_a_tick_is_gone_from_a_desk_that_came_between() -> None:
    stage = Stage()
    view, desk = stage.view(ONLY_WEST), Fixes()
    show(desk, stage.feed.since(None, view))
    stage.fix("U-WEST", IN_WEST)
    stage.feed.gather()
    stage.fix("U-EAST", IN_WEST)
    show(desk, stage.feed.since(None, view))
    tick = stage.feed.tick
    stage.fix("U-EAST", IN_EAST)
    stage.feed.gather()
    show(desk, stage.feed.since(tick, view))
    assert desk.of("U-EAST") is None


async def next_frame(
    ws: aiohttp.ClientWebSocketResponse, wanted: Callable[[FixesFrame], bool]
) -> FixesFrame:
    while True:
        frame = decode_desk_frame(await ws.receive_bytes(timeout=5))
        if isinstance(frame, FixesFrame) and wanted(frame):
            return frame


async def test_over_the_socket() -> None:
    async with door(limits=QUICK) as server:
        lin = server.headers(server.person("lin", Role.DUTY_OFFICER, ONLY_WEST))
        fixes = server.parts.fixes
        async with server.client.ws_connect(f"{server.url}/api/v1/stream", headers=lin) as ws:
            assert (await next_frame(ws, lambda f: f.whole)).fixes == []
            fixes.take(Fix("U-EAST", *IN_WEST, NOW))
            came = await next_frame(ws, lambda f: bool(f.fixes))
            assert came.states == {"U-EAST": "free"}
            unit = Actor(Role.DEVICE, "U-EAST")
            request = DeclareUnitStatus("U-EAST", UnitStatus.SOS)
            server.parts.service.submit(submission(request), unit)
            said = await next_frame(ws, lambda f: bool(f.states))
            assert said.states == {"U-EAST": "sos"}
            fixes.take(Fix("U-EAST", *IN_EAST, NOW + 1))
            assert (await next_frame(ws, lambda f: bool(f.gone))).gone == ["U-EAST"]


async def test_a1_a_desk_sees_the_call_of_a_unit_that_is_here_and_may_acknowledge_it() -> None:
    """A unit from elsewhere in distress: where it is, somebody must be able to help."""
    async with door(limits=QUICK) as server:
        lin = server.headers(server.person("lin", Role.DUTY_OFFICER, ONLY_WEST))
        unit = Actor(Role.DEVICE, "U-EAST")
        acknowledge = submission(AcknowledgeSos("U-EAST", NOW))
        async with server.client.ws_connect(f"{server.url}/api/v1/stream", headers=lin) as ws:
            assert (await next_frame(ws, lambda f: f.whole)).calls == {}
            server.parts.fixes.take(Fix("U-EAST", *IN_EAST, NOW))
            server.parts.service.handle(
                submission(DeclareUnitStatus("U-EAST", UnitStatus.SOS)), unit
            )
            status, said = await post(server, acknowledge, lin)
            assert (status, said["error"]) == (422, "not_in_your_area")
            server.parts.fixes.take(Fix("U-EAST", *IN_WEST, NOW + 1))
            told = await next_frame(ws, lambda f: bool(f.calls))
            assert told.calls is not None
            assert (told.calls["U-EAST"].at, told.calls["U-EAST"].acknowledged_at) == (NOW, 0)
            status, _ = await post(server, acknowledge, lin)
            assert status == 200
            told = await next_frame(ws, lambda f: bool(f.calls))
            assert told.calls is not None
            assert told.calls["U-EAST"].acknowledged_by == "person/lin"
            safe = DeclareUnitStatus("U-EAST", UnitStatus.FREE)
            server.parts.service.handle(submission(safe), unit)
            assert (await next_frame(ws, lambda f: f.calls is not None)).calls == {}


async def test_a1_a_desk_sees_the_call_of_a_unit_that_works_for_it() -> None:
    async with door(limits=QUICK) as server:
        lin = server.headers(server.person("lin", Role.DUTY_OFFICER, ONLY_WEST))
        system = Actor(Role.SYSTEM, "test")
        incident = report(lon=IN_WEST[0], lat=IN_WEST[1])
        server.parts.service.handle(submission(incident), system)
        order = DispatchUnits(incident.incident_id, (Order(key(), "U-EAST"),), Text())
        server.parts.service.handle(submission(order), system)
        call = DeclareUnitStatus("U-EAST", UnitStatus.SOS)
        server.parts.service.handle(submission(call), Actor(Role.DEVICE, "U-EAST"))
        async with server.client.ws_connect(f"{server.url}/api/v1/stream", headers=lin) as ws:
            told = await next_frame(ws, lambda f: bool(f.calls))
            assert told.calls is not None
            assert told.calls.keys() == {"U-EAST"}
        status, _ = await post(server, submission(AcknowledgeSos("U-EAST", NOW)), lin)
        assert status == 200


async def post(server: Door, what: Submission, headers: dict[str, str]) -> tuple[int, Any]:
    return await server.call("requests", json.loads(encode_submission(what)), headers)


def test_a1_a_desk_that_comes_takes_no_call_from_those_that_are_here() -> None:
    calls: dict[str, SosCall] = {}
    stage = Stage()
    feed = FixFeed(stage.tracks, stage.where, stage.status_of, lambda: dict(calls))
    west = stage.view(ONLY_WEST)
    feed.take(Fix("U-EAST", *IN_WEST, NOW))
    feed.gather()
    (first,) = frames(feed.since(None, west))
    assert first.calls == {}
    here = feed.tick
    feed.take(Fix("U-EAST", *IN_WEST, NOW + 1))
    feed.gather()
    calls["U-EAST"] = SosCall(NOW)
    feed.since(None, west)  # another desk of the same area has just come
    feed.gather()
    told = [f.calls for f in frames(feed.since(here, west)) if f.calls is not None]
    assert told == [{"U-EAST": SosCall(NOW)}]
