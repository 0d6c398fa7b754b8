"""What stands before the application: how many connections, and how slowly they may talk.

A connection that does not finish its headers in time, or does not take its answer, is dropped by
one sweep over those that have nothing worked on: nothing is woken for those that behave.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any

from aiohttp import web
from aiohttp.http import RawRequestMessage
from aiohttp.http_exceptions import HttpProcessingError

from console.clock import monotonic_s
from console.i18n import text_of
from console.server.errors import answer, drop_traces
from console.server.limits import Limits
from console.server.proxies import TrustedProxies
from console.tls import is_loopback

log = logging.getLogger(__name__)

SWEEP_EVERY_S = 0.5
_NO_HTTP = "HTTP"
LINGERING_S = 2.0
"""How long the rest of a refused body is read, so that its sender gets to see the answer."""
LINGERING_BYTES = 1 << 20
"""And how much of it: then no more is read, and who still sends has to wait for the end."""


class Doorway:
    """Makes the connections of `server`, and keeps an eye on them. Listen with it as the protocol
    factory of `loop.create_server`; call `close` at the end.
    """

    def __init__(
        self, server: web.Server, limits: Limits, proxies: TrustedProxies | None = None
    ) -> None:
        self.limits = limits
        self._proxies = proxies or TrustedProxies()
        self.turned_away = 0
        self._server = server
        self._handlers: set[GuardedHandler] = set()
        self._watched: set[GuardedHandler] = set()
        self._of_address: Counter[str] = Counter()
        self._sweeping = asyncio.create_task(self._sweep())

    def __call__(self) -> asyncio.Protocol:
        """What a new connection begins with."""
        return Arrival(self._open)

    def _open(self) -> GuardedHandler:
        return GuardedHandler(
            self,
            self._server,
            access_log=None,
            keepalive_timeout=self.limits.idle_s,
            lingering_time=LINGERING_S,
            max_field_size=self.limits.header_bytes,
            max_line_size=self.limits.header_bytes,
        )

    def __len__(self) -> int:
        return len(self._handlers)

    def admit(self, handler: GuardedHandler, address: str) -> bool:
        """Whether there is room for one more from `address`; its handler is kept if so."""
        if len(self._handlers) >= self.limits.connections or self._is_full(address):
            self.turned_away += 1
            return False
        self._handlers.add(handler)
        self._watched.add(handler)
        self._of_address[address] += 1
        return True

    def leave(self, handler: GuardedHandler, address: str) -> None:
        """The connection is gone."""
        if handler in self._handlers:
            self._handlers.remove(handler)
            self._watched.discard(handler)
            self._of_address[address] -= 1
            if not self._of_address[address]:
                del self._of_address[address]

    def watch(self, handler: GuardedHandler, *, is_at_work: bool) -> None:
        """A connection whose request is being worked on, all its life for a socket, is not late."""
        if is_at_work:
            self._watched.discard(handler)
        elif handler in self._handlers:
            self._watched.add(handler)

    def close(self) -> None:
        """Sweep no more."""
        self._sweeping.cancel()

    def _is_full(self, address: str) -> bool:
        # Behind a proxy everybody comes from its address: only the total counts.
        full = self._of_address[address] >= self.limits.connections_per_address
        return full and not (is_loopback(address) or self._proxies.trusts(address))

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            self._check(monotonic_s())

    def _check(self, now_s: float) -> None:
        for handler in tuple(self._watched):
            handler.check(now_s)


class Arrival(asyncio.Protocol):
    """A connection before it is open, when `make_handler` is called.

    Over TLS it may never be. aiohttp's handler and its parser hold each other until the connection
    ends: made for one that never begins, they would stay.
    """

    __slots__ = ("_make_handler",)

    def __init__(self, make_handler: Callable[[], GuardedHandler]) -> None:
        self._make_handler = make_handler

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        handler = self._make_handler()
        transport.set_protocol(handler)
        handler.connection_made(transport)


class GuardedHandler(web.RequestHandler):
    """One connection, with a deadline for the headers and for taking the answer."""

    __slots__ = ("_address", "_buffered", "_deadline", "_doorway", "_is_at_work", "_refused_bytes")

    def __init__(self, doorway: Doorway, server: web.Server, **options: Any) -> None:
        super().__init__(server, loop=asyncio.get_running_loop(), **options)
        self._doorway = doorway
        self._address = ""
        self._deadline: float | None = None
        self._is_at_work = False
        self._buffered = 0
        self._refused_bytes: int | None = None
        """What came of a body after it was refused; None when none was."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has connected; one too many is dropped before anything is read."""
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        self._address = peer[0] if isinstance(peer, tuple) else ""
        if self._doorway.admit(self, self._address):
            self._deadline = monotonic_s() + self._doorway.limits.headers_s
        else:
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """The connection is gone, and nothing that came over it is answered any more."""
        self._doorway.leave(self, self._address)
        super().connection_lost(exc)
        while self._messages:
            message, _body = self._messages.popleft()
            if not isinstance(message, RawRequestMessage):
                drop_traces(message.exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came: of a request's headers when nothing is being worked on."""
        if self._deadline is None and not self._is_at_work:
            self._deadline = monotonic_s() + self._doorway.limits.headers_s
        super().data_received(data)
        if self._refused_bytes is not None:
            self._refused_bytes += len(data)
            if self._has_had_enough:
                self.pause_reading()

    def resume_reading(self, resume_parser: bool = True) -> None:
        """What was read is dealt with: read on, unless it is of a refused body that has no end."""
        if not self._has_had_enough:
            super().resume_reading(resume_parser)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What is no HTTP is refused like all else, and is no fault of the server's: a stranger
        must not be able to fill its log with traces.
        """
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        log.info("%s sent what is no HTTP: %s", self._address, type(exc).__name__)
        drop_traces(exc)
        refused = answer(400, "bad_request", text_of("server.error.bad_request", reason=_NO_HTTP))
        refused.force_close()
        return refused

    def log_exception(self, *args: Any, **options: Any) -> None:
        """Log a fault of the server's; a body that breaks its own rules is none."""
        error = options.get("exc_info")
        if isinstance(error, web.RequestPayloadError):
            log.info("%s sent a body that breaks off", self._address)
        else:
            super().log_exception(*args, **options)
        if isinstance(error, BaseException):
            drop_traces(error)

    def at_work(self) -> None:
        """A request has come in whole, but for its body."""
        self._is_at_work = True
        self._refused_bytes = None
        self._deadline = None
        self._doorway.watch(self, is_at_work=True)

    def at_rest(self, request: web.Request) -> None:
        """The answer to it is on its way, perhaps before its body was read."""
        self._is_at_work = False
        self._refused_bytes = None if request.content.is_eof() else 0
        self._doorway.watch(self, is_at_work=False)

    @property
    def _has_had_enough(self) -> bool:
        return (self._refused_bytes or 0) > LINGERING_BYTES

    def check(self, now_s: float) -> None:
        """Drop the connection when it is late."""
        if self._deadline is not None and now_s > self._deadline:
            log.info("dropped %s: too slow", self._address)
            self._abort()
        elif self._deadline is None:
            self._check_taken(now_s)

    def _check_taken(self, now_s: float) -> None:
        """An answer that lies there untouched gets a deadline."""
        buffered = self.transport.get_write_buffer_size() if self.transport else 0
        if buffered and buffered == self._buffered:
            self._deadline = now_s + self._doorway.limits.send_timeout_s
        self._buffered = buffered

    def _abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()
