"""10,000 positions a second on one node, as another node on the same PostgreSQL shows them.

The first node has no sockets: positions are put in where a device's line would. The second is a
whole server with one desk on it. `--seconds N` measures for so long.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import LiteralString

import aiohttp
import psycopg
from aiohttp import web

from console.clock import Clocks, SystemClock
from console.journal.open import open_journal
from console.model.unit import Fix
from console.nodes.open import open_board
from console.nodes.packing import unpack_fixes
from console.server.app import Storage, build_app
from console.server.neighbours import NEIGHBOURS
from console.server.parts import PARTS, Parts
from console.server.run import SWITCH_S
from console.service import anywhere
from console.wire import FixesFrame, decode_desk_frame
from tests.bench.fanout import quantile
from tests.bench.report import Row, main
from tests.bench.sockets import cpu_s
from tests.helpers.postgres import cluster
from tests.helpers.server_process import server_process
from tests.helpers.stream import PLACE, SECRET

UNITS = 10_000
PER_SECOND = 10_000
TICK_S = 0.02
BASE_S = 5.0
SETTLE_S = 3.0
SECONDS = 75.0
"""Longer than the minute after which PostgreSQL looks for dead rows."""

SAMPLED = 25
"""Of so many fixes one is looked at for its delay."""

clock = SystemClock()


@dataclass
class Found:
    """What was measured of the second node while the first was told positions."""

    taken: int = 0
    heard: int = 0
    took_s: float = 0.0
    told_cores: float = 0.0
    heard_cores: float = 0.0
    bytes_a_fix: float = 0.0
    log_mb: float = 0.0
    delays_ms: list[float] = field(default_factory=list)
    sizes_mb: list[float] = field(default_factory=list)


def rows(seconds: float) -> Iterator[Row]:
    """Run both nodes, and a desk at the second."""
    with tempfile.TemporaryDirectory() as name, cluster(durable=True) as postgres:
        url, folder = postgres.fresh(), Path(name)
        nodes = (_first_node(url, folder / "one"), server_process(url, data=folder / "two"))
        with nodes[0] as first, nodes[1] as server:
            time.sleep(SETTLE_S)
            idle = _cores(server.pid, BASE_S)
            found = asyncio.run(_measure(url, server.url, server.pid, first, seconds))
    yield from _rows_of(found, idle)


def _rows_of(found: Found, idle: float) -> Iterator[Row]:
    rate = found.taken / found.took_s
    yield Row("positions a second", rate, "/s")
    yield Row("taken in on one node, shown on the other p50", quantile(found.delays_ms, 0.5), "ms")
    p99 = quantile(found.delays_ms, 0.99)
    yield Row("the same p99", p99, "ms", target=1000)
    heard_us = 1e6 * (found.heard_cores - idle) / rate
    yield Row("CPU a position, the node that hears it", heard_us, "µs", target=10)
    told_us = 1e6 * found.told_cores / rate
    yield Row(
        "CPU a position, the thread that tells it and looks for others", told_us, "µs", target=5
    )
    yield Row("CPU of a node that hears nothing new", idle, "cores", target=0.05)
    yield Row("bytes a position, against 24 in the log", found.bytes_a_fix, "B", against=24)
    yield Row("positions not heard", found.taken - found.heard, "", target=0)
    yield Row("the board in the database at the end", found.sizes_mb[-1], "MB", target=100)
    yield Row("the largest it was", max(found.sizes_mb), "MB", target=100)
    yield Row("log that the database wrote", found.log_mb / found.took_s, "MB/s")


class FirstNode:
    """The node that is told positions, from the side of who measures. `thread` tells the others."""

    def __init__(self, thread: str, line: Connection) -> None:
        self.thread = thread
        self._line = line

    def go(self, *, go: bool) -> int:
        """Have it take positions, or not; how many it has taken by now."""
        self._line.send(go)
        return int(self._line.recv())


@contextmanager
def _first_node(url: str, folder: Path) -> Iterator[FirstNode]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_node, args=(url, folder, theirs), daemon=True)
    process.start()
    yield FirstNode(f"{process.pid}/task/{ours.recv()}", ours)
    ours.send(None)
    process.join(10)


def _node(url: str, folder: Path, parent: Connection) -> None:
    sys.setswitchinterval(SWITCH_S)
    asyncio.run(_take_positions(url, folder, parent))


async def _take_positions(url: str, folder: Path, parent: Connection) -> None:
    journal = open_journal(url, clock)
    storage = Storage(tracks=folder, board=open_board(url))
    app = build_app(
        journal, ground=anywhere(), clocks=Clocks(clock), secret=SECRET, storage=storage
    )
    runner = web.AppRunner(app)
    await runner.setup()
    parent.send(app[NEIGHBOURS].thread_id)
    going = asyncio.Event()
    task = asyncio.create_task(_feed(app[PARTS], going))
    while (go := await asyncio.to_thread(parent.recv)) is not None:
        (going.set if go else going.clear)()
        parent.send(app[PARTS].fixes.taken)
    task.cancel()
    await runner.cleanup()
    journal.close()


async def _feed(parts: Parts, going: asyncio.Event) -> None:
    """Units about town with the noise of a phone's positions, which does not pack."""
    dice = random.Random(7)
    homes = [(dice.uniform(-0.2, 0.2), dice.uniform(-0.2, 0.2)) for _ in range(UNITS)]
    unit, due_s = 0, time.monotonic()
    while True:
        if not going.is_set():
            await going.wait()
            due_s = time.monotonic()
        now = clock.now_ms()
        owed = round((time.monotonic() - due_s) * PER_SECOND)
        due_s += owed / PER_SECOND
        # A machine that cannot keep up is not to stop all else.
        for _ in range(min(owed, PER_SECOND // 10)):
            unit = (unit + 1) % UNITS
            lon, lat = (PLACE[n] + homes[unit][n] + dice.gauss(0, 5e-5) for n in (0, 1))
            at, heading, speed = now - dice.randrange(20), dice.randrange(360), dice.random() * 20
            parts.fixes.take(Fix(f"U-{unit:05d}", lon, lat, at, heading, speed))
        await asyncio.sleep(TICK_S)


async def _measure(url: str, address: str, pid: int, first: FirstNode, seconds: float) -> Found:
    found = Found()
    async with _desk(address, found.delays_ms) as http:
        first.go(go=True)
        await asyncio.sleep(SETTLE_S)
        taken = first.go(go=False)
        await asyncio.sleep(SETTLE_S)
        heard = await _heard(http, address)
        found.delays_ms.clear()
        first.go(go=True)
        began, cpu, told, log_mb = (
            time.perf_counter(),
            cpu_s(pid),
            cpu_s(first.thread),
            _log_mb(url),
        )
        while time.perf_counter() - began < seconds:
            await asyncio.sleep(1)
            found.sizes_mb.append(await asyncio.to_thread(_board_mb, url))
        found.took_s = time.perf_counter() - began
        found.heard_cores = (cpu_s(pid) - cpu) / found.took_s
        found.told_cores = (cpu_s(first.thread) - told) / found.took_s
        found.log_mb = _log_mb(url) - log_mb
        found.bytes_a_fix = _bytes_a_fix(url)
        found.taken = first.go(go=False) - taken
        await asyncio.sleep(SETTLE_S)
        found.heard = await _heard(http, address) - heard
    return found


@asynccontextmanager
async def _desk(address: str, delays_ms: list[float]) -> AsyncIterator[aiohttp.ClientSession]:
    """A desk that notes how old each fix is when it comes; the session, for more."""

    async def listen(line: aiohttp.ClientWebSocketResponse) -> None:
        async for message in line:
            frame = decode_desk_frame(message.data)
            if isinstance(frame, FixesFrame):
                now = clock.now_ms()
                delays_ms.extend(now - fix.at for fix in frame.fixes[::SAMPLED])

    headers = {"Authorization": f"Bearer {SECRET}"}
    stream = f"{address}/api/v1/stream"
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(stream, headers=headers, max_msg_size=0) as line,
    ):
        task = asyncio.create_task(listen(line))
        yield http
        await line.close()
        await task


async def _heard(http: aiohttp.ClientSession, address: str) -> int:
    async with http.get(f"{address}/metrics") as answer:
        found = re.search(r"^trellis_positions_elsewhere_total (\S+)", await answer.text(), re.M)
    assert found is not None
    return int(float(found[1]))


def _cores(pid: int, seconds: float) -> float:
    """Cores that a process uses, over some seconds."""
    before = cpu_s(pid)
    time.sleep(seconds)
    return (cpu_s(pid) - before) / seconds


def _number(url: str, sql: LiteralString) -> float:
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(sql).fetchone()
    assert found is not None
    return float(found[0])


def _board_mb(url: str) -> float:
    return _number(url, "SELECT pg_total_relation_size('node_fixes')") / 1e6


def _log_mb(url: str) -> float:
    return _number(url, "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn") / 1e6


def _bytes_a_fix(url: str) -> float:
    with psycopg.connect(url, autocommit=True) as connection:
        bodies = [row[0] for row in connection.execute("SELECT body FROM node_fixes")]
    return sum(map(len, bodies)) / sum(len(unpack_fixes(body)[1]) for body in bodies)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    chosen, rest = parser.parse_known_args()
    raise SystemExit(main(partial(rows, chosen.seconds), rest))
