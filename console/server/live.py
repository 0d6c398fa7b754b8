"""Who is on a socket now; a socket whose owner's rights ended or changed is closed at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial

from aiohttp import web

from console.access import Actor, Gate, Role, StoreFailed
from console.journal import JournalError

log = logging.getLogger(__name__)

REVOKED = 4001
"""The close code of our own: sign in again, or learn what you may do now."""
LOOK_EVERY_S = 0.25
_FAREWELL_S = 0.3
_LOOK_ANYWAY_S = 30.0
"""Sign-ins also end by themselves; nothing in the store changes then."""
_AT_ONCE = 100
"""Sockets looked at before others get their turn: with thousands of them a look takes a while."""


class Live:
    """The sockets of people and devices, checked against `gate`; `changed` is called when what the
    gate keeps has changed.
    """

    def __init__(self, gate: Gate, changed: Callable[[], None]) -> None:
        self._gate = gate
        self._changed = changed
        self._sockets: dict[web.WebSocketResponse, tuple[Actor, web.Request]] = {}
        self._farewells: set[asyncio.Task[None]] = set()
        self._missed = False

    @contextmanager
    def watch(
        self, actor: Actor, request: web.Request, ws: web.WebSocketResponse
    ) -> Iterator[None]:
        """Close `ws` should `actor` lose the right to it meanwhile."""
        self._sockets[ws] = (actor, request)
        try:
            yield
        finally:
            self._sockets.pop(ws, None)

    async def check(self, *, devices: bool = True) -> None:
        """Look at everybody, and part with those who may no longer be here. Raises StoreFailed."""
        everybody = [
            (ws, actor, request)
            for ws, (actor, request) in self._sockets.items()
            if devices or actor.role is not Role.DEVICE
        ]
        for first in range(0, len(everybody), _AT_ONCE):
            some = everybody[first : first + _AT_ONCE]
            held = await self._gate.aside(partial(self._held, [actor for _, actor, _ in some]))
            for (ws, actor, request), holds in zip(some, held, strict=True):
                if not holds and self._sockets.pop(ws, None) is not None:
                    log.info("%s may no longer be here", actor)
                    self._farewell(ws, request)

    def _held(self, actors: Sequence[Actor]) -> list[bool]:
        return [self._gate.holds(actor) for actor in actors]

    def _farewell(self, ws: web.WebSocketResponse, request: web.Request) -> None:
        task = asyncio.create_task(_part(ws, request))
        self._farewells.add(task)
        task.add_done_callback(self._farewells.discard)

    async def keep_checking(self) -> None:
        """Look whenever rights changed, for as long as the server runs."""
        waited_s = 0.0
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            waited_s += LOOK_EVERY_S
            try:
                if await self._gate.aside(self._look):
                    await self.check()
                elif waited_s >= _LOOK_ANYWAY_S:
                    waited_s = 0.0
                    await self.check(devices=False)
            except (StoreFailed, JournalError) as error:
                self._missed = True
                log.error("who may be here cannot be told: %s", error)
            else:
                self._missed = False

    def _look(self) -> bool:
        """Write the access log; whether anybody's rights have changed since, or may have."""
        self._gate.log.flush()
        changed = self._gate.has_changed()
        if changed:
            self._changed()
        return changed or self._missed


async def _part(ws: web.WebSocketResponse, request: web.Request) -> None:
    """Say goodbye, and do not wait for an answer."""
    with suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(_FAREWELL_S):
            await ws.close(code=REVOKED, message=b"signed out")
    if request.transport is not None:
        request.transport.abort()
