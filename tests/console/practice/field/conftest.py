"""A real server on loopback, and the simulated field living on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import pytest
from aiohttp.test_utils import TestServer

from console.clock import Clocks, SystemClock
from console.journal.memory import MemoryJournal
from console.model.command import Step
from console.model.geo import lonlat_from_world
from console.model.ids import new_key
from console.model.picture import Picture
from console.model.requests import DispatchUnits, Order, ReportIncident, Request, Submission
from console.model.text import Text
from console.model.unit import UnitKind
from console.practice.field.behaviour import Stand
from console.practice.field.field_time import FieldTime
from console.practice.field.fleet import Fleet
from console.practice.field.http_api import HttpFieldApi
from console.practice.field.script import CALM, Script
from console.server.app import build_app
from console.server.parts import PARTS, Parts
from console.service import anywhere
from tests.helpers.field_fakes import BLOCK, Blocks
from tests.helpers.stream import hung_up

SECRET = "the-desks-own-secret"
CORNER = (133_720 * BLOCK, 35_200 * BLOCK)
"""World metres, near 120 E 30 N."""


def stands(count: int = 10) -> list[Stand]:
    """Units of every kind, a block apart."""
    kinds = list(UnitKind)
    return [
        Stand(f"U-{i:04d}", kinds[i % len(kinds)], (CORNER[0] + i * BLOCK, CORNER[1]))
        for i in range(count)
    ]


@dataclass
class Desk:
    """A server, and an officer's hand on it."""

    api: HttpFieldApi
    parts: Parts
    clock: SystemClock

    @property
    def picture(self) -> Picture:
        """The server's own picture."""
        return self.parts.feed.picture

    async def ask(self, request: Request) -> None:
        """Submit as the desk."""
        now = self.clock.now_ms()
        await self.api.submit(Submission(new_key(now), request, now))

    async def send(self, unit_id: str, blocks: int = 5) -> tuple[str, str]:
        """Report an incident and send a unit there; the incident's and the command's ids."""
        incident_id, command_id = (new_key(self.clock.now_ms()) for _ in range(2))
        lon, lat = lonlat_from_world(CORNER[0] + blocks * BLOCK, CORNER[1] + BLOCK)
        where = float(lon), float(lat)
        await self.ask(
            ReportIncident(incident_id, "rubbish", 4, *where, Text("路"), Text("脏"), "hotline")
        )
        order = Order(command_id, unit_id)
        await self.ask(DispatchUnits(incident_id, (order,), Text("请处置", "Please deal with it")))
        return incident_id, command_id

    def step(self, command_id: str) -> Step:
        """How far a command is."""
        return self.picture.commands[command_id].step

    @asynccontextmanager
    async def field(
        self, units: Sequence[Stand], speed: float = 300.0, script: Script = CALM
    ) -> AsyncIterator[Fleet]:
        """The units alive, until the block is left."""
        time = FieldTime(self.clock, speed)
        fleet = Fleet(self.api, Blocks(), time, seed=1, script=script)
        task = asyncio.create_task(fleet.live(units))
        try:
            yield fleet
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """A server over a journal in memory that takes every unit and place."""
    clock = SystemClock()
    app = build_app(MemoryJournal(clock), ground=anywhere(), clocks=Clocks(clock), secret=SECRET)
    server = TestServer(app)
    await server.start_server()
    async with HttpFieldApi(str(server.make_url("")), SECRET) as api:
        yield Desk(api, app[PARTS], clock)
    await server.close()
    await hung_up()


async def until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)
