"""What the officer did survives everything until it is answered."""

from __future__ import annotations

import errno
import io
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pytest

from console.model.requests import Submission
from console.session.outbox import Outbox, OutboxFailed
from console.wire import encode_submission
from console.wire.record_log import whole_records, write_records
from tests.helpers.server_process import ROOT
from tests.helpers.stream import report, submission

TIMEOUT_S = 20


def filled(path: Path, count: int = 3) -> tuple[Outbox, list[Submission]]:
    outbox = Outbox(path)
    made = [submission(report()) for _ in range(count)]
    for one in made:
        outbox.add(one).result(TIMEOUT_S)
    return outbox, made


def test_order_is_kept_over_closing(tmp_path: Path) -> None:
    outbox, made = filled(tmp_path / "deep" / "outbox")
    assert outbox.first() == made[0]
    outbox.settle(made[1].key)
    outbox.settle("unknown")
    outbox.close()
    again = Outbox(tmp_path / "deep" / "outbox")
    assert again.entries == (made[0], made[2])
    again.close()


def test_an_empty_outbox_is_an_empty_file(tmp_path: Path) -> None:
    outbox, made = filled(tmp_path / "outbox")
    for one in made:
        outbox.settle(one.key)
    assert (len(outbox), outbox.first()) == (0, None)
    outbox.close()
    assert (tmp_path / "outbox").stat().st_size == 0


def test_answered_entries_do_not_pile_up_over_restarts(tmp_path: Path) -> None:
    path = tmp_path / "outbox"
    outbox, made = filled(path, 20)
    for one in made[:-1]:
        outbox.settle(one.key)
    outbox.close()
    before = path.stat().st_size
    Outbox(path).close()
    assert path.stat().st_size < before / 10


def test_a_torn_tail_costs_what_was_never_promised(tmp_path: Path) -> None:
    path = tmp_path / "outbox"
    outbox, made = filled(path)
    outbox.close()
    path.write_bytes(path.read_bytes()[:-3])
    again = Outbox(path)
    assert again.entries == tuple(made[:2])
    again.close()


def test_two_desks_cannot_share_one(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox")
    with pytest.raises(OutboxFailed, match="Another Trellis desk"):
        Outbox(tmp_path / "outbox")
    outbox.close()
    Outbox(tmp_path / "outbox").close()


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutboxFailed, match="could not be kept"):
        Outbox(tmp_path / "file" / "outbox")


def test_killed_right_after_submitting_it_is_all_there(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path\n"
        "from tests.console.session.test_outbox import filled\n"
        "outbox, made = filled(Path(sys.argv[1]), 5)\n"
        "print(*(s.key for s in made), flush=True); os.kill(os.getpid(), 9)\n"
    )
    path = tmp_path / "outbox"
    ran = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert ran.returncode == -9, ran.stderr
    outbox = Outbox(path)
    assert [s.key for s in outbox.entries] == ran.stdout.split()
    outbox.close()


class FullDisk(io.FileIO):
    """A file on a disk that has room for so many bytes more."""

    room = 50

    def write(self, data: Any) -> int:
        if self.room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = super().write(bytes(data)[: self.room])
        self.room -= taken
        return taken


def test_a_full_disk_refuses_what_is_new_and_keeps_what_is_old(tmp_path: Path) -> None:
    path = tmp_path / "outbox"
    outbox, made = filled(path)
    outbox._log._file.close()
    outbox._log._file = full = FullDisk(path, "r+b")
    full.seek(0, io.SEEK_END)
    late = submission(report())
    for _ in range(3):
        with pytest.raises(OutboxFailed, match="No space left"):
            outbox.add(late).result(TIMEOUT_S)
    assert outbox.entries == tuple(made)
    outbox.settle(made[0].key)
    assert outbox.entries == tuple(made[1:]), "an answer counts, noted or not"
    outbox._writer.submit(int).result(TIMEOUT_S)
    full.room = 1 << 20
    outbox.add(late)
    outbox.close()
    again = Outbox(path)
    assert again.entries in ((*made, late), (*made[1:], late)), "one may be sent once more"
    again.close()


def test_what_this_version_cannot_read_is_kept_for_one_that_can(tmp_path: Path) -> None:
    """A desk that was set back to an older version must not throw away what somebody did."""
    path = tmp_path / "outbox"
    sound = submission(report())
    newer = b"+" + encode_submission(sound).replace(b"ReportIncident", b"DreamIncident1")
    write_records(path, [newer, b"+" + encode_submission(sound), b"-\xff\xfe"])
    for _ in range(2):
        outbox = Outbox(path)
        assert outbox.entries == (sound,)
        outbox.close()
    outbox = Outbox(path)
    outbox.settle(sound.key)
    outbox.close()
    assert list(whole_records((tmp_path / "outbox.damaged").read_bytes())) == [newer]


P = ParamSpec("P")
T = TypeVar("T")


class SlowDisk(Executor):
    """A writer whose disk takes as long as the test wants."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        done: Future[T] = Future()
        self.waiting.append((done, lambda: fn(*args, **kwargs)))
        return done

    def work(self) -> None:
        """Write one thing."""
        done, write = self.waiting.pop(0)
        done.set_result(write())

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        del wait, cancel_futures
        while self.waiting:
            self.work()


def test_d9_adding_does_not_wait_for_the_disk_and_sending_does(tmp_path: Path) -> None:
    disk = SlowDisk()
    outbox = Outbox(tmp_path / "outbox", disk)
    one, two = submission(report()), submission(report())
    kept = outbox.add(one)
    assert outbox.entries == (one,) and outbox.first() is None and not kept.done()
    disk.work()
    assert outbox.first() == one
    outbox.add(two)
    outbox.settle(one.key)
    assert outbox.entries == (two,) and outbox.first() is None
    outbox.close()
    again = Outbox(tmp_path / "outbox")
    assert again.entries == (two,), "closing keeps what was on its way"
    again.close()


def test_d9_writes_come_in_the_order_of_the_calls(tmp_path: Path) -> None:
    """The file is emptied when the last is settled: what was added after that must survive it."""
    outbox = Outbox(tmp_path / "outbox")
    for _ in range(50):
        one, two = submission(report()), submission(report())
        outbox.add(one)
        outbox.settle(one.key)
        outbox.add(two)
        assert outbox.entries == (two,)
        outbox.settle(two.key)
    last = submission(report())
    outbox.add(last)
    outbox.close()
    again = Outbox(tmp_path / "outbox")
    assert again.entries == (last,)
    again.close()
