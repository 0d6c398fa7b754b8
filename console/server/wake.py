"""A bell that many sockets can wait for, each on its own."""

from __future__ import annotations

import asyncio


class Bell:
    """Rings for all who listen; ringing twice before one looks is ringing once."""

    def __init__(self) -> None:
        self._ears: set[asyncio.Event] = set()

    def listen(self) -> asyncio.Event:
        """An event that is set whenever the bell rings; clear it before looking."""
        ear = asyncio.Event()
        self._ears.add(ear)
        return ear

    def leave(self, ear: asyncio.Event) -> None:
        """Listen no more."""
        self._ears.discard(ear)

    def ring(self) -> None:
        """Wake everybody."""
        for ear in self._ears:
            ear.set()


async def heard(ear: asyncio.Event, timeout_s: float) -> None:
    """Wait until `ear` is set, at most `timeout_s`."""
    try:
        async with asyncio.timeout(timeout_s):
            await ear.wait()
    except TimeoutError:
        return
