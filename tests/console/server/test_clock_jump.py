"""The machine's clock jumps an hour, forwards and back: order, times and proof stay sound."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from console.audit import KeyRing, checked, own_heads, read_public_keys
from console.audit.places import HeadFile
from console.audit.signer import HeadSigner
from console.clock import Clocks, ManualClock
from console.guarded_clock import GuardedClock
from console.journal.open import open_journal, open_ledger
from console.model.command import Step
from console.model.requests import AcceptIncident
from console.model.unit import Fix
from console.server.app import build_app
from console.server.parts import PARTS
from tests.helpers.stream import (
    NOW,
    PLACE,
    SECRET,
    Running,
    dispatch,
    report,
    small_ground,
    soon,
    submission,
)

HOUR_MS = 3_600_000


@asynccontextmanager
async def served(url: str, clock: ManualClock) -> AsyncIterator[Running]:
    """A server over the journal at `url`; both go by `clock`, as a server does by its machine's."""
    guarded = GuardedClock(clock)
    journal = open_journal(url, guarded)
    app = build_app(journal, ground=small_ground(), clocks=Clocks(guarded), secret=SECRET)
    async with TestServer(app) as running, aiohttp.ClientSession() as client:
        yield Running(str(running.make_url("")).rstrip("/"), app[PARTS], clock, client)
    journal.close()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Running]:
    """A server whose clock the test turns."""
    async with served(f"sqlite:///{tmp_path}/j.sqlite", ManualClock(NOW)) as running:
        yield running


async def add(server: Running, events: int = 3) -> None:
    """Some reports, as a desk whose own clock is right sends them."""
    for _ in range(events):
        status, _ = await server.post(submission(report(), at=NOW))
        assert status == 200


@pytest.mark.parametrize("jump_ms", [HOUR_MS, -HOUR_MS])
async def test_order_and_times_stay_sound(server: Running, tmp_path: Path, jump_ms: int) -> None:
    url = f"sqlite:///{tmp_path}/j.sqlite"
    ring = KeyRing(tmp_path / "j.audit")
    ledger = open_ledger(url)
    heads = HeadFile(tmp_path / "j.audit" / "heads.jsonl")
    signer = HeadSigner(ledger, ring, [heads], server.clock)
    for step_ms in (0, jump_ms, 1000, -jump_ms, 1000):
        server.clock.set(server.clock.now_ms() + step_ms)
        await add(server)
        signer.step()
    ledger.close()
    while server.parts.feed.head < 15:  # an answer may come before desks are told
        await asyncio.sleep(0.01)
    events = server.parts.feed.read(0, 100)
    assert [e.seq for e in events] == list(range(1, 16))
    times = [e.recorded_at for e in events]
    assert times == sorted(times)
    assert times[0] == NOW
    assert times[-1] <= NOW + 2000, "nothing is recorded by a clock that jumped"
    assert all(e.happened_at == NOW for e in events)
    verdict, of_heads = checked(url, own_heads(url), read_public_keys(ring.public_folder))
    assert verdict.is_sound, verdict.findings
    assert of_heads is not None
    assert (of_heads.findings, of_heads.covered) == ((), 15)


async def test_a_restart_with_the_clock_behind(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/j.sqlite"
    for clock in (ManualClock(NOW), ManualClock(NOW - HOUR_MS), ManualClock(NOW - 2 * HOUR_MS)):
        journal = open_journal(url, clock)
        app = build_app(journal, ground=small_ground(), clocks=Clocks(clock), secret=SECRET)
        async with TestServer(app) as running, aiohttp.ClientSession() as client:
            server = Running(str(running.make_url("")).rstrip("/"), app[PARTS], clock, client)
            await add(server, 2)
        times = [e.recorded_at for e in journal.read(0, 100)]
        journal.close()
    assert times == [NOW] * 6
    verdict, _ = checked(url, [], {})
    assert verdict.is_sound


async def test_work_goes_on_across_a_jump_back(server: Running) -> None:
    """What was begun before the jump is carried on after it: nobody is told that it is too old."""
    incident = report()
    await server.post(submission(incident, at=NOW))
    server.clock.set(NOW - HOUR_MS)
    for request in (
        AcceptIncident(incident.incident_id),
        dispatch(incident.incident_id, "U-0001"),
    ):
        status, said = await server.post(submission(request, at=NOW))
        assert status == 200, said
    events = server.parts.feed.read(0, 100)
    assert {e.recorded_at for e in events} == {NOW}
    server.parts.timeouts.sweep()
    assert server.parts.feed.head == len(events)


async def ordered(server: Running, unit: str = "U-0001") -> str:
    """A command to `unit`, which nobody is there to take; its id."""
    incident = report()
    await server.post(submission(incident, at=NOW))
    order = dispatch(incident.incident_id, unit)
    status, said = await server.post(submission(order, at=NOW))
    assert status == 200, said
    return order.orders[0].command_id


def step_of(server: Running, command_id: str) -> Step:
    """Where the command stands."""
    return server.parts.feed.picture.commands[command_id].step


@pytest.mark.parametrize("jump_ms", [HOUR_MS, -HOUR_MS])
async def test_a_command_has_its_whole_time_whatever_the_clock_does(
    server: Running, jump_ms: int
) -> None:
    command_id = await ordered(server)
    server.clock.set(NOW + jump_ms)
    later = await ordered(server, "U-0002")
    await soon(lambda: later in server.parts.feed.picture.commands)
    server.clock.advance(119_000)
    server.parts.timeouts.sweep()
    await add(server, 1)  # decided after whatever the sweep asked for
    assert step_of(server, command_id) is step_of(server, later) is Step.QUEUED
    server.clock.advance(1000)
    server.parts.timeouts.sweep()
    await soon(lambda: step_of(server, command_id) is Step.TIMED_OUT)
    await soon(lambda: step_of(server, later) is Step.TIMED_OUT)


@pytest.mark.parametrize(
    ("away_ms", "left_s"),
    [(40_000, 80), (115_000, 30), (HOUR_MS, 30), (-HOUR_MS, 120)],
)
async def test_after_a_restart_what_was_left_counts_and_never_less_than_a_grace(
    tmp_path: Path, away_ms: int, left_s: int
) -> None:
    """Between two lives only recorded times tell how long it was; the clock may have been set."""
    url = f"sqlite:///{tmp_path}/j.sqlite"
    clock = ManualClock(NOW)
    async with served(url, clock) as server:
        command_id = await ordered(server)
    clock.set(NOW + away_ms)
    async with served(url, clock) as server:
        clock.advance((left_s - 1) * 1000)
        server.parts.timeouts.sweep()
        await add(server, 1)
        assert step_of(server, command_id) is Step.QUEUED
        clock.advance(1000)
        server.parts.timeouts.sweep()
        await soon(lambda: step_of(server, command_id) is Step.TIMED_OUT)


@pytest.mark.parametrize("jump_ms", [HOUR_MS, -HOUR_MS])
async def test_units_move_on_across_a_jump(server: Running, jump_ms: int) -> None:
    """Devices whose own clocks are right go on being shown and kept."""
    fixes = server.parts.fixes
    tracks = server.parts.tracks
    fixes.take(Fix("U-0001", *PLACE, NOW))
    fixes.gather()
    server.clock.set(NOW + jump_ms)
    for n in range(1, 4):
        server.clock.advance(1000)
        fixes.take(Fix("U-0001", PLACE[0] + n / 1000, PLACE[1], NOW + n * 1000))
        tick = fixes.tick
        assert fixes.gather()
        assert fixes.tick == tick + 1
        found = tracks.of("U-0001")
        assert found is not None
        assert found.lon == PLACE[0] + n / 1000
    assert len(tracks.track("U-0001", 0, 1 << 42)) == 4
