"""A whole server whose clock is set, an hour or a month away and back, with a desk and a unit."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from console.journal.verify import verify
from console.wire import (
    EventsFrame,
    FixesFrame,
    FixFrame,
    decode_desk_frame,
    encode_frame,
    encode_submission,
)
from tests.helpers.server_process import ServerProcess, server_process
from tests.helpers.stream import PLACE, SECRET, dispatch, report, submission

HOUR_MS = 3_600_000
DESK = {"Authorization": f"Bearer {SECRET}"}


def real_ms() -> int:
    """What the time really is."""
    return time.time_ns() // 1_000_000


class Watcher:
    """A desk that listens, and posts."""

    def __init__(self, server: ServerProcess, client: aiohttp.ClientSession) -> None:
        self._server = server
        self._client = client
        self.events: list[tuple[int, int, str]] = []
        self.seen_at: list[float] = []
        self.ended = False

    async def listen(self) -> None:
        """Take what the server sends until it closes."""
        url = f"{self._server.url}/api/v1/stream"
        async with self._client.ws_connect(url, headers=DESK) as ws:
            async for message in ws:
                frame = decode_desk_frame(message.data)
                if isinstance(frame, EventsFrame):
                    for event in frame.decoded():
                        kind = f"{event.fact.kind}/{getattr(event.fact, 'step', '')}"
                        self.events.append((event.seq, event.recorded_at, kind))
                elif isinstance(frame, FixesFrame):
                    self.seen_at += [fix.lon for fix in frame.fixes]
        self.ended = True

    async def order(self) -> None:
        """Report something, and send a unit that has no device, and nothing else to do."""
        incident = report()
        for request in (incident, dispatch(incident.incident_id, f"U-{incident.incident_id}")):
            body = encode_submission(submission(request, at=real_ms()))
            url = f"{self._server.url}/api/v1/requests"
            async with self._client.post(url, data=body, headers=DESK) as answer:
                assert answer.status == 200, await answer.text()


@asynccontextmanager
async def device(
    server: ServerProcess, client: aiohttp.ClientSession
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """The line of U-0001's device."""
    url = f"{server.url}/api/v1"
    async with client.post(f"{url}/devices", json={"unit_id": "U-0001"}, headers=DESK) as answer:
        token = (await answer.json())["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    async with client.ws_connect(f"{url}/field", headers=bearer) as ws:
        yield ws


async def until(condition: object) -> None:
    """Wait until `condition()` holds."""
    assert callable(condition)
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def said_of_the_clock(
    server: ServerProcess, client: aiohttp.ClientSession, wrong_by_ms: int
) -> None:
    """Wait until the server says of its machine's clock that it jumped, or that it did not."""
    expected = "jumped" if wrong_by_ms else "ok"
    async with asyncio.timeout(10):
        while True:
            async with client.get(f"{server.url}/ready") as answer:
                assert answer.status == 200, "submissions are taken all the same"
                said = (await answer.json())["checks"]["clock"]
            if said == expected:
                break
            await asyncio.sleep(0.1)
    async with client.get(f"{server.url}/metrics") as answer:
        found = re.search(r"^trellis_clock_refused_seconds (\S+)", await answer.text(), re.M)
    assert found is not None
    assert abs(float(found[1]) * 1000 - wrong_by_ms) < 1000


@pytest.mark.parametrize("jump_ms", [HOUR_MS, -HOUR_MS, 31 * 24 * HOUR_MS])
async def test_a_server_goes_on_across_a_jump_and_back(tmp_path: Path, jump_ms: int) -> None:
    with server_process(tmp_path / "j.sqlite", tmp_path / "clock") as server:
        async with aiohttp.ClientSession() as client, device(server, client) as line:
            desk = Watcher(server, client)
            listening = asyncio.create_task(desk.listen())
            for n, wrong_by_ms in enumerate((0, jump_ms, 0)):
                server.set_clock(wrong_by_ms)
                await said_of_the_clock(server, client, wrong_by_ms)
                lon = PLACE[0] + n / 1000
                await line.send_bytes(encode_frame(FixFrame(lon, PLACE[1], real_ms())))
                await until(lambda lon=lon: desk.seen_at[-1:] == [lon])
                await desk.order()
                await until(lambda n=n: len(desk.events) >= 2 * (n + 1))
            # Sweeps come every second: what a jump had made overdue would be gone by then.
            await asyncio.sleep(1.2)
            assert not [kind for _, _, kind in desk.events if "timed_out" in kind]
            assert not desk.ended
            server.stop()
            await listening
    assert [seq for seq, _, _ in desk.events] == list(range(1, len(desk.events) + 1))
    times = [recorded_at for _, recorded_at, _ in desk.events]
    assert times == sorted(times)
    assert times[-1] - times[0] < HOUR_MS // 2, "nothing is recorded by a clock that jumped"
    verdict = verify(server.db)
    assert verdict.is_sound, verdict.findings
