"""Kills a server under load, again and again, and looks whether anything was lost or done twice.

python -m tests.faults.kill_server --db sqlite --times 200
python -m tests.faults.kill_server --db postgresql --times 200
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from console.journal.verify import verify
from tests.faults.load import Load, all_events
from tests.helpers.postgres import cluster
from tests.helpers.server_process import ROOT, ServerProcess, server_process

DESKS = 12
ANSWERS_BETWEEN = 20
"""Submissions answered between two kills, at least."""


@dataclass(frozen=True)
class Outcome:
    """What the kills did. `back_ms` is from each start to the first answer after it."""

    kills: int
    answered: int
    tried_again: int
    events: int
    faults: tuple[str, ...]
    back_ms: tuple[float, ...]

    def text(self) -> str:
        """The outcome for people."""
        back = sorted(self.back_ms)
        return (
            f"{self.kills} kills, {self.answered} submissions answered, "
            f"{self.tried_again} tried again, {self.events} events in the journal, "
            f"{len(self.faults)} faults\n"
            f"started to first answer: p50 {statistics.median(back):.0f} ms, "
            f"p95 {back[int(len(back) * 0.95)]:.0f} ms, most {back[-1]:.0f} ms"
        )


async def kill_again_and_again(server: ServerProcess, times: int) -> Outcome:
    """Kill the running `server` `times` times while desks work; it is stopped at the end."""
    load = Load(server)
    back_ms = []
    async with aiohttp.ClientSession() as client:
        desks = [asyncio.create_task(load.work(client, n)) for n in range(DESKS)]
        for n in range(times):
            await _more(load, desks)
            # The moment in a turn at which it dies is never the same.
            await asyncio.sleep(0.003 * (n % 17))
            server.kill()
            back_ms.append(await _start(server, load, desks))
        load.ending = True
        await asyncio.gather(*desks)
        stored = await all_events(client, server)
    faults = load.faults(stored)
    if server.stop() != 0:
        faults.append("the server did not stop in order")
    verdict = verify(server.db)
    faults += [finding.message.en for finding in verdict.findings]
    if verdict.events != len(stored):
        faults.append(f"verify counts {verdict.events} events, the server {len(stored)}")
    return Outcome(
        times, len(load.answered), load.tried_again, len(stored), tuple(faults), tuple(back_ms)
    )


async def _more(load: Load, desks: list[asyncio.Task[None]]) -> None:
    before = len(load.answered)
    while len(load.answered) < before + ANSWERS_BETWEEN:
        _raise_from(desks)
        await asyncio.sleep(0.002)


async def _start(server: ServerProcess, load: Load, desks: list[asyncio.Task[None]]) -> float:
    """Start, wait for the first answer; how long that took, in ms."""
    began = time.monotonic()
    await asyncio.to_thread(server.start)
    while load.last_answer_at < began:
        _raise_from(desks)
        await asyncio.sleep(0.001)
    return (load.last_answer_at - began) * 1000


def _raise_from(desks: list[asyncio.Task[None]]) -> None:
    for desk in desks:
        if desk.done():
            desk.result()


@contextmanager
def journal_in(kind: str) -> Iterator[str]:
    """The URL of a fresh journal: `sqlite`, `postgresql` (a cluster of its own), or as given."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder)}/journal.sqlite"
    elif kind == "postgresql":
        with cluster(durable=True) as postgres:
            yield postgres.fresh()
    else:
        yield kind


def main() -> int:
    """Run as a program; exit status 1 when anything was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--db", default="sqlite", help="sqlite, postgresql, or a URL")
    parser.add_argument("--times", type=int, default=200)
    chosen = parser.parse_args()
    with journal_in(chosen.db) as url, server_process(url) as server:
        outcome = asyncio.run(kill_again_and_again(server, chosen.times))
    print(outcome.text())
    print(f"of which importing the server's modules alone: {_import_ms():.0f} ms")
    for fault in outcome.faults[:20]:
        print(fault)
    return 1 if outcome.faults else 0


_LOADING = """
from console.process import garbage_left_alone
with garbage_left_alone():
    import console.server.run
"""


def _import_ms() -> float:
    """The part of a start that is none of the journal's: median of five."""
    times = []
    for _ in range(5):
        began = time.monotonic()
        subprocess.run([sys.executable, "-c", _LOADING], cwd=ROOT, check=True)
        times.append((time.monotonic() - began) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    raise SystemExit(main())
