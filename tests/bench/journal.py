"""How quickly the journal makes things durable, held against the disk itself in the same run."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

from console.clock import SystemClock
from console.journal import Batch, Receipt
from console.journal.sqlite import SqliteJournal
from console.model.event import Event
from console.model.facts import NoteAdded
from console.model.ids import new_key
from console.service.follower import folded
from console.service.settling import Settling
from console.wire import EventsFrame, decode_desk_frame
from tests.bench.report import Row, main
from tests.helpers.stream import key, report, running, submission

SINGLE = 300
WRITERS = 64
CROWD_S = 3.0
CLICKS = 200
WORDS = "南湖路口两车相撞，占用最左车道，无人受伤，需要拖车" * 2

SWITCH_S = 0.0005

clock = SystemClock()


def rows() -> Iterator[Row]:
    """Measure in a folder of its own, on the disk that holds the temporary files."""
    sys.setswitchinterval(SWITCH_S)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from alone(folder)
        yield from crowd(folder)
        yield from clicks(folder)


def alone(folder: Path) -> Iterator[Row]:
    """One submission at a time, turn about with one raw sync of as many bytes."""
    journal = SqliteJournal(folder / "alone.sqlite", clock)
    raw = _RawDisk(folder / "raw")
    appends, syncs = [], []
    for _ in range(SINGLE):
        appends.append(_timed(lambda: _write(journal).result()))
        syncs.append(_timed(raw.write))
    raw.close()
    journal.close()
    append_ms, sync_ms = (statistics.median(v) * 1000 for v in (appends, syncs))
    yield Row("single append p50, against raw fdatasync p50", append_ms, "ms", against=sync_ms)
    yield Row("single append p50 / raw fdatasync p50", append_ms / sync_ms, "x", target=2.0)
    p99 = sorted(appends)[int(SINGLE * 0.99)] * 1000
    yield Row("single append p99", p99, "ms")


def crowd(folder: Path) -> Iterator[Row]:
    """Many writers on one event loop, each waiting for its own answer before it asks again."""
    journal = SqliteJournal(folder / "crowd.sqlite", clock)
    waits = asyncio.run(_crowd(journal))
    rate = journal.head / CROWD_S
    name = f"durable events, {WRITERS} writers"
    yield Row(name, rate, "/s", target=20_000, at_least=True)
    yield Row(f"wait for durable p50, {WRITERS} writers", statistics.median(waits) * 1000, "ms")
    began = time.process_time()
    picture = folded(journal)
    rebuilt = picture.seq / (time.process_time() - began)
    yield Row("events read and folded, a second of CPU", rebuilt, "", target=30_000, at_least=True)
    journal.close()


async def _crowd(journal: SqliteJournal) -> list[float]:
    settling = Settling(asyncio.get_running_loop())
    waits: list[float] = []
    end = time.perf_counter() + CROWD_S

    async def write() -> None:
        while (began := time.perf_counter()) < end:
            await settling.on_loop(_write(journal))
            waits.append(time.perf_counter() - began)

    await asyncio.gather(*(write() for _ in range(WRITERS)))
    return waits


def clicks(folder: Path) -> Iterator[Row]:
    """A desk posts; another desk's socket has the event: over loopback, durable in between."""
    seconds, cpu_s = asyncio.run(_clicks(folder))
    yield Row("posted, durable, on another desk p50", statistics.median(seconds) * 1000, "ms")
    p99 = sorted(seconds)[int(len(seconds) * 0.99)] * 1000
    yield Row("posted, durable, on another desk p99", p99, "ms", target=100)
    name = "CPU of that, both desks and the server, p50"
    yield Row(name, statistics.median(cpu_s) * 1000, "ms")


async def _clicks(folder: Path) -> tuple[list[float], list[float]]:
    """Of each click, the time on the clock and this process's CPU time, s."""
    journal = SqliteJournal(folder / "clicks.sqlite", clock)
    seconds: list[float] = []
    cpu_s: list[float] = []
    async with running(journal) as server:
        url = f"{server.url}/api/v1/stream"
        async with server.client.ws_connect(url, headers=server.desk) as ws:
            for _ in range(CLICKS):
                sent = submission(report())
                began, cpu_began = time.perf_counter(), time.process_time()
                posting = asyncio.create_task(server.post(sent))
                while sent.key not in (e.key for e in await _events(ws.receive_bytes)):
                    pass
                seconds.append(time.perf_counter() - began)
                await posting
                cpu_s.append(time.process_time() - cpu_began)
    journal.close()
    return seconds, cpu_s


async def _events(receive: Callable[[], Awaitable[bytes]]) -> list[Event]:
    frame = decode_desk_frame(await receive())
    return frame.decoded() if isinstance(frame, EventsFrame) else []


class _RawDisk:
    """Writes and syncs as many bytes as an append puts into the log, over the same file."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT)
        os.pwrite(self._file, b"\0" * (8 << 20), 0)
        os.fsync(self._file)
        self._at = 0

    def write(self) -> None:
        """One page, durable."""
        os.pwrite(self._file, b"y" * 4096, self._at % (8 << 20))
        os.fdatasync(self._file)
        self._at += 4096

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


def _batch() -> Batch:
    own_key = new_key(clock.now_ms())
    fact = NoteAdded(key(), WORDS)
    return Batch(own_key, b"d" * 32, (fact,), clock.now_ms(), "desk/duty", own_key)


def _write(journal: SqliteJournal) -> Future[Receipt]:
    batch = _batch()
    return journal.write(batch.key, batch.digest, lambda _end: batch)


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    raise SystemExit(main(rows))
