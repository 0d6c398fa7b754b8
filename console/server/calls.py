"""The HTTP calls: submissions in, events and positions out, devices registered."""

from __future__ import annotations

import asyncio
from importlib.metadata import PackageNotFoundError, version

import msgspec
from aiohttp import web

from console.access import Role
from console.model.decide import Refused
from console.server.auth import ACTOR, require
from console.server.errors import Problem
from console.server.parts import PARTS
from console.wire import WireError, decode_submission, encode_events, wire_from_fix

JSON = "application/json"


async def health(request: web.Request) -> web.Response:
    """`GET /health`: alive, which version, how far the journal is."""
    seq = request.app[PARTS].feed.head
    return web.json_response({"status": "ok", "version": _version(), "seq": seq})


async def post_request(request: web.Request) -> web.Response:
    """`POST /api/v1/requests`: the events that the submission made, once they are durable."""
    submission = decode_submission(await request.read())
    outcome = request.app[PARTS].service.submit(submission, request[ACTOR])
    # Shielded: a caller that hangs up does not make the others' commit fail.
    await asyncio.shield(asyncio.wrap_future(outcome.settled))
    return web.Response(body=encode_events(outcome.events()), content_type=JSON)


async def get_events(request: web.Request) -> web.Response:
    """`GET /api/v1/events?after=SEQ&limit=N`."""
    require(request, Role.OFFICER)
    parts = request.app[PARTS]
    after = number_in(request, "after", 0)
    limit = min(number_in(request, "limit", parts.limits.page), parts.limits.page_limit)
    events = parts.feed.read(after, limit)
    return web.Response(body=encode_events(events, head=parts.feed.head), content_type=JSON)


async def get_positions(request: web.Request) -> web.Response:
    """`GET /api/v1/positions`: the latest fix of each unit."""
    require(request, Role.OFFICER)
    fixes = [wire_from_fix(f) for f in request.app[PARTS].tracks.latest()]
    return web.Response(body=msgspec.json.encode({"fixes": fixes}), content_type=JSON)


async def post_device(request: web.Request) -> web.Response:
    """`POST /api/v1/devices`: a token for the device of one unit of the roster."""
    require(request, Role.OFFICER)
    parts = request.app[PARTS]
    unit_id = _unit_id(await request.read())
    if not parts.ground.around.knows_unit(unit_id):
        raise Refused("no_such_unit", unit=unit_id)
    return web.json_response({"token": parts.tokens.issue(unit_id)})


def number_in(request: web.Request, name: str, default: int) -> int:
    """A whole number, not negative, from the query. Raises Problem(400)."""
    text = request.query.get(name, str(default))
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise Problem(400, "bad_request", reason=f"{name}={text}"[:80])
    return int(text)


class _Registration(msgspec.Struct, forbid_unknown_fields=True):
    unit_id: str


def _unit_id(body: bytes) -> str:
    try:
        unit_id = msgspec.json.decode(body, type=_Registration).unit_id
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WireError(str(error)) from error
    if not 0 < len(unit_id) <= 64:
        raise WireError("unit_id is empty or too long")
    return unit_id


def _version() -> str:
    try:
        return version("trellis-console")
    except PackageNotFoundError:
        return "unknown"
