"""The server's API over HTTP and WebSocket."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import aiohttp
import msgspec

from console.model.event import Event
from console.model.requests import Submission
from console.practice.field.api import Line, NotKnown, TurnedDown, Unreachable
from console.tls import client_context, trust_problem
from console.wire import (
    Answer,
    FieldPush,
    FieldSaid,
    WireError,
    decode_answer,
    decode_field_push,
    encode_frame,
    encode_submission,
)

OFFICERS_DESK = "01"
PATIENCE_S = 10.0
"""How long to wait for an answer or a connection."""

SIGN_OF_LIFE_S = 30.0
"""How often a socket is asked whether it still lives."""

_BROKEN = (aiohttp.ClientError, asyncio.TimeoutError, OSError)


class HttpFieldApi:
    """`FieldApi` against a server's URL with a desk's token. Use as an async context manager.

    An https server must show a certificate signed by `authority` (None: the system's). Raises
    TlsError for an authority that cannot be read.
    """

    def __init__(self, server_url: str, token: str, authority: Path | None = None) -> None:
        self._url = server_url.rstrip("/") + "/api/v1"
        self._token = token
        self._trust = client_context(authority) if server_url.startswith("https:") else True
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> HttpFieldApi:
        # No cap: each device holds a socket open for hours, and must not keep the others out.
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=self._trust),
            timeout=aiohttp.ClientTimeout(total=PATIENCE_S),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._http is not None:
            await self._http.close()

    async def officer(self) -> str:
        """A token of the practice duty officer, good for some minutes. Raises FieldError."""
        body = {"role": "duty_officer", "desk": OFFICERS_DESK}
        status, said = await self._call("POST", "/signin/practice", json=body)
        if status != 200:
            raise _failure(status, said)
        return str(_read_json(said)["access"])

    async def enrol(self, unit_id: str) -> str:
        """A device token for a unit. Raises FieldError."""
        status, body = await self._call("POST", "/devices", json={"unit_id": unit_id})
        if status != 200:
            raise _failure(status, body)
        return str(_read_json(body)["token"])

    async def submit(self, submission: Submission, token: str = "") -> tuple[Event, ...]:
        """Hand in a request; what it made. Raises FieldError."""
        body = encode_submission(submission)
        return _events(*await self._call("POST", "/requests", token, data=body, headers=_JSON))

    async def events(self, after: int, limit: int) -> tuple[Event, ...]:
        """Up to `limit` events after a sequence number. Raises FieldError."""
        params = {"after": after, "limit": limit}
        return _events(*await self._call("GET", "/events", params=params))

    @asynccontextmanager
    async def line(self, token: str) -> AsyncIterator[Line]:
        """A device's connection. Raises FieldError on entering."""
        try:
            socket = await self._session.ws_connect(
                f"{self._url}/field",
                headers=_bearer(token),
                heartbeat=SIGN_OF_LIFE_S,
                compress=0,
            )
        except aiohttp.WSServerHandshakeError as error:
            raise _failure(error.status, error.message.encode()) from error
        except _BROKEN as error:
            raise Unreachable(_why(error)) from error
        try:
            yield _SocketLine(socket)
        finally:
            await socket.close()

    async def _call(
        self,
        method: str,
        path: str,
        token: str = "",
        headers: dict[str, str] | None = None,
        **body: Any,
    ) -> tuple[int, bytes]:
        said = _bearer(token or self._token) | (headers or {})
        try:
            async with self._session.request(
                method, self._url + path, headers=said, **body
            ) as answer:
                return answer.status, await answer.read()
        except _BROKEN as error:
            raise Unreachable(f"{method} {path}: {_why(error)}") from error

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            raise RuntimeError("use it as an async context manager")
        return self._http


class _SocketLine:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def send(self, frame: FieldSaid) -> None:
        try:
            await self._socket.send_bytes(encode_frame(frame))
        except _BROKEN as error:
            raise Unreachable(str(error)) from error

    async def receive(self) -> FieldPush:
        message = await self._socket.receive()
        if message.type is not aiohttp.WSMsgType.BINARY:
            raise Unreachable(f"the server closed the line ({self._socket.close_code})")
        try:
            return decode_field_push(message.data)
        except WireError as error:
            raise Unreachable(f"the server said something unknown: {error}") from error


_JSON = {"Content-Type": "application/json"}


def _why(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        problem = error.certificate_error
        if isinstance(problem, ssl.SSLError):
            return trust_problem(problem, error.host).en
    return str(error)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _events(status: int, body: bytes) -> tuple[Event, ...]:
    answer = _read_answer(status, body)
    if answer.error is not None or status != 200:
        raise _failure(status, body)
    return answer.events


def _read_answer(status: int, body: bytes) -> Answer:
    try:
        return decode_answer(status, body)
    except WireError as error:
        raise _failure(status, body) from error


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        return dict(msgspec.json.decode(body))
    except (msgspec.DecodeError, TypeError, ValueError) as error:
        raise Unreachable(f"not an answer of ours: {body[:80]!r}") from error


def _failure(status: int, body: bytes) -> Unreachable | NotKnown | TurnedDown:
    """What an answer that is no success means for the caller."""
    shown = body[:200].decode("utf-8", "replace")
    if status == 401:
        return NotKnown(shown)
    if status >= 500 or status in (408, 429):
        return Unreachable(f"HTTP {status}: {shown}")
    try:
        error = decode_answer(status, body).error
    except WireError:
        error = None
    return TurnedDown(error.code if error else f"http_{status}", shown)
