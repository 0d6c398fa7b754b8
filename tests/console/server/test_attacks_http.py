"""Attacks by bytes: requests hidden in others, floods of headers and handshakes, bombs."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import zlib

import pytest

from console.server.limits import Limits
from console.server.rate import Rate
from console.wire import encode_submission
from tests.helpers.guarded import Guarded, guarded, head
from tests.helpers.memory import resident_bytes
from tests.helpers.stream import SECRET, report, soon, submission

FREE = Rate(1e6, 1e6)
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


def post(headers: str, body: bytes) -> bytes:
    return head("/api/v1/refresh", more=headers) + body


SMUGGLING = {
    "length and chunks": post(
        f"Content-Length: {5 + len(HIDDEN)}\r\nTransfer-Encoding: chunked\r\n",
        b"0\r\n\r\n" + HIDDEN,
    ),
    "chunks and length": post(
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", b"0\r\n\r\n" + HIDDEN
    ),
    "two lengths": post(f"Content-Length: 0\r\nContent-Length: {len(HIDDEN)}\r\n", HIDDEN),
    "two lengths in one": post(f"Content-Length: 0, {len(HIDDEN)}\r\n", HIDDEN),
    "a length with a sign": post("Content-Length: +0\r\n", HIDDEN),
    "a length that is none": post("Content-Length: 0x0\r\n", HIDDEN),
    "a length below zero": post("Content-Length: -1\r\n", HIDDEN),
    "an encoding that is none": post("Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n" + HIDDEN),
    "an encoding behind another": post(
        "Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n" + HIDDEN
    ),
    "an encoding told twice": post(
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + HIDDEN
    ),
    "a blank before the colon": post("Transfer-Encoding : chunked\r\n", b"0\r\n\r\n" + HIDDEN),
    "a folded header": post("Content-Length: 0\r\n Transfer-Encoding: chunked\r\n", HIDDEN),
    "lines without return": post("X: y\nContent-Length: 0\r\n", HIDDEN),
    "a return of its own": post("X: y\rContent-Length: 0\r\n", HIDDEN),
    "a chunk with a sign": post("Transfer-Encoding: chunked\r\n", b"+5\r\nhello\r\n" + HIDDEN),
    "a chunk without measure": post(
        "Transfer-Encoding: chunked\r\n", b"FFFFFFFFFFFFFFFFF\r\nhello\r\n" + HIDDEN
    ),
    "a chunk that ends elsewhere": post(
        "Transfer-Encoding: chunked\r\n", b"2\r\nhello\r\n" + HIDDEN
    ),
    "a NUL": post("X: \x00\r\nContent-Length: 0\r\n", HIDDEN),
    "no host": b"POST /api/v1/refresh HTTP/1.1\r\nContent-Length: 0, 0\r\n\r\n" + HIDDEN,
    "another protocol": b"POST /api/v1/refresh HTTP/3.7\r\nHost: x\r\n\r\n" + HIDDEN,
    "a method that is none": b"PO ST /api/v1/refresh HTTP/1.1\r\nHost: x\r\n\r\n" + HIDDEN,
}


@pytest.mark.parametrize("shape", sorted(SMUGGLING))
async def test_no_request_is_hidden_in_another(shape: str) -> None:
    """Where two programs could read two things, we read none: no second answer, and the end."""
    async with guarded(Limits(body_s=0.5)) as server:
        one = await server.connect()
        one.say(SMUGGLING[shape])
        answer = await one.answer()
        one.close()
    answers = answer.count(b"HTTP/1.")
    assert answers == 1, answer
    assert answer.split()[1] in (b"400", b"413", b"408"), answer
    assert b'"error":' in answer, "an error like all others"


async def test_two_requests_on_one_connection_are_two() -> None:
    """The counterpart: what is well formed is answered, one after the other."""
    async with guarded() as server:
        one = await server.connect()
        one.say(post("Content-Length: 2\r\n", b"{}") + HIDDEN + head("/health", "GET"))
        one.say(head("/health", "GET", more="Connection: close\r\n"))
        answer = await one.answer()
        one.close()
    assert answer.count(b"HTTP/1.") == 4


async def test_what_is_no_http_leaves_no_trace_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A stranger needs no token to send nonsense: it must not fill the disk, nor look a fault."""
    caplog.set_level(logging.INFO)
    async with guarded() as server:
        for noise in (
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
            b"GET / HTTP/1.1\r\nA: \x00\r\n\r\n",
        ):
            one = await server.connect()
            one.say(noise)
            answer = await one.answer()
            one.close()
            assert answer.startswith(b"HTTP/1.0 400 "), answer
            assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"] == "bad_request"
            assert b"\\x00" not in answer
    assert [r for r in caplog.records if r.levelno >= logging.WARNING or r.exc_info] == []
    assert sum("no HTTP" in r.getMessage() for r in caplog.records) == 2


@pytest.mark.parametrize(
    "flood",
    ["X-{n}: y\r\n", "X: {n}\r\n", "Cookie: a{n}=b\r\n", "X-{n}: " + "y" * 4000 + "\r\n"],
    ids=["names", "one name", "cookies", "long"],
)
async def test_a_flood_of_headers_is_refused(flood: str) -> None:
    async with guarded(Limits(headers_s=2)) as server:
        before = resident_bytes()
        one = await server.connect()
        one.say(head(more="".join(flood.format(n=n) for n in range(20_000)))[:-2])
        answer = await one.answer(timeout_s=10)
        one.close()
        assert answer[9:12] in (b"400", b"431", b"")
        await soon(lambda: server.connections == 0)
        assert resident_bytes() - before < 64 << 20
        assert (await server.post(submission(report())))[0] == 200


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "identity,x"])
async def test_a_compressed_body_is_never_blown_up(encoding: str) -> None:
    """100 MB of blanks in 100 kB: read as it is or not at all, never unpacked beyond the limit."""
    bomb = b"{" + b" " * (100 << 20) + b"}"
    packed = zlib.compress(bomb) if encoding == "deflate" else gzip.compress(bomb, 1)[: 250 * 1024]
    del bomb
    async with guarded(Limits(address_rate=FREE)) as server:
        before = resident_bytes()
        headers = {**server.desk, "Content-Encoding": encoding}
        url = f"{server.url}/api/v1/requests"
        async with server.client.post(url, data=packed, headers=headers) as answer:
            assert answer.status in (400, 413, 415), await answer.text()
            assert (await answer.json())["error"]
        assert resident_bytes() - before < 32 << 20
        sound = gzip.compress(encode_submission(submission(report())))
        async with server.client.post(url, data=sound, headers=headers) as answer:
            assert answer.status < 500


async def test_a_flood_of_handshakes_leaves_the_others_their_turn() -> None:
    """Handshakes without a token are slowed down like all else; those with one are counted."""
    async with guarded(Limits(failure_rate=Rate(1, 5), connections_per_address=5000)) as server:
        statuses = await asyncio.gather(*(handshake(server, "wrong") for _ in range(60)))
        assert statuses.count(401) == 5
        assert statuses.count(429) == 55
        good = await asyncio.gather(*(handshake(server, SECRET) for _ in range(30)))
        assert set(good) == {101}
        await soon(lambda: server.connections == 0 and not server.parts.sockets)


async def handshake(server: Guarded, token: str) -> int:
    one = await server.connect()
    one.say(head("/api/v1/stream", "GET", token, UPGRADE))
    status = await one.status()
    one.close()
    return status


@pytest.mark.parametrize(
    "more",
    [
        UPGRADE.replace("13", "12"),
        UPGRADE.replace("dGhlIHNhbXBsZSBub25jZQ==", "short"),
        UPGRADE.replace("dGhlIHNhbXBsZSBub25jZQ==", "x" * 4000),
        UPGRADE.replace("websocket", "h2c"),
        UPGRADE.replace("Connection: Upgrade\r\n", ""),
        UPGRADE + "Content-Length: 100\r\n",
    ],
    ids=["version", "short key", "long key", "protocol", "no connection", "body"],
)
async def test_handshakes_that_are_none(more: str) -> None:
    async with guarded(Limits(body_s=0.5)) as server:
        one = await server.connect()
        one.say(head("/api/v1/stream", "GET", SECRET, more))
        status = await one.status()
        one.close()
        assert 400 <= status < 500
        assert server.parts.sockets == set()


async def test_a_method_that_no_call_has_is_405_whatever_the_query() -> None:
    async with guarded() as server:
        for path in ("events?after=0&limit=1", "positions?at=0", "tracks/U-0001?from=0&to=1"):
            url = f"{server.url}/api/v1/{path}"
            async with server.client.request("TRACE", url, headers=server.desk) as answer:
                assert (answer.status, (await answer.json())["error"]) == (
                    405,
                    "method_not_allowed",
                )


@pytest.mark.parametrize("query", ["after=1000000000000000", "limit=1000000000000000"])
async def test_numbers_are_as_large_as_told(query: str) -> None:
    """10^15 - 1 is the largest in the document."""
    async with guarded() as server:
        for call in ("events", "accesslog"):
            role = {"role": "supervisor"}
            url = f"{server.url}/api/v1/signin/practice"
            async with server.client.post(url, json=role, headers=server.desk) as answer:
                headers = {"Authorization": f"Bearer {(await answer.json())['access']}"}
            for text, status in ((query, 400), (query.replace("1000000000000000", "9" * 15), 200)):
                url = f"{server.url}/api/v1/{call}?{text}"
                async with server.client.get(url, headers=headers) as answer:
                    assert answer.status == status, (call, text)


async def test_a_body_too_large_is_refused_whichever_way_it_comes() -> None:
    """By its length before a byte of it is read; by its chunks once there are too many."""
    async with guarded(Limits(body_s=20)) as server:
        told = await server.connect()
        told.say(head("/api/v1/devices", more="Content-Length: 17000\r\n"))
        assert await told.status() == 413
        told.close()
        dribbled = await server.connect()
        dribbled.say(head("/api/v1/devices", more="Transfer-Encoding: chunked\r\n"))
        for _ in range(5):
            dribbled.say(b"1000\r\n" + b" " * 4096 + b"\r\n")
        dribbled.say(b"0\r\n\r\n")
        assert await dribbled.status() == 413
        dribbled.close()
