"""A desk that does not keep up loses no position, and shows no unit that has left."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from console.access import Actor, Role, View
from console.access.area import Area, area_of
from console.clock import Clocks, ManualClock
from console.model.picture import Picture
from console.model.unit import Fix, UnitStatus
from console.server.desk_socket import DeskStream
from console.server.fix_feed import KEPT_TICKS, FixFeed
from console.server.limits import Limits
from console.server.parts import Parts
from console.server.socket import Socket
from console.service import whereabouts
from console.session.fixes import Fixes
from console.tracks import Tracks
from console.wire import DeskFrame, FixesFrame, decode_desk_frame, fix_from_wire
from tests.helpers.people import WEST, two_streets
from tests.helpers.stream import NOW, PLACE, running, soon

IN_WEST, IN_EAST, NOWHERE = (119.0, 31.0), (121.0, 31.0), (119.0, 29.0)
UNITS = ["U-WEST", "U-EAST", "U-3"]
FAR = 1 << 30


class NarrowSocket:
    """A socket's end that takes `room` messages, and then is full."""

    def __init__(self) -> None:
        self.room = 0
        self.taken: list[bytes] = []

    @property
    def is_full(self) -> bool:
        return self.room <= 0

    def write(self, payload: bytes, *, shared: bool = False) -> None:
        assert shared
        assert self.room > 0, "written to although it was full"
        self.room -= 1
        self.taken.append(payload)


class Stage:
    """A desk's stream over a feed of positions, and the desk."""

    def __init__(self, area: Area) -> None:
        where = whereabouts(Picture(timelines=False), two_streets())
        self.view = View(Actor(Role.DUTY_OFFICER, "lin", area), where)
        self.tracks = Tracks(None, Clocks(ManualClock(NOW)), None)
        self.feed = FixFeed(self.tracks, where, lambda _unit: UnitStatus.FREE)
        self.socket = NarrowSocket()
        self.desk = Fixes()
        self.at = NOW - 100_000
        parts = SimpleNamespace(
            fixes=self.feed,
            presence=SimpleNamespace(online=frozenset()),
            devices=SimpleNamespace(faults={}),
            names=SimpleNamespace(known={}),
            limits=Limits(ping_every_s=1e9),
            clocks=Clocks(ManualClock(NOW)),
        )
        given_parts, socket = cast(Parts, parts), cast(Socket, self.socket)
        self.stream: Any = DeskStream(given_parts, socket, 0, self.view)

    def fix(self, unit_id: str, place: tuple[float, float]) -> None:
        self.at += 1
        self.feed.take(Fix(unit_id, *place, self.at))

    def send(self, room: int) -> None:
        """Have the stream write until the desk's end is full, and the desk take that."""
        self.socket.room = room
        if room:
            self.stream._write(self.stream._due_else())
        for payload in self.socket.taken:
            show(self.desk, decode_desk_frame(payload))
        self.socket.taken.clear()

    def is_level(self) -> bool:
        """Whether the desk shows exactly the newest positions that its view lets through."""
        ids, _, _, at = self.desk.all()
        may_see = {f.unit_id: f.at for f in self.view.fixes(self.tracks.latest())}
        return dict(zip(ids, at.tolist(), strict=True)) == may_see


def show(desk: Fixes, frame: DeskFrame) -> None:
    """Take a frame as a desk does."""
    if isinstance(frame, FixesFrame):
        if frame.whole:
            desk.keep_only({f.unit_id for f in frame.fixes})
        desk.forget(frame.gone)
        desk.take(fix_from_wire(f) for f in frame.fixes)
        desk.visit(frame.states)


@given(
    area=st.sampled_from([Area(), area_of([WEST[:9]])]),
    steps=st.lists(
        st.tuples(st.sampled_from(UNITS), st.sampled_from([IN_WEST, IN_EAST, NOWHERE]))
        | st.just("gather")
        | st.sampled_from([0, 1, 1, 2]),
        max_size=60,
    ),
)
@settings(deadline=None)
def test_b6_a_desk_that_lags_shows_what_is_so_once_it_is_level(
    area: Area, steps: list[tuple[str, tuple[float, float]] | str | int]
) -> None:
    """However few messages it takes at a time."""
    stage = Stage(area)
    for step in steps:
        if isinstance(step, tuple):
            stage.fix(*step)
        elif isinstance(step, int):
            stage.send(step)
        else:
            stage.feed.gather()
    stage.feed.gather()
    stage.send(FAR)
    assert stage.is_level()


def test_b6_a_unit_that_left_while_the_desk_lagged_is_no_ghost() -> None:
    stage = Stage(area_of([WEST[:9]]))
    stage.fix("U-EAST", IN_WEST)
    stage.feed.gather()
    stage.send(FAR)
    assert stage.desk.of("U-EAST") is not None
    stage.fix("U-WEST", IN_WEST)
    stage.feed.gather()
    stage.fix("U-EAST", IN_EAST)
    stage.feed.gather()
    for _ in range(2):
        stage.send(1)
    assert stage.desk.of("U-EAST") is None
    assert stage.is_level()


def test_b6_a_desk_that_lags_for_longer_than_is_kept_gets_everything() -> None:
    stage = Stage(area_of([WEST[:9]]))
    stage.fix("U-EAST", IN_WEST)
    stage.feed.gather()
    stage.send(FAR)
    stage.fix("U-EAST", IN_EAST)
    for n in range(KEPT_TICKS + 5):
        stage.feed.gather()
        stage.fix("U-WEST", (IN_WEST[0] + n / 10_000, IN_WEST[1]))
        if n % 10 == 0:
            stage.send(0)
    stage.feed.gather()
    stage.send(FAR)
    assert stage.is_level()


@pytest.mark.parametrize("units", [1500])
async def test_b6_over_a_real_line_that_stands_still_nothing_is_lost(units: int) -> None:
    """A desk stops reading until the server's end is full, and then reads on."""
    quick = Limits(fixes_every_s=0.01, send_timeout_s=600, heartbeat_s=600)
    async with running(limits=quick) as server:
        url = f"{server.url}/api/v1/stream?after=0"
        async with server.client.ws_connect(url, headers=server.desk, max_msg_size=0) as ws:
            desk = Fixes()
            transport: Any = ws._writer.transport
            await take(ws, desk, lambda: bool(server.parts.sockets))
            transport.pause_reading()
            latest: dict[str, int] = {}
            for n in range(45):
                fixes = [fix for fix in moved(n, units) if hash((fix.unit_id, n)) % 3]
                server.parts.fixes.take_all(fixes)
                latest |= {fix.unit_id: fix.at for fix in fixes}
                tick = server.parts.fixes.tick
                await soon(lambda tick=tick: server.parts.fixes.tick > tick)
            transport.resume_reading()

            def is_level() -> bool:
                ids, _, _, at = desk.all()
                return dict(zip(ids, at.tolist(), strict=True)) == latest

            await take(ws, desk, is_level)


def moved(n: int, units: int) -> Iterator[Fix]:
    for unit in range(units):
        yield Fix(f"U-{unit:04d}" + "x" * 60, PLACE[0] + n / 10_000, PLACE[1], NOW - 90_000 + n)


async def take(ws: aiohttp.ClientWebSocketResponse, desk: Fixes, until: Any) -> None:
    """Read frames until `until()` holds."""
    while True:
        show(desk, decode_desk_frame(await ws.receive_bytes(timeout=10)))
        if until():
            return
