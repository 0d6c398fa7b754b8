"""An exercise's clock: a scenario at 8x, or paused for an hour, beside a wall that goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer

from console.access import Role
from console.access.attempts import FIRST_LOCK_MS, FREE_FAILURES
from console.access.sessions import ACCESS_MS, FAMILY_MS
from console.clock import Clocks, ManualClock, ScaledClock
from console.journal.memory import MemoryJournal
from console.model.command import Step
from console.model.requests import DeclareUnitStatus, Request
from console.model.unit import UnitStatus
from console.server.app import build_app
from console.server.limits import Limits
from console.server.parts import PARTS
from console.server.rate import Rate
from console.wire import (
    ClockFrame,
    FixFrame,
    PingFrame,
    decode_desk_frame,
    decode_field_push,
    encode_frame,
    encode_submission,
)
from tests.helpers.people import PASSWORD, Door, bearer, quick_passwords, two_streets
from tests.helpers.stream import NOW, dispatch, report, soon, submission

START = NOW - 140 * 86_400_000
"""A night of last summer is practised."""
MINUTE_MS, HOUR_MS = 60_000, 3_600_000
QUICK = Limits(ping_every_s=0.02, field_ping_every_s=0.02, fixes_every_s=0.02, sweep_every_s=0.02)


@dataclass
class Exercise(Door):
    """A server with an exercise's scenario, and a desk that is signed in there."""

    scenario: ScaledClock
    grant: dict[str, Any]
    stream: aiohttp.ClientWebSocketResponse

    async def renew(self) -> None:
        """The desk renews its sign-in."""
        status, granted = await self.call("refresh", {"refresh": self.grant["refresh"]})
        assert status == 200, granted
        self.grant = granted

    async def submit(self, request: Request, token: str = "", at: int = 0) -> list[dict[str, Any]]:
        """What `request` makes, as the desk or a device sends it by its own time."""
        address = f"{self.url}/api/v1/requests"
        body = encode_submission(submission(request, at or self.scenario.now_ms()))
        headers = bearer(token or self.grant["access"])
        async with self.client.post(address, data=body, headers=headers) as answer:
            said = await answer.json()
            assert answer.status == 200, said
            events: list[dict[str, Any]] = said["events"]
            return events

    async def order(self) -> str:
        """A command to a unit that nobody is there to take; its id."""
        incident = report(lon=119.0, lat=31.0)
        await self.submit(incident)
        order = dispatch(incident.incident_id, "U-WEST")
        await self.submit(order)
        command_id = order.orders[0].command_id
        await soon(lambda: command_id in self.parts.feed.picture.commands)
        return command_id

    async def step_of(self, command_id: str) -> Step:
        """Where the command stands after all that was due has been decided."""
        self.parts.timeouts.sweep()
        (event,) = await self.submit(report(lon=119.0, lat=31.0))
        await soon(lambda: self.parts.feed.head >= event["seq"])
        return self.parts.feed.picture.commands[command_id].step

    async def device(self) -> str:
        """The token of a phone for U-WEST."""
        _, made = await self.call("enrolments", {"unit_id": "U-WEST"}, self.headers_now)
        _, device = await self.call("devices", {"code": made["code"]})
        return str(device["token"])

    @property
    def headers_now(self) -> dict[str, str]:
        """The desk's."""
        return bearer(self.grant["access"])


@asynccontextmanager
async def exercise(rate: float, limits: Limits = QUICK) -> AsyncIterator[Exercise]:
    wall = ManualClock(NOW)
    scenario = ScaledClock(wall, START, rate)
    clocks = Clocks(wall, scenario)
    with quick_passwords():
        app = build_app(
            MemoryJournal(clocks.scenario),
            ground=two_streets(),
            clocks=clocks,
            secret="",
            limits=limits,
        )
    async with TestServer(app) as running, aiohttp.ClientSession() as client:
        url = str(running.make_url("")).rstrip("/")
        door = Door(url, app[PARTS], wall, client, app)
        door.person("lin", Role.DUTY_OFFICER, password=PASSWORD)
        said = {"name": "lin", "password": PASSWORD, "desk": "03"}
        _, grant = await door.call("signin", said)
        headers = bearer(grant["access"])
        async with client.ws_connect(f"{url}/api/v1/stream", headers=headers) as stream:
            yield Exercise(url, app[PARTS], wall, client, app, scenario, grant, stream)
            assert not stream.closed, "the desk was signed in throughout"


async def told_now(server: Exercise) -> int:
    """What the desk is told as now, by a ping sent after all that was sent before."""
    async with asyncio.timeout(10):
        while True:
            frame = decode_desk_frame(await server.stream.receive_bytes())
            if isinstance(frame, PingFrame) and frame.at == server.scenario.now_ms():
                return frame.at


async def test_at_eight_times_the_scenario_runs_and_nobody_is_signed_out() -> None:
    async with exercise(8) as server:
        for _ in range(23):  # a shift and a night: 184 hours of the scenario
            server.clock.advance(HOUR_MS)
            await server.renew()
            await server.parts.live.check()
        assert server.scenario.now_ms() == START + 184 * HOUR_MS
        server.clock.advance(ACCESS_MS - MINUTE_MS)
        assert (await server.call("me", headers=server.headers_now))[0] == 200
        server.clock.advance(MINUTE_MS)
        assert (await server.call("me", headers=server.headers_now))[0] == 401
        await server.renew()
        assert await told_now(server) == START + 8 * (23 * HOUR_MS + ACCESS_MS)
    assert FAMILY_MS > 23 * HOUR_MS + ACCESS_MS


async def test_at_eight_times_an_order_times_out_after_an_eighth_of_the_walls_time() -> None:
    async with exercise(8) as server:
        order = await server.order()
        server.clock.advance(14_999)
        assert await server.step_of(order) is Step.QUEUED
        server.clock.advance(1)
        await soon(lambda: server.parts.feed.picture.commands[order].step is Step.TIMED_OUT)


async def test_paused_for_an_hour_nobody_times_out_and_nobody_is_signed_out() -> None:
    async with exercise(1) as server:
        order = await server.order()
        server.clock.advance(119_000)
        server.scenario.pause()
        for _ in range(12):
            server.clock.advance(5 * MINUTE_MS)
            await server.renew()
            await server.parts.live.check()
        assert await server.step_of(order) is Step.QUEUED
        assert await told_now(server) == START + 119_000
        server.scenario.resume()
        server.clock.advance(999)
        assert await server.step_of(order) is Step.QUEUED
        server.clock.advance(1)
        await soon(lambda: server.parts.feed.picture.commands[order].step is Step.TIMED_OUT)


async def test_paused_for_an_hour_a_sign_in_that_is_not_renewed_ends_by_the_wall() -> None:
    async with exercise(1) as server:
        server.scenario.pause()
        server.clock.advance(HOUR_MS)
        assert (await server.call("me", headers=server.headers_now))[0] == 401
        await server.renew()


async def test_what_happens_bears_the_scenarios_time_and_the_access_log_the_walls() -> None:
    async with exercise(8) as server:
        boss = server.person("boss", Role.ADMINISTRATOR, password=PASSWORD)
        server.clock.advance(HOUR_MS)
        await server.renew()
        (event,) = await server.submit(report(lon=119.0, lat=31.0))
        assert event["recorded_at"] == event["happened_at"] == START + 8 * HOUR_MS
        said = {"name": "boss", "password": PASSWORD, "desk": "04"}
        await server.call("signin", said)
        _, log = await server.call("accesslog", headers=server.headers(boss))
        signed_in = [e["at"] for e in log["entries"] if e["kind"] == "access.signed_in"]
        assert signed_in == [NOW, NOW + HOUR_MS]


async def test_limits_and_locks_are_the_walls() -> None:
    slow = Limits(token_rate=Rate(1, 3))
    async with exercise(8, slow) as server:

        async def calls() -> list[int]:
            return [(await server.call("me", headers=server.headers_now))[0] for _ in range(3)]

        await calls()
        server.clock.advance(500)
        assert 429 in await calls(), "four seconds of the scenario give nobody a call more"
        server.scenario.pause()
        server.clock.advance(3000)
        assert await calls() == [200] * 3
        wrong = {"name": "lin", "password": "not this one", "desk": "09"}
        right = {"name": "lin", "password": PASSWORD, "desk": "09"}
        for _ in range(FREE_FAILURES + 1):
            await server.call("signin", wrong)
        assert (await server.call("signin", right))[0] == 429
        server.clock.advance(FIRST_LOCK_MS)
        assert (await server.call("signin", right))[0] == 200


async def test_a_device_goes_by_the_wall_and_what_it_says_is_placed_in_the_scenario() -> None:
    async with exercise(8) as server:
        token = await server.device()
        url = f"{server.url}/api/v1/field"
        async with server.client.ws_connect(url, headers=bearer(token)) as line:
            ping = decode_field_push(await line.receive_bytes(timeout=5))
            assert isinstance(ping, PingFrame)
            assert ping.at == NOW
            await line.send_bytes(encode_frame(ClockFrame(ping.at, NOW)))
            server.clock.advance(10_000)
            made = server.clock.now_ms() - 2000
            await line.send_bytes(encode_frame(FixFrame(119.0, 31.0, made)))
            await soon(lambda: server.parts.tracks.of("U-WEST") is not None)
            fix = server.parts.tracks.of("U-WEST")
            assert fix is not None
            assert fix.at == START + 8 * 8000
            assert server.parts.devices.faults == {}
            server.scenario.pause()
            server.clock.advance(HOUR_MS)
            await line.send_bytes(encode_frame(FixFrame(119.1, 31.0, server.clock.now_ms())))
            await soon(lambda: (server.parts.tracks.of("U-WEST") or fix).lon == 119.1)
            late = server.parts.tracks.of("U-WEST")
            assert late is not None
            assert late.at == server.scenario.now_ms() == START + 80_000
        busy = DeclareUnitStatus("U-WEST", UnitStatus.OFF)
        (event,) = await server.submit(busy, token, at=server.clock.now_ms())
        assert event["happened_at"] == event["recorded_at"] == START + 80_000
