"""A database that does not answer, and does not break off either: everything else goes on."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from console.access import Role
from console.access.open import open_store
from console.clock import Clocks, ManualClock
from console.journal.open import open_journal
from console.journal.verify import verify
from console.server import health
from console.server.app import Storage, build_app
from console.server.limits import Limits
from console.server.parts import PARTS
from console.wire import (
    EventsFrame,
    FixesFrame,
    FixFrame,
    PingFrame,
    decode_desk_frame,
    encode_frame,
)
from tests.helpers.cut_line import CutLine
from tests.helpers.people import PASSWORD, QUICK, bearer, quick_passwords
from tests.helpers.postgres import Cluster
from tests.helpers.stream import (
    NOW,
    PLACE,
    SECRET,
    Running,
    report,
    small_ground,
    soon,
    submission,
)

LIMITS = Limits(
    answer_s=1.0, errand_s=1.0, ping_every_s=0.1, fixes_every_s=0.05, sweep_every_s=0.05
)
AT_ONCE_S = 0.5
"""What needs no database is answered in less."""
BOUND_S = 10.0
"""What needs it is refused in less."""


@pytest.fixture
def line(postgres: Cluster) -> Iterator[CutLine]:
    made = CutLine(postgres.socket)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hang counts as one sooner than in real life."""
    monkeypatch.setattr("console.journal.postgres.READ_S", 2.0)
    monkeypatch.setattr("console.journal.postgres.WRITE_S", 2.0)
    monkeypatch.setattr("console.journal.postgres_tail.READ_S", 2.0)
    monkeypatch.setattr("console.access.postgres.READ_S", 2.0)
    monkeypatch.setattr(health, "PATIENCE_S", 1.0)


@asynccontextmanager
async def served(url: str, secret: str = SECRET) -> AsyncIterator[Running]:
    """A server over the database at `url`, its people there too."""
    clock = ManualClock(NOW)
    journal = await asyncio.to_thread(open_journal, url, clock)
    with quick_passwords():
        app = build_app(
            journal,
            ground=small_ground(),
            clocks=Clocks(clock),
            secret=secret,
            storage=Storage(people=open_store(url)),
            limits=LIMITS,
        )
    async with TestServer(app) as server, aiohttp.ClientSession() as client:
        yield Running(str(server.make_url("")).rstrip("/"), app[PARTS], clock, client)
    await asyncio.to_thread(journal.close)


def through(line: CutLine, url: str) -> str:
    """The same database, over the line."""
    return re.sub(r"host=[^&]*", f"host=127.0.0.1&port={line.port}", url)


async def timed(asked: Any) -> tuple[float, int, dict[str, Any]]:
    """How long an answer took, its status and body."""
    began = time.monotonic()
    async with asked as answer:
        body = await answer.json()
    return time.monotonic() - began, answer.status, body


class Desk:
    """What a desk hears, by the kind of frame."""

    def __init__(self) -> None:
        self.heard: dict[type, int] = {}
        self.last_lon = 0.0

    async def listen(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        async for message in ws:
            frame = decode_desk_frame(message.data)
            self.heard[type(frame)] = self.heard.get(type(frame), 0) + 1
            if isinstance(frame, FixesFrame) and frame.fixes:
                self.last_lon = frame.fixes[-1].lon

    def count(self, kind: type) -> int:
        return self.heard.get(kind, 0)


@asynccontextmanager
async def desk(server: Running, after: int = 0) -> AsyncIterator[Desk]:
    heard = Desk()
    url = f"{server.url}/api/v1/stream?after={after}"
    async with server.client.ws_connect(url, headers=server.desk) as ws:
        listening = asyncio.create_task(heard.listen(ws))
        yield heard
        await ws.close()
        await listening


@asynccontextmanager
async def unit(server: Running) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    headers = await server.device("U-0001")
    async with server.client.ws_connect(f"{server.url}/api/v1/field", headers=headers) as ws:
        yield ws


async def moves(line: aiohttp.ClientWebSocketResponse, seen: Desk, n: int) -> None:
    """The unit says where it is now, and the desk hears of it."""
    lon = PLACE[0] + n / 1000
    await line.send_bytes(encode_frame(FixFrame(lon, PLACE[1], NOW + n)))
    async with asyncio.timeout(5):
        while seen.last_lon != lon:
            await asyncio.sleep(0.01)


async def test_all_else_goes_on_and_what_needs_it_is_refused_in_time(
    postgres: Cluster, line: CutLine
) -> None:
    url = postgres.fresh()
    async with served(through(line, url)) as server:
        for _ in range(5):
            assert (await server.post(submission(report())))[0] == 200
        server.parts.feed._recent.clear()  # as after a start: nothing is at hand
        async with unit(server) as device, desk(server, after=5) as level:
            await soon(lambda: level.count(EventsFrame))
            await moves(device, level, 1)
            line.stall()
            asked = [asyncio.create_task(server.post(submission(report()))) for _ in range(3)]
            events = f"{server.url}/api/v1/events?after=0"
            reads = [
                asyncio.create_task(timed(server.client.get(events, headers=server.desk)))
                for _ in range(20)
            ]
            async with desk(server, after=0) as behind:
                pings = level.count(PingFrame)
                for n in range(2, 12):
                    took, status, _ = await timed(server.client.get(f"{server.url}/health"))
                    assert (status, took < AT_ONCE_S) == (200, True), took
                    await moves(device, level, n)
                    assert behind.last_lon or n < 4
                await soon(lambda: level.count(PingFrame) > pings + 3)
                await soon(lambda: behind.count(PingFrame) > 3)
                assert behind.count(EventsFrame) == 0
                took, status, said = await timed(server.client.get(f"{server.url}/ready"))
                assert (status, said["checks"]["journal"]) == (503, "unreadable")
                assert took < BOUND_S
                for status, said in await asyncio.gather(*asked):
                    assert (status, said["error"]) == (503, "storage_failed")
                for took, status, said in await asyncio.gather(*reads):
                    assert (status, said["error"]) == (503, "storage_failed")
                    assert took < BOUND_S
                line.mend()
                await soon(lambda: behind.count(EventsFrame), 20)
                await _accepted(server)
                await soon(lambda: level.count(EventsFrame) > 1)
    verdict = await asyncio.to_thread(verify, url)
    assert verdict.is_sound, verdict.findings


async def _accepted(server: Running) -> None:
    """A submission is sent again until it is taken, as a desk does."""
    sent = submission(report())
    async with asyncio.timeout(20):
        while (await server.post(sent))[0] != 200:
            await asyncio.sleep(0.1)


async def test_who_is_known_goes_on_and_who_comes_is_told_to_wait(
    postgres: Cluster, line: CutLine
) -> None:
    async with served(through(line, postgres.fresh()), secret="") as server:
        gate = server.parts.gate
        lin = gate.people.add("lin", "林", Role.DUTY_OFFICER, password=QUICK.hash(PASSWORD))
        token = gate.sessions.open(lin, "03").access
        known = bearer(token)
        unseen = bearer(gate.sessions.open(lin, "04").access)
        events = f"{server.url}/api/v1/events?after=0"
        assert (await timed(server.client.get(events, headers=known)))[1] == 200
        await soon(lambda: gate.known(token) is not None)
        line.stall()
        signin = {"name": "lin", "password": PASSWORD, "desk": "05"}
        coming = [
            asyncio.create_task(
                timed(server.client.post(f"{server.url}/api/v1/signin", json=signin))
            ),
            asyncio.create_task(timed(server.client.get(events, headers=unseen))),
            asyncio.create_task(timed(server.client.get(f"{server.url}/api/v1/me", headers=known))),
        ]
        for _ in range(10):
            took, status, _ = await timed(server.client.get(events, headers=known))
            assert (status, took < AT_ONCE_S) == (200, True), took
            await asyncio.sleep(0.05)
        for took, status, said in await asyncio.gather(*coming):
            assert (status, said["error"]) == (503, "storage_failed")
            assert took < BOUND_S
        line.mend()
        async with asyncio.timeout(20):
            while (await timed(server.client.get(events, headers=unseen)))[1] != 200:
                await asyncio.sleep(0.1)
