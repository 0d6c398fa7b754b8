"""Attacks by words: other people's tokens, old commands, made-up places and broken encodings."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import msgspec
import pytest

from console.model.command import Step
from console.model.requests import AdvanceCommand, DeclareUnitStatus
from console.model.unit import UnitStatus
from console.server.framing import framed
from console.server.limits import Limits
from console.server.rate import Rate
from console.wire import FixFrame, encode_frame, encode_submission
from tests.helpers.guarded import Guarded, guarded, head
from tests.helpers.stream import NOW, PLACE, dispatch, report, soon, submission

QUICK = Limits(field_ping_every_s=0.1, fixes_every_s=0.02, sweep_every_s=0.02)


def text_of_submission() -> str:
    return encode_submission(submission(report())).decode()


async def answer_to(server: Guarded, body: bytes) -> tuple[int, str]:
    url = f"{server.url}/api/v1/requests"
    async with server.client.post(url, data=body, headers=server.desk) as answer:
        return answer.status, (await answer.json())["error"]


async def test_broken_bodies_are_refused_and_nothing_happens() -> None:
    sound = text_of_submission()
    deep = "[" * 50_000 + "]" * 50_000
    bodies = [
        sound.encode()[:-1],
        sound.encode() + b"x",
        sound.encode("utf-16"),
        b"\xef\xbb\xbf" + sound.encode(),
        sound.replace("两车相撞", "\x00").encode(),
        sound.replace("两车相撞", "\\u0000").encode(),
        sound.replace("两车相撞", "\\ud800").encode(),
        sound.encode().replace("两".encode(), b"\xff\xfe"),
        sound.encode().replace("两".encode(), b"\xc0\x80"),
        sound.replace('"priority":2', '"priority":' + "9" * 5000).encode(),
        sound.replace('"priority":2', '"priority":1e400').encode(),
        sound.replace('"priority":2', '"priority":2.5').encode(),
        sound.replace('"priority":2', '"priority":true').encode(),
        sound.replace('"lat":30.28', '"lat":NaN').encode(),
        sound.replace('"lat":30.28', '"lat":-Infinity').encode(),
        sound.replace('"lat":30.28', '"lat":1e999').encode(),
        sound.replace('"priority":2', '"priority":2,"priority":1').encode(),
        sound.replace('"key":', '"key":"x","key":').encode(),
        sound.replace('"priority":2', f'"priority":{deep}').encode(),
        deep.encode(),
        ('{"a":' * 20_000 + "1" + "}" * 20_000).encode(),
        sound.replace('"source":"phone"', '"source":"' + "x" * 5000 + '"').encode(),
        sound.replace('"source":"phone"', '"source":"phone","__class__":"x"').encode(),
        sound.replace('"ReportIncident"', '"__import__"').encode(),
        b"",
        b"null",
        b"[]",
    ]
    async with guarded() as server:
        for body in bodies:
            status, code = await answer_to(server, body)
            assert (status, code) == (400, "bad_request"), body[:80]
        assert server.parts.feed.head == 0
        assert (await server.post(submission(report())))[0] == 200


async def test_places_and_times_that_cannot_be() -> None:
    async with guarded() as server:
        places = ((0.0, PLACE[1]), (PLACE[0], 89.0), (180.0, PLACE[1]), (-1e300, PLACE[1]))
        for lon, lat in places:
            asked = submission(report(lon=lon, lat=lat))
            status, code = await answer_to(server, encode_submission(asked))
            assert status == 422, (lon, lat)
            assert code in ("outside_region", "bad_position")
        for at in (NOW // 1000, NOW * 1000, NOW - 978_307_200_000):
            mistaken = submission(report(), at=at)
            assert await answer_to(server, encode_submission(mistaken)) == (422, "bad_time")
        for at in (0, -1, 2**53, 2**63, 10**400):
            body = json.loads(text_of_submission())
            sent = json.dumps({**body, "happened_at": at}).encode()
            assert (await answer_to(server, sent))[0] == 400
        assert server.parts.feed.head == 0


async def test_a_device_is_its_unit_whatever_it_says() -> None:
    async with guarded(QUICK) as server:
        mine, other = await server.device("U-0001"), await server.device("U-0002")
        asked = report()
        await server.post(submission(asked))
        order = dispatch(asked.incident_id, "U-0001")
        await server.post(submission(order))
        command = order.orders[0].command_id
        stolen = submission(AdvanceCommand(command, Step.ACKNOWLEDGED))
        status, body = await server.post(stolen, other)
        assert (status, body["error"]) == (422, "not_your_command")
        status, body = await server.post(
            submission(DeclareUnitStatus("U-0001", UnitStatus.OFF)), other
        )
        assert (status, body["error"]) == (422, "not_your_unit")
        for path in ("events", "positions", "people", "stream", "accesslog"):
            url = f"{server.url}/api/v1/{path}"
            async with server.client.get(url, headers=mine) as answer:
                assert answer.status == 403, path


async def test_a_forged_position_ends_the_line_and_moves_nobody() -> None:
    async with guarded(QUICK) as server:
        headers = await server.device("U-0001")
        fix = {"t": "fix", "lon": PLACE[0], "lat": PLACE[1], "at": NOW}
        for forged in ({**fix, "unit_id": "U-0002"}, {**fix, "u": "U-0002"}, {"t": "fixes"}):
            async with server.client.ws_connect(
                f"{server.url}/api/v1/field", headers=headers
            ) as ws:
                await ws.send_bytes(msgspec.msgpack.encode(forged))
                assert (await ended(ws)) == 1007
        assert server.parts.tracks.latest() == []


async def ended(ws: aiohttp.ClientWebSocketResponse) -> int | None:
    async with asyncio.timeout(5):
        async for _ in ws:
            pass
    return ws.close_code


async def test_a_command_that_is_replayed_is_done_once() -> None:
    async with guarded() as server:
        device = await server.device("U-0001")
        asked = report()
        await server.post(submission(asked))
        order = dispatch(asked.incident_id, "U-0001")
        await server.post(submission(order))
        step = submission(AdvanceCommand(order.orders[0].command_id, Step.ACKNOWLEDGED))
        first = await server.post(step, device)
        head_before = server.parts.feed.head
        assert await server.post(step, device) == first
        anew = submission(AdvanceCommand(order.orders[0].command_id, Step.ACKNOWLEDGED))
        await server.post(anew, device)
        assert server.parts.feed.head == head_before
        status, _ = await server.post(step, await server.device("U-0002"))
        assert status in (409, 422), "another device cannot fetch the answer by the key"


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/api/v1/../../../etc/passwd",
        "/api/v1/tracks/..%2f..%2f..%2fetc%2fpasswd?from=1&to=2",
        "/api/v1/tracks/%2e%2e%2f%2e%2e?from=1&to=2",
        "/api/v1/tracks/%00?from=1&to=2",
        "/api/v1/tracks/" + "A" * 3000 + "?from=1&to=2",
        "/static/../main.py",
        "//etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/api/v1/openapi.json/../../../main.py",
        "/\\..\\..\\windows",
        "/%ff%fe",
    ],
)
async def test_no_path_leads_to_a_file(path: str) -> None:
    async with guarded() as server:
        one = await server.connect()
        one.say(head(path, "GET", more="Connection: close\r\n"))
        answer = await one.answer()
        one.close()
    status = int(answer.split()[1])
    assert status in (200, 400, 401, 404)
    assert b"root:" not in answer
    assert b"import" not in answer
    if status == 200:
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["fixes"] == []


async def test_a_flood_of_frames_ends_the_line() -> None:
    limits = Limits(frame_rate=Rate(5, 50))
    async with guarded(limits) as server:
        headers = await server.device("U-0001")
        async with server.client.ws_connect(f"{server.url}/api/v1/field", headers=headers) as ws:
            for i in range(200):
                await ws.send_bytes(encode_frame(FixFrame(*PLACE, NOW + i)))
            assert (await ended(ws)) == 1008
        await soon(lambda: server.parts.fixes.taken == 50)


async def test_a_desk_that_talks_too_much_at_once_is_closed() -> None:
    async with guarded() as server:
        url = f"{server.url}/api/v1/stream?after=0"
        async with server.client.ws_connect(url, headers=server.desk) as ws:
            await ws.send_bytes(b"x" * 1000)
            await ws.send_bytes(b"x" * 5000)
            assert (await ended(ws)) == 1009


async def test_bytes_that_are_no_frames_end_the_line() -> None:
    async with guarded() as server:
        headers = await server.device("U-0001")
        token = headers["Authorization"].removeprefix("Bearer ")
        more = (
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        )
        for noise in (b"\xff" * 100, framed(b"unmasked"), b"GET / HTTP/1.1\r\n\r\n"):
            one = await server.connect()
            one.say(head("/api/v1/field", "GET", token, more))
            await one.reader.readuntil(b"\r\n\r\n")
            one.say(noise)
            assert b"\x03\xea" in await one.answer(), "closed with 1002"
            one.close()
        await soon(lambda: server.connections <= 1)
        assert server.parts.presence.online == frozenset()


async def test_a_device_that_falls_silent_is_dropped() -> None:
    async with guarded(Limits(heartbeat_s=0.2, fixes_every_s=0.02)) as server:
        headers = await server.device("U-0001")
        token = headers["Authorization"].removeprefix("Bearer ")
        one = await server.connect()
        one.say(
            head(
                "/api/v1/field",
                "GET",
                token,
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
            )
        )
        await soon(lambda: server.parts.presence.online == {"U-0001"})
        await soon(lambda: not server.parts.presence.online, 3)
        one.close()
