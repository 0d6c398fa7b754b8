"""The machine's clock jumps an hour, forwards and back: order, times and proof stay sound."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from console.audit import KeyRing, checked, own_heads, read_public_keys
from console.audit.places import HeadFile
from console.audit.signer import HeadSigner
from console.clock import ManualClock
from console.journal.open import open_journal, open_ledger
from console.model.requests import AcceptIncident
from console.server.app import build_app
from console.server.parts import PARTS
from tests.helpers.stream import (
    NOW,
    SECRET,
    Running,
    dispatch,
    report,
    small_ground,
    submission,
)

HOUR_MS = 3_600_000


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Running]:
    """A server whose journal and itself go by one clock, which the test turns."""
    clock = ManualClock(NOW)
    journal = open_journal(f"sqlite:///{tmp_path}/j.sqlite", clock)
    app = build_app(journal, ground=small_ground(), clock=clock, secret=SECRET)
    async with TestServer(app) as running, aiohttp.ClientSession() as client:
        yield Running(str(running.make_url("")).rstrip("/"), app[PARTS], clock, client)
    journal.close()


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
        server.clock.advance(step_ms)
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
    assert times[-1] >= max(NOW, NOW + jump_ms)
    assert all(e.happened_at == NOW for e in events)
    verdict, of_heads = checked(url, own_heads(url), read_public_keys(ring.public_folder))
    assert verdict.is_sound, verdict.findings
    assert of_heads is not None
    assert (of_heads.findings, of_heads.covered) == ((), 15)


async def test_a_restart_with_the_clock_behind(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/j.sqlite"
    for clock in (ManualClock(NOW), ManualClock(NOW - HOUR_MS), ManualClock(NOW - 2 * HOUR_MS)):
        journal = open_journal(url, clock)
        app = build_app(journal, ground=small_ground(), clock=clock, secret=SECRET)
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
    server.clock.advance(-HOUR_MS)
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
