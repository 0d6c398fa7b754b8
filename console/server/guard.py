"""How much and how often a caller may ask: the middlewares before and after the token is known."""

from __future__ import annotations

import asyncio
import math

from aiohttp import web

from console.access import NotSignedIn, Role
from console.access.attempts import network_of
from console.clock import Clock, seconds_by
from console.server.auth import ACTOR, address_of, token_of
from console.server.doorway import GuardedHandler
from console.server.errors import Handler, Problem
from console.server.limits import Limits
from console.server.operation_table import OPERATIONS
from console.server.rate import RateLimiter


class Guard:
    """The buckets of one server. `before` and `after` stand round the authentication."""

    def __init__(self, limits: Limits, wall: Clock) -> None:
        self._limits = limits
        now_s = seconds_by(wall)
        self._addresses = RateLimiter(limits.address_rate, now_s)
        self._failures = RateLimiter(limits.failure_rate, now_s)
        self._tokens = RateLimiter(limits.token_rate, now_s)
        self._devices = RateLimiter(limits.device_rate, now_s)

    @web.middleware
    async def before(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """By address: how often, and how often with a token that is none. Raises Problem(429)."""
        protocol = request.protocol
        guarded = protocol if isinstance(protocol, GuardedHandler) else None
        if guarded is not None:
            guarded.at_work()
        address = network_of(address_of(request))
        try:
            _refuse_for(self._addresses.take(address))
            return await handler(request)
        except (Problem, NotSignedIn) as problem:
            if isinstance(problem, NotSignedIn) or problem.status == 401:
                # Only who fails is kept waiting: others may share the address with a guesser.
                _refuse_for(self._failures.take(address))
            raise
        finally:
            if guarded is not None:
                guarded.at_rest(request)

    @web.middleware
    async def after(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """By token: how often; the query, as told; and the body, whole and in time.

        Raises Problem(400, 408, 413, 429).
        """
        actor = request.get(ACTOR)
        if actor is not None:
            limiter = self._devices if actor.role is Role.DEVICE else self._tokens
            _refuse_for(limiter.take(token_of(request)))
        _refuse_unknown_query(request)
        if request.can_read_body:
            await self._read_body(request)
        return await handler(request)

    async def _read_body(self, request: web.Request) -> None:
        """Read the body now, into the request: no handler waits for one that never ends."""
        limit = self._limits.body_limit(request.path)
        if (request.content_length or 0) > limit:
            raise Problem(413, "too_large", limit=limit)
        try:
            async with asyncio.timeout(self._limits.body_s):
                body = await request.read()
        except TimeoutError as error:
            raise Problem(408, "too_slow", seconds=f"{self._limits.body_s:g}") from error
        except (ConnectionError, web.RequestPayloadError) as error:
            raise Problem(400, "bad_request", reason=f"the body broke off ({error})") from error
        if len(body) > limit:
            raise Problem(413, "too_large", limit=limit)


def _refuse_unknown_query(request: web.Request) -> None:
    """Every name is one that the call knows, and stands there once."""
    # Whether there is such a call at all comes first, and is the router's to say.
    if not request.query_string or request.match_info.http_exception is not None:
        return
    resource = request.match_info.route.resource
    operation = OPERATIONS.get(f"{request.method} {resource.canonical}" if resource else "")
    known = {name.removesuffix("!") for name in operation.query} if operation else set()
    names = [name for name, _ in request.query.items()]  # the keys alone name each once
    if not known.issuperset(names) or len(set(names)) < len(names):
        raise Problem(400, "bad_request", reason=f"query: {', '.join(names)}"[:80])


def _refuse_for(wait_s: float) -> None:
    if wait_s > 0:
        seconds = math.ceil(wait_s)
        raise Problem(429, "too_many", headers={"Retry-After": str(seconds)}, seconds=seconds)
