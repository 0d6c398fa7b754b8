"""A server behind its doorway, and connections that say whatever bytes a test wants."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from console.clock import Clocks, ManualClock
from console.journal.memory import MemoryJournal
from console.process import open_ports
from console.server.app import build_app
from console.server.limits import Limits
from console.server.parts import PARTS
from console.server.run import Listening, listen
from tests.helpers.stream import NOW, SECRET, Running, hung_up, small_ground


@dataclass
class Guarded(Running):
    """A running server whose connections go through the doorway."""

    listening: Listening | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    @property
    def connections(self) -> int:
        """How many connections it has."""
        assert self.listening is not None
        return len(self.listening.doorway)

    async def connect(self) -> Raw:
        """A connection that says nothing yet."""
        return Raw(*await asyncio.open_connection("127.0.0.1", self.port))


@dataclass
class Raw:
    """A plain connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def say(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)

    async def answer(self, timeout_s: float = 5.0) -> bytes:
        """Everything up to the end of the connection; b"" when it is dropped without a word."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self.reader.read()
        except ConnectionError:
            return b""

    async def status(self, timeout_s: float = 5.0) -> int:
        """The status of the next answer, 0 when the connection ends without one."""
        try:
            async with asyncio.timeout(timeout_s):
                line = await self.reader.readline()
        except ConnectionError:
            return 0
        return int(line.split()[1]) if line else 0

    def close(self) -> None:
        """Hang up; what was not sent by now never is."""
        if self.writer.transport.get_write_buffer_size():
            self.writer.transport.abort()
        else:
            self.writer.close()


def head(
    path: str = "/api/v1/requests", method: str = "POST", token: str = SECRET, more: str = ""
) -> bytes:
    """The head of a request, whole."""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n{more}\r\n"
    ).encode()


@asynccontextmanager
async def guarded(
    limits: Limits | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Guarded]:
    """A server on loopback with these limits, stopped at the end; `client` speaks no TLS."""
    clock = ManualClock(NOW)
    app = build_app(
        MemoryJournal(clock),
        ground=small_ground(),
        clocks=Clocks(clock),
        secret=SECRET,
        limits=limits,
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    listening = await listen(runner, open_ports("127.0.0.1", 0), tls)
    try:
        async with aiohttp.ClientSession() as client:
            yield Guarded(listening.url, app[PARTS], clock, client, listening=listening)
    finally:
        listening.close()
        await runner.cleanup()
        await hung_up()
