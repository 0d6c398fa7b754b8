"""One WebSocket, both ways: a reader and a writer that end together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from aiohttp import WSMsgType, web

log = logging.getLogger(__name__)

CUT_OFF = "too slow"


class Socket:
    """An accepted WebSocket. What a peer does not take in time cuts it off."""

    def __init__(self, ws: web.WebSocketResponse, request: web.Request, timeout_s: float) -> None:
        self.ws = ws
        self._request = request
        self._timeout_s = timeout_s

    async def send(self, frame: bytes) -> None:
        """Send one frame. Raises ConnectionError when the peer is gone or too slow."""
        try:
            async with asyncio.timeout(self._timeout_s):
                await self.ws.send_bytes(frame)
        except TimeoutError as error:
            log.info("cut off %s: it took nothing for %s s", self._request.path, self._timeout_s)
            self.abort()
            raise ConnectionError(CUT_OFF) from error

    def abort(self) -> None:
        """Drop the connection without a farewell."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def frames(self) -> AsyncIterator[bytes]:
        """The binary frames the peer sends, until it leaves; anything else is passed over."""
        async for message in self.ws:
            if message.type is WSMsgType.BINARY:
                yield message.data


async def both(read: Coroutine[Any, Any, None], write: Coroutine[Any, Any, None]) -> None:
    """Run the two until either ends, then end the other."""
    tasks = [asyncio.create_task(read), asyncio.create_task(write)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, ConnectionError):
            log.error("a socket failed", exc_info=result)
