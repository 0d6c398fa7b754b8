import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from random import Random

import pytest

from console.clock import SystemClock
from console.model.geo import lonlat_from_world
from console.model.requests import AdvanceCommand
from console.model.text import Text
from console.model.unit import UnitKind
from console.practice.field import device as device_module
from console.practice.field.behaviour import FieldUnit, Stand
from console.practice.field.device import Device
from console.practice.field.field_time import FieldTime
from console.practice.field.ledger import CommandLedger
from console.practice.field.phrases import field_phrases
from console.practice.field.script import CALM, Script
from console.practice.field.turnstile import Turnstile
from console.wire import (
    ClockFrame,
    CommandFrame,
    FixFrame,
    GotFrame,
    PingFrame,
    RecallFrame,
    RefusedFrame,
)
from tests.helpers.field_fakes import BLOCK, Blocks, FakeServer

ALL_STEPS = ["read", "acknowledged", "en_route", "on_scene", "done"]


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_module, "RETRY_FIRST_S", 0.02)
    monkeypatch.setattr(device_module, "RETRY_MOST_S", 0.05)


@asynccontextmanager
async def living(
    server: FakeServer, script: Script = CALM, speed: float = 400.0
) -> AsyncIterator[FieldUnit]:
    time = FieldTime(SystemClock(), speed)
    unit = FieldUnit(
        Stand("U-1", UnitKind.CAR, (0.0, 0.0)),
        terrain=Blocks(),
        script=script,
        phrases=field_phrases(),
        rng=Random(3),
        now_ms=time.now_ms(),
    )
    phone = Device(
        unit,
        server,
        time=time,
        ledger=CommandLedger(server),
        turnstile=Turnstile(1000, 4),
        rng=Random(4),
    )
    task = asyncio.create_task(phone.live())
    await until(lambda: "U-1" in server.lines)
    try:
        yield unit
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def command(command_id: str = "c1", blocks: int = 5) -> CommandFrame:
    lon, lat = (float(v) for v in lonlat_from_world(blocks * BLOCK, 0.0))
    return CommandFrame(command_id, "i1", "E-1", "rubbish", lon, lat, Text("路"), Text("去"), 3)


async def test_a_command_is_got_at_once_and_goes_the_whole_way() -> None:
    server = FakeServer()
    async with living(server):
        line = server.lines["U-1"]
        line.pushes.put_nowait(command())
        await until(lambda: GotFrame("c1") in line.heard, 1)
        await until(lambda: server.steps("c1") == ALL_STEPS)
    times = [s.happened_at for s in server.submissions]
    assert times == sorted(times)
    finished = server.submissions[-1].request
    assert isinstance(finished, AdvanceCommand)
    assert "清" in finished.text and not re.search("[a-z]{3}", finished.text), "one language"


async def test_a5_it_answers_pings_with_what_its_clock_shows() -> None:
    server = FakeServer()
    async with living(server):
        line = server.lines["U-1"]
        line.pushes.put_nowait(PingFrame(5))
        line.pushes.put_nowait(PingFrame(7, answer=True))
        line.pushes.put_nowait(RefusedFrame("ahead", 7))
        await until(lambda: any(isinstance(said, ClockFrame) for said in line.heard))
        (told,) = [said for said in line.heard if isinstance(said, ClockFrame)]
    assert told.at == 7
    assert abs(told.now - SystemClock().now_ms()) < 10_000


async def test_it_says_where_it_is_with_the_walls_time() -> None:
    server = FakeServer()
    clock = SystemClock()
    before = clock.now_ms()
    async with living(server):
        await until(lambda: bool(server.lines["U-1"].heard))
    fix = server.lines["U-1"].heard[0]
    assert isinstance(fix, FixFrame)
    assert before <= fix.at <= clock.now_ms()


async def test_a_lost_answer_doubles_nothing() -> None:
    server = FakeServer()
    server.drop_answers = 3
    async with living(server):
        server.lines["U-1"].pushes.put_nowait(command())
        await until(lambda: server.steps("c1") == ALL_STEPS)
    assert server.connects > 1


async def test_a_cut_line_loses_nothing() -> None:
    server = FakeServer()
    async with living(server):
        server.lines["U-1"].pushes.put_nowait(command())
        await until(lambda: "read" in server.steps("c1"))
        server.is_down = True
        server.lines["U-1"].pushes.put_nowait(None)
        await until(lambda: not server.lines["U-1"].is_open)
        await asyncio.sleep(0.1)
        server.is_down = False
        await until(lambda: server.steps("c1") == ALL_STEPS)


async def test_a_recall_reaches_the_unit() -> None:
    server = FakeServer()
    async with living(server, speed=100.0) as unit:
        server.lines["U-1"].pushes.put_nowait(command(blocks=80))
        await until(lambda: unit.is_hurrying)
        server.lines["U-1"].pushes.put_nowait(RecallFrame("c1", "done by others"))
        await until(lambda: not unit.commands)
        assert "done" not in server.steps("c1")


async def test_a_silent_unit_is_off_line_and_comes_back() -> None:
    server = FakeServer()
    async with living(server, Script(falls_silent=1.0, refuses=0.0), speed=600.0):
        first = server.lines["U-1"]
        first.pushes.put_nowait(command())
        await until(lambda: not first.is_open)
        await until(lambda: server.steps("c1") == ALL_STEPS)
        assert server.connects >= 2
