"""What no server can beat: a TCP echo that makes one page durable before it answers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PAGES = 512


def _serve(path: str) -> None:
    file = os.open(path, os.O_RDWR | os.O_CREAT)
    os.pwrite(file, b"\0" * 4096 * _PAGES, 0)
    os.fsync(file)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)
        line, _ = listening.accept()
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        at = 0
        while data := line.recv(4096):
            os.pwrite(file, b"y" * 4096, at % _PAGES * 4096)
            os.fdatasync(file)
            line.sendall(data)
            at += 1


@contextmanager
def floor(folder: Path) -> Iterator[Floor]:
    """An echo in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.floor", str(folder / "floor")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield Floor(line)


class Floor:
    """The near end."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self.seconds: list[float] = []

    def measure(self) -> None:
        """There, onto the disk, and back, once."""
        began = time.perf_counter()
        self._line.sendall(b"x" * 400)
        received = 0
        while received < 400:
            received += len(self._line.recv(4096))
        self.seconds.append(time.perf_counter() - began)


if __name__ == "__main__":
    _serve(sys.argv[1])
