"""What connections that are over leave in the server's memory: a stranger's, a desk's, a device's.

Each kind is opened and closed in crowds; what the first crowd leaves is kept ready for the next and
does not count. Then ordinary reconnecting goes on for `--minutes`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from console.access import open_store
from console.access.devices import Devices
from console.clock import SystemClock
from tests.bench.report import Row, main
from tests.bench.sockets import allow_sockets, connect, resident_mb, run
from tests.helpers.server_process import ServerProcess, server_process
from tests.helpers.stream import SECRET

CROWD = 500
"""Connections of a kind open at a time."""
CROWDS = 8
OPEN_S = 1.5
"""How long each crowd stays: longer than the server goes between its looks for cycles."""
REST_S = 30.0
RECONNECTS_A_SECOND = 20_000 / 600
MINUTES = 10.0

HangUp = Callable[[], None]
Open = Callable[[int], Awaitable[HangUp]]
"""Opens the n-th connection of a crowd; what comes back ends it."""


def rows(minutes: float) -> Iterator[Row]:
    """Measure one server after the other."""
    allow_sockets(CROWD)
    for name in ("sign-in with half a body", "desk", "device"):
        with _served() as (server, kinds):
            left = run(_left_bytes(server, kinds[name]))
        yield Row(f"left of a connection that is over: {name}", left, "B", target=500.0)
    with _served() as (server, kinds):
        grown, count = run(_reconnected(server, [kinds["desk"], kinds["device"]], minutes))
    yield Row("sockets that came and went", count, "")
    yield Row(f"growth in {minutes:g} minutes of that", grown, "MB", target=10.0)


@contextmanager
def _served() -> Iterator[tuple[ServerProcess, dict[str, Open]]]:
    """A fresh server, and the ways to connect to it."""
    with tempfile.TemporaryDirectory() as name, server_process(Path(name) / "j.sqlite") as server:
        tokens = _enrolled(server.db, CROWD)

        async def desk(_n: int) -> HangUp:
            return (await connect(server.url, "/api/v1/stream?after=0", SECRET)).close

        async def device(n: int) -> HangUp:
            return (await connect(server.url, "/api/v1/field", tokens[n])).close

        async def stranger(_n: int) -> HangUp:
            where = urlsplit(server.url)
            _, writer = await asyncio.open_connection(where.hostname, where.port)
            head = f"POST /api/v1/signin HTTP/1.1\r\nHost: {where.netloc}\r\n"
            writer.write(head.encode() + b'Content-Length: 999\r\n\r\n{"name":')
            return writer.transport.abort

        yield server, {"sign-in with half a body": stranger, "desk": desk, "device": device}


def _enrolled(db: str, units: int) -> list[str]:
    store = open_store(db)
    devices = Devices(store, SystemClock())
    with store.change():
        tokens = [devices.issue(f"U-{n:04d}") for n in range(units)]
    store.close()
    return tokens


async def _left_bytes(server: ServerProcess, open_one: Open) -> float:
    await _crowd(open_one)
    await asyncio.sleep(REST_S)
    before_mb = resident_mb(server.pid)
    for _ in range(CROWDS):
        await _crowd(open_one)
    await asyncio.sleep(REST_S)
    return (resident_mb(server.pid) - before_mb) * 1e6 / (CROWD * CROWDS)


async def _crowd(open_one: Open) -> None:
    ends = [await open_one(n) for n in range(CROWD)]
    await asyncio.sleep(OPEN_S)
    for end in ends:
        end()
    await asyncio.sleep(0.5)


async def _reconnected(
    server: ServerProcess, kinds: list[Open], minutes: float
) -> tuple[float, int]:
    """How much the server has grown, MB, and by how many sockets."""
    for kind in kinds:
        await _crowd(kind)
    await asyncio.sleep(REST_S / 6)
    before_mb = resident_mb(server.pid)
    began_s, count = time.monotonic(), 0
    ends: list[HangUp] = []
    while (passed_s := time.monotonic() - began_s) < minutes * 60:
        while count < passed_s * RECONNECTS_A_SECOND:
            ends.append(await kinds[count % len(kinds)](count % CROWD))
            count += 1
        while len(ends) > CROWD // 2:
            ends.pop(0)()
        await asyncio.sleep(0.1)
    for end in ends:
        end()
    await asyncio.sleep(REST_S)
    return resident_mb(server.pid) - before_mb, count


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=MINUTES)
    chosen, rest = parser.parse_known_args(sys.argv[1:])
    raise SystemExit(main(partial(rows, chosen.minutes), rest))
