"""What a desk is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

import aiohttp

from console.model.requests import AcceptIncident
from console.model.unit import Fix
from console.server.limits import Limits
from console.wire import (
    DeskFrame,
    DevicesFrame,
    EventsFrame,
    FixesFrame,
    PingFrame,
    decode_desk_frame,
)
from tests.helpers.stream import PLACE, Running, report, running, soon, submission

QUICK = Limits(ping_every_s=0.2, fixes_every_s=0.02, sweep_every_s=0.02)

Told = TypeVar("Told", bound=DeskFrame)


class Desk:
    """A desk's end of the stream."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws

    async def next(self, kind: type[Told]) -> Told:
        while True:
            frame = decode_desk_frame(await self.ws.receive_bytes(timeout=5))
            if isinstance(frame, kind):
                return frame


@asynccontextmanager
async def desk(server: Running, after: int = 0) -> AsyncIterator[Desk]:
    url = f"{server.url}/api/v1/stream?after={after}"
    async with server.client.ws_connect(url, headers=server.desk) as ws:
        yield Desk(ws)


async def test_the_first_frame_tells_the_head_even_of_an_empty_journal() -> None:
    async with running() as server, desk(server) as one:
        frame = await one.next(EventsFrame)
        assert (frame.events, frame.head) == ([], 0)
        assert frame.journal == server.parts.feed.journal_id


async def test_events_come_from_the_cursor_on_and_then_as_they_happen() -> None:
    async with running() as server:
        asked = report()
        await server.post(submission(asked))
        async with desk(server) as one:
            first = await one.next(EventsFrame)
            assert [e.seq for e in first.decoded()] == [1]
            await server.post(submission(AcceptIncident(asked.incident_id)))
            assert [e.seq for e in (await one.next(EventsFrame)).decoded()] == [2]
        async with desk(server, after=1) as again:
            assert [e.seq for e in (await again.next(EventsFrame)).decoded()] == [2]


async def test_a_long_past_comes_in_pages() -> None:
    async with running(limits=Limits(page=7)) as server:
        for _ in range(20):
            await server.post(submission(report()))
        seen: list[int] = []
        async with desk(server) as one:
            while len(seen) < 20:
                page = (await one.next(EventsFrame)).decoded()
                assert len(page) <= 7
                seen += [e.seq for e in page]
        assert seen == list(range(1, 21))


async def test_a_cursor_of_another_journal_is_told_the_head() -> None:
    async with running() as server, desk(server, after=5) as one:
        frame = await one.next(EventsFrame)
        assert (frame.events, frame.head) == ([], 0)


async def test_fixes_first_all_then_those_that_moved() -> None:
    async with running(limits=QUICK) as server:
        fixes = server.parts.fixes
        fixes.take(Fix("U-0001", *PLACE, 1000))
        fixes.take(Fix("U-0002", *PLACE, 1000))
        async with desk(server) as one:
            first = await one.next(FixesFrame)
            assert {f.unit_id for f in first.fixes} == {"U-0001", "U-0002"}
            await soon(lambda: not fixes._changed)
            fixes.take(Fix("U-0002", *PLACE, 2000, 90.0, 1.5))
            while (moved := await one.next(FixesFrame)).fixes[-1].at != 2000:
                pass
            assert [(f.unit_id, f.heading, f.speed) for f in moved.fixes] == [("U-0002", 90, 1.5)]


async def test_pings_and_devices() -> None:
    async with running(limits=QUICK) as server, desk(server) as one:
        assert isinstance(await one.next(PingFrame), PingFrame)
        headers = await server.device("U-0001")
        async with server.client.ws_connect(f"{server.url}/api/v1/field", headers=headers):
            assert (await one.next(DevicesFrame)).online == ["U-0001"]
        assert (await one.next(DevicesFrame)).offline == ["U-0001"]
