"""Fixes as devices sent them, read together a few times a second.

Ten thousand come in a second. One by one each pays for the clock, the policy and the checks, and
finds the processor's caches cold; in a row they share all that.
"""

from __future__ import annotations

import logging
from typing import Protocol

from console.access import Actor
from console.clock import Clock
from console.model.unit import Fix
from console.server.fix_feed import FixFeed
from console.service import Ground
from console.wire import FieldCodec, WireError

log = logging.getLogger(__name__)

AHEAD_MS = 60_000
"""How far ahead of the server's a device's clock may be."""


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

    def refuse(self, error: WireError) -> None:
        """End the line: it sent what cannot be read."""
        ...


class FixInbox:
    """What has come in since `empty` was last called."""

    def __init__(self, fixes: FixFeed, ground: Ground, clock: Clock) -> None:
        self._fixes = fixes
        self._ground = ground
        self._clock = clock
        self._came: list[tuple[Sender, bytes]] = []

    def put(self, sender: Sender, payload: bytes) -> None:
        """A message with a fix came in."""
        self._came.append((sender, payload))

    def empty(self) -> None:
        """Read what came in, and hand it on."""
        came, self._came = self._came, []
        # A device clock that runs ahead would hide all its later fixes behind this one.
        latest = self._clock.now_ms() + AHEAD_MS
        holds = self._ground.holds
        fixes: list[Fix] = []
        for sender, payload in came:
            try:
                said = sender.codec.decode_fix(payload)
            except WireError as error:
                sender.refuse(error)
                continue
            if holds(said.lon, said.lat):
                at = said.at if said.at < latest else latest
                unit = sender.actor.name
                fixes.append(Fix(unit, said.lon, said.lat, at, said.heading, said.speed))
            else:
                log.info("%s says it is outside the region; passed over", sender.actor)
        self._fixes.take_all(fixes)
