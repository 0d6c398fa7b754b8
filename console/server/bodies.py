"""The bodies of calls about people: JSON, exactly the fields that are known."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from aiohttp import web

from console.wire import WireError

JSON = "application/json"
LONGEST_TEXT = 1000
_T = TypeVar("_T", bound=msgspec.Struct)


async def body_of(request: web.Request, kind: type[_T]) -> _T:
    """The call's body. Raises WireError."""
    try:
        body = msgspec.json.decode(await request.read(), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(str(error)) from error
    for name in kind.__struct_fields__:
        value = getattr(body, name)
        if isinstance(value, str) and not len(value) <= LONGEST_TEXT:
            raise WireError(f"{name} is too long")
        if isinstance(value, str) and not _is_text(value):
            raise WireError(f"{name} is no text")
    return body


def answer_json(body: Any) -> web.Response:
    """An answer of plain values; never kept by anybody on the way, for it may hold a token."""
    return web.Response(
        body=msgspec.json.encode(body),
        content_type=JSON,
        headers={"Cache-Control": "no-store"},
    )


def _is_text(value: str) -> bool:
    """Whether it can be stored as UTF-8, and holds no NUL."""
    return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
