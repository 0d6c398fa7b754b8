"""The HTTP calls: submissions in, events out."""

from __future__ import annotations

from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version

from aiohttp import web

from console.access import Call, Data, Role, View
from console.i18n import text_of
from console.model.conflict import Outdated
from console.server.auth import require
from console.server.errors import Problem, answer
from console.server.parts import PARTS
from console.wire import decode_submission, encode_events

JSON = "application/json"


async def health(_request: web.Request) -> web.Response:
    """`GET /health`: alive, and which version; how much happens in the city is nobody's to ask."""
    return web.json_response({"status": "ok", "version": _version()})


async def post_request(request: web.Request) -> web.Response:
    """`POST /api/v1/requests`: the events that the submission made, once they are durable."""
    actor = require(request, Call.SUBMIT)
    submission = decode_submission(await request.read())
    parts = request.app[PARTS]
    is_device = actor.role is Role.DEVICE
    off_ms = parts.devices.clock_off_ms(actor.name) if is_device else 0
    outcome = parts.service.submit(submission, actor, off_ms)
    try:
        await parts.settling.on_loop(outcome.settled)
    except Outdated as overtaken:
        changes = View(actor, parts.where).events(overtaken.events)
        return answer(409, "changed", text_of("server.error.changed"), changes=changes)
    return web.Response(body=encode_events(outcome.events()), content_type=JSON)


async def get_events(request: web.Request) -> web.Response:
    """`GET /api/v1/events?after=SEQ&limit=N`."""
    actor = require(request, Data.OPERATIONS)
    parts = request.app[PARTS]
    after = number_in(request, "after", 0)
    limit = min(number_in(request, "limit", parts.limits.page), parts.limits.page_limit)
    view = View(actor, parts.where)
    read = parts.feed.at_hand(after, limit)
    if read is None:
        run, stored = parts.reading.run, partial(parts.feed.stored, after, limit)
        read = await parts.feed.read_aside(run, stored, view)
    head, events = parts.feed.head, view.events(read)
    through = read[-1].seq if read else max(after, head)
    encode = partial(encode_events, events, head=head, through=through)
    body = await parts.reading.run(encode) if len(events) > parts.limits.page else encode()
    return web.Response(body=body, content_type=JSON)


NUMBER_DIGITS = 15
"""Of numbers in a query; all of them are whole in JavaScript too."""


def number_in(request: web.Request, name: str, default: int) -> int:
    """A whole number, not negative, from the query. Raises Problem(400)."""
    text = request.query.get(name, str(default))
    if not text.isascii() or not text.isdecimal() or len(text) > NUMBER_DIGITS:
        raise Problem(400, "bad_request", reason=f"{name}={text}"[:80])
    return int(text)


@cache
def _version() -> str:
    try:
        return version("trellis-console")
    except PackageNotFoundError:
        return "unknown"
