"""Fixes as devices sent them, read together a few times a second.

Ten thousand come in a second. One by one each pays for the clock, the policy and the checks, and
finds the processor's caches cold; in a row they share all that.
"""

from __future__ import annotations

from typing import Protocol

from console.access import Actor
from console.clock import Clocks
from console.model.sender_time import TimeFault
from console.model.unit import Fix
from console.server.devices import OUTSIDE_REGION, DeviceRecord
from console.server.fix_feed import FixFeed
from console.service import Ground
from console.wire import FieldCodec, WireError


class Sender(Protocol):
    """A device's line."""

    @property
    def actor(self) -> Actor:
        """Who sends."""
        ...

    @property
    def codec(self) -> FieldCodec:
        """How it writes."""
        ...

    @property
    def record(self) -> DeviceRecord:
        """What is known of the device."""
        ...

    def refuse(self, error: WireError) -> None:
        """End the line: it sent what cannot be read."""
        ...

    def fix_taken(self) -> None:
        """A fix was taken after others were refused."""
        ...

    def fix_refused(self, reason: str, at: int) -> None:
        """A fix dated `at` is not taken."""
        ...


class FixInbox:
    """What has come in since `empty` was last called."""

    def __init__(self, fixes: FixFeed, ground: Ground, clocks: Clocks) -> None:
        self._fixes = fixes
        self._ground = ground
        self._clocks = clocks
        self._came: list[tuple[Sender, bytes]] = []

    def put(self, sender: Sender, payload: bytes) -> None:
        """A message with a fix came in."""
        self._came.append((sender, payload))

    def empty(self) -> None:
        """Read what came in, date it by the wall as devices do, and then by the scenario, and hand
        it on.
        """
        came, self._came = self._came, []
        now, kept_since = self._clocks.wall.now_ms(), self._fixes.kept_since
        holds = self._ground.holds
        fixes: list[Fix] = []
        for sender, payload in came:
            try:
                said = sender.codec.decode_fix(payload)
            except WireError as error:
                sender.refuse(error)
                continue
            record = sender.record
            wall_ms, fault = record.clock.read(said.at, now)
            at = self._clocks.scenario_of(wall_ms)
            if fault is None and at < kept_since:
                fault = TimeFault.TOO_OLD
            if fault is not None:
                sender.fix_refused(fault.value, said.at)
            elif not holds(said.lon, said.lat):
                sender.fix_refused(OUTSIDE_REGION, said.at)
            else:
                unit = sender.actor.name
                fixes.append(Fix(unit, said.lon, said.lat, at, said.heading, said.speed))
                if record.has_fault or record.clock.shown_off_ms:
                    sender.fix_taken()
        self._fixes.take_all(fixes)
