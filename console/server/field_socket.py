"""`GET /api/v1/field`: a device's WebSocket.

What to send follows from the picture: the unit's commands that are not over and that this line has
not had yet, those it has had, or may have had, that the centre has ended since, and how the unit's
call for help stands.
"""

from __future__ import annotations

import asyncio
import logging

from aiohttp import web

from console.access import Actor, Call
from console.clock import monotonic_s
from console.journal import JournalError
from console.model.command import Command, Step, may_advance
from console.model.ids import new_key
from console.model.requests import AdvanceCommand, Submission
from console.model.unit import SosCall
from console.server.auth import require
from console.server.parts import PARTS, Parts
from console.server.socket import POLICY_VIOLATION, Socket, offered_by, open_socket
from console.wire import (
    ClockFrame,
    CommandFrame,
    FieldCodec,
    FieldPush,
    FixFrame,
    PingFrame,
    RecallFrame,
    RefusedFrame,
    SosFrame,
    WireError,
    codec_for,
)

log = logging.getLogger(__name__)

TAKEN_BACK = frozenset({Step.RECALLED, Step.TIMED_OUT})
INVALID = 1007
"""The close code for a message that cannot be read."""
REPLACED = 4002
"""The close code of our own: the same unit has come by another device, which has the line now."""


async def field(request: web.Request) -> web.StreamResponse:
    """Serve one device until it leaves."""
    actor = require(request, Call.FIELD)
    parts = request.app[PARTS]
    codec = codec_for(offered_by(request))
    line = DeviceLine(parts, actor, codec)
    ws, line.socket = await open_socket(
        request, parts.limits.frame_bytes, line.heard, codec.subprotocol
    )
    line.socket.write_at_once()
    parts.sockets.add(ws)
    parts.presence.join(actor.name, line)
    try:
        with parts.live.watch(actor, line.socket):
            parts.devices.note(actor.name, line.record)
            line.nudge()
            line.ping()
            await line.socket.lost
    finally:
        parts.sockets.discard(ws)
        if parts.presence.leave(actor.name, line):
            parts.devices.forget_fault(actor.name)
    return ws


class DeviceLine:
    """One device's connection, and what has been sent on it. `socket` is set once it is open."""

    __slots__ = (
        "_inbox",
        "_parts",
        "_sent",
        "_sos",
        "_taken_back",
        "_unrecorded",
        "_wrote_s",
        "actor",
        "codec",
        "record",
        "socket",
    )
    socket: Socket

    def __init__(self, parts: Parts, actor: Actor, codec: FieldCodec) -> None:
        self.actor = actor
        self._parts = parts
        self.codec = codec
        self._inbox = parts.inbox
        self._sent: set[str] = set()
        self._unrecorded: dict[str, Command] = {}
        self._taken_back: set[str] = set()
        self._sos: SosCall | None = None
        self._wrote_s = monotonic_s()
        self.record = parts.devices.of(actor.name, self._wrote_s)

    def nudge(self) -> None:
        """There may be something to send: send it."""
        self._send_sos()
        self._send_commands()
        self._send_recalls()

    def replace(self) -> None:
        """The same unit has connected anew; drop this line."""
        self.socket.close(REPLACED, "another device of the unit")

    def check(self) -> None:
        """A ping when nothing was sent for a while; and who gives no sign of life is dropped."""
        now_s = monotonic_s()
        if (
            now_s - self._wrote_s >= self._parts.limits.field_ping_every_s
            or self.record.clock.is_doubtful
        ):
            self.ping()
        self.socket.check(now_s, self._parts.limits.heartbeat_s)
        self._record_sent()

    def ping(self) -> None:
        """A sign of life, and the question what the device's clock shows; the first says that it
        has been told all that is not over.
        """
        wall = self._parts.clocks.wall
        now = wall.now_ms()
        self.record.clock.asked(now, wall.elapsed_ms())
        self._write(PingFrame(now, answer=True))

    def heard(self, payload: bytes) -> None:
        """Take what the device says. What cannot be read, or a flood, ends the connection."""
        if not self.record.meter.allows(self.socket.heard_s):
            log.warning("%s floods its line", self.actor)
            self.socket.close(POLICY_VIOLATION, "too many frames")
        elif payload.startswith(self.codec.fix_mark, 1):
            self._inbox.put(self, payload)
        else:
            self._heard_otherwise(payload)

    def refuse(self, error: WireError) -> None:
        """End the connection: what was sent cannot be read."""
        log.warning("%s: %s", self.actor, error)
        self.socket.close(INVALID, str(error))

    def fix_taken(self) -> None:
        """A fix was taken: after others were not, or from a clock that is off."""
        self.record.refused = ""
        self._parts.devices.note(self.actor.name, self.record)

    def fix_refused(self, reason: str, at: int) -> None:
        """A fix dated `at` is not taken: count it, and tell the device why, but not each time."""
        devices = self._parts.devices
        count = devices.refuse_fix(self.actor.name, self.record, reason, monotonic_s())
        if count:
            log.info("%s: a fix dated %d is not taken: %s", self.actor, at, reason)
            self._write(RefusedFrame(reason, at, count))

    def _heard_otherwise(self, payload: bytes) -> None:
        """Anything but a fix as all devices write it."""
        try:
            said = self.codec.decode(payload)
        except WireError as error:
            self.refuse(error)
            return
        if isinstance(said, FixFrame):
            self._inbox.put(self, payload)
        elif isinstance(said, ClockFrame):
            elapsed_ms = self._parts.clocks.wall.elapsed_ms()
            self.record.clock.answered(said.at, said.now, said.own, elapsed_ms)
            self._parts.devices.note(self.actor.name, self.record)
        else:
            self._got(said.command_id)

    def _write(self, frame: FieldPush) -> bool:
        """Send a frame; False where the line is at its end, and the next one is to be told."""
        if self.socket.is_full:
            # So little is sent to a device that one that is behind does not read at all.
            log.info("cut off %s: it does not read", self.actor)
            self.socket.abort()
        self._wrote_s = monotonic_s()
        return self.socket.write(self.codec.encode(frame))

    def _send_commands(self) -> None:
        picture = self._parts.feed.picture
        for command_id in picture.unit(self.actor.name).command_ids:
            if command_id not in self._sent:
                command = picture.commands[command_id]
                if not self._write(self._frame_of(command)):
                    return
                self._sent.add(command_id)
                self._unrecorded[command_id] = command
                # Next: what is written goes out first, and the record does not compete with it.
                asyncio.get_running_loop().call_soon(self._record_sent)

    def _send_sos(self) -> None:
        call = self._parts.feed.picture.unit(self.actor.name).sos
        if call is None or call == self._sos:
            return
        written = self._write(
            SosFrame(
                called_at=call.at,
                acknowledged_at=call.acknowledged_at,
                acknowledged_by=self._parts.names.of(call.acknowledged_by),
                ended_at=call.ended_at,
                ended_by=self._parts.names.of(call.ended_by),
                reason=call.reason,
            )
        )
        if written:
            self._sos = call

    def _send_recalls(self) -> None:
        for command in self._recently_taken_back():
            if command.id not in self._taken_back:
                reason = command.reason or command.step.value
                if not self._write(RecallFrame(command.id, reason)):
                    return
                self._taken_back.add(command.id)

    def _recently_taken_back(self) -> list[Command]:
        commands = self._parts.feed.commands_of_unit(self.actor.name)
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
            step=command.step.value,
            issued_at=command.time_of(Step.QUEUED) or 0,
            words=incident.words,
        )

    def _record_sent(self) -> None:
        """Record what has gone out; what still waits in the transport may yet be dropped, and is
        looked at again.
        """
        if self.socket.has_left:
            for command_id in tuple(self._unrecorded):
                self._mark_sent(self._unrecorded.pop(command_id))

    def _mark_sent(self, command: Command) -> None:
        if may_advance(command.step, Step.SENT):
            try:
                self._parts.service.do(AdvanceCommand(command.id, Step.SENT), "link")
            except JournalError as error:
                log.warning("command %s was sent, but not recorded as such: %s", command.id, error)

    def _got(self, command_id: str) -> None:
        command = self._parts.feed.picture.commands.get(command_id)
        if command is None or not may_advance(command.step, Step.DELIVERED):
            return
        if (sent := self._unrecorded.pop(command_id, None)) is not None:
            self._mark_sent(sent)  # whatever the transport says: it is there
        now = self._parts.clocks.wall.now_ms()
        request = AdvanceCommand(command_id, Step.DELIVERED)
        try:
            self._parts.service.submit(Submission(new_key(now), request, now), self.actor)
        except JournalError as error:
            log.warning("%s has %s, but that was not recorded: %s", self.actor, command_id, error)
