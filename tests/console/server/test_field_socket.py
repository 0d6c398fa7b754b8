"""What a device is sent and may say."""

from __future__ import annotations

import asyncio
import gc
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar, cast

import aiohttp
import msgspec
import pytest

from console.access import Actor, Role
from console.model.command import Step
from console.model.requests import (
    AcknowledgeSos,
    AdvanceCommand,
    DeclareUnitStatus,
    EndSos,
    RecallCommand,
)
from console.model.text import Text
from console.model.unit import UnitStatus
from console.server.field_socket import DeviceLine
from console.server.limits import Limits
from console.server.socket import Socket
from console.wire import (
    CommandFrame,
    FieldPush,
    FixFrame,
    GotFrame,
    PingFrame,
    RecallFrame,
    SosFrame,
    decode_field_push,
    encode_frame,
)
from console.wire.field_codec import BINARY_CODEC
from console.wire.frames import FieldSaid
from tests.helpers.stream import NOW, PLACE, Running, dispatch, report, running, soon, submission

QUICK = Limits(field_ping_every_s=0.1, fixes_every_s=0.02, sweep_every_s=0.02)

Pushed = TypeVar("Pushed", bound=FieldPush)


class Device:
    """A device's end of the line."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws

    async def next_of_any(self) -> FieldPush:
        return decode_field_push(await self.ws.receive_bytes(timeout=5))

    async def next(self, kind: type[Pushed]) -> Pushed:
        while True:
            frame = await self.next_of_any()
            if isinstance(frame, kind):
                return frame

    async def say(self, frame: FieldSaid) -> None:
        await self.ws.send_bytes(encode_frame(frame))


@asynccontextmanager
async def on_line(server: Running, headers: dict[str, str]) -> AsyncIterator[Device]:
    async with server.client.ws_connect(f"{server.url}/api/v1/field", headers=headers) as ws:
        yield Device(ws)


async def sent_out(server: Running, *units: str) -> list[str]:
    """A new incident with these units sent to it; their command ids."""
    asked = report()
    await server.post(submission(asked))
    picture = server.parts.feed.picture
    known = [c for unit in units for c in picture.unit(unit).command_ids]
    order = dispatch(asked.incident_id, *units, beside=known)
    status, _ = await server.post(submission(order))
    assert status == 200
    return [o.command_id for o in order.orders]


def step_of(server: Running, command_id: str) -> Step:
    return server.parts.feed.picture.commands[command_id].step


async def test_a_command_is_pushed_marked_sent_and_then_delivered() -> None:
    async with running(limits=QUICK) as server:
        async with on_line(server, await server.device("U-0001")) as device:
            (command_id,) = await sent_out(server, "U-0001")
            frame = await device.next(CommandFrame)
            assert isinstance(frame, CommandFrame)
            assert frame.command_id == command_id
            assert (frame.lon, frame.lat) == PLACE
            assert re.fullmatch(r"E-20261118-\d{4}", frame.number)
            assert frame.type_code == "traffic.collision"
            assert (frame.address, frame.text) == (
                Text("文三路", "Wensan Road"),
                Text("请前往", "Please go"),
            )
            await soon(lambda: step_of(server, command_id) is Step.SENT)
            await device.say(GotFrame(command_id))
            await soon(lambda: step_of(server, command_id) is Step.DELIVERED)
        actors = [e.actor for e in server.parts.feed.read(0, 99)]
        assert actors[-2:] == ["system/link", "unit/U-0001"]


async def test_a_device_that_comes_later_gets_what_is_not_over() -> None:
    async with running(limits=QUICK) as server:
        headers = await server.device("U-0001")
        waiting, over = await sent_out(server, "U-0001"), await sent_out(server, "U-0001")
        await server.post(submission(AdvanceCommand(over[0], Step.REFUSED)))
        assert step_of(server, waiting[0]) is Step.QUEUED
        async with on_line(server, headers) as device:
            assert (await device.next(CommandFrame)).command_id == waiting[0]
            assert isinstance(await device.next_of_any(), PingFrame)
        async with on_line(server, headers) as device:
            assert (await device.next(CommandFrame)).command_id == waiting[0]


async def test_the_first_ping_says_that_all_is_told() -> None:
    async with running(limits=Limits(field_ping_every_s=600)) as server:
        (command_id,) = await sent_out(server, "U-0001")
        async with on_line(server, await server.device("U-0001")) as device:
            first = await device.next_of_any()
            assert isinstance(first, CommandFrame)
            assert first.command_id == command_id
            assert await device.next_of_any() == PingFrame(NOW, answer=True)


async def test_a_recall_reaches_the_device_now_or_when_it_is_back() -> None:
    async with running() as server:
        headers = await server.device("U-0001")
        (command_id,) = await sent_out(server, "U-0001")
        async with on_line(server, headers) as device:
            await device.next(CommandFrame)
            await server.post(submission(RecallCommand(command_id, "误报")))
            assert await device.next(RecallFrame) == RecallFrame(command_id, "误报")
        async with on_line(server, headers) as device:
            assert await device.next(RecallFrame) == RecallFrame(command_id, "误报")


async def test_a_device_hears_of_its_own_commands_only() -> None:
    async with (
        running(limits=QUICK) as server,
        on_line(server, await server.device("U-0002")) as other,
    ):
        first, second = await sent_out(server, "U-0001", "U-0002")
        assert (await other.next(CommandFrame)).command_id == second
        assert isinstance(await other.next_of_any(), PingFrame)
        assert step_of(server, first) is Step.QUEUED


async def test_got_is_said_twice_and_of_nothing() -> None:
    async with running(limits=QUICK) as server:
        async with on_line(server, await server.device("U-0001")) as device:
            (command_id,) = await sent_out(server, "U-0001")
            other = await sent_out(server, "U-0002")
            for said in (command_id, command_id, "nothing", other[0]):
                await device.say(GotFrame(said))
            await device.say(FixFrame(*PLACE, NOW))
            await soon(lambda: server.parts.tracks.of("U-0001") is not None)
            await soon(lambda: step_of(server, command_id) is Step.DELIVERED)
        assert step_of(server, other[0]) is Step.QUEUED
        steps = [e.fact.step for e in server.parts.feed.read(0, 99) if hasattr(e.fact, "step")]
        assert steps.count(Step.DELIVERED) == 1


async def test_fixes_bear_the_units_name_and_stay_in_the_region() -> None:
    async with running() as server:
        async with on_line(server, await server.device("U-0001")) as device:
            await device.say(FixFrame(0.0, 0.0, NOW))
            await device.say(FixFrame(*PLACE, NOW, 45.0, 3.0))
            await soon(lambda: server.parts.tracks.of("U-0001") is not None)
        (fix,) = server.parts.tracks.latest()
        assert (fix.unit_id, fix.lon, fix.at, fix.heading_deg) == ("U-0001", PLACE[0], NOW, 45.0)


async def test_a_clock_that_runs_ahead_does_not_hide_what_comes_after() -> None:
    async with running() as server, on_line(server, await server.device("U-0001")) as device:
        await device.say(FixFrame(*PLACE, NOW + 10**10))
        await soon(lambda: server.parts.devices.refused["ahead"] == 1)
        server.clock.advance(120_000)
        await device.say(FixFrame(*PLACE, NOW + 120_000, 45.0))
        await soon(lambda: server.parts.tracks.of("U-0001") is not None)
        last = server.parts.tracks.of("U-0001")
        assert last is not None
        assert last.heading_deg == 45.0


@pytest.mark.parametrize(
    "frame",
    [
        b"\xc1",
        msgspec.msgpack.encode({"t": "fix", "lon": float("nan"), "lat": 1.0, "at": 5}),
        msgspec.msgpack.encode({"t": "fix", "lon": 1.0, "lat": 1.0, "at": 5, "unit_id": "U-2"}),
        msgspec.msgpack.encode({"t": "hack"}),
        b"x" * 20_000,
    ],
)
async def test_a_device_that_talks_nonsense_is_shut_out(frame: bytes) -> None:
    async with running(limits=QUICK) as server:
        async with on_line(server, await server.device("U-0001")) as device:
            await device.ws.send_bytes(frame)
            await soon(lambda: not server.parts.presence.online)
        assert server.parts.tracks.latest() == []


async def test_the_newest_line_of_a_unit_is_the_one() -> None:
    async with running() as server:
        headers = await server.device("U-0001")
        async with on_line(server, headers) as old, on_line(server, headers) as new:
            while not old.ws.closed:
                await old.ws.receive(timeout=5)
            assert server.parts.presence.online == {"U-0001"}
            (command_id,) = await sent_out(server, "U-0001")
            assert (await new.next(CommandFrame)).command_id == command_id
        await soon(lambda: not server.parts.presence.online)


async def test_a_command_nobody_takes_times_out_and_so_does_one_nobody_acknowledges() -> None:
    async with running(limits=QUICK) as server:
        (never,) = await sent_out(server, "U-0002")
        async with on_line(server, await server.device("U-0001")) as device:
            (taken,) = await sent_out(server, "U-0001")
            await device.say(GotFrame(taken))
            await soon(lambda: step_of(server, taken) is Step.DELIVERED)
            server.clock.advance(119_000)
            server.parts.timeouts.sweep()
            assert step_of(server, never) is Step.QUEUED
            server.clock.advance(2_000)
            await soon(lambda: step_of(server, never) is Step.TIMED_OUT)
            assert step_of(server, taken) is Step.DELIVERED
            server.clock.advance(60_000)
            await soon(lambda: step_of(server, taken) is Step.TIMED_OUT)
            assert await device.next(RecallFrame) == RecallFrame(taken, "timed_out")
        assert server.parts.feed.read(0, 99)[-1].actor == "system/timer"


async def test_an_acknowledged_command_has_all_the_time_it_needs() -> None:
    async with running(limits=QUICK) as server:
        (command_id,) = await sent_out(server, "U-0001")
        await server.post(submission(AdvanceCommand(command_id, Step.ACKNOWLEDGED)))
        server.clock.advance(10**9)
        server.parts.timeouts.sweep()
        assert step_of(server, command_id) is Step.ACKNOWLEDGED


async def test_a_device_that_has_gone_leaves_nothing_to_collect() -> None:
    async with running(limits=QUICK) as server:
        headers = await server.device("U-0001")
        before = _lines()
        gc.disable()
        try:
            async with on_line(server, headers) as device:
                await device.next(PingFrame)
                assert _lines() == before + 1
            await soon(lambda: _lines() == before)
        finally:
            gc.enable()


def _lines() -> int:
    return sum(isinstance(thing, DeviceLine) for thing in gc.get_objects())


async def test_a1_a_device_is_told_who_has_seen_its_call_for_help() -> None:
    async with running(limits=QUICK) as server:
        headers = await server.device("U-0001")
        async with on_line(server, headers) as device:
            await server.post(submission(DeclareUnitStatus("U-0001", UnitStatus.SOS)), headers)
            assert await device.next(SosFrame) == SosFrame(NOW)
            status, _ = await server.post(submission(AcknowledgeSos("U-0001", NOW), NOW + 5))
            assert status == 200
            told = await device.next(SosFrame)
            assert isinstance(told, SosFrame)
            assert (told.acknowledged_at, told.ended_at) == (NOW + 5, 0)
            assert told.acknowledged_by
        # Ended while the line was down: it is told when the device comes back.
        await server.post(submission(EndSos("U-0001", NOW, "called by radio"), NOW + 9))
        async with on_line(server, headers) as device:
            told = await device.next(SosFrame)
            assert isinstance(told, SosFrame)
            assert (told.called_at, told.ended_at) == (NOW, NOW + 9)
            assert told.reason == "called by radio"


class StuckSocket:
    """A device's socket of which the test says whether it takes anything."""

    def __init__(self) -> None:
        self.is_full = False
        self.has_left = True
        self.aborted = False
        self.heard_s = time.monotonic()
        self.written: list[bytes] = []

    def write(self, payload: bytes) -> bool:
        if not self.aborted:
            self.written.append(payload)
        return not self.aborted

    def abort(self) -> None:
        self.aborted, self.has_left = True, False

    def check(self, _now_s: float, _heartbeat_s: float) -> None:
        """It is alive."""


def line_to(server: Running, socket: StuckSocket) -> DeviceLine:
    line = DeviceLine(server.parts, Actor(Role.DEVICE, "U-0001"), BINARY_CODEC)
    line.socket = cast(Socket, socket)
    return line


async def test_b7_what_an_aborted_line_was_not_given_is_not_recorded_as_sent() -> None:
    async with running(limits=QUICK) as server:
        (command_id,) = await sent_out(server, "U-0001")
        stuck, fresh = StuckSocket(), StuckSocket()
        stuck.is_full = True
        line = line_to(server, stuck)
        line.nudge()
        line.check()
        assert (stuck.aborted, stuck.written) == (True, [])
        await asyncio.sleep(0.1)
        assert step_of(server, command_id) is Step.QUEUED
        line_to(server, fresh).nudge()
        await soon(lambda: step_of(server, command_id) is Step.SENT)
        assert len(fresh.written) == 1


async def test_b7_what_waits_in_the_transport_is_sent_once_it_has_left() -> None:
    async with running(limits=QUICK) as server:
        (command_id,) = await sent_out(server, "U-0001")
        slow = StuckSocket()
        slow.has_left = False
        line = line_to(server, slow)
        line.nudge()
        await asyncio.sleep(0.1)
        assert step_of(server, command_id) is Step.QUEUED
        slow.has_left = True
        line.check()
        await soon(lambda: step_of(server, command_id) is Step.SENT)


async def test_b7_what_a_device_has_was_sent() -> None:
    async with running(limits=QUICK) as server:
        (command_id,) = await sent_out(server, "U-0001")
        slow = StuckSocket()
        slow.has_left = False
        line = line_to(server, slow)
        line.nudge()
        line.heard(encode_frame(GotFrame(command_id)))
        await soon(lambda: step_of(server, command_id) is Step.DELIVERED)
        steps = [step for step, _ in server.parts.feed.picture.commands[command_id].step_times]
        assert steps == [Step.QUEUED, Step.SENT, Step.DELIVERED]


async def test_b7_a_transport_that_is_closing_takes_nothing() -> None:
    async with (
        running(limits=QUICK) as server,
        on_line(server, await server.device("U-0001")) as device,
    ):
        await device.next(PingFrame)
        line = cast(DeviceLine, server.parts.presence._lines["U-0001"])
        assert line.socket.has_left
        line.socket._transport.abort()
        assert not line.socket.write(b"late")
        assert not line.socket.has_left
