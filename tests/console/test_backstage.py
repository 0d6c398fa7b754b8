"""The server behind a desk: its port is opened once, and nobody else can take it."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from console.backstage import Backstage
from console.process import open_ports

SERVER = r"""
import os, socket, sys
port = socket.socket(fileno=int(sys.argv[sys.argv.index("--listen-fd") + 1]))
while True:
    line, _ = port.accept()
    line.recv(4096)
    line.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + str(os.getpid()).encode())
    line.close()
"""


@pytest.mark.skipif(os.name != "posix", reason="ports are handed on where there are descriptors")
def test_c8_the_port_stays_the_server_s_from_life_to_life(tmp_path: Path) -> None:
    program = tmp_path / "server.py"
    program.write_text(SERVER)
    backstage = Backstage([sys.executable, str(program)], tmp_path / "logs")
    access = backstage.start_server(tmp_path, "memory:", tmp_path)
    try:
        first = asked(access.url)
        os.kill(first, signal.SIGKILL)
        port = int(access.url.rpartition(":")[2])
        # While it is away nobody else can stand in for it and be sent the secret.
        for _ in range(5):
            with pytest.raises(OSError, match="in use"):
                open_ports("127.0.0.1", port)
            time.sleep(0.05)
        # Who comes meanwhile waits for the next life.
        assert asked(access.url) not in (0, first)
    finally:
        backstage.stop()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), 5)


def asked(url: str) -> int:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return int(answer.read())
