"""A turnstile: lets callers through one after another, never all in one burst."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Turnstile:
    """At most `a_second` enter in a second, in the order they came, and `at_once` are inside.

    Use as an async context manager.
    """

    def __init__(self, a_second: float, at_once: int) -> None:
        self._gap_s = 1 / a_second
        self._places = asyncio.Semaphore(at_once)
        self._next_s = 0.0

    async def __aenter__(self) -> None:
        await self._places.acquire()
        now = asyncio.get_running_loop().time()
        turn = max(now, self._next_s)
        self._next_s = turn + self._gap_s
        try:
            await asyncio.sleep(turn - now)
        except asyncio.CancelledError:
            self._places.release()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._places.release()
