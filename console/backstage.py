"""The processes behind a desk that brings its own server: the server, and a simulated field.

The desk is a client like any other: it is given a URL and a token, and learns of a server that
died as it would of one across the city, from the broken connection.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from console.children import Child
from console.process import open_ports

LOOPBACK = "127.0.0.1"
CAN_HAND_ON_PORTS = os.name == "posix"
"""Elsewhere the server opens the port itself, a moment after it was chosen here."""


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
        self._ports: list[socket.socket] = []

    def start_server(self, city: Path, db: str, data: Path) -> Access:
        """Start the server over `db`; returns at once, the desk connects when it is ready.

        The port is opened here, handed to each life of the server, and never let go of meanwhile:
        nobody else can listen there and be sent the secret, and clients find it again.
        """
        (port,) = open_ports(LOOPBACK, 0)
        listen = f"{LOOPBACK}:{port.getsockname()[1]}"
        access = Access(f"http://{listen}", secrets.token_urlsafe(32))
        arguments = ["--city", str(city), "--db", db, "--listen", listen, "--data", str(data)]
        if CAN_HAND_ON_PORTS:
            self._ports.append(port)
            arguments += ["--listen-fd", str(port.fileno())]
        else:
            port.close()
        self._start("server", ["serve", *arguments], {"TRELLIS_SECRET": access.token})
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
        while self._ports:
            self._ports.pop().close()

    def _start(self, name: str, arguments: Sequence[str], env: dict[str, str]) -> None:
        argv = [*self._program, *arguments, "--die-with-parent"]
        handed_on = [port.fileno() for port in self._ports] if name == "server" else []
        child = Child(name, argv, self._logs / f"{name}.log", env, handed_on=handed_on)
        child.start()
        self._children.append(child)
