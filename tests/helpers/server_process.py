"""A server as a child process, to be killed and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.helpers.stream import SECRET

_PROGRAM = """
import json, os, sys, time
from pathlib import Path
if clock_file := os.environ.get("TRELLIS_TEST_CLOCK"):
    real_ns = time.time_ns
    def shifted_ns():
        with open(clock_file) as file:
            return real_ns() + int(file.read() or 0) * 1_000_000
    time.time_ns, time.time = shifted_ns, lambda: shifted_ns() / 1e9
from console.process import die_with_parent, garbage_left_alone, open_ports
die_with_parent(int(sys.argv[3]))
ports = open_ports("127.0.0.1", int(sys.argv[2]))
with garbage_left_alone():
    from console.server.run import serve
def ready(listening):
    print(json.dumps(dict(listening)), flush=True)
serve(city=None, db=sys.argv[1], host="127.0.0.1", port=0, ports=ports,
      secret=os.environ["TRELLIS_SECRET"], ready=ready,
      data=Path(sys.argv[4]) if len(sys.argv) > 4 else None)
"""

ROOT = Path(__file__).parents[2]


class ServerProcess:
    """One server over a journal, a file's path or a URL; `start` keeps the port it first got.

    With a `clock_file` the server's wall clock goes wrong by the milliseconds that stand in it, at
    every look; the clock that nobody sets stays as it is. `data` is the node's own folder.
    """

    def __init__(
        self, journal: Path | str, clock_file: Path | None = None, data: Path | None = None
    ) -> None:
        self._clock_file = clock_file
        self._data = [] if data is None else [str(data)]
        self.set_clock(0)
        self.db = journal if isinstance(journal, str) else f"sqlite:///{journal}"
        self.port = 0
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def set_clock(self, wrong_by_ms: int) -> None:
        """Have the server's clock jump."""
        if self._clock_file is not None:
            fresh = self._clock_file.with_suffix(".new")
            fresh.write_text(str(wrong_by_ms))
            fresh.replace(self._clock_file)

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        clock = "" if self._clock_file is None else str(self._clock_file)
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", _PROGRAM),
                *(self.db, str(self.port), str(os.getpid())),
                *self._data,
            ],
            cwd=ROOT,
            env={**os.environ, "TRELLIS_SECRET": SECRET, "TRELLIS_TEST_CLOCK": clock},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the server ended before it was ready"
        self.port = int(json.loads(line)["url"].rpartition(":")[2])

    def kill(self) -> None:
        """End it without a word."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end; its exit status."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(how)
        status = process.wait(10)
        if process.stdout is not None:
            process.stdout.close()
        return status


@contextmanager
def server_process(
    journal: Path | str, clock_file: Path | None = None, data: Path | None = None
) -> Iterator[ServerProcess]:
    """A running server, killed at the end if it still runs."""
    server = ServerProcess(journal, clock_file, data)
    server.start()
    try:
        yield server
    finally:
        server.kill()
