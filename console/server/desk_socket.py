"""`GET /api/v1/stream?after=SEQ`: a desk's WebSocket.

The server sends what the desk does not have yet, from the desk's cursor on; the desk only listens.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial

from aiohttp import web

from console.access import Call, View
from console.clock import monotonic_s
from console.journal import JournalError
from console.model.event import Event
from console.model.unit import DeviceFault
from console.server.auth import require
from console.server.calls import number_in
from console.server.parts import PARTS, Parts
from console.server.socket import Socket, open_socket
from console.wire import DevicesFrame, PeopleFrame, PingFrame, WireDeviceFault, encode_frame

log = logging.getLogger(__name__)

READ_AGAIN_S = 1.0
"""After so long a journal that could not be read is asked again."""


async def stream(request: web.Request) -> web.StreamResponse:
    """Serve one desk until it leaves.

    A cursor beyond the journal's end is another journal's: the first frame's head tells the desk.
    """
    actor = require(request, Call.STREAM)
    parts = request.app[PARTS]
    after = number_in(request, "after", 0)
    ws, socket = await open_socket(request, parts.limits.listener_frame_bytes, _pass_over)
    desk = DeskStream(parts, socket, after, View(actor, parts.where))
    parts.sockets.add(ws)
    try:
        with parts.live.watch(actor, socket):
            await desk.run()
    finally:
        parts.sockets.discard(ws)
    return ws


def _pass_over(_payload: bytes) -> None:
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
        self._faults: Mapping[str, DeviceFault] = {}
        self._looked_at: tuple[frozenset[str], Mapping[str, DeviceFault]] | None = None
        self._pinged_at = -float("inf")
        self._behind = asyncio.Event()
        self._behind.set()
        self._read: list[Event] | None = None
        self._is_reading = False

    async def run(self) -> None:
        """Catch up whenever the desk is behind, until it is gone.

        A desk that is level is served by `look` straight from the bell, and this waits.
        """
        self._parts.bell.join(self.look)
        self._socket.lost.add_done_callback(lambda _: self._behind.set())
        try:
            while not self._socket.lost.done():
                await self._socket.drain(self._parts.limits.send_timeout_s)
                await self._read_up()
                # A page may hold nothing that this desk may see, and there are more.
                if self._send() or self._parts.feed.head > self._cursor:
                    await asyncio.sleep(0)
                else:
                    self._behind.clear()
                    await self._behind.wait()
        except TimeoutError:
            log.info("cut off a desk: it took nothing for %s s", self._parts.limits.send_timeout_s)
            self._socket.abort()
        finally:
            self._parts.bell.leave(self.look)

    def look(self) -> None:
        """Send what is due now, unless the desk is behind."""
        self._socket.check(monotonic_s(), self._parts.limits.heartbeat_s)
        if self._is_reading and not self._socket.is_full:
            self._write(self._due_else())
        if not self._behind.is_set():
            self._send()
            if self._socket.is_full or self._parts.feed.head > self._cursor:
                self._behind.set()

    async def _read_up(self) -> None:
        """Have events read that the memory does not reach back to; all else goes on meanwhile."""
        feed, page = self._parts.feed, self._parts.limits.page
        if feed.reaches(self._cursor):
            return
        self._is_reading = True
        try:
            stored = partial(feed.stored, self._cursor, page)
            self._read = await feed.read_aside(self._parts.reading.run, stored, self._view)
        except JournalError as error:
            log.info("a desk has to wait for events from %d on: %s", self._cursor, error)
            await asyncio.wait((self._socket.lost,), timeout=READ_AGAIN_S)
        finally:
            self._is_reading = False

    def _send(self) -> bool:
        """Send what is due; whether there was anything."""
        sent = self._write(self._due_events())
        if not self._socket.is_full:
            sent = self._write(self._due_else()) or sent
        return sent

    def _write(self, frames: Iterator[bytes]) -> bool:
        """Write `frames` as long as the desk takes them; whether there was any.

        What is never asked of `frames` was not written: each notes how far it goes as it is given.
        """
        sent = False
        for frame in frames:
            self._socket.write(frame, shared=True)
            sent = True
            if self._socket.is_full:
                break
        return sent

    def _due_else(self) -> Iterator[bytes]:
        """All but events."""
        if self._tick != self._parts.fixes.tick:
            now = self._parts.fixes.tick
            for tick, frame in self._parts.fixes.since(self._tick, self._view):
                self._tick = tick
                yield frame
            self._tick = now
        yield from self._due_devices()
        yield from self._due_names()
        if self._until_ping() <= 0:
            self._pinged_at = monotonic_s()
            yield encode_frame(PingFrame(self._parts.clocks.scenario.now_ms()))

    def _due_events(self) -> Iterator[bytes]:
        """One page; the first frame goes out even when empty: it tells the head."""
        feed = self._parts.feed
        if self._greeted and feed.head <= self._cursor:
            return
        read, self._read = self._read, None
        limit = self._parts.limits.page
        page = feed.page(self._cursor, self._told, self._view, limit, read)
        if page is None:
            return
        self._cursor = page.through
        # Of a page without anything to see only the end is told, and only when it is the last.
        if self._greeted and page.is_empty and self._cursor < feed.head:
            return
        self._told = self._cursor
        self._greeted = True
        yield page.frame

    def _due_devices(self) -> Iterator[bytes]:
        online, faults = self._parts.presence.online, self._parts.devices.faults
        looked_at = self._looked_at
        if looked_at is not None and looked_at[0] is online and looked_at[1] is faults:
            return
        self._looked_at = online, faults
        now = self._view.devices(online)
        seen = self._view.devices(frozenset(faults))
        faults = {unit_id: faults[unit_id] for unit_id in sorted(seen)}
        if now != self._online or faults != self._faults:
            was, self._online = (self._online, self._faults), now
            self._faults = faults
            yield _devices_frame(*was, now, faults)

    def _due_names(self) -> Iterator[bytes]:
        """What people are called; all of them whenever somebody is called otherwise."""
        now = self._parts.names.known if self._view.names else self._names
        if now is not self._names and now is not None:
            self._names = now
            yield encode_frame(PeopleFrame(now))

    def _until_ping(self) -> float:
        return self._pinged_at + self._parts.limits.ping_every_s - monotonic_s()


async def keep_fixes_moving(parts: Parts) -> None:
    """Gather fixes, let the desks know, and look after the devices, while the server runs."""
    while True:
        await asyncio.sleep(parts.limits.fixes_every_s)
        parts.inbox.empty()
        parts.fixes.gather()
        parts.bell.ring()
        parts.presence.check()


def _devices_frame(
    was: frozenset[str],
    had: Mapping[str, DeviceFault],
    now: frozenset[str],
    has: Mapping[str, DeviceFault],
) -> bytes:
    """What changed."""
    if had == has:
        return _moved_frame(was, now)
    news = {u: WireDeviceFault(f.code, f.off_ms) for u, f in has.items() if had.get(u) != f}
    news |= {u: WireDeviceFault("") for u in had.keys() - has.keys()}
    return encode_frame(DevicesFrame(sorted(now - was), sorted(was - now), news))


@lru_cache(maxsize=16)
def _moved_frame(was: frozenset[str], now: frozenset[str]) -> bytes:
    """Who came and went; the desks that knew the same share it."""
    return encode_frame(DevicesFrame(sorted(now - was), sorted(was - now)))
