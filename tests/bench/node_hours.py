"""What it costs nodes to compare an hour of tracks, and to pass it on to one that missed it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from console.clock import Clocks, ManualClock
from console.nodes.agreement import HOUR_MS, SETTLED_MS, Agreement
from console.nodes.hours import Part
from console.nodes.memory_hours import MemoryHours
from console.tracks import ROW, Rows, Tracks, TracksPolicy
from tests.bench.report import Row, main

UNITS = 10_000
EVERY_MS = 10_000
HOUR = 495_000 * HOUR_MS
IDS = [f"U-{n:05d}" for n in range(UNITS)]


class Weighed(MemoryHours):
    """A board that counts what is put up."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    def put(self, part: Part, body: bytes) -> None:
        """As a board does."""
        self.bytes += len(body)
        super().put(part, body)


def rows() -> Iterator[Row]:
    """Two nodes in this process: one that has the hour, one that was down."""
    clock, board = ManualClock(HOUR), Weighed()
    with tempfile.TemporaryDirectory() as name:
        tracks = [Tracks(Path(name) / n, Clocks(clock), TracksPolicy(30)) for n in ("one", "two")]
        fixes = 0
        for group in _hour():
            tracks[0].keep(IDS, group)
            fixes += len(group)
        clock.set(HOUR + HOUR_MS + SETTLED_MS)
        sealing = _cpu_s(tracks[0].seal)
        comparing = _cpu_s(lambda: tracks[0].hours.contents(HOUR))
        nodes = [Agreement(t, board, str(n), clock, lambda _: None) for n, t in enumerate(tracks)]
        passing = _cpu_s(lambda: _settle(nodes))
        held = len(tracks[1].positions_at(clock.now_ms()))
        for one in tracks:
            one.close()
    yield Row("fixes in the hour", fixes, "")
    name = "CPU a million fixes, to say what the hour holds; against sealing it"
    yield Row(name, comparing / fixes * 1e6, "s", against=sealing / fixes * 1e6, target=1.0)
    yield Row("CPU a million fixes passed on, both nodes", passing / fixes * 1e6, "s")
    yield Row("bytes a fix passed on", board.bytes / fixes, "B")
    yield Row("units the node that was down knows after", held, "", target=UNITS, at_least=True)


def _hour() -> Iterator[Rows]:
    """An hour of units about town, with the noise of a phone's positions."""
    dice = np.random.default_rng(7)
    homes = dice.uniform(-2e6, 2e6, (2, UNITS))
    for begin in range(HOUR, HOUR + HOUR_MS, EVERY_MS):
        group = np.zeros(UNITS, ROW)
        group["unit"] = np.arange(UNITS)
        group["at"] = begin + dice.integers(0, EVERY_MS, UNITS)
        group["lon"] = 1_201_500_000 + homes[0] + dice.normal(0, 500, UNITS)
        group["lat"] = 302_800_000 + homes[1] + dice.normal(0, 500, UNITS)
        group["heading"] = dice.integers(0, 360, UNITS)
        group["speed"] = dice.integers(0, 400, UNITS)
        yield group


def _settle(nodes: list[Agreement]) -> None:
    quiet = 0
    while quiet < 2:
        moved = [node.turn() for node in nodes]
        quiet = 0 if True in moved else quiet + 1


def _cpu_s(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    raise SystemExit(main(rows))
