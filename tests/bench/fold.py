"""How long a start takes: the picture from a whole history, and from the one kept on the disk."""

from __future__ import annotations

import argparse
import gc
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

from console.clock import SystemClock
from console.journal.sqlite import SqliteJournal
from console.model.picture import Picture, Touched
from console.service.opening import PAGE, changes_of, open_picture
from console.service.snapshot import SnapshotFile
from tests.bench.report import Row, main
from tests.helpers.history import write_history

T = TypeVar("T")

EVENTS = 200_000
TAIL = 10_000
EXACT = 50_000
"""Events that are also folded one by one, to see that both ways make the same."""


def rows(events: int) -> Iterator[Row]:
    """One history; `events` of it and `TAIL` more."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "journal.sqlite"
        write_history(path, events + TAIL)
        journal = SqliteJournal(path, SystemClock())
        yield from whole(journal)
        yield from kept(journal, Path(name) / "journal.picture", events)
        journal.close()


def whole(journal: SqliteJournal) -> Iterator[Row]:
    """The picture from all events."""
    took_s, (picture, _) = _timed(lambda: open_picture(journal, None))
    per_million = took_s / picture.seq * 1e6
    yield Row("events", picture.seq, "")
    name = "rebuild of the picture, CPU for 1 M events, against reading and decoding alone"
    bare_s, read = _timed(lambda: _bare(journal))
    against = bare_s / read * 1e6
    yield Row(name, per_million, "s", against=against, target=2.0)
    exact = Picture(timelines=False)
    exact.apply(journal.read(0, EXACT))
    again = Picture(timelines=False)
    again.replay(journal.told(0, EXACT))
    same = dict(again.incidents) == dict(exact.incidents)
    same = same and dict(again.commands) == dict(exact.commands)
    same = same and dict(again.units) == dict(exact.units)
    yield Row("both ways of folding differ", float(not same), "", target=0)


def _bare(journal: SqliteJournal) -> int:
    """Read and decode everything, fold nothing; the number of the last event."""
    last = 0
    while told := journal.told(last, PAGE):
        last = told[-1][0]
    return last


def kept(journal: SqliteJournal, path: Path, events: int) -> Iterator[Row]:
    """The picture from the file, made `TAIL` events ago."""
    old = Picture(timelines=False)
    touched = Touched()
    while old.seq < events:
        page = old.replay(journal.told(old.seq, min(5000, events - old.seq)))
        touched.incidents |= page.incidents
        touched.commands |= page.commands
        touched.units |= page.units
    file = SnapshotFile(path, journal.id)
    file.save(changes_of(old, touched))
    file.close()
    del old, touched
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
