"""A server where people sign in, and an OpenID provider, on a loop in a thread of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from console.access import Role
from console.access.provider import OidcConfig
from tests.helpers.oidc import CLIENT, provider
from tests.helpers.people import PASSWORD, Door, door
from tests.helpers.stream import NOW


class Backend:
    """A server with people, and a provider, on a loop of their own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.door: Door | None = None
        self.ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: self.loop.run_until_complete(self._run()))
        self._thread.start()
        assert self.ready.wait(20)

    @property
    def server(self) -> Door:
        """The server."""
        assert self.door is not None
        return self.door

    def do(self, what: Callable[[], object]) -> None:
        """Do something on the server's own thread."""
        done = threading.Event()

        def work() -> None:
            what()
            done.set()

        self.loop.call_soon_threadsafe(work)
        assert done.wait(10)

    def close(self) -> None:
        """End it."""
        if self._stop is not None:
            self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        self.loop.close()

    async def _run(self) -> None:
        self._stop = asyncio.Event()
        async with provider(NOW // 1000) as at:
            at.claims |= {"groups": ["duty"], "preferred_username": "zhou"}
            config = OidcConfig(at.issuer, CLIENT, {"duty": "supervisor"})
            async with door(oidc=config) as server:
                server.person("tang", Role.ADMINISTRATOR)
                server.person("lin", Role.DUTY_OFFICER, password=PASSWORD)
                self.door = server
                self.ready.set()
                await self._stop.wait()
