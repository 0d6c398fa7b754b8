"""A server where people sign in, with quick passwords and a clock that the test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher

from console.access import WHOLE, Area, Gate, Role
from console.access import passwords as passwords_module
from console.access.people import Person
from console.access.provider import OidcConfig
from console.clock import Clocks, ManualClock
from console.journal.memory import MemoryJournal
from console.model.decide import Surroundings
from console.model.geo import LonLat
from console.server.app import build_app
from console.server.limits import Limits
from console.server.parts import PARTS, Parts
from console.server.proxies import TrustedProxies
from console.service import Ground
from tests.helpers.stream import NOW, hung_up

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse 9"

WEST, EAST = "330106001001001", "330106002001001"
"""Two cells, in two streets: west and east of 120 degrees."""
UNITS = {"U-WEST": WEST, "U-EAST": EAST, "U-NONE": ""}


def two_streets() -> Ground:
    """A ground of two streets and a strip that belongs to no cell (south of 30 degrees)."""

    def cell_at(lon: float, lat: float) -> str:
        return "" if lat < 30 else WEST if lon < 120 else EAST

    around = Surroundings(cell_at, UNITS.__contains__)
    return Ground(lambda lon, lat: LonLat(lon, lat).is_valid(), around, UNITS.get)


@dataclass
class Door:
    """A running server and everything behind it."""

    url: str
    parts: Parts
    clock: ManualClock
    client: aiohttp.ClientSession
    app: web.Application

    @property
    def gate(self) -> Gate:
        """Who may come in."""
        return self.parts.gate

    def person(self, name: str, role: Role, area: Area = WHOLE, password: str = "") -> Person:
        """Somebody who may sign in."""
        stored = QUICK.hash(password) if password else ""
        return self.gate.people.add(name, name.title(), role, area, password=stored)

    def headers(self, person: Person, desk: str = "03") -> dict[str, str]:
        """The headers of a sign-in."""
        return bearer(self.gate.sessions.open(person, desk).access)

    async def call(
        self, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """POST `body`, or GET without one; status and answer."""
        method = "GET" if body is None else "POST"
        address = f"{self.url}/api/v1/{path}"
        async with self.client.request(method, address, json=body, headers=headers) as answer:
            return answer.status, await answer.json()


def bearer(token: str) -> dict[str, str]:
    """The header that shows a token."""
    return {"Authorization": f"Bearer {token}"}


@contextmanager
def quick_passwords() -> Iterator[None]:
    """Passwords cost next to nothing."""
    with mock.patch.object(passwords_module.Passwords.__init__, "__defaults__", (QUICK, 2, 32)):
        yield


@asynccontextmanager
async def door(
    secret: str = "",
    limits: Limits | None = None,
    oidc: OidcConfig | None = None,
    proxies: TrustedProxies | None = None,
) -> AsyncIterator[Door]:
    """A server without anybody, stopped at the end."""
    clock = ManualClock(NOW)
    with quick_passwords():
        app = build_app(
            MemoryJournal(clock),
            ground=two_streets(),
            clocks=Clocks(clock),
            secret=secret,
            limits=limits,
            oidc=oidc,
            proxies=proxies,
        )
    server = TestServer(app)
    await server.start_server()
    async with aiohttp.ClientSession() as client:
        yield Door(str(server.make_url("")).rstrip("/"), app[PARTS], clock, client, app)
    await server.close()
    await hung_up()
