"""Two nodes on one PostgreSQL: how fast they append, and whether any reader ever misses an event.

`--events N` goes on until N events are there (by default some seconds' worth).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field
from functools import partial
from multiprocessing.connection import Connection

import psycopg

from console.clock import SystemClock
from console.journal import Batch, Receipt
from console.journal.postgres import PostgresJournal
from console.journal.verify import verify
from console.model.event import Event
from console.model.facts import NoteAdded
from console.model.ids import new_key
from console.service.settling import Settling
from tests.bench.report import Row, main
from tests.helpers.postgres import cluster

NODES = 2
WRITERS = 32
EVENTS = 30_000
VERIFIED = 200_000
WORDS = "南湖路口两车相撞，占用最左车道，无人受伤，需要拖车" * 2
SWITCH_S = 0.0005
SYNCS = 200

clock = SystemClock()


@dataclass
class Seen:
    """What one node saw."""

    took_s: float = 0.0
    appended: int = 0
    heard: int = 0
    missed: int = 0
    out_of_order: int = 0
    read: int = 0
    read_missed: int = 0
    waits_ms: list[float] = field(default_factory=list)
    lags_ms: list[float] = field(default_factory=list)

    def hear(self, events: Sequence[Event]) -> None:
        """Check that what a listener hears goes on from what it heard."""
        for event in events:
            expected = self.heard + self.missed + 1
            self.missed += max(0, event.seq - expected)
            self.out_of_order += event.seq < expected
            self.heard += 1
        self.lags_ms.append(clock.now_ms() - events[-1].happened_at)


def rows(events: int) -> Iterator[Row]:
    """Run the nodes side by side, in processes of their own."""
    with cluster(durable=True) as postgres:
        url = postgres.fresh()
        PostgresJournal(url, clock).close()
        sync_ms = _commit_ms(url)
        seen = list(_run_nodes(url, events))
        took = max(s.took_s for s in seen)
        stored = sum(s.appended for s in seen)
        name = f"durable events, {NODES} nodes, {WRITERS} writers"
        yield Row(name, stored / took, "/s", target=5000, at_least=True)
        yield Row("events", stored, "")
        yield Row(
            "missed by a listener", sum(s.missed + stored - s.heard for s in seen), "", None, 0
        )
        yield Row("heard out of order", sum(s.out_of_order for s in seen), "", None, 0)
        yield Row("missed by a reader at its cursor", sum(s.read_missed for s in seen), "", None, 0)
        yield Row("least share of one node", min(s.appended for s in seen) / stored, "", None)
        waits = sorted(w for s in seen for w in s.waits_ms)
        against = "wait for durable p50, against one bare commit"
        yield Row(against, statistics.median(waits), "ms", against=sync_ms)
        yield Row("wait for durable p99", waits[int(len(waits) * 0.99)], "ms")
        lags = [lag for s in seen for lag in s.lags_ms]
        yield Row("decided to heard, both nodes, p50", statistics.median(lags), "ms")
        if stored <= VERIFIED:
            yield Row("faults that verify finds", verify(url).faults, "", None, 0)


def _run_nodes(url: str, events: int) -> Iterator[Seen]:
    context = multiprocessing.get_context("spawn")
    ends = []
    for _ in range(NODES):
        ours, theirs = context.Pipe()
        node = context.Process(target=_node, args=(url, events, theirs), daemon=True)
        node.start()
        ends.append((node, ours))
    for _, ours in ends:
        ours.recv()
    for _, ours in ends:
        ours.send("go")
    for node, ours in ends:
        yield Seen(**json.loads(ours.recv()))
        node.join()


def _node(url: str, events: int, parent: Connection) -> None:
    sys.setswitchinterval(SWITCH_S)
    journal = PostgresJournal(url, clock)
    seen = Seen()
    journal.subscribe(seen.hear)
    parent.send("ready")
    parent.recv()
    began = time.perf_counter()
    asyncio.run(_write_until(journal, events, seen))
    seen.took_s = time.perf_counter() - began
    deadline = time.monotonic() + 10
    while seen.heard + seen.missed < journal.head and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(2)
    parent.send(json.dumps(asdict(seen)))
    journal.close()


async def _write_until(journal: PostgresJournal, events: int, seen: Seen) -> None:
    settling = Settling(asyncio.get_running_loop())

    async def write() -> None:
        while journal.head < events:
            began = time.perf_counter()
            await settling.on_loop(_append(journal))
            seen.waits_ms.append((time.perf_counter() - began) * 1000)
            seen.appended += 1

    async def read() -> None:
        cursor = 0
        while journal.head < events:
            for event in await asyncio.to_thread(journal.read, cursor, 1000):
                seen.read_missed += event.seq - cursor - 1
                cursor = event.seq
                seen.read += 1
            await asyncio.sleep(0.05)

    await asyncio.gather(read(), *(write() for _ in range(WRITERS // NODES)))


def _append(journal: PostgresJournal) -> Future[Receipt]:
    batch = _batch()
    return journal.write(batch.key, batch.digest, lambda _end: batch)


def _batch() -> Batch:
    own_key = new_key(clock.now_ms())
    fact = NoteAdded(own_key, WORDS)
    return Batch(own_key, b"d" * 32, (fact,), clock.now_ms(), "desk/duty", own_key)


def _commit_ms(url: str) -> float:
    """What one durable commit of one small row costs on this database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE bare (n int)")
        times = [
            _timed(partial(connection.execute, "INSERT INTO bare VALUES (1)")) for _ in range(SYNCS)
        ]
        connection.execute("DROP TABLE bare")
    return statistics.median(times) * 1000


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--events", type=int, default=EVENTS)
    chosen, rest = parser.parse_known_args()
    raise SystemExit(main(partial(rows, chosen.events), rest))
