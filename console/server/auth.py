"""Who is calling: told by the bearer token, never by the body."""

from __future__ import annotations

import hmac

from aiohttp import web

from console.access import Actor, Role
from console.server.errors import Handler, Problem
from console.server.parts import PARTS, Parts

ACTOR = web.RequestKey("actor", Actor)
DESK = "duty"
"""The desk's name in the journal, until people sign in."""

OPEN_PATHS = frozenset({"/health"})


@web.middleware
async def authenticate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put the caller's Actor into the request. Raises Problem(401)."""
    if request.path not in OPEN_PATHS:
        request[ACTOR] = _actor(request.app[PARTS], request.headers.get("Authorization", ""))
    return await handler(request)


def require(request: web.Request, role: Role) -> Actor:
    """The caller, who must be of `role`. Raises Problem(403)."""
    actor = request[ACTOR]
    if actor.role is not role:
        raise Problem(403, "forbidden")
    return actor


def _actor(parts: Parts, header: str) -> Actor:
    scheme, _, token = header.partition(" ")
    if scheme.lower() == "bearer" and token:
        if hmac.compare_digest(token.encode(), parts.secret.encode()):
            return Actor(Role.OFFICER, DESK)
        unit_id = parts.tokens.unit_of(token)
        if unit_id is not None:
            return Actor(Role.DEVICE, unit_id)
    raise Problem(401, "unauthorized")
