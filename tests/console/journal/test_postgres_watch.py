"""The watchman cuts what takes too long, and nothing else."""

from __future__ import annotations

import threading
import time

from console.journal.postgres_watch import Watchman


def test_what_takes_too_long_is_cut_until_it_ends() -> None:
    watchman = Watchman()
    cut = threading.Event()
    times: list[str] = []

    def cutting() -> None:
        times.append("slow")
        cut.set()

    watchman.begin("slow", 0.01, cutting)
    watchman.begin("quick", 60.0, lambda: times.append("quick"))
    assert cut.wait(5)
    cut.clear()
    assert cut.wait(5), "what still hangs is cut again"
    watchman.end("slow")
    so_far = len(times)
    watchman.end("quick")
    time.sleep(0.3)
    assert times == ["slow"] * so_far


def test_what_is_over_in_time_is_left_alone() -> None:
    watchman = Watchman()
    times: list[int] = []
    for n in range(5):
        watchman.begin("turn", 0.2, lambda n=n: times.append(n))  # type: ignore[misc]
        watchman.end("turn")
    time.sleep(0.6)
    assert not times
