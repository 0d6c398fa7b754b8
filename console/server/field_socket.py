"""`GET /api/v1/field`: a device's WebSocket.

What to send follows from the picture: the unit's commands that are not over and that this line has
not had yet, and those it has had, or may have had, that the centre has ended since.
"""

from __future__ import annotations

import asyncio
import logging

from aiohttp import web

from console.access import Actor, Call
from console.journal import JournalError
from console.model.command import Command, Step, may_advance
from console.model.ids import new_key
from console.model.requests import AdvanceCommand, Submission
from console.model.unit import Fix
from console.server.auth import require
from console.server.parts import PARTS, Parts
from console.server.socket import Socket, both
from console.server.wake import heard
from console.wire import (
    CommandFrame,
    FixFrame,
    PingFrame,
    RecallFrame,
    WireError,
    decode_field_said,
    encode_frame,
)

log = logging.getLogger(__name__)

TAKEN_BACK = frozenset({Step.RECALLED, Step.TIMED_OUT})
AHEAD_MS = 60_000
"""How far ahead of the server's a device's clock may be."""
REMEMBERED = 20
"""How many of a unit's last commands a new line looks at for ones taken back meanwhile."""


async def field(request: web.Request) -> web.StreamResponse:
    """Serve one device until it leaves."""
    actor = require(request, Call.FIELD)
    parts = request.app[PARTS]
    ws = web.WebSocketResponse(
        heartbeat=parts.limits.heartbeat_s, compress=False, max_msg_size=parts.limits.frame_bytes
    )
    await ws.prepare(request)
    line = DeviceLine(parts, Socket(ws, request, parts.limits.send_timeout_s), actor)
    parts.sockets.add(ws)
    parts.presence.join(actor.name, line)
    parts.bell.ring()
    try:
        with parts.live.watch(actor, request, ws):
            await both(line.listen(), line.run())
    finally:
        parts.sockets.discard(ws)
        parts.presence.leave(actor.name, line)
        parts.bell.ring()
    return ws


class DeviceLine:
    """One device's connection, and what has been sent on it."""

    def __init__(self, parts: Parts, socket: Socket, actor: Actor) -> None:
        self._parts = parts
        self._socket = socket
        self._actor = actor
        self._ear = asyncio.Event()
        self._sent: set[str] = set()
        self._taken_back: set[str] = set()

    def nudge(self) -> None:
        """There may be something to send."""
        self._ear.set()

    def replace(self) -> None:
        """The same unit has connected anew; drop this line."""
        self._socket.abort()

    async def run(self) -> None:
        """Send what is due; a ping when there is nothing for a while."""
        while True:
            self._ear.clear()
            await self._send_recalls()
            await self._send_commands()
            await heard(self._ear, self._parts.limits.ping_every_s)
            if not self._ear.is_set():
                await self._socket.send(encode_frame(PingFrame(self._parts.clock.now_ms())))

    async def listen(self) -> None:
        """Take what the device says. A frame that cannot be read ends the connection."""
        async for frame in self._socket.frames():
            try:
                said = decode_field_said(frame)
            except WireError as error:
                log.warning("%s: %s", self._actor, error)
                await self._socket.ws.close(code=1007, message=str(error).encode()[:100])
                return
            if isinstance(said, FixFrame):
                self._fix(said)
            else:
                self._got(said.command_id)

    async def _send_commands(self) -> None:
        picture = self._parts.feed.picture
        for command_id in picture.unit(self._actor.name).command_ids:
            if command_id not in self._sent:
                command = picture.commands[command_id]
                await self._socket.send(encode_frame(self._frame_of(command)))
                self._sent.add(command_id)
                self._mark_sent(command)

    async def _send_recalls(self) -> None:
        for command in self._recently_taken_back():
            if command.id not in self._taken_back:
                reason = command.reason or command.step.value
                await self._socket.send(encode_frame(RecallFrame(command.id, reason)))
                self._taken_back.add(command.id)

    def _recently_taken_back(self) -> list[Command]:
        commands = self._parts.feed.commands_of_unit(self._actor.name)[-REMEMBERED:]
        return [c for c in commands if c.step in TAKEN_BACK]

    def _frame_of(self, command: Command) -> CommandFrame:
        incident = self._parts.feed.picture.incidents[command.incident_id]
        return CommandFrame(
            command_id=command.id,
            incident_id=incident.id,
            number=incident.number,
            type_code=incident.type_code,
            lon=incident.position.lon,
            lat=incident.position.lat,
            address=incident.address,
            text=command.text,
            priority=incident.priority,
        )

    def _mark_sent(self, command: Command) -> None:
        if may_advance(command.step, Step.SENT):
            try:
                self._parts.service.do(AdvanceCommand(command.id, Step.SENT), "link")
            except JournalError as error:
                log.warning("command %s was sent, but not recorded as such: %s", command.id, error)

    def _fix(self, said: FixFrame) -> None:
        # A device clock that runs ahead would hide all its later fixes behind this one.
        at = min(said.at, self._parts.clock.now_ms() + AHEAD_MS)
        fix = Fix(self._actor.name, said.lon, said.lat, at, said.heading, said.speed)
        if self._parts.ground.holds(fix.lon, fix.lat):
            self._parts.fixes.take(fix)
        else:
            log.info("%s says it is outside the region; passed over", self._actor)

    def _got(self, command_id: str) -> None:
        command = self._parts.feed.picture.commands.get(command_id)
        if command is None or not may_advance(command.step, Step.DELIVERED):
            return
        now = self._parts.clock.now_ms()
        request = AdvanceCommand(command_id, Step.DELIVERED)
        try:
            self._parts.service.submit(Submission(new_key(now), request, now), self._actor)
        except JournalError as error:
            log.warning("%s has %s, but that was not recorded: %s", self._actor, command_id, error)
