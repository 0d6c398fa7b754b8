"""Who is on a socket now. A socket lives by what let it in, a sign-in or a device's enrolment: when
that ends, on whatever node, or the person's rights change, it is closed at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from console.access import Actor, Gate, Role, StoreFailed
from console.journal import JournalError
from console.server.socket import Socket

log = logging.getLogger(__name__)

REVOKED = 4001
"""The close code of our own: sign in again, or learn what you may do now."""
LOOK_EVERY_S = 0.25
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
        self._sockets: dict[Socket, Actor] = {}
        self._newcomers: dict[Socket, Actor] = {}
        """Whose rights may have changed between being let in and being here."""
        self._missed = False

    @contextmanager
    def watch(self, actor: Actor, socket: Socket) -> Iterator[None]:
        """Close `socket` should `actor` lose the right to it meanwhile."""
        self._sockets[socket] = self._newcomers[socket] = actor
        try:
            yield
        finally:
            self._sockets.pop(socket, None)
            self._newcomers.pop(socket, None)

    async def check(self, *, devices: bool = True) -> None:
        """Look at everybody, and part with those who may no longer be here. Raises StoreFailed."""
        if devices:
            self._newcomers.clear()
        await self._part_with_strangers(
            [(s, a) for s, a in self._sockets.items() if devices or a.role is not Role.DEVICE]
        )

    async def _part_with_strangers(self, present: Sequence[tuple[Socket, Actor]]) -> None:
        for first in range(0, len(present), _AT_ONCE):
            some = present[first : first + _AT_ONCE]
            held = await self._gate.aside(partial(self._held, [actor for _, actor in some]))
            for (socket, actor), holds in zip(some, held, strict=True):
                if not holds and self._sockets.pop(socket, None) is not None:
                    log.info("%s may no longer be here", actor)
                    socket.close(REVOKED, "signed out")

    def _held(self, actors: Sequence[Actor]) -> list[bool]:
        return [self._gate.holds(actor) for actor in actors]

    async def keep_checking(self) -> None:
        """Look whenever rights changed, for as long as the server runs."""
        waited_s = 0.0
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            waited_s += LOOK_EVERY_S
            try:
                if await self._gate.aside(self._look):
                    await self.check()
                else:
                    newcomers, self._newcomers = self._newcomers, {}
                    await self._part_with_strangers(list(newcomers.items()))
                if waited_s >= _LOOK_ANYWAY_S:
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
