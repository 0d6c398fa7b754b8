"""`GET /api/v1/stream?after=SEQ`: a desk's WebSocket.

The server sends what the desk does not have yet, from the desk's cursor on; the desk only listens.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from aiohttp import web

from console.access import Call, View
from console.server.auth import require
from console.server.calls import number_in
from console.server.parts import PARTS, Parts
from console.server.socket import Socket, both
from console.server.wake import heard
from console.wire import DevicesFrame, PeopleFrame, PingFrame, encode_frame, events_frame


async def stream(request: web.Request) -> web.StreamResponse:
    """Serve one desk until it leaves.

    A cursor beyond the journal's end is another journal's: the first frame's head tells the desk.
    """
    actor = require(request, Call.STREAM)
    parts = request.app[PARTS]
    after = number_in(request, "after", 0)
    ws = web.WebSocketResponse(
        heartbeat=parts.limits.heartbeat_s, compress=False, max_msg_size=4096
    )
    await ws.prepare(request)
    socket = Socket(ws, request, parts.limits.send_timeout_s)
    desk = DeskStream(parts, socket, after, View(actor, parts.where))
    parts.sockets.add(ws)
    try:
        with parts.live.watch(actor, request, ws):
            await both(_listen(socket), desk.run())
    finally:
        parts.sockets.discard(ws)
    return ws


async def _listen(socket: Socket) -> None:
    async for _frame in socket.frames():
        """A desk has nothing to say here; its requests come by HTTP."""


class DeskStream:
    """What one desk has been sent, and so what it is due."""

    def __init__(self, parts: Parts, socket: Socket, after: int, view: View) -> None:
        self._parts = parts
        self._socket = socket
        self._cursor = after
        self._told = after
        self._view = view
        self._names: dict[str, str] | None = None
        self._greeted = False
        self._tick: int | None = None
        self._online: frozenset[str] = frozenset()
        self._pinged_at = -float("inf")

    async def run(self) -> None:
        """Send what is due, wait for more, until the desk is gone (ConnectionError)."""
        ear = self._parts.bell.listen()
        try:
            while True:
                ear.clear()
                sent = 0
                for frame in self._due():
                    await self._socket.send(frame)
                    sent += 1
                if not sent:
                    await heard(ear, self._until_ping())
        finally:
            self._parts.bell.leave(ear)

    def _due(self) -> Iterator[bytes]:
        yield from self._due_events()
        if self._tick != self._parts.fixes.tick:
            frames = self._parts.fixes.since(self._tick, self._view)
            self._tick = self._parts.fixes.tick
            yield from frames
        yield from self._due_devices()
        yield from self._due_names()
        if self._until_ping() <= 0:
            self._pinged_at = time.monotonic()
            yield encode_frame(PingFrame(self._parts.clock.now_ms()))

    def _due_events(self) -> Iterator[bytes]:
        """One page; the first frame goes out even when empty: it tells the head."""
        feed = self._parts.feed
        if self._greeted and feed.head <= self._cursor:
            return
        read = feed.read(self._cursor, self._parts.limits.page)
        after, self._cursor = self._cursor, read[-1].seq if read else self._cursor
        events = self._view.events(read)
        # Of a page without anything to see only the end is told, and only when it is the last.
        if self._greeted and not events and self._cursor < feed.head:
            return
        after = min(self._told, after)
        self._told = self._cursor
        self._greeted = True
        journal = feed.journal_id + (f"/{self._view.tag}" if self._view.tag else "")
        yield encode_frame(events_frame(events, feed.head, journal, (after, self._cursor)))

    def _due_devices(self) -> Iterator[bytes]:
        now = self._view.devices(self._parts.presence.online)
        if now != self._online:
            came, left = sorted(now - self._online), sorted(self._online - now)
            self._online = now
            yield encode_frame(DevicesFrame(came, left))

    def _due_names(self) -> Iterator[bytes]:
        """What people are called; all of them whenever somebody is called otherwise."""
        now = self._parts.names.known if self._view.names else self._names
        if now is not self._names and now is not None:
            self._names = now
            yield encode_frame(PeopleFrame(now))

    def _until_ping(self) -> float:
        return self._pinged_at + self._parts.limits.ping_every_s - time.monotonic()


async def keep_fixes_moving(parts: Parts) -> None:
    """Gather fixes and let the desks know, for as long as the server runs."""
    while True:
        await asyncio.sleep(parts.limits.fixes_every_s)
        if parts.fixes.gather():
            parts.bell.ring()
