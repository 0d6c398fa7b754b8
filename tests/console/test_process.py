"""Locks between processes, ports that are open before anybody answers, and who is stuck."""

from __future__ import annotations

import gc
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from console.process import (
    Activity,
    SilenceWatch,
    garbage_left_alone,
    lock_exclusively,
    open_ports,
)


def test_a_file_is_locked_once(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with path.open("ab") as one, path.open("ab") as two:
        assert lock_exclusively(one)
        assert not lock_exclusively(two)
    with path.open("ab") as three:
        assert lock_exclusively(three)


def test_who_comes_before_anybody_answers_waits() -> None:
    (port,) = open_ports("127.0.0.1", 0)
    with port, socket.create_connection(port.getsockname(), timeout=5) as early:
        early.sendall(b"anybody there?")
        taken, _ = port.accept()
        with taken:
            assert taken.recv(99) == b"anybody there?"


def test_a_name_with_two_addresses_is_listened_at_both() -> None:
    opened = open_ports("", 0)
    families = {each.family for each in opened}
    for each in opened:
        each.close()
    assert len(families) == len(opened) >= 1


def test_a_port_that_is_taken_is_not_shared() -> None:
    (port,) = open_ports("127.0.0.1", 0)
    with port, pytest.raises(OSError, match="in use"):
        open_ports("127.0.0.1", port.getsockname()[1])


def test_garbage_is_looked_for_again_afterwards() -> None:
    with pytest.raises(ZeroDivisionError), garbage_left_alone():
        assert not gc.isenabled()
        raise ZeroDivisionError
    assert gc.isenabled()


def stuck_after(code: str, looks: int = 40, stop: bool = False) -> int | None:
    """After how many looks, a twentieth of a second each, a silent process counts as stuck."""
    watch = SilenceWatch(work_s=1.0)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            if stop:
                process.send_signal(signal.SIGSTOP)
            for look in range(looks):
                if watch.is_stuck(process.pid, 0.05, still_s=0.5):
                    return look
                time.sleep(0.05)
        finally:
            process.kill()
    return None


ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only silence tells")
SAY = "print(1, flush=True); "


@ON_LINUX
def test_d10_a_process_that_does_nothing_is_stuck() -> None:
    assert stuck_after(f"import time; {SAY} time.sleep(60)") is not None
    assert stuck_after(f"{SAY}\nwhile True: pass", stop=True) is not None


@ON_LINUX
def test_d10_a_process_that_works_is_not_stuck_and_one_that_never_ends_is() -> None:
    assert stuck_after(f"{SAY}\nwhile True: pass", looks=14) is None
    assert stuck_after(f"{SAY}\nwhile True: pass", looks=2000) is not None


@ON_LINUX
def test_d10_a_process_that_gets_no_turn_is_not_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silent for minutes on a machine that has no time for it."""
    watch = SilenceWatch(work_s=1.0)
    monkeypatch.setattr("console.process.activity_of", lambda _pid: Activity(3.0, True))
    assert not any(watch.is_stuck(1, 0.25, still_s=0.5) for _ in range(1000))


def test_d10_where_the_system_does_not_tell_silence_has_a_longer_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch = SilenceWatch(work_s=10.0)
    monkeypatch.setattr("console.process.activity_of", lambda _pid: None)
    assert [watch.is_stuck(1, 1.0, still_s=2.0) for _ in range(12)] == [False] * 10 + [True] * 2
    watch.heard()
    assert not watch.is_stuck(1, 1.0, still_s=2.0)
