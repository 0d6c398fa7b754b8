"""Who is on a socket now; a socket whose owner's rights ended or changed is closed at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from aiohttp import web

from console.access import Actor, Gate, Role, StoreFailed

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
        for number, (ws, (actor, request)) in enumerate(tuple(self._sockets.items())):
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
            if ws not in self._sockets or (actor.role is Role.DEVICE and not devices):
                continue
            if not self._gate.holds(actor):
                log.info("%s may no longer be here", actor)
                self._sockets.pop(ws, None)
                task = asyncio.create_task(_part(ws, request))
                self._farewells.add(task)
                task.add_done_callback(self._farewells.discard)

    async def keep_checking(self) -> None:
        """Look whenever rights changed, for as long as the server runs."""
        waited_s = 0.0
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            waited_s += LOOK_EVERY_S
            self._gate.log.flush()
            try:
                if self._gate.has_changed():
                    self._changed()
                    await self.check()
                elif waited_s >= _LOOK_ANYWAY_S:
                    waited_s = 0.0
                    await self.check(devices=False)
            except StoreFailed as error:
                log.error("who may be here cannot be told: %s", error)


async def _part(ws: web.WebSocketResponse, request: web.Request) -> None:
    """Say goodbye, and do not wait for an answer."""
    with suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(_FAREWELL_S):
            await ws.close(code=REVOKED, message=b"signed out")
    if request.transport is not None:
        request.transport.abort()
