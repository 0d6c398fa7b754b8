"""A line between a client and a server that can be cut, stalled and slowed: a small TCP proxy."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

_BLOCK = 65536


class CutLine:
    """Forwards connections `to` a port on loopback, or a socket's path, from a port of its own,
    until `close`.

    `delay_s` holds every block back for so long. `stall` swallows what is sent and tells nobody, as
    a network that drops packets does; `cut` resets all connections and takes no new ones.
    """

    def __init__(self, to: int | Path) -> None:
        self.delay_s = 0.0
        self._to = to
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._flows = threading.Event()
        self._flows.set()
        self._is_cut = False
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where clients go."""
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Break every connection, and refuse new ones until `mend`."""
        self._is_cut = True
        self._reset_all()

    def stall(self) -> None:
        """Let nothing through, either way, and leave the connections standing, until `mend`."""
        self._flows.clear()

    def mend(self) -> None:
        """Work again. What was swallowed while it stalled is gone, and its connections with it."""
        self._is_cut = False
        if not self._flows.is_set():
            self._reset_all()
            self._flows.set()

    def close(self) -> None:
        """End everything."""
        self._is_cut = True
        self._listening.close()
        self._reset_all()
        self._flows.set()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            if self._is_cut:
                near.close()
                continue
            try:
                far = self._reached()
            except OSError:
                near.close()
                continue
            with self._lock:
                self._open |= {near, far}
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._forward, args=(source, target), daemon=True).start()

    def _reached(self) -> socket.socket:
        if isinstance(self._to, int):
            return socket.create_connection(("127.0.0.1", self._to))
        far = socket.socket(socket.AF_UNIX)
        far.connect(str(self._to))
        return far

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while block := source.recv(_BLOCK):
                if not self._flows.is_set():
                    self._flows.wait()
                    break
                time.sleep(self.delay_s)
                target.sendall(block)
        for end in (source, target):
            self._break(end)

    def _reset_all(self) -> None:
        with self._lock:
            ends = tuple(self._open)
        for end in ends:
            self._break(end)

    def _break(self, end: socket.socket) -> None:
        with self._lock:
            self._open.discard(end)
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
