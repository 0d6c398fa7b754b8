"""How long a start takes: the picture from a whole history, and from the one kept on the disk."""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

from console.clock import SystemClock
from console.journal.history import replay
from console.journal.sqlite import SqliteJournal
from console.model.picture import Picture
from console.service.opening import PAGE, changes_of, open_picture
from console.service.snapshot import SnapshotFile
from console.wire import decode_fact
from tests.bench.report import Row, main
from tests.helpers.history import write_history

T = TypeVar("T")

EVENTS = 1_000_000
TAIL = 10_000
EXACT = 50_000
"""Events that are also folded one by one, to see that both ways make the same."""


def rows(events: int) -> Iterator[Row]:
    """One history; `events` of it and `TAIL` more."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "journal.sqlite"
        _write(path, events + TAIL)
        journal = SqliteJournal(path, SystemClock())
        yield from whole(journal)
        yield from kept(journal, Path(name) / "journal.picture", events)
        journal.close()


def _write(path: Path, events: int) -> None:
    """Write the history in a process of its own: this one's memory is fresh, as at a start."""
    writing = multiprocessing.get_context("spawn").Process(
        target=write_history, args=(path, events)
    )
    writing.start()
    writing.join()
    assert writing.exitcode == 0


def whole(journal: SqliteJournal) -> Iterator[Row]:
    """The picture from all events."""
    took_s, (picture, _) = _timed(lambda: open_picture(journal, None))
    yield Row("events", picture.seq, "")
    per_million = took_s / picture.seq * 1e6
    del picture
    against = _timed(lambda: _bare(journal))[0] / journal.head * 1e6
    name = "rebuild of the picture, CPU for 1 M events, against reading and decoding alone"
    yield Row(name, per_million, "s", against=against, target=2.0)
    exact = Picture(timelines=False)
    exact.apply(journal.read(0, EXACT))
    again = Picture(timelines=False)
    replay(again, journal.told(0, EXACT))
    same = dict(again.incidents) == dict(exact.incidents)
    same = same and dict(again.commands) == dict(exact.commands)
    same = same and dict(again.units) == dict(exact.units)
    yield Row("both ways of folding differ", float(not same), "", target=0)


def _bare(journal: SqliteJournal) -> None:
    """Read and decode everything, fold nothing."""
    last = 0
    while told := journal.told(last, PAGE):
        for last, _, kind, version, fact in told:  # noqa: B007 - the last is asked for
            decode_fact(kind, version, fact)


def kept(journal: SqliteJournal, path: Path, events: int) -> Iterator[Row]:
    """The picture from the file, made `TAIL` events ago."""
    old = Picture(timelines=False)
    while old.seq < events:
        replay(old, journal.told(old.seq, min(PAGE, events - old.seq)))
    file = SnapshotFile(path, journal.id)
    file.save(changes_of(old, old.changed()))
    file.close()
    del old
    gc.collect()
    took_s, (picture, _) = _timed(lambda: open_picture(journal, path), wall=True)
    assert picture.seq == events + TAIL
    yield Row(f"start from a kept picture and {TAIL:,} events", took_s * 1000, "ms", target=150)
    copy_s, _ = _timed(picture.copy)
    yield Row("a second picture of the same", copy_s * 1000, "ms")
    yield Row("kept picture's size, bytes an event", path.stat().st_size / events, "B")


def _timed(call: Callable[[], T], wall: bool = False) -> tuple[float, T]:
    clock = time.perf_counter if wall else time.process_time
    began = clock()
    result = call()
    return clock() - began, result


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--events", type=int, default=EVENTS)
    chosen, rest = parser.parse_known_args()
    raise SystemExit(main(partial(rows, chosen.events), rest))
