"""Requests and a running server, for the tests of the stream."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer

from console.clock import Clocks, ManualClock
from console.journal.interface import Journal
from console.journal.memory import MemoryJournal
from console.model.decide import Surroundings
from console.model.ids import new_key
from console.model.requests import DispatchUnits, Order, ReportIncident, Request, Submission
from console.model.text import Text
from console.server.app import Storage, build_app
from console.server.limits import Limits
from console.server.parts import PARTS, Parts
from console.service import Ground
from console.wire import encode_submission

NOW = 1_795_000_000_000
SECRET = "the-desks-own-secret"
PLACE = (120.15, 30.28)

_counter = itertools.count(NOW)


def key() -> str:
    """A key later than the one before."""
    return new_key(next(_counter))


def submission(request: Request, at: int = NOW, own_key: str = "", seen: int = 0) -> Submission:
    """`request` on its way."""
    return Submission(own_key or key(), request, at, seen)


def report(incident_id: str = "", **changes: Any) -> ReportIncident:
    """A report of an incident at PLACE."""
    values: dict[str, Any] = {
        "incident_id": incident_id or key(),
        "type_code": "traffic.collision",
        "priority": 2,
        "lon": PLACE[0],
        "lat": PLACE[1],
        "address": Text("文三路", "Wensan Road"),
        "words": Text("两车相撞", "Two cars have collided"),
        "source": "phone",
    }
    return ReportIncident(**(values | changes))


def dispatch(incident_id: str, *units: str, beside: Sequence[str] = ()) -> DispatchUnits:
    """An order for `units`, `beside` earlier commands of theirs."""
    orders = tuple(Order(key(), unit, tuple(beside)) for unit in units)
    return DispatchUnits(incident_id, orders, Text("请前往", "Please go"))


def small_ground() -> Ground:
    """A city of a few kilometres round PLACE, with the units U-0001 to U-0003."""
    roster = {"U-0001", "U-0002", "U-0003"}

    def holds(lon: float, lat: float) -> bool:
        return abs(lon - PLACE[0]) < 0.1 and abs(lat - PLACE[1]) < 0.1

    return Ground(holds, Surroundings(lambda _lon, _lat: "330106", roster.__contains__))


@dataclass
class Running:
    """A server on loopback, and a client of it."""

    url: str
    parts: Parts
    clock: ManualClock
    client: aiohttp.ClientSession
    desk: dict[str, str] = field(default_factory=lambda: {"Authorization": f"Bearer {SECRET}"})

    async def post(
        self, what: Submission, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Post a submission; status and body."""
        body = encode_submission(what)
        address = f"{self.url}/api/v1/requests"
        async with self.client.post(address, data=body, headers=headers or self.desk) as answer:
            return answer.status, await answer.json()

    async def device(self, unit_id: str) -> dict[str, str]:
        """The headers of a device registered for the unit."""
        address = f"{self.url}/api/v1/devices"
        async with self.client.post(address, json={"unit_id": unit_id}, headers=self.desk) as reply:
            return {"Authorization": f"Bearer {(await reply.json())['token']}"}


@asynccontextmanager
async def running(
    journal: Journal | None = None, limits: Limits | None = None, storage: Storage | None = None
) -> AsyncIterator[Running]:
    """A server over `journal` (one in memory by default), stopped at the end."""
    clock = ManualClock(NOW)
    app = build_app(
        journal or MemoryJournal(clock),
        ground=small_ground(),
        clocks=Clocks(clock),
        secret=SECRET,
        storage=storage,
        limits=limits,
    )
    server = TestServer(app)
    await server.start_server()
    async with aiohttp.ClientSession() as client:
        yield Running(str(server.make_url("")).rstrip("/"), app[PARTS], clock, client)
    await server.close()
    await hung_up()


async def hung_up() -> None:
    """Let the loop finish with connections that were closed just now: what is left open at its end
    is found as garbage in another test, on a busy machine in any.
    """
    for _ in range(10):
        await asyncio.sleep(0)


async def soon(condition: Any, timeout_s: float = 10.0) -> None:
    """Wait until `condition()` holds."""
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.005)
