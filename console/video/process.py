"""A worker process seen from the desktop: started, spoken to, listened to, ended."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue

import msgspec

from console.video.wire import Order, Report, report_from, to_line

ROOT = Path(__file__).resolve().parents[2]
log = logging.getLogger(__name__)


class WorkerProcess:
    """One running worker. Orders never block the caller: a thread writes them."""

    def __init__(self, hear: Callable[[WorkerProcess, Report | None], None]) -> None:
        self._hear = hear
        self._orders: SimpleQueue[Order | None] = SimpleQueue()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "console.video.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
        )
        for target in (self._read, self._write):
            threading.Thread(target=target, name=f"video {self.pid}", daemon=True).start()

    @property
    def pid(self) -> int:
        """The system's number of the process."""
        return self._process.pid

    def send(self, order: Order) -> None:
        """Have `order` carried out; lost without a word when the worker is dead."""
        self._orders.put(order)

    def kill(self) -> None:
        """End it now. What it heard last is still reported, then None."""
        self._orders.put(None)
        self._process.kill()

    def join(self, timeout_s: float) -> bool:
        """Wait for its end; whether it came."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _read(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        with pipe, contextlib.suppress(OSError):
            for line in pipe:
                self._hear_line(line)
        self._process.wait()
        self._orders.put(None)
        self._hear(self, None)

    def _hear_line(self, line: bytes) -> None:
        try:
            report = report_from(line)
        except msgspec.DecodeError:
            log.warning("video worker %d said %r", self.pid, line[:200])
            return
        self._hear(self, report)

    def _write(self) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        with contextlib.suppress(OSError), pipe:
            while (order := self._orders.get()) is not None:
                pipe.write(to_line(order) + self._more())
                pipe.flush()

    def _more(self) -> bytes:
        """Orders that have gathered meanwhile, written along with the first."""
        lines = b""
        with contextlib.suppress(Empty):
            while (order := self._orders.get_nowait()) is not None:
                lines += to_line(order)
            self._orders.put(None)
        return lines


def _environment() -> dict[str, str]:
    """This process's environment, with our packages found wherever the desktop was started."""
    known = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([str(ROOT), known] if known else [str(ROOT)])
    return {**os.environ, "PYTHONPATH": path}
