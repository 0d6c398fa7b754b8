"""9,000 devices on one server process, 10,000 positions a second, and a command amid them.

The devices live in processes of their own. What the server counts must be what they sent. What a
position costs is held against a process on the same loop that takes as many frames from as many
sockets and does nothing with them.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import aiohttp
import msgspec

from console.access import open_store
from console.access.devices import Devices
from console.clock import SystemClock
from console.model.ids import new_key
from console.wire import CommandFrame, FixesFrame, decode_desk_frame, decode_field_push
from tests.bench.fanout import body_of, post, quantile
from tests.bench.floor import Floor, floor
from tests.bench.report import Row, main
from tests.bench.sockets import allow_sockets, connect, cpu_s, masked, poster, resident_mb, run
from tests.helpers.server_process import ServerProcess, server_process
from tests.helpers.stream import PLACE, SECRET, dispatch, report

SOCKETS = 9000
PER_SECOND = 10_000
SENDERS = 3
MEASURED_S = 12.0
BARE_S = 5.0
COMMANDS = 60
TICK_S = 0.02

clock = SystemClock()


def rows() -> Iterator[Row]:
    """Measure on the disk that holds the temporary files."""
    sockets = allow_sockets(SOCKETS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with floor(folder) as ground, server_process(folder / "j.sqlite") as server:
            found = run(_measure(server, ground, sockets, folder))
        bare_us = _bare_cpu_us(folder)
    p50, least = (1000 * quantile(s, 0.5) for s in (found["commands"], ground.seconds))
    yield Row("sockets open", found["sockets"], "", target=SOCKETS, at_least=True)
    yield Row("positions a second", found["rate"], "/s")
    yield Row("server CPU a position, against a bare read", found["cpu_us"], "µs", bare_us, 15.0)
    yield Row("server CPU with all sockets and no position", found["idle_cpu"], "cores")
    yield Row("command posted, durable, on its device p50", p50, "ms", against=least, target=5.0)
    yield Row("the same p99", 1000 * quantile(found["commands"], 0.99), "ms")
    yield Row("positions sent and not counted", found["lost"], "", target=0.0)
    yield Row("units whose last position no desk has", found["unseen"], "", target=0.0)
    yield Row("server memory", found["memory"], "MB")


async def _measure(
    server: ServerProcess, ground: Floor, sockets: int, folder: Path
) -> dict[str, Any]:
    latest: dict[str, int] = {}
    arrived: dict[str, asyncio.Future[float]] = {}

    def on_desk(payload: bytes) -> None:
        if payload[:12].find(b"fixes") >= 0:
            frame = decode_desk_frame(payload)
            assert isinstance(frame, FixesFrame)
            latest.update((f.unit_id, f.at) for f in frame.fixes)

    def on_device(payload: bytes) -> None:
        frame = decode_field_push(payload)
        if isinstance(frame, CommandFrame):
            arrived[frame.command_id].set_result(time.perf_counter())

    async with aiohttp.ClientSession() as http:
        own = [f"D-{i:03d}" for i in range(COMMANDS)]
        for token in _enrolled(server.db, own).values():
            await connect(server.url, "/api/v1/field", token, on_device)
        await connect(server.url, "/api/v1/stream?after=0", SECRET, on_desk)
        files = [_tokens(server.db, i, sockets // SENDERS, folder) for i in range(SENDERS)]
        senders = [_Sender(server.url, file) for file in files]
        counts = [await asyncio.to_thread(sender.opened) for sender in senders]
        line = await poster(server.url, SECRET)
        incidents = [report(new_key(clock.now_ms())) for _ in own]
        for incident in incidents:
            await post(line, body_of(incident))
        await asyncio.sleep(2)
        idle_cpu = await _cpu_over(server, 3.0)
        before, cpu, began = await _counted(http, server), cpu_s(server.pid), time.perf_counter()
        for sender in senders:
            sender.say("go")
        commands: list[float] = []
        for unit, incident in zip(own, incidents, strict=True):
            order = dispatch(incident.incident_id, unit)
            future = arrived[order.orders[0].command_id] = asyncio.Future()
            body = body_of(order)
            start = time.perf_counter()
            await post(line, body)
            commands.append(await future - start)
            await asyncio.sleep(MEASURED_S / COMMANDS - 0.01)
            await asyncio.to_thread(ground.measure)
        sent = [await asyncio.to_thread(sender.stopped) for sender in senders]
        took, used = time.perf_counter() - began, cpu_s(server.pid) - cpu
        await asyncio.sleep(1.5)
        total = sum(s["sent"] for s in sent)
        after = await _counted(http, server)
        last = {unit: at for s in sent for unit, at in s["last"].items()}
        memory = resident_mb(server.pid)
        for sender in senders:
            sender.end()
    return {
        "sockets": sum(counts) + len(own) + 1,
        "rate": total / took,
        "cpu_us": used / total * 1e6,
        "idle_cpu": idle_cpu,
        "commands": commands,
        "lost": total - (after - before),
        "unseen": sum(latest.get(unit) != at for unit, at in last.items()),
        "memory": memory,
    }


async def _cpu_over(server: ServerProcess, seconds: float) -> float:
    before = cpu_s(server.pid)
    await asyncio.sleep(seconds)
    return (cpu_s(server.pid) - before) / seconds


async def _counted(http: aiohttp.ClientSession, server: ServerProcess) -> int:
    async with http.get(f"{server.url}/metrics") as answer:
        for line in (await answer.text()).splitlines():
            if line.startswith("trellis_positions_total "):
                return int(float(line.split()[1]))
    raise AssertionError("no count of positions")


class _Sender:
    """A process full of devices."""

    def __init__(self, url: str, tokens: Path) -> None:
        command = [sys.executable, "-m", "tests.bench.positions", url, str(tokens)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def opened(self) -> int:
        """How many sockets it has open."""
        return int(self._answer())

    def say(self, word: str) -> None:
        """Go, or stop."""
        assert self._process.stdin is not None
        print(word, file=self._process.stdin, flush=True)

    def stopped(self) -> dict[str, Any]:
        """Stop it; what it sent."""
        self.say("stop")
        return dict(json.loads(self._answer()))

    def end(self) -> None:
        """Hang up."""
        self._process.kill()
        self._process.communicate()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


def _tokens(db: str, number: int, sockets: int, folder: Path) -> Path:
    """A file with the tokens of so many units."""
    file = folder / f"tokens-{number}.json"
    units = [f"S-{number}-{i:04d}" for i in range(sockets)]
    file.write_text(json.dumps(_enrolled(db, units)))
    return file


class _Bare(asyncio.Protocol):
    """A socket whose frames nobody reads."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(b"HTTP/1.1 101 \r\n\r\n")
            self._transport = None


async def _take_frames() -> None:
    """The process that does nothing with frames: print the port, and serve until killed."""
    server = await asyncio.get_running_loop().create_server(_Bare, "127.0.0.1", 0, backlog=1024)
    allow_sockets(SOCKETS)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def _bare_cpu_us(folder: Path) -> float:
    """CPU of a frame that is taken, and no more, in microseconds."""
    command = [sys.executable, "-m", "tests.bench.positions", "bare"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = f"http://127.0.0.1:{int(process.stdout.readline())}"
        senders = [_Sender(url, folder / f"tokens-{i}.json") for i in range(SENDERS)]
        for sender in senders:
            sender.opened()
        cpu = cpu_s(process.pid)
        for sender in senders:
            sender.say("go")
        time.sleep(BARE_S)
        sent = sum(sender.stopped()["sent"] for sender in senders)
        used = cpu_s(process.pid) - cpu
        for sender in senders:
            sender.end()
        process.kill()
    return used / sent * 1e6


def _enrolled(db: str, units: list[str]) -> dict[str, str]:
    """A token of each unit, put where the server keeps them, in one go."""
    store = open_store(db)
    devices = Devices(store, clock)
    with store.change():
        tokens = {unit: devices.issue(unit) for unit in units}
    store.close()
    return tokens


async def _send(url: str, tokens: dict[str, str]) -> None:
    """The devices' process: connect, wait for `go`, send until `stop`."""
    sockets = allow_sockets(len(tokens))
    units = list(tokens)[:sockets]
    clients = [await connect(url, "/api/v1/field", tokens[unit]) for unit in units]
    print(len(clients), flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    stopping = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
    sent, last, rate = 0, {}, PER_SECOND / SENDERS
    began = time.perf_counter()
    while not stopping.done():
        due = int((time.perf_counter() - began) * rate)
        for i in range(sent, due):
            at = clock.now_ms()
            fix = {"t": "fix", "lon": PLACE[0], "lat": PLACE[1], "at": at, "speed": 1.5}
            clients[i % sockets].send(masked(msgspec.msgpack.encode(fix)))
            last[units[i % sockets]] = at
        sent = due
        await asyncio.sleep(TICK_S)
    print(json.dumps({"sent": sent, "last": last}), flush=True)
    await asyncio.Future()


if __name__ == "__main__":
    if sys.argv[1:] == ["bare"]:
        run(_take_frames())
    elif sys.argv[1:2] and sys.argv[1].startswith("http"):
        run(_send(sys.argv[1], json.loads(Path(sys.argv[2]).read_text())))
    raise SystemExit(main(rows))
