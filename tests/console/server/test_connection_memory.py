"""A connection that is over leaves nothing behind, whatever was said on it, and by whom."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from console.clock import SystemClock
from console.server.doorway import GuardedHandler
from console.server.limits import Limits
from console.tls import make_certificates
from console.tls.trust import server_context
from tests.helpers.guarded import guarded, head
from tests.helpers.stream import SECRET

uvloop = pytest.importorskip("uvloop", reason="asyncio's own transports leave a ring each")

CONNECTIONS = 6
FOUND = 3
"""Objects that only the collector finds, a connection: the smallest ring was of six; what there is
once for all of them may come in between."""
PATIENCE = Limits(body_s=0.3, headers_s=0.3)
WAIT = object()
READ = object()
UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
NO_HTTP = b"\0\1 x\r\n\r\n"


def sign_in(body: bytes, more: str) -> bytes:
    return f"POST /api/v1/signin HTTP/1.1\r\nHost: x\r\n{more}\r\n".encode() + body


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


LENGTH_3 = "Content-Length: 3\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n"
DESK = head("/api/v1/stream?after=0", "GET", SECRET, UPGRADE)
FIELD = head("/api/v1/field", "GET", "DEVICE", UPGRADE)
GOODBYE = b"\x88\x82\0\0\0\0\x03\xe8"

SAID: dict[str, list[object]] = {
    "not a word": [WAIT],
    "no HTTP": [NO_HTTP, READ],
    "half a head": [sign_in(b"", "")[:-2], WAIT],
    "half a head, until it is too late": [sign_in(b"", "")[:-2], READ],
    "half a body": [sign_in(b"{", LENGTH_3), WAIT],
    "half a body, until it is too late": [sign_in(b"{", LENGTH_3), READ],
    "half a body that was asked for": [sign_in(b"", f"Expect: 100-continue\r\n{LENGTH_3}"), READ],
    "a body too large": [sign_in(b"x", "Content-Length: 9999999\r\n"), READ],
    "a body that is none": [sign_in(b"{{{", LENGTH_3), READ],
    "a body that is not packed as it says": [
        sign_in(b"abc", f"Content-Encoding: gzip\r\n{LENGTH_3}"),
        READ,
    ],
    "half a chunk": [sign_in(b"5\r\nab", CHUNKED), WAIT],
    "a chunk that is none": [sign_in(b"1\r\na\r\n", CHUNKED), WAIT, b"zz\r\n", READ],
    "a wrong password": [sign_in(b'{"name":"a","password":"b"}', "Content-Length: 27\r\n"), READ],
    "a call that there is none of": [get("/none"), READ],
    "the same with half a body": [head("/none", more=LENGTH_3) + b"{", WAIT, b"{{", READ],
    "no token": [get("/api/v1/me"), READ],
    "a token that is none": [head("/api/v1/me", "GET", "none"), READ],
    "a good call": [get("/health"), READ],
    "many calls at once": [get("/health") * 40],
    "no HTTP behind a call": [get("/metrics") + NO_HTTP],
    "no HTTP behind half a body": [sign_in(b"{", LENGTH_3), WAIT, b"{{" + NO_HTTP],
    "an upgrade that is none": [head("/health", "GET", SECRET, UPGRADE) + b"x" * 30, READ],
    "a desk": [DESK, READ, WAIT],
    "a desk that says goodbye": [DESK, READ, GOODBYE, WAIT],
    "a device": [FIELD, READ, WAIT],
    "a device that says goodbye": [FIELD, READ, GOODBYE, WAIT],
    "a device that talks nonsense": [FIELD, READ, b"\xff" * 40, READ],
}

HANDSHAKES = ("no handshake", "another handshake")
"""Before TLS: what a stranger does who never gets to speak HTTP."""


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    made = make_certificates(tmp_path_factory.mktemp("tls"), ["127.0.0.1"], SystemClock()).authority
    return server_context(made.with_name("server.pem"), made.with_name("server.key"))


@pytest.fixture(autouse=True)
def uncollected() -> Iterator[None]:
    """Nothing is looked for but by the test."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("said", SAID)
def test_c1_what_is_said_leaves_nothing(said: str) -> None:
    assert left_behind(said, None) < FOUND


@pytest.mark.parametrize(
    "said", ["half a body", "a good call", "a device", "a desk that says goodbye", *HANDSHAKES]
)
def test_c1_nor_does_it_over_tls(said: str, tls: ssl.SSLContext) -> None:
    assert left_behind(said, tls) < FOUND


def left_behind(said: str, tls: ssl.SSLContext | None) -> float:
    """Objects that only the collector finds, a connection."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_left_behind(said, tls))


async def _left_behind(said: str, tls: ssl.SSLContext | None) -> float:
    async with guarded(PATIENCE, tls) as server:
        token = server.parts.gate.devices.issue("U-0001").encode()
        # The first of a kind makes what stays for all.
        await asyncio.to_thread(talk, server.port, said, tls, token)
        await ended()
        gc.collect()
        for _ in range(CONNECTIONS):
            await asyncio.to_thread(talk, server.port, said, tls, token)
        await ended()
        return gc.collect() / CONNECTIONS


async def ended() -> None:
    """Wait until every connection is, by its reference count alone."""
    async with asyncio.timeout(3):
        while any(isinstance(each, GuardedHandler) for each in gc.get_objects()):
            await asyncio.sleep(0.05)


def talk(port: int, said: str, tls: ssl.SSLContext | None, token: bytes) -> None:
    """Connect, say it, hang up."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as plain:
        if said in HANDSHAKES:
            plain.sendall(b"" if said == "no handshake" else get("/"))
            plain.recv(1000)
            return
        with plain if tls is None else _trusting().wrap_socket(plain) as line:
            for step in SAID[said]:
                if isinstance(step, bytes):
                    line.sendall(step.replace(b"DEVICE", token))
                elif step is READ:
                    line.recv(65536)
                else:
                    time.sleep(0.02)


def _trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
