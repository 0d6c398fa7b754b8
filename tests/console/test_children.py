"""Children come back when they die and stay away when they are told to."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from console.children import Child


def wait_for(condition: Callable[[], bool], limit_s: float = 10.0) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def sleeper(
    tmp_path: Path, code: str = "import time; print('hello', flush=True); time.sleep(60)"
) -> Child:
    return Child("sleeper", [sys.executable, "-c", code], tmp_path / "logs" / "sleeper.log")


def test_a_killed_child_is_started_again(tmp_path: Path) -> None:
    child = sleeper(tmp_path)
    child.start()
    try:
        first = child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: child.pid not in (None, first))
        assert child.restarts == 1
    finally:
        child.stop()
    assert child.pid is None


def test_a_stopped_child_stays_stopped_and_left_its_log(tmp_path: Path) -> None:
    child = sleeper(tmp_path)
    child.start()
    log = tmp_path / "logs" / "sleeper.log"
    wait_for(lambda: b"hello" in log.read_bytes())
    child.stop()
    time.sleep(0.4)
    assert child.pid is None


def test_a_child_that_will_not_end_is_killed(tmp_path: Path) -> None:
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('ready', flush=True); time.sleep(60)"
    )
    child = sleeper(tmp_path, stubborn)
    child.start()
    log = tmp_path / "logs" / "sleeper.log"
    wait_for(lambda: b"ready" in log.read_bytes())
    child.stop(patience_s=0.3)
    assert child.pid is None


def test_a_program_that_is_not_there_does_not_raise(tmp_path: Path) -> None:
    child = Child("ghost", [str(tmp_path / "nothing")], tmp_path / "ghost.log")
    child.start()
    child.stop()
    assert child.pid is None


def test_c10_a_child_whose_log_cannot_be_opened_runs_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "logs" / "sleeper.log").mkdir(parents=True)
    child = sleeper(tmp_path)
    child.start()
    try:
        first = child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: child.pid not in (None, first))
    finally:
        child.stop()


def test_c10_a_folder_for_logs_that_cannot_be_made_is_no_reason_not_to_start(
    tmp_path: Path,
) -> None:
    (tmp_path / "logs").write_bytes(b"a file")
    child = sleeper(tmp_path)
    child.start()
    assert child.pid is not None
    child.stop()


def test_c10_who_starts_a_child_never_waits_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = sleeper(tmp_path)
    monkeypatch.setattr(child, "_run_once", lambda: 1 / 0)
    monkeypatch.setattr(threading, "excepthook", lambda _what: None)
    starting = threading.Thread(target=child.start, daemon=True)
    starting.start()
    starting.join(10)
    assert not starting.is_alive()
