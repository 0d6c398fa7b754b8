"""A desk that does not read is cut off, holds nobody up, and resumes from its cursor."""

from __future__ import annotations

import asyncio
import time

from console.access import Actor, Role
from console.model.text import Text
from console.server.limits import Limits
from console.wire import EventsFrame, decode_desk_frame
from tests.helpers.stream import SECRET, report, running, soon, submission

OFFICER = Actor(Role.DUTY_OFFICER, "lin")
LIMITS = Limits(send_timeout_s=0.3, ping_every_s=0.2)
BIG = Text("长" * 2000, "x" * 2000)


async def test_a_slow_reader_is_cut_off_and_resumes() -> None:
    async with running(limits=LIMITS) as server:
        port = int(server.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(
            b"GET /api/v1/stream?after=0 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            b"Authorization: Bearer " + SECRET.encode() + b"\r\n\r\n"
        )
        await reader.readline()
        assert len(server.parts.sockets) == 1
        slowest = 0.0
        for _ in range(900):
            began = time.monotonic()
            server.parts.service.submit(submission(report(words=BIG)), OFFICER)
            await asyncio.sleep(0)
            slowest = max(slowest, time.monotonic() - began)
        await soon(lambda: not server.parts.sockets, 5)
        assert slowest < 1.0
        writer.close()
        seen = 0
        async with server.client.ws_connect(
            f"{server.url}/api/v1/stream?after=400", headers=server.desk, max_msg_size=0
        ) as ws:
            while seen < 500:
                frame = decode_desk_frame(await ws.receive_bytes(timeout=5))
                if isinstance(frame, EventsFrame):
                    seen += len(frame.events)
        assert seen == 500
