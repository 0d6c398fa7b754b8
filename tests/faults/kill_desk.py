"""Kills a desk in mid-dispatch, again and again, and looks whether anything was lost or done twice.

    python -m tests.faults.kill_desk --times 50
    python -m tests.faults.kill_desk --freeze 7

A real server over SQLite, and a desk process on one outbox that is killed and started again.
`--freeze` stops the server instead (SIGSTOP) while the desk works on.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from console.journal.verify import verify
from tests.faults.load import Load, all_events
from tests.helpers.server_process import ROOT, ServerProcess, server_process
from tests.helpers.stream import SECRET

PATIENCE_S = 60.0
EARLY = 5
"""Every fifth life ends while it opens the outbox, the others amid their work."""

EARLY_S = 0.015
MID_S = 0.006
MOST_TAKEN = 40


@dataclass
class Told:
    """What the desk said over all its lives, and where the journal stood at each kill."""

    taken: list[str] = field(default_factory=list)
    left: list[set[str]] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def hear(self, line: str) -> None:
        """One line of the desk's."""
        word, _, rest = line.strip().partition(" ")
        if word == "opening":
            self.left.append(set())
        elif word == "left":
            self.left[-1].add(rest)
        else:
            {"taken": self.taken, "state": self.states, "refused": self.refused}[word].append(rest)


class DeskProcess:
    """One life of the desk; `told` hears all it says."""

    def __init__(self, server: ServerProcess, outbox: Path, told: Told, *more: str) -> None:
        command = [sys.executable, "-m", "tests.faults.desk_at_work", server.url, str(outbox)]
        self._process = subprocess.Popen(
            [*command, str(os.getpid()), *more], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        self._told = told
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._told.hear(line)

    def kill(self) -> None:
        """End it without a word; all it had said has been heard when this returns."""
        self._process.kill()
        self.wait()

    def wait(self) -> int:
        """Wait until it has ended; its exit status."""
        status = self._process.wait(PATIENCE_S)
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()
        return status

    def until(self, reached: Any) -> None:
        """Wait until `reached()` holds. Raises AssertionError when the desk ends before."""
        deadline = time.monotonic() + PATIENCE_S
        while not reached():
            assert self._process.poll() is None, "the desk ended by itself"
            assert time.monotonic() < deadline, "the desk does not get on"
            time.sleep(0.0005)


@contextmanager
def desk_process(
    server: ServerProcess, outbox: Path, told: Told, *more: str
) -> Iterator[DeskProcess]:
    """A desk at work, killed at the end."""
    desk = DeskProcess(server, outbox, told, *more)
    try:
        yield desk
    finally:
        desk.kill()


@dataclass(frozen=True)
class Outcome:
    """What the kills did. `resent` were in the outbox of the next life; `known` of them were in the
    journal already, their answer unseen.
    """

    kills: int
    taken: int
    resent: int
    known: int
    events: int
    faults: tuple[str, ...]

    def text(self) -> str:
        """The outcome for people."""
        return (
            f"{self.kills} kills, {self.taken} requests taken, {self.resent} sent again by the "
            f"next life, {self.known} of them in the journal already, {self.events} events, "
            f"{len(self.faults)} faults"
        )


def kill_again_and_again(server: ServerProcess, outbox: Path, times: int) -> Outcome:
    """Kill a desk on the running `server` `times` times; the server is stopped at the end."""
    told = Told()
    for n in range(times):
        with desk_process(server, outbox, told) as desk:
            (_amid_opening if n % EARLY == EARLY - 1 else _amid_work)(desk, told)
        told.heads.append(_head(server))
    return settle(server, outbox, told, times)


def _amid_opening(desk: DeskProcess, told: Told) -> None:
    lives = len(told.left)
    desk.until(lambda: len(told.left) > lives)
    time.sleep(random.uniform(0, EARLY_S))


def _amid_work(desk: DeskProcess, told: Told) -> None:
    enough = len(told.taken) + random.randint(1, MOST_TAKEN)
    desk.until(lambda: len(told.taken) >= enough)
    time.sleep(random.uniform(0, MID_S))


def freeze(server: ServerProcess, outbox: Path, seconds: float, silence_s: float) -> Told:
    """Stop the server for `seconds` under the desk's work; until the desk is back at work."""
    told = Told()
    with desk_process(server, outbox, told, "--silence", str(silence_s)) as desk:
        desk.until(lambda: "online" in told.states and len(told.taken) > MOST_TAKEN)
        told.states.clear()
        os.kill(server.pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(server.pid, signal.SIGCONT)
        more = len(told.taken) + MOST_TAKEN
        desk.until(lambda: told.states[-1:] != ["offline"] and len(told.taken) > more)
    told.heads.append(_head(server))
    return told


def settle(server: ServerProcess, outbox: Path, told: Told, kills: int) -> Outcome:
    """A last life that only sends what is left; then compare, stop the server and verify."""
    faults = []
    with desk_process(server, outbox, told, "--settle") as desk:
        if desk.wait() != 0:
            faults.append("the desk's last life did not end in order")
    stored = asyncio.run(_stored(server))
    faults += [*faults_in(told, stored), *Load(server).faults(stored)]
    if server.stop() != 0:
        faults.append("the server did not stop in order")
    verdict = verify(server.db)
    faults += [finding.message.en for finding in verdict.findings]
    if verdict.events != len(stored):
        faults.append(f"verify counts {verdict.events} events, the server {len(stored)}")
    resent = sum(map(len, told.left))
    known = _known(told, stored)
    return Outcome(kills, len(told.taken), resent, known, len(stored), tuple(faults))


def faults_in(told: Told, stored: list[dict[str, Any]]) -> list[str]:
    """What was lost, refused or took effect twice."""
    keys = {event["key"] for event in stored}
    found = [
        f"{key}: taken by the desk, not in the journal" for key in told.taken if key not in keys
    ]
    found += [f"{key} was taken twice" for key, n in Counter(told.taken).items() if n > 1]
    found += [f"refused: {line}" for line in told.refused]
    for kind, name in (("incident.reported", "incident_id"), ("command.issued", "command_id")):
        made = Counter(e["fact"][name] for e in stored if e["kind"] == kind)
        found += [f"{kind} {thing}: {n} times" for thing, n in made.items() if n > 1]
    return found


def _known(told: Told, stored: list[dict[str, Any]]) -> int:
    """How many requests were in the journal when their desk was killed, and in its outbox too."""
    seqs = {event["key"]: event["seq"] for event in stored}
    pairs = zip(told.heads, told.left[1:], strict=True)
    return sum(seqs.get(key, head + 1) <= head for head, left in pairs for key in left)


def _head(server: ServerProcess) -> int:
    url = f"{server.url}/api/v1/events?limit=0"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {SECRET}"})
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return int(json.load(answer)["head"])


async def _stored(server: ServerProcess) -> list[dict[str, Any]]:
    async with aiohttp.ClientSession() as client:
        return await all_events(client, server)


def main() -> int:
    """Run as a program; exit status 1 when anything was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--freeze", type=float, help="stop the server for so many seconds instead")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    random.seed(chosen.seed)
    with tempfile.TemporaryDirectory() as name, server_process(Path(name) / "j.sqlite") as server:
        outbox = Path(name) / "outbox"
        if chosen.freeze:
            told = freeze(server, outbox, chosen.freeze, silence_s=6.0)
            print("the link:", *told.states)
            outcome = settle(server, outbox, told, 1)
        else:
            outcome = kill_again_and_again(server, outbox, chosen.times)
    print(outcome.text())
    for fault in outcome.faults[:20]:
        print(fault)
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
