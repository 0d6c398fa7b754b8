"""Whatever a device's clock says, the server orders what is shown, and says what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from console.model.event import Event
from console.model.requests import DeclareUnitStatus
from console.model.unit import DeviceFault, UnitStatus
from console.server.limits import Limits
from console.server.rate import Rate
from console.wire import (
    ClockFrame,
    DevicesFrame,
    FieldPush,
    FixFrame,
    PingFrame,
    RefusedFrame,
    WireDeviceFault,
    decode_desk_frame,
    decode_field_push,
    encode_frame,
)
from console.wire.frames import FieldSaid
from tests.helpers.metrics_page import figures
from tests.helpers.stream import NOW, PLACE, Running, report, running, soon, submission

QUICK = Limits(ping_every_s=0.2, field_ping_every_s=600, fixes_every_s=0.02, sweep_every_s=0.02)
HOUR_MS = 3_600_000


class Phone:
    """A device's end of its line. `ahead_ms` is by how much its clock is wrong."""

    def __init__(self, server: Running, ws: aiohttp.ClientWebSocketResponse) -> None:
        self._server = server
        self._ws = ws
        self.ahead_ms = 0

    async def next(self, kind: type[FieldPush]) -> FieldPush:
        while True:
            frame = decode_field_push(await self._ws.receive_bytes(timeout=5))
            if isinstance(frame, kind):
                return frame

    async def say(self, frame: FieldSaid) -> None:
        await self._ws.send_bytes(encode_frame(frame))

    async def answer(self) -> None:
        """Answer the next ping."""
        ping = await self.next(PingFrame)
        assert isinstance(ping, PingFrame)
        assert ping.answer
        await self.say(ClockFrame(ping.at, self._server.clock.now_ms() + self.ahead_ms))

    async def fix(self, step: int, at: int | None = None) -> float:
        """Be somewhere else, now; the longitude. `at` instead of what its clock says."""
        lon = PLACE[0] + step / 10_000
        now = self._server.clock.now_ms() + self.ahead_ms
        await self.say(FixFrame(lon, PLACE[1], now if at is None else at))
        return lon


@asynccontextmanager
async def phone(server: Running, unit: str = "U-0001") -> AsyncIterator[Phone]:
    headers = await server.device(unit)
    async with server.client.ws_connect(f"{server.url}/api/v1/field", headers=headers) as ws:
        yield Phone(server, ws)


@asynccontextmanager
async def device_frames(server: Running) -> AsyncIterator[list[DevicesFrame]]:
    """What a desk is told of devices."""
    url = f"{server.url}/api/v1/stream?after=0"
    found: list[DevicesFrame] = []
    async with server.client.ws_connect(url, headers=server.desk) as ws:

        async def listen() -> None:
            async for message in ws:
                frame = decode_desk_frame(message.data)
                if isinstance(frame, DevicesFrame):
                    found.append(frame)

        task = asyncio.create_task(listen())
        yield found
        task.cancel()


def shown(server: Running) -> tuple[float, int] | None:
    """Longitude and time of what desks are shown of U-0001."""
    fix = server.parts.tracks.of("U-0001")
    return None if fix is None else (fix.lon, fix.at)


async def test_a5_one_right_fix_and_then_a_slow_clock_does_not_freeze_the_unit() -> None:
    async with running(limits=QUICK) as server, phone(server) as device:
        await device.answer()
        lon = await device.fix(0)
        await soon(lambda: shown(server) == (lon, NOW))
        device.ahead_ms = -10 * 60_000
        for step in range(1, 5):
            server.clock.advance(1000)
            lon = await device.fix(step)
            if step == 1:
                await device.answer()  # asked again because of that fix
                await soon(lambda: server.parts.devices.clock_off_ms("U-0001") == -600_000)
        await soon(lambda: shown(server) == (lon, NOW + 4000))


async def test_a5_nor_one_whose_device_answers_no_pings() -> None:
    async with running(limits=QUICK) as server, phone(server) as device:
        await device.fix(0)
        await soon(lambda: shown(server) is not None)
        device.ahead_ms = -60_000
        for step in range(1, 6):
            server.clock.advance(1000)
            lon = await device.fix(step)
            taken = step + 1
            await soon(lambda taken=taken: server.parts.fixes.taken == taken)
        await soon(lambda: shown(server) == (lon, NOW + 5000))


@pytest.mark.parametrize("ahead_ms", [1000, 60_000, 61_000, HOUR_MS])
async def test_a5_one_fix_ahead_blinds_nobody(ahead_ms: int) -> None:
    async with running(limits=QUICK) as server, phone(server) as device:
        await device.answer()
        await device.fix(1, at=NOW + ahead_ms)
        devices, fixes = server.parts.devices, server.parts.fixes
        await soon(lambda: fixes.taken + devices.refused.total() == 1)
        server.clock.advance(1000)
        lon = await device.fix(3)
        await soon(lambda: shown(server) == (lon, NOW + 1000))


async def test_a5_what_was_measured_before_is_older_than_what_is_shown() -> None:
    """A trail that comes late goes into the track, and not on the map."""
    async with running(limits=QUICK) as server, phone(server) as device:
        device.ahead_ms = -HOUR_MS
        await device.answer()
        lon = await device.fix(0)
        await soon(lambda: shown(server) == (lon, NOW))
        await device.fix(7, at=NOW - HOUR_MS - 600_000)
        await soon(lambda: server.parts.fixes.taken == 2)
        assert shown(server) == (lon, NOW)
        server.parts.tracks.flush()
        assert server.parts.tracks.track("U-0001", 0, NOW + 1).at.tolist() == [NOW - 600_000, NOW]


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (NOW // 1000, "in_seconds"),
        (NOW - 978_307_200_000, "since_2001"),
        (NOW + 8 * HOUR_MS, "local_time"),
        (NOW + 23 * HOUR_MS, "ahead"),
        (NOW - 400 * 24 * HOUR_MS, "too_old"),
    ],
)
async def test_a5_a_refused_fix_is_counted_answered_and_said(at: int, reason: str) -> None:
    async with (
        running(limits=QUICK) as server,
        device_frames(server) as told,
        phone(server) as device,
    ):
        await device.answer()
        for _ in range(3):
            await device.fix(1, at=at)
        assert await device.next(RefusedFrame) == RefusedFrame(reason, at)
        await soon(lambda: told and told[-1].faults == {"U-0001": WireDeviceFault(reason)})
        await soon(lambda: server.parts.devices.refused[reason] == 3)
        found = await figures(server)
        assert found[f"trellis_positions_refused_total|{reason}"] == 3
        assert found["trellis_positions_total"] == 0
        assert shown(server) is None
        await device.fix(2)
        await soon(lambda: told[-1].faults == {"U-0001": WireDeviceFault("")})


async def test_a5_a_fix_outside_the_region_is_answered_too() -> None:
    async with running(limits=QUICK) as server, phone(server) as device:
        await device.say(FixFrame(10.0, 50.0, NOW))
        assert await device.next(RefusedFrame) == RefusedFrame("outside_region", NOW)


async def test_a5_desks_are_told_of_a_clock_that_is_off_and_that_it_is_right_again() -> None:
    async with running(limits=QUICK) as server, device_frames(server) as told:
        async with phone(server) as device:
            device.ahead_ms = -10 * 60_000
            await device.answer()
            fault = WireDeviceFault("clock_off", -600_000)
            await soon(lambda: told and told[-1].faults == {"U-0001": fault})
            assert server.parts.devices.faults == {"U-0001": DeviceFault("clock_off", -600_000)}
            assert (await figures(server))["trellis_device_clocks_off"] == 1
        await soon(lambda: told[-1].faults == {"U-0001": WireDeviceFault("")})
        async with phone(server) as device:
            await device.answer()
            await soon(lambda: "U-0001" in told[-1].online)
            assert server.parts.devices.faults == {}


def last(server: Running) -> Event:
    return server.parts.feed.read(0, 100)[-1]


@pytest.mark.parametrize("at", [1, 86_400_000, NOW + 23 * HOUR_MS, NOW + 400 * 24 * HOUR_MS])
async def test_a5_a_report_dated_wrongly_is_heard_and_dated_by_the_server(at: int) -> None:
    async with running() as server:
        status, said = await server.post(submission(report(), at=at))
        assert status == 200, said
        await soon(lambda: server.parts.feed.head == 1)
        assert (last(server).happened_at, last(server).recorded_at) == (NOW, NOW)


async def test_a5_a_report_of_an_hour_ago_happened_then() -> None:
    async with running() as server:
        await server.post(submission(report(), at=NOW - HOUR_MS))
        await soon(lambda: server.parts.feed.head == 1)
        assert last(server).happened_at == NOW - HOUR_MS


async def test_a5_what_a_device_reports_is_dated_by_what_its_clock_is_known_to_be_off() -> None:
    async with running(limits=QUICK) as server, phone(server) as device:
        device.ahead_ms = HOUR_MS
        await device.answer()
        await soon(lambda: server.parts.devices.clock_off_ms("U-0001") == HOUR_MS)
        headers = await server.device("U-0001")
        call = submission(DeclareUnitStatus("U-0001", UnitStatus.SOS), at=NOW + HOUR_MS - 5000)
        assert (await server.post(call, headers))[0] == 200
        await soon(lambda: server.parts.feed.head == 1)
        assert last(server).happened_at == NOW - 5000
        assert (await server.post(call, headers))[0] == 200  # asked again: the same answer
        assert server.parts.feed.head == 1


async def test_c6_a_device_has_one_share_of_frames_over_all_its_connections() -> None:
    limits = Limits(
        field_ping_every_s=600, fixes_every_s=0.02, frame_rate=Rate(0.001, 50), sweep_every_s=0.02
    )
    async with running(limits=limits) as server:
        headers = await server.device("U-0001")
        frame = encode_frame(FixFrame(*PLACE, NOW))
        for _ in range(6):
            async with server.client.ws_connect(
                f"{server.url}/api/v1/field", headers=headers
            ) as ws:
                for _ in range(20):
                    await ws.send_bytes(frame)
                await ws.ping()
                async for _ in ws:
                    if not ws.closed and server.parts.fixes.taken < 50:
                        break
        await soon(lambda: server.parts.fixes.taken == 50)
        async with phone(server, "U-0002") as other:  # another unit has its own
            await other.fix(1)
            await soon(lambda: server.parts.fixes.taken == 51)
