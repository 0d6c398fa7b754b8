"""Killed at every step of sealing, and at any moment: what was flushed is neither lost nor doubled.

One child process forks a grandchild for each death, so that each costs no new interpreter.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from console.clock import Clocks, ManualClock
from console.tracks import Tracks
from tests.console.tracks.oracle import HOUR, Oracle, fix, positions, seen_in
from tests.helpers.stream import NOW

BEGIN = NOW // HOUR * HOUR
KILLED = 77
MOST_STEPS = 400
ROUNDS = 12
LATE = [(5, BEGIN + 3), (1, BEGIN + HOUR + 1), (6, BEGIN - 1)]


def _parts() -> Iterator[list[tuple[int, int]]]:
    """Unit and time, in groups: three hours, late ones for the first two, then more and more."""
    units = (1, 2, 40, 300)
    yield [(unit, BEGIN + n * HOUR // 5 + unit) for n in range(15) for unit in units]
    yield LATE
    for n in range(200):
        yield [(unit, BEGIN + (n * 7919 % 30) * HOUR // 6 + n) for unit in units]


def _live(folder: Path, part_count: int, say: Callable[[str], None]) -> None:
    """Take each part and seal it, saying how many fixes are flushed."""
    tracks = Tracks(folder, Clocks(ManualClock(BEGIN + HOUR)))
    flushed = 0
    for part, _ in zip(_parts(), range(part_count), strict=False):
        for unit, at in part:
            tracks.take(fix(unit, at))
        tracks.flush()
        flushed += len(part)
        say(f"{folder.name} {flushed}\n")
        tracks.seal(everything=True)
    tracks.close()


def _dying_at(die_at: int) -> None:
    """From now on, end at the `die_at`-th call that may change the disk."""
    steps = 0

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **kwargs: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps == die_at:
                os._exit(KILLED)
            return call(*args, **kwargs)

        return step

    for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink"), (Path, "open")):
        setattr(owner, name, counted(getattr(owner, name)))


def _say(line: str) -> None:
    os.write(1, line.encode())


def _forked(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid == 0:
        work()
        os._exit(0)
    return pid


def _die_at_each_step(folder: Path) -> None:
    for die_at in range(1, MOST_STEPS):
        own = folder / f"{die_at:04d}"
        own.mkdir()
        _, status = os.waitpid(_forked(partial(_live_until, own, die_at)), 0)
        if os.waitstatus_to_exitcode(status) != KILLED:
            sys.exit(os.waitstatus_to_exitcode(status))
    sys.exit("there was no end to the steps")


def _live_until(folder: Path, die_at: int) -> None:
    _dying_at(die_at)
    _live(folder, 2, _say)


def _die_at_any_moment(folder: Path) -> None:
    for number in range(ROUNDS):
        own = folder / f"{number:04d}"
        own.mkdir()
        pid = _forked(partial(_live, own, 200, _say))
        time.sleep(random.uniform(0.01, 0.3))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _deaths(folder: Path, kind: str) -> dict[Path, int]:
    """What each life left, and how many fixes it had flushed."""
    command = [sys.executable, "-m", __name__, kind, str(folder)]
    said = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=100, text=True)
    flushed = dict.fromkeys(sorted(folder.iterdir()), 0)
    for line in said.stdout.splitlines():
        name, count = line.split()
        flushed[folder / name] = int(count)
    return flushed


def _check(folder: Path, flushed: int, at_most: int) -> None:
    fixes = [told for part in _parts() for told in part]
    oracle, more = Oracle(), Oracle()
    for unit, at in fixes[:flushed]:
        oracle.take(fix(unit, at))
    for unit, at in fixes[:at_most]:
        more.take(fix(unit, at))
    tracks = Tracks(folder, Clocks(ManualClock(BEGIN + 10 * HOUR)))
    # A death between the flush and its word leaves a group more than was told of.
    if len(tracks.track("U-0001", 0, 1 << 43)) > len(oracle.track("U-0001", 0, 1 << 43)):
        oracle = more
    for when in ("as it was left", "sealed again"):
        for unit in (1, 2, 5, 6, 40, 300):
            got = seen_in(tracks.track(f"U-{unit:04d}", 0, 1 << 43))
            assert got == oracle.track(f"U-{unit:04d}", 0, 1 << 43), (folder, when)
        for t in (BEGIN - 1, BEGIN + 5, BEGIN + HOUR, BEGIN + 3 * HOUR, BEGIN + 9 * HOUR):
            assert positions(tracks, t) == oracle.positions_at(t), (folder, when)
        tracks.seal(everything=True)
    assert not list(folder.glob("*.new"))
    assert not list(folder.glob("*.fixes"))
    tracks.close()


def test_killed_at_each_step(tmp_path: Path) -> None:
    deaths = _deaths(tmp_path, "steps")
    assert len(deaths) > 50
    for folder, flushed in deaths.items():
        _check(folder, flushed, flushed)


def test_killed_at_any_moment(tmp_path: Path) -> None:
    for folder, flushed in _deaths(tmp_path, "moments").items():
        _check(folder, flushed, flushed + (60 if flushed == 0 else 3 if flushed == 60 else 4))


if __name__ == "__main__":
    {"steps": _die_at_each_step, "moments": _die_at_any_moment}[sys.argv[1]](Path(sys.argv[2]))
