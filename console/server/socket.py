"""One WebSocket after its handshake, without tasks: frames come in by a call, go out by a write.

The transport is taken over from aiohttp, which hears of its end, so that its own books are right.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import cast

from aiohttp import WSCloseCode, web

from console.clock import monotonic_s
from console.server.errors import Problem, drop_traces
from console.server.framing import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    FrameReader,
    FramingError,
    closing,
    framed,
    framed_for_many,
)

log = logging.getLogger(__name__)

NORMAL = 1000
POLICY_VIOLATION = 1008
FAREWELL_S = 1.0
_PING = framed(b"", PING)


class Handshake(web.WebSocketResponse):
    """The answer to a handshake, whose connection a `Socket` has taken over."""

    async def close(
        self, *, code: int = WSCloseCode.OK, message: bytes = b"", drain: bool = True
    ) -> bool:
        """Say goodbye, as aiohttp does; why that failed is kept without where."""
        try:
            return await super().close(code=code, message=message, drain=drain)
        finally:
            if (failure := self.exception()) is not None:
                drop_traces(failure)


class Socket(asyncio.Protocol):
    """A socket's near end. `heard` is called with each message of at most `largest` bytes; messages
    of the other kind than `opcode`, binary or text, are passed over.

    `lost` is done when the connection is gone; `heard_s` is when (monotonic) the far end
    last gave a sign of life.
    """

    __slots__ = (
        "_asked_s",
        "_before",
        "_drained",
        "_heard",
        "_is_closing",
        "_is_paused",
        "_opcode",
        "_reader",
        "_transport",
        "_ws",
        "heard_s",
        "lost",
    )

    def __init__(
        self,
        request: web.Request,
        ws: web.WebSocketResponse,
        largest: int,
        heard: Callable[[bytes], None],
        opcode: int = BINARY,
    ) -> None:
        assert request.transport is not None
        self._ws = ws
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.heard_s = monotonic_s()
        self._asked_s = 0.0
        self._transport = request.transport
        self._before = cast(asyncio.Protocol, self._transport.get_protocol())
        self._reader = FrameReader(largest)
        self._heard = heard
        self._opcode = opcode
        self._is_paused = False
        self._drained: asyncio.Future[None] | None = None
        self._is_closing = False
        self._transport.set_protocol(self)

    @property
    def is_full(self) -> bool:
        """Whether the far end takes less than it is sent: write no more until `drain` is done."""
        return self._is_paused

    def write_at_once(self) -> None:
        """From now on give each message to the kernel as it is written.

        An event loop gathers what is written until its turn ends; for who must hear first that is
        late. It is given out at once when more would be too much, so nothing may be gathered.

        Over TLS there is always something gathered for a moment: without any room the far end would
        look as if it did not read.
        """
        if self._transport.get_extra_info("sslcontext") is None:
            self._transport.set_write_buffer_limits(high=0)

    @property
    def has_left(self) -> bool:
        """Whether all that was written has gone out to the kernel, and the connection stands."""
        return not self._is_over and self._transport.get_write_buffer_size() == 0

    def write(self, payload: bytes, *, shared: bool = False) -> bool:
        """Send a message; `shared` when the same bytes go, binary, to many. False, and nothing was
        written, where the connection is at its end.
        """
        return self._write(framed_for_many(payload) if shared else framed(payload, self._opcode))

    def check(self, now_s: float, heartbeat_s: float) -> None:
        """Ask for a sign of life when there was none for `heartbeat_s`; drop who gives none."""
        silent_s = now_s - self.heard_s
        if silent_s > 1.5 * heartbeat_s:
            self.abort()
        elif silent_s > heartbeat_s and self._asked_s < self.heard_s:
            self._asked_s = now_s
            self._write(_PING)

    async def drain(self, timeout_s: float) -> None:
        """Wait until the far end has taken what it was sent, or is gone. Raises TimeoutError."""
        if self._is_paused and not self.lost.done():
            self._drained = asyncio.get_running_loop().create_future()
            async with asyncio.timeout(timeout_s):
                await asyncio.wait((self._drained, self.lost), return_when="FIRST_COMPLETED")

    def close(self, code: int, reason: str = "") -> None:
        """Say goodbye; nothing that still comes is heard."""
        if not self._is_closing:
            self._is_closing = True
            self._transport.write(closing(code, reason))
            self._transport.close()
            asyncio.get_running_loop().call_later(FAREWELL_S, self._transport.abort)

    def abort(self) -> None:
        """Drop the connection without a farewell."""
        self._is_closing = True
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Bytes came from the far end."""
        self.heard_s = monotonic_s()
        try:
            for opcode, payload in self._reader.feed(data):
                if opcode == self._opcode and not self._is_closing:
                    self._heard(payload)
                elif opcode >= CLOSE:
                    self._control(opcode, payload)
        except FramingError as error:
            log.info("a socket is closed: %s", error.reason)
            self.close(error.code, error.reason)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._is_closing = True
        if not self.lost.done():
            self.lost.set_result(None)
        self._before.connection_lost(exc)
        # Who listens holds this socket: without the ring both go at once, not at a collection.
        self._heard = _pass_over

    def pause_writing(self) -> None:
        """The far end does not keep up."""
        self._is_paused = True
        self._before.pause_writing()

    def resume_writing(self) -> None:
        """It does again."""
        self._is_paused = False
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self._before.resume_writing()

    def _control(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self._write(framed(payload, PONG))
        elif opcode == CLOSE and self._ws.closed:
            # The answer to a farewell that was said through aiohttp: a second one would be a fault.
            self.abort()
        elif opcode == CLOSE:
            self.close(NORMAL)

    @property
    def _is_over(self) -> bool:
        # The transport knows first that the far end has gone, and drops what it is given then.
        return self._is_closing or self._transport.is_closing()

    def _write(self, frame: bytes) -> bool:
        if self._is_over:
            return False
        self._transport.write(frame)
        return True


def _pass_over(_payload: bytes) -> None:
    """What comes after the end."""


async def open_socket(
    request: web.Request, largest: int, heard: Callable[[bytes], None], subprotocol: str = ""
) -> tuple[web.WebSocketResponse, Socket]:
    """Answer the handshake, and take the connection over.

    A `subprotocol` is answered to who offers it, and its messages are text. Raises Problem(400) to
    who offers only others: aiohttp would log them, and one of them may be a token.
    """
    offered = offered_by(request)
    if offered and subprotocol not in offered:
        raise Problem(400, "bad_request", reason="no subprotocol that is known here")
    ws = Handshake(
        compress=False,
        max_msg_size=largest,
        timeout=FAREWELL_S,
        protocols=(subprotocol,) if subprotocol else (),
    )
    await ws.prepare(request)
    return ws, Socket(request, ws, largest, heard, TEXT if subprotocol else BINARY)


def offered_by(request: web.Request) -> list[str]:
    """The subprotocols that a caller offers."""
    header = request.headers.get("Sec-WebSocket-Protocol", "")
    return [word for word in map(str.strip, header.split(",")) if word]
