"""Lean WebSocket clients for the benchmarks: many in one process, at little cost of their own."""

from __future__ import annotations

import asyncio
import os
import resource
import struct
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import uvloop

T = TypeVar("T")

_MASK = b"\x01\x02\x03\x04"


class Client(asyncio.Protocol):
    """One socket. `heard` is called with each binary frame's payload."""

    def __init__(self, request: bytes, heard: Callable[[bytes], None]) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.frames = 0
        self.lost = False
        self._request = request
        self._heard = heard
        self._data = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's is one in all but its bases.
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionResetError("before it was open"))

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self.opened.done():
            head, found, rest = bytes(self._data).partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head[:20]:
                self.opened.set_exception(ConnectionError(head[:60].decode()))
                return
            self._data = bytearray(rest)
            self.opened.set_result(None)
        self._frames()

    def send(self, frame: bytes) -> None:
        """Send a frame made by `masked`."""
        assert self._transport is not None
        self._transport.write(frame)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def _frames(self) -> None:
        data = self._data
        while len(data) >= 2:
            length, start = data[1], 2
            if length == 126:
                length, start = int.from_bytes(data[2:4]), 4
            elif length == 127:
                length, start = int.from_bytes(data[2:10]), 10
            if len(data) < start + length:
                return
            opcode, payload = data[0] & 15, bytes(data[start : start + length])
            del data[: start + length]
            if opcode == 9:
                self.send(masked(payload, opcode=10))
            elif opcode == 2:
                self.frames += 1
                self._heard(payload)


class Poster(asyncio.Protocol):
    """A kept-alive HTTP connection for one request at a time, with next to no cost of its own."""

    def __init__(self, host: str, token: str) -> None:
        self._host = host
        self._token = token
        self._data = b""
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's is one in all but its bases.
        self._transport = cast(asyncio.Transport, transport)

    def post(self, path: str, body: bytes) -> asyncio.Future[tuple[int, bytes]]:
        """Send it; the answer's status and body."""
        assert self._transport is not None and not self._transport.is_closing()
        self._answer = asyncio.get_running_loop().create_future()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nAuthorization: Bearer {self._token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._transport.write(head.encode() + body)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, body = self._data.partition(b"\r\n\r\n")
        if not found or self._answer is None:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(None, 1)[0])
        if len(body) >= length:
            self._data = body[length:]
            self._answer.set_result((int(head[9:12]), body[:length]))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("before it answered"))


def _address(url: str) -> tuple[str, int]:
    where = urlsplit(url)
    assert where.hostname is not None and where.port is not None
    return where.hostname, where.port


async def poster(url: str, token: str) -> Poster:
    """An open connection."""
    where, (host, port) = urlsplit(url), _address(url)
    loop = asyncio.get_running_loop()
    _, made = await loop.create_connection(lambda: Poster(where.netloc, token), host, port)
    return made


def masked(payload: bytes, opcode: int = 2) -> bytes:
    """A client's frame."""
    length = len(payload)
    size = bytes([0x80 | length]) if length < 126 else struct.pack(">BH", 0xFE, length)
    key = (_MASK * (length // 4 + 1))[:length]
    whole = int.from_bytes(payload) ^ int.from_bytes(key)
    return bytes([0x80 | opcode]) + size + _MASK + whole.to_bytes(length)


async def connect(
    url: str, path: str, token: str, heard: Callable[[bytes], None] = lambda _: None
) -> Client:
    """An open socket."""
    where, (host, port) = urlsplit(url), _address(url)
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Authorization: Bearer {token}\r\n\r\n"
    ).encode()
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(lambda: Client(request, heard), host, port)
    await client.opened
    return client


def run(clients: Coroutine[Any, Any, T]) -> T:
    """Run them on the loop that costs least: what is measured is the server."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(clients)


def allow_sockets(wanted: int) -> int:
    """Raise the limit of open files as far as it goes; how many sockets that allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard - 200)


def cpu_s(pid: int | str) -> float:
    """CPU seconds that a process has used, all its threads; or one of them, `PID/task/TID`."""
    with Path(f"/proc/{pid}/stat").open(encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Memory of a process."""
    with Path(f"/proc/{pid}/statm").open(encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
