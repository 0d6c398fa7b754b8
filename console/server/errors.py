"""Errors as answers: every one has a code for programs and a sentence in both languages.

Exception
 └── Problem    an answer other than yes, raised by a handler
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import msgspec
from aiohttp import web

from console.access import NotSignedIn, StoreFailed, TooBusy, TurnedAway
from console.i18n import text_of
from console.journal import JournalError, KeyReused
from console.model.decide import Refused
from console.model.event import Event
from console.model.text import Text
from console.service import refusal_text
from console.wire import WireError, encode_error

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ERROR_CODE = web.ResponseKey("error_code", str)
"""The code that an error answer bears."""

_OURS = (Refused, WireError, JournalError)
_OF_ACCESS = (TurnedAway, NotSignedIn, TooBusy, StoreFailed)

_HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
_KEPT_HEADERS = ("Allow", "Sec-WebSocket-Version")


class Problem(Exception):  # noqa: N818 - an answer, not a fault
    """The answer is an error: HTTP `status`, `code` naming a sentence `server.error.<code>`."""

    def __init__(
        self, status: int, code: str, headers: Mapping[str, str] | None = None, **args: Any
    ) -> None:
        super().__init__(status, code)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})
        self.message = text_of(f"server.error.{code}", **args)


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever a handler raises into an answer of ours."""
    if request.match_info.http_exception is not None:
        # aiohttp makes a route for each call that there is none of, and it holds itself.
        vars(request.match_info.route).pop("_handler", None)
    try:
        return await handler(request)
    except (web.HTTPException, Problem, *_OURS, *_OF_ACCESS) as error:
        found = _of(request, error)
        drop_traces(error)
    except Exception as error:
        log.exception("%s %s failed", request.method, request.path)
        found = answer(500, "internal", text_of("server.error.internal"))
        drop_traces(error)
    if not request.content.is_eof():
        # Said to the caller too: the next request on this connection would meet its end.
        found.force_close()
    return found


def drop_traces(error: BaseException) -> None:
    """Drop the tracebacks of an error that has been dealt with, and of those it came from.

    Their frames hold the request, and what the request waited for holds the error: such a ring of
    references outlives its connection until the next look at every object there is.
    """
    found: list[BaseException | None] = [error]
    seen: set[int] = set()
    while found:
        each = found.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            each.__traceback__ = None
            found += (each.__cause__, each.__context__)


def answer(
    status: int,
    code: str,
    message: Text,
    headers: Mapping[str, str] | None = None,
    changes: Iterable[Event] = (),
) -> web.Response:
    """An error answer; `changes` are what others did, where that is why."""
    # RFC 9110 §11.6.1: who is not known is told how to say who they are.
    asked = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    response = web.Response(
        status=status,
        body=encode_error(code, message, changes),
        content_type="application/json",
        headers={**asked, **(headers or {})},
    )
    response[ERROR_CODE] = code
    return response


def _of(request: web.Request, error: Exception) -> web.StreamResponse:
    """The answer to who met an error that is none of the server's."""
    if isinstance(error, web.HTTPException):
        return _of_http(request, error)
    if isinstance(error, Problem):
        return answer(error.status, error.code, error.message, error.headers)
    if isinstance(error, _OURS):
        return _of_ours(error)
    assert isinstance(error, _OF_ACCESS)
    return _of_access(error)


def _of_http(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    if error.status < 400:
        raise error
    code = _HTTP_CODES.get(error.status, "bad_request")
    limit = request.app._client_max_size if code == "too_large" else 0
    message = text_of(f"server.error.{code}", limit=limit, reason=error.text)
    headers = {name: error.headers[name] for name in _KEPT_HEADERS if name in error.headers}
    return answer(error.status, code, message, headers)


def _of_ours(error: Refused | WireError | JournalError) -> web.Response:
    if isinstance(error, Refused):
        return answer(422, error.code, refusal_text(error))
    if isinstance(error, WireError):
        return answer(400, "bad_request", text_of("server.error.bad_request", reason=error))
    if isinstance(error, KeyReused):
        return answer(409, "key_reused", error.message)
    return answer(503, "storage_failed", error.message)


_TURNED_AWAY = {
    "locked_out": 429,
    "too_often": 429,
    "not_practice": 403,
    "no_such_role": 400,
    "oidc_away": 503,
}


def _of_access(error: TurnedAway | NotSignedIn | TooBusy | StoreFailed) -> web.Response:
    if isinstance(error, StoreFailed):
        return answer(503, "storage_failed", error.message)
    if isinstance(error, TooBusy):
        return _wait(503, "busy", 1000)
    if isinstance(error, NotSignedIn):
        gone = error.code in ("revoked", "reused")
        code = "signed_out" if gone else "unauthorized"
        return answer(401, code, text_of(f"access.error.{code}"))
    return _wait(_TURNED_AWAY.get(error.code, 401), error.code, error.wait_ms)


def _wait(status: int, code: str, wait_ms: int) -> web.Response:
    """An answer that says when to try again."""
    seconds = -(-wait_ms // 1000)
    message = text_of(f"access.error.{code}", seconds=seconds)
    body = {"error": code, "message": message, "wait_ms": wait_ms}
    return web.Response(
        status=status,
        body=msgspec.json.encode(body),
        content_type="application/json",
        headers={"Retry-After": str(seconds)} if wait_ms else None,
    )
