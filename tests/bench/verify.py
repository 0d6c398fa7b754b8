"""How quickly a journal is checked, held against reading its rows and doing nothing with them."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from console.journal.open import open_ledger
from console.journal.verify import verify
from tests.bench.report import Row, main
from tests.helpers.filled_journal import fill

EVENTS = 200_000
STEP = 100_000
SECONDS_A_MILLION = 30.0
"""Well under a minute."""


def rows(events: int) -> Iterator[Row]:
    """Measure over a journal of `events` events in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "journal.sqlite"
        for done in range(0, events, STEP):
            url = fill(path, min(STEP, events - done))
        read_s = _cpu_s(lambda: _read(url))
        checked_s = _cpu_s(lambda: _check(url, events))
    yield Row(
        f"verify {events:,} events, against reading them (CPU)", checked_s, "s", against=read_s
    )
    million_s = checked_s * 1e6 / events
    yield Row("verify a million events (CPU)", million_s, "s", target=SECONDS_A_MILLION)


def _read(url: str) -> None:
    ledger = open_ledger(url)
    for _ in ledger.rows():
        pass
    ledger.close()


def _check(url: str, events: int) -> None:
    verdict = verify(url)
    assert verdict.is_sound and verdict.events == events, verdict.findings[:3]


def _cpu_s(call: Callable[[], None]) -> float:
    began = time.process_time()
    call()
    return time.process_time() - began


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--events", type=int, default=EVENTS)
    chosen, others = parser.parse_known_args(sys.argv[1:])
    raise SystemExit(main(lambda: rows(chosen.events), others))
