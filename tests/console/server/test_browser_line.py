"""A browser's line: JSON as text, and the token among the subprotocols, which nobody logs."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from console.model.command import Step
from console.model.requests import AdvanceCommand
from console.server.field_socket import REPLACED
from console.server.limits import Limits
from console.server.live import REVOKED
from console.server.rate import Rate
from console.wire.field_codec import SUBPROTOCOL
from tests.console.server.test_field_socket import QUICK, sent_out, step_of
from tests.helpers.guarded import guarded
from tests.helpers.stream import NOW, PLACE, Running, running, soon, submission


async def token(server: Running, unit_id: str = "U-0001") -> str:
    return (await server.device(unit_id))["Authorization"].removeprefix("Bearer ")


@asynccontextmanager
async def browser(
    server: Running, *protocols: str
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    url = f"{server.url}/api/v1/field"
    async with server.client.ws_connect(url, protocols=protocols) as ws:
        yield ws


async def next_of(ws: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    while True:
        frame: dict[str, Any] = json.loads(await ws.receive_str(timeout=5))
        if frame["t"] == kind:
            return frame


async def test_a_browser_is_answered_the_plain_subprotocol_and_speaks_json() -> None:
    async with running(limits=QUICK) as server:
        (command_id,) = await sent_out(server, "U-0001")
        await server.post(submission(AdvanceCommand(command_id, Step.ACKNOWLEDGED)))
        async with browser(server, SUBPROTOCOL, f"bearer.{await token(server)}") as ws:
            assert ws.protocol == SUBPROTOCOL
            frame = await next_of(ws, "command")
            assert frame["command_id"] == command_id
            assert frame["address"] == {"zh": "文三路", "en": "Wensan Road"}
            assert (frame["step"], frame["issued_at"]) == ("acknowledged", NOW)
            lon, lat = PLACE
            await ws.send_str(json.dumps({"t": "fix", "lon": lon, "lat": lat, "at": NOW}))
            await soon(lambda: server.parts.tracks.of("U-0001") is not None)


async def test_what_a_browser_has_got_is_delivered() -> None:
    async with (
        running(limits=QUICK) as server,
        browser(server, SUBPROTOCOL, f"bearer.{await token(server)}") as ws,
    ):
        (command_id,) = await sent_out(server, "U-0001")
        await next_of(ws, "command")
        await ws.send_str(json.dumps({"t": "got", "command_id": command_id}))
        await soon(lambda: step_of(server, command_id) is Step.DELIVERED)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "nonsense",
        '{"t":"hack"}',
        '{"t":"fix","lon":NaN,"lat":1,"at":5}',
        '{"t":"fix","lon":1e999,"lat":1,"at":5}',
        '{"t":"fix","lon":500,"lat":1,"at":5}',
        '{"t":"fix","lon":1,"lat":1,"at":5,"unit_id":"U-0002"}',
        "[" * 9000,
        "x" * 20_000,
    ],
)
async def test_nonsense_ends_a_browsers_line(said: str) -> None:
    async with running(limits=QUICK) as server:
        async with browser(server, SUBPROTOCOL, f"bearer.{await token(server)}") as ws:
            await ws.send_str(said)
            await soon(lambda: not server.parts.presence.online)
        assert server.parts.tracks.latest() == []


@pytest.mark.parametrize(
    "protocols",
    [
        (),
        (SUBPROTOCOL,),
        (SUBPROTOCOL, "bearer."),
        (SUBPROTOCOL, "bearer.trd_somebody-elses"),
        ("bearer.GOOD",),
        ("other", "bearer.GOOD"),
    ],
)
async def test_who_brings_no_token_that_is_good_stays_out(protocols: tuple[str, ...]) -> None:
    async with running() as server:
        good = await token(server)
        offered = [word.replace("GOOD", good) for word in protocols]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with browser(server, *offered):
                pass
        assert refused.value.status == 401


async def test_a_token_is_in_no_log_and_in_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with running() as server:
        good = await token(server)
        async with browser(server, SUBPROTOCOL, f"bearer.{good}") as ws:
            assert all(good not in text for text in map(str, ws._response.headers.items()))
        await unknown_subprotocol(server, good)
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith("aiohttp.client")]
    assert not [line for line in ours if good in line]


async def unknown_subprotocol(server: Running, good: str) -> None:
    """A token in the header, and another among subprotocols that we do not know."""
    url = f"{server.url}/api/v1/field"
    headers = {"Authorization": f"Bearer {good}"}
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with server.client.ws_connect(url, headers=headers, protocols=[f"bearer.{good}"]):
            pass
    assert refused.value.status == 400


async def test_a_subprotocol_is_no_token_elsewhere() -> None:
    async with running() as server:
        offered = (SUBPROTOCOL, f"bearer.{await token(server)}")
        for path in ("stream", "me", "requests"):
            headers = {"Sec-WebSocket-Protocol": ", ".join(offered)}
            url = f"{server.url}/api/v1/{path}"
            async with server.client.get(url, headers=headers) as answer:
                assert answer.status in (401, 405), path


async def test_each_browser_has_its_own_rate() -> None:
    limits = Limits(device_rate=Rate(0.001, 2))
    async with running(limits=limits) as server:
        for unit in ("U-0001", "U-0002", "U-0003"):
            offered = (SUBPROTOCOL, f"bearer.{await token(server, unit)}")
            for _ in range(2):
                async with browser(server, *offered):
                    pass
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                async with browser(server, *offered):
                    pass
            assert refused.value.status == 429


async def test_the_line_that_is_replaced_is_told_so() -> None:
    async with running() as server:
        offered = (SUBPROTOCOL, f"bearer.{await token(server)}")
        async with browser(server, *offered) as old, browser(server, *offered):
            while not old.closed:
                await old.receive(timeout=5)
            assert old.close_code == REPLACED
            assert server.parts.presence.online == {"U-0001"}


async def test_a_revoked_browser_hears_one_farewell_with_its_code() -> None:
    async with guarded() as server:
        good = await token(server)
        raw = await server.connect()
        raw.say(handshake(good))
        answer = await raw.reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101")
        server.parts.gate.devices.revoke("U-0001")
        frame = await raw.reader.readexactly(2)
        while frame[0] != 0x88:
            await raw.reader.readexactly(frame[1])
            frame = await raw.reader.readexactly(2)
        assert await raw.reader.readexactly(frame[1]) == REVOKED.to_bytes(2) + b"signed out"
        raw.say(b"\x88\x82\0\0\0\0" + REVOKED.to_bytes(2))
        assert await raw.answer() == b""
        raw.close()


def handshake(good: str) -> bytes:
    lines = (
        "GET /api/v1/field HTTP/1.1",
        "Host: x",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        f"Sec-WebSocket-Protocol: {SUBPROTOCOL}, bearer.{good}",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
