"""Attacks with volume and time: too many, too much, too slow, too long."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
from yarl import URL

from console.access import Actor, Role
from console.model.text import Text
from console.server.doorway import LINGERING_BYTES, Doorway
from console.server.limits import Limits
from console.server.rate import Rate
from tests.helpers.guarded import Raw, guarded, head
from tests.helpers.memory import resident_bytes
from tests.helpers.stream import report, running, soon, submission

QUICK = Limits(headers_s=0.3, body_s=0.3, send_timeout_s=0.5)


async def test_slow_loris_headers_that_never_end_are_dropped() -> None:
    async with guarded(QUICK) as server:
        silent, dribbling = await server.connect(), await server.connect()
        began = time.monotonic()

        async def dribble() -> None:
            for byte in head() * 5:
                dribbling.say(bytes([byte]))
                await asyncio.sleep(0.05)

        task = asyncio.create_task(dribble())
        assert await silent.answer() == b""
        assert await dribbling.answer() == b""
        assert time.monotonic() - began < 3
        task.cancel()
        await soon(lambda: server.connections == 0)
        silent.close()
        dribbling.close()


async def test_slow_loris_on_a_connection_kept_alive() -> None:
    async with guarded(QUICK) as server:
        one = await server.connect()
        one.say(head("/health", "GET"))
        assert await one.status() == 200
        await asyncio.sleep(0.6)
        assert server.connections == 1, "idle is allowed"
        one.say(b"GET /health HT")
        await soon(lambda: server.connections == 0, 3)
        one.close()


async def test_a_body_that_does_not_end_is_answered_408() -> None:
    async with guarded(QUICK) as server:
        for more, body in (
            ("Content-Length: 500\r\n", b'{"key":'),
            ("Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n"),
        ):
            one = await server.connect()
            one.say(head(more=more) + body)
            assert await one.status() == 408
            one.close()
        await soon(lambda: server.connections == 0, 5)


async def test_a_chunked_body_without_end_is_cut_at_the_limit() -> None:
    """Its sender is answered; what it goes on pouring is not read for long, nor at any speed."""
    async with guarded(replace(QUICK, body_s=5, body_bytes=64_000)) as server:
        one = await server.connect()
        one.say(head(more="Transfer-Encoding: chunked\r\n"))
        chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"
        poured = 0

        async def pour() -> None:
            nonlocal poured
            while True:
                one.say(chunk)
                await one.writer.drain()
                poured += len(chunk)

        task = asyncio.create_task(pour())
        assert await one.status() == 413
        async with asyncio.timeout(20):
            await asyncio.wait([task])
        assert isinstance(task.exception(), ConnectionError)
        # Beside what is read lies what the kernel holds for either end.
        assert poured < LINGERING_BYTES + (32 << 20)
        one.close()


async def test_d13_who_was_refused_in_mid_body_is_told_that_the_connection_ends() -> None:
    async with guarded(replace(QUICK, body_s=5)) as server:
        one = await server.connect()
        one.say(head(more="Content-Length: 99999999\r\n") + b"x" * 1000)
        answer = await one.answer()
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"\r\nConnection: close\r\n" in answer
        one.close()


async def test_every_path_has_a_body_limit() -> None:
    async with guarded() as server:
        for path, size, status in (
            ("/api/v1/requests", 300_000, 413),
            ("/api/v1/requests", 200_000, 400),
            ("/api/v1/devices", 20_000, 413),
            ("/api/v1/events", 20_000, 413),
            ("/nowhere", 20_000, 413),
        ):
            url = server.url + path
            async with server.client.post(url, data=b"x" * size, headers=server.desk) as answer:
                assert answer.status == status, (path, size)
                assert (await answer.json())["error"] in ("too_large", "bad_request")


async def test_a_head_without_measure_is_refused() -> None:
    async with guarded() as server:
        for data in (
            b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            head(more="X: " + "y" * 20_000 + "\r\n"),
            head(more="".join(f"X-{i}: y\r\n" for i in range(1000))),
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20 + b"\r\n\r\n",
            head(more="Content-Length: 1\r\nContent-Length: 2\r\n"),
            head(more="Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
            head(more="Content-Length: -1\r\n"),
            head(more="Content-Length: " + "9" * 400 + "\r\n"),
        ):
            one = await server.connect()
            one.say(data)
            assert await one.status() in (400, 413, 431), data[:60]
            one.close()


async def test_pipelined_requests_do_not_pile_up() -> None:
    async with guarded() as server:
        one = await server.connect()
        one.say(head("/health", "GET") * 500)
        for _ in range(3):
            assert await one.status() == 200
            await one.reader.readuntil(b"}")
        one.close()


def system() -> Actor:
    return Actor(Role.SYSTEM, "test")


async def test_a_reader_that_does_not_take_its_answer_is_dropped() -> None:
    async with guarded(QUICK) as server:
        big = "x" * 1900
        for _ in range(300):
            server.parts.service.submit(submission(report(words=Text(big, big))), system())
        one = await server.connect()
        ask = head("/api/v1/events?limit=5000", "GET")
        one.say(ask * 10)
        await soon(lambda: server.connections == 1)
        await soon(lambda: server.connections == 0, 10)
        one.close()


async def test_too_many_connections_of_one_address() -> None:
    async with guarded(Limits(connections=5)) as server:
        opened = [await server.connect() for _ in range(8)]
        await soon(lambda: server.connections == 5)
        ended = [one for one in opened if not await still_open(one)]
        assert len(ended) == 3
        for one in opened:
            one.close()
        await soon(lambda: server.connections == 0)
        async with server.client.get(f"{server.url}/health") as answer:
            assert answer.status == 200


async def still_open(one: Raw) -> bool:
    try:
        async with asyncio.timeout(0.2):
            return bool(await one.reader.read(1))
    except TimeoutError:
        return True
    except ConnectionError:
        return False


async def test_the_bound_is_for_each_address_but_not_for_this_machine() -> None:
    doorway = Doorway(None, Limits(connections_per_address=2))  # type: ignore[arg-type]
    handlers = [object() for _ in range(8)]
    admitted = [doorway.admit(h, "192.0.2.1") for h in handlers[:3]]  # type: ignore[arg-type]
    assert admitted == [True, True, False]
    assert doorway.admit(handlers[3], "192.0.2.2")  # type: ignore[arg-type]
    assert all(doorway.admit(h, "127.0.0.1") for h in handlers[4:])  # type: ignore[arg-type]
    doorway.leave(handlers[0], "192.0.2.1")  # type: ignore[arg-type]
    assert doorway.admit(handlers[2], "192.0.2.1")  # type: ignore[arg-type]
    assert doorway.turned_away == 1
    doorway.close()


async def test_a_token_that_asks_too_often_waits_and_no_other() -> None:
    limits = Limits(device_rate=Rate(1, 3))
    async with guarded(limits) as server:
        mine, other = await server.device("U-0001"), await server.device("U-0002")
        for _ in range(3):
            assert (await server.post(submission(report()), mine))[0] == 200
        url = f"{server.url}/api/v1/requests"
        async with server.client.post(url, data=b"{}", headers=mine) as answer:
            assert answer.status == 429
            assert answer.headers["Retry-After"] == "1"
            body = await answer.json()
        assert body["error"] == "too_many"
        assert body["message"]["zh"]
        assert (await server.post(submission(report()), other))[0] == 200
        assert (await server.post(submission(report())))[0] == 200


async def test_an_address_that_asks_too_often_waits() -> None:
    async with guarded(Limits(address_rate=Rate(0.5, 4))) as server:
        statuses = []
        for _ in range(6):
            async with server.client.get(f"{server.url}/health") as answer:
                statuses.append(answer.status)
        assert statuses == [200, 200, 200, 200, 429, 429]


async def test_guessing_tokens_is_slowed_down_and_hurts_nobody_else() -> None:
    async with guarded(Limits(failure_rate=Rate(0.1, 5))) as server:
        statuses = []
        for i in range(8):
            headers = {"Authorization": f"Bearer guess-{i}"}
            async with server.client.get(f"{server.url}/api/v1/events", headers=headers) as answer:
                statuses.append(answer.status)
                assert answer.status == 429 or answer.headers["WWW-Authenticate"] == "Bearer"
        assert statuses == [401] * 5 + [429] * 3
        assert (await server.post(submission(report())))[0] == 200


async def test_a_flood_of_half_open_requests_leaves_memory_as_it_was() -> None:
    async with guarded(QUICK) as server:
        before = resident_bytes()
        for _ in range(8):
            opened = [await server.connect() for _ in range(60)]
            for one in opened:
                one.say(head(more="Content-Length: 250000\r\n") + b"x" * 100_000)
            await asyncio.sleep(0)
            for one in opened:
                one.close()
        await soon(lambda: server.connections == 0, 10)
        assert resident_bytes() - before < 60_000_000
        assert (await server.post(submission(report())))[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "api/v1/events?after=0&after=480", "api/v1/events?after=0&%61fter=480",
        "api/v1/stream?after=0&after=480", "api/v1/accesslog?limit=1&limit=2",
        "api/v1/positions?at=1&at=2", "api/v1/tracks/U-0001?from=0&to=1&to=2",
    ],
)  # fmt: skip
async def test_c8_a_name_that_stands_there_twice_is_refused(path: str) -> None:
    async with running() as server:
        url = URL(f"{server.url}/{path}", encoded=True)
        async with server.client.get(url, headers=server.desk) as answer:
            assert (answer.status, (await answer.json())["error"]) == (400, "bad_request")
            assert "query" in await answer.text()
