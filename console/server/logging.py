"""The server's log: one JSON object a line, with the request and the caller it belongs to.

No line tells what was in a request. A fault is told by its type and the places in the code it came
through; its words may quote what somebody sent, so they stay out unless asked for.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from aiohttp import web

from console.clock import monotonic_s
from console.server.auth import ACTOR
from console.server.errors import Handler

log = logging.getLogger(__name__)

REQUEST_ID = web.RequestKey("request_id", str)
HEADER = "X-Request-ID"

_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_current: ContextVar[web.Request | None] = ContextVar("request", default=None)
_ROOT = Path(__file__).parents[2]


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON. With `details` the words of a fault are told too."""

    def __init__(self, details: bool = False) -> None:
        super().__init__()
        self._details = details

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its newline."""
        line: dict[str, Any] = {
            "time": _iso(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_of_request(_current.get()),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["fault"] = self._fault(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)

    def _fault(self, error: BaseException) -> dict[str, Any]:
        frames = traceback.extract_tb(error.__traceback__)
        told: dict[str, Any] = {
            "type": type(error).__qualname__,
            "at": [f"{_inside(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames],
        }
        if self._details or isinstance(error, OSError):
            told["words"] = str(error)
        if error.__cause__ is not None:
            told["cause"] = self._fault(error.__cause__)
        return told


def log_as_json(stream: IO[str], level: int) -> None:
    """Have everything logged to `stream` as JSON lines; at INFO and below with all details."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines(details=level <= logging.INFO))
    logging.basicConfig(level=level, handlers=[handler], force=True)


@web.middleware
async def log_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request its id, and log how it ended: faults as warnings, all else as information.

    An id that the caller brought is kept, so that a line can be followed through a proxy.
    """
    given = request.headers.get(HEADER, "")
    request[REQUEST_ID] = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
    token = _current.set(request)
    began = monotonic_s()
    try:
        response = await handler(request)
        level = logging.WARNING if response.status >= 500 else logging.INFO
        if log.isEnabledFor(level):
            log.log(level, "answered", extra={"fields": _ending(request, response, began)})
        return response
    finally:
        _current.reset(token)


async def answer_with_id(request: web.Request, response: web.StreamResponse) -> None:
    """Send the request's id back; a signal, so that WebSockets carry it too."""
    request_id = request.get(REQUEST_ID)
    if request_id is not None:
        response.headers[HEADER] = request_id


def route_of(request: web.Request) -> str:
    """The address as it is written in the table of routes: never what somebody typed."""
    resource = request.match_info.route.resource
    return "none" if resource is None else resource.canonical


def _ending(
    request: web.Request, response: web.StreamResponse, began_s: float
) -> dict[str, str | int | float]:
    return {
        "method": request.method,
        "route": route_of(request),
        "status": response.status,
        "ms": round((monotonic_s() - began_s) * 1000, 2),
    }


def _of_request(request: web.Request | None) -> dict[str, str]:
    if request is None:
        return {}
    actor = request.get(ACTOR)
    who = {} if actor is None else {"actor": str(actor)}
    return {"request": request.get(REQUEST_ID, ""), **who}


def _inside(filename: str) -> str:
    path = Path(filename)
    return path.relative_to(_ROOT).as_posix() if path.is_relative_to(_ROOT) else path.name


def _iso(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds")
