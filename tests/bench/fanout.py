"""A command is posted, durable, and on a socket, with 1,000 sockets open; held against the floor.

960 of the sockets are devices and 40 are desks that get every event; then all 1,000 are desks.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp

from console.clock import SystemClock
from console.model.ids import new_key
from console.model.requests import Request
from console.wire import (
    CommandFrame,
    decode_field_push,
    encode_submission,
)
from tests.bench.floor import Floor, floor
from tests.bench.report import Row, main
from tests.bench.sockets import Client, Poster, allow_sockets, connect, poster, run
from tests.helpers.server_process import ServerProcess, server_process
from tests.helpers.stream import SECRET, dispatch, report, submission

SOCKETS = 1000
DESKS = 40
COMMANDS = 200
CALM_S = 0.01

clock = SystemClock()


def rows() -> Iterator[Row]:
    """Measure on the disk that holds the temporary files."""
    allow_sockets(SOCKETS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with floor(folder) as ground, server_process(folder / "j.sqlite") as server:
            to_devices, to_desks = run(_commands(server, ground))
            yield from _shown("on the device", to_devices, ground, target=3.0)
            yield from _shown(f"on the last of {DESKS} desks", to_desks, ground)
        with floor(folder) as ground, server_process(folder / "k.sqlite") as server:
            first, last = run(_to_desks(server, ground))
            yield from _shown(f"on the median of {SOCKETS} desks", first, ground)
            yield from _shown(f"on the last of {SOCKETS} desks", last, ground)


def _shown(
    name: str, seconds: list[float], ground: Floor, target: float | None = None
) -> list[Row]:
    made = []
    for share, word in ((0.5, "p50"), (0.99, "p99")):
        value, least = (1000 * quantile(s, share) for s in (seconds, ground.seconds))
        made.append(Row(f"posted, durable, {name} {word}", value, "ms", against=least))
        made.append(Row(f"  the same / floor {word}", value / least, "x", target=target))
    return made


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


class Desk:
    """A desk that notes when the newest event came."""

    def __init__(self) -> None:
        self.at_s = 0.0
        self.seq = 0
        self.client: Client | None = None

    def heard(self, payload: bytes) -> None:
        """A frame: of events, or something else."""
        if payload[:10].find(b"events") >= 0:
            self.at_s = time.perf_counter()
            self.seq += 1


async def _commands(server: ServerProcess, ground: Floor) -> tuple[list[float], list[float]]:
    to_devices: list[float] = []
    to_desks: list[float] = []
    desks = [Desk() for _ in range(DESKS)]
    got: dict[str, asyncio.Future[float]] = {}

    def on_device(payload: bytes) -> None:
        frame = decode_field_push(payload)
        if isinstance(frame, CommandFrame):
            got[frame.command_id].set_result(time.perf_counter())

    async with aiohttp.ClientSession() as http:
        units = [f"U-{i:05d}" for i in range(SOCKETS - DESKS)]
        tokens = [await enrol(http, server.url, unit) for unit in units]
        for token in tokens:
            await connect(server.url, "/api/v1/field", token, on_device)
        for desk in desks:
            await connect(server.url, "/api/v1/stream?after=0", SECRET, desk.heard)
        line = await poster(server.url, SECRET)
        incidents = []
        for _ in range(COMMANDS):
            asked = report(new_key(clock.now_ms()))
            await post(line, body_of(asked))
            incidents.append(asked.incident_id)
        await asyncio.sleep(1)
        for unit, incident in zip(units, incidents, strict=False):
            order = dispatch(incident, unit)
            arrived = got[order.orders[0].command_id] = asyncio.Future()
            body = body_of(order)
            began = time.perf_counter()
            await post(line, body)
            to_devices.append(await arrived - began)
            await asyncio.sleep(CALM_S)
            to_desks.append(max(d.at_s for d in desks) - began)
            ground.measure()
    return to_devices, to_desks


async def _to_desks(server: ServerProcess, ground: Floor) -> tuple[list[float], list[float]]:
    desks = [Desk() for _ in range(SOCKETS)]
    middle: list[float] = []
    last: list[float] = []
    for desk in desks:
        await connect(server.url, "/api/v1/stream?after=0", SECRET, desk.heard)
    line = await poster(server.url, SECRET)
    await asyncio.sleep(1)
    for _ in range(COMMANDS // 4):
        for desk in desks:
            desk.seq = 0
        body = body_of(report(new_key(clock.now_ms())))
        began = time.perf_counter()
        await post(line, body)
        while not all(d.seq for d in desks):
            await asyncio.sleep(0.001)
        took = [d.at_s - began for d in desks]
        middle.append(statistics.median(took))
        last.append(max(took))
        await asyncio.sleep(CALM_S)
        ground.measure()
    return middle, last


async def enrol(http: aiohttp.ClientSession, url: str, unit: str) -> str:
    headers = {"Authorization": f"Bearer {SECRET}"}
    body = {"unit_id": unit}
    while True:
        async with http.post(f"{url}/api/v1/devices", json=body, headers=headers) as answer:
            if answer.status == 200:
                return str((await answer.json())["token"])
            await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))


def body_of(request: Request) -> bytes:
    """The submission's body, made before the clock starts: it is the client's own work."""
    return encode_submission(submission(request, at=clock.now_ms()))


async def post(line: Poster, body: bytes) -> None:
    status, answer = await line.post("/api/v1/requests", body)
    assert status == 200, answer


if __name__ == "__main__":
    raise SystemExit(main(rows))
