"""The processes behind a desk that brings its own server: the server, and a simulated field.

The desk is a client like any other: it is given a URL and a token, and learns of a server that
died as it would of one across the city, from the broken connection.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from console.children import Child

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Access:
    """Where a server is and what opens it."""

    url: str
    token: str


class Backstage:
    """A server of the desk's own and, if wanted, the simulated field: children that come back.

    `program` is the command that runs Trellis (`python main.py`), `logs` the folder of their logs.
    """

    def __init__(self, program: Sequence[str], logs: Path) -> None:
        self._program = list(program)
        self._logs = logs
        self._children: list[Child] = []

    def start_server(self, city: Path, db: str, data: Path) -> Access:
        """Start the server over `db`; returns at once, the desk connects when it is ready.

        The port is chosen here and kept over restarts, so that clients find it again.
        """
        access = Access(f"http://{LOOPBACK}:{free_port()}", secrets.token_urlsafe(32))
        listen = access.url.removeprefix("http://")
        self._start(
            "server",
            ["serve", "--city", str(city), "--db", db, "--listen", listen, "--data", str(data)],
            {"TRELLIS_SECRET": access.token},
        )
        return access

    def start_field(self, access: Access, city: Path, options: Sequence[str] = ()) -> None:
        """Start the simulated units and incidents against a server."""
        arguments = ["simulate", "--server", access.url, "--city", str(city), *options]
        self._start("field", arguments, {"TRELLIS_TOKEN": access.token})

    def child(self, name: str) -> Child:
        """The child called `server` or `field`. Raises KeyError."""
        return {child.name: child for child in self._children}[name]

    def stop(self) -> None:
        """End all children, the last one started first."""
        while self._children:
            self._children.pop().stop()

    def _start(self, name: str, arguments: Sequence[str], env: dict[str, str]) -> None:
        child = Child(
            name, [*self._program, *arguments, "--die-with-parent"], self._logs / f"{name}.log", env
        )
        child.start()
        self._children.append(child)


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
