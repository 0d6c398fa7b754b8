"""Who is calling: told by the bearer token, never by the body; and whether they may."""

from __future__ import annotations

from aiohttp import web

from console.access import Actor, Author, Call, Data, Denied, Role, may_call, may_read
from console.server.errors import Handler, Problem
from console.server.field_page import is_page
from console.server.parts import PARTS, Parts
from console.server.socket import offered_by
from console.wire import token_among

ACTOR = web.RequestKey("actor", Actor)

OPEN_PATHS = frozenset(
    {
        "/health",
        "/api/v1/openapi.json",
        "/ready",
        "/metrics",
        "/api/v1/setup",
        "/api/v1/signin",
        "/api/v1/signin/oidc",
        "/api/v1/oidc",
        "/api/v1/refresh",
    }
)
"""Where nobody needs a token: a code, a password or nothing is brought instead."""

BY_CODE = frozenset({"/api/v1/devices"})
"""Where a token may be missing: a device that brings a code has none yet."""

FIELD = "/api/v1/field"
"""Where a browser comes, which cannot set a header on a WebSocket."""


@web.middleware
async def authenticate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put the caller's Actor into the request. Raises Problem(401), NotSignedIn.

    What the policy refuses is recorded in the access log.
    """
    parts = request.app[PARTS]
    header = request.headers.get("Authorization", "")
    by_code = request.path in BY_CODE and not header
    if request.path in OPEN_PATHS or by_code or is_page(request):
        return await handler(request)
    actor = await _actor(parts, token_of(request))
    request[ACTOR] = actor
    try:
        return await handler(request)
    except (Denied, Forbidden) as error:
        where = f"{request.method} {request.path} {error.code}"
        parts.gate.log.note(
            "access.refused", str(actor), address_of(request), where, _areas_of(actor, parts)
        )
        raise


def _areas_of(actor: Actor, parts: Parts) -> tuple[str, ...]:
    """Whose log it is that tells of `actor`."""
    if actor.role is not Role.DEVICE:
        return actor.area.prefixes
    home = parts.where.cell_of_unit(actor.name)
    return (home,) if home else ()


class Forbidden(Problem):
    """The caller is known, and may not make this call."""

    def __init__(self) -> None:
        super().__init__(403, "forbidden")


def require(request: web.Request, what: Call | Data) -> Actor:
    """The caller, who must be allowed to make the call or to read the data. Raises Forbidden."""
    actor: Actor | None = request.get(ACTOR)
    if actor is None:
        raise Problem(401, "unauthorized")
    if not (may_call(actor, what) if isinstance(what, Call) else may_read(actor, what)):
        raise Forbidden
    return actor


def author_of(request: web.Request, actor: Actor) -> Author:
    """The caller as the author of a change."""
    return Author(str(actor), address_of(request), actor.area)


def address_of(request: web.Request) -> str:
    """Where a call comes from: the peer's own address, or what a trusted proxy says it is."""
    return request.app[PARTS].proxies.caller(request)


def token_of(request: web.Request) -> str:
    """The token that a caller shows, "" for none: never one in the address."""
    header = request.headers.get("Authorization", "")
    if not header and request.path == FIELD:
        return token_among(offered_by(request))
    scheme, _, token = header.partition(" ")
    return token if scheme.lower() == "bearer" else ""


async def _actor(parts: Parts, token: str) -> Actor:
    if not token:
        raise Problem(401, "unauthorized")
    actor = parts.gate.known(token)
    if actor is None:
        actor = await parts.errands.run(lambda: parts.gate.identify(token))
    return actor
