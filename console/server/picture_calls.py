"""Where a desk starts: the whole picture at once, and what happened to one incident.

A desk that folded the stream from its first event on would come on line the later the longer the
city has worked. It takes the picture instead, streams on from there, and asks for the beginning of
an incident's timeline when somebody looks at the incident.
"""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from console.access import Data, View
from console.model.command import Command
from console.model.decide import streams_of
from console.model.facts import incidents_of
from console.model.incident import Incident
from console.server.auth import require
from console.server.calls import JSON
from console.server.errors import Problem
from console.server.feed import Feed
from console.server.parts import PARTS, Parts
from console.wire import encode_events
from console.wire.whole import WholePicture, encode_picture

KEPT = 8
"""Pictures kept for those who come next, one for each area that is asked for."""

KEPT_EVENTS = 500
"""So many events a kept picture may be behind: who takes it gets them from the stream."""

_LONGEST_ID = 64


@dataclass(frozen=True, slots=True)
class _Kept:
    seq: int
    body: bytes


class Pictures:
    """Pictures for desks, zipped. Lives on the server's event loop."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._building: dict[str, asyncio.Lock] = {}

    async def of(self, view: View) -> bytes:
        """What `view` may see. Raises JournalError."""
        lock = self._building.setdefault(view.tag, asyncio.Lock())
        try:
            async with lock:
                kept = self._kept.get(view.tag)
                if kept is None or self._parts.feed.head - kept.seq > KEPT_EVENTS:
                    kept = await self._build(view)
                self._keep(view.tag, kept)
                return kept.body
        finally:
            if not lock.locked():
                self._building.pop(view.tag, None)

    async def _build(self, view: View) -> _Kept:
        limit = self._parts.limits.picture_incidents
        feed = self._parts.feed
        await feed.bring_in(self._parts.reading.run, feed.picture.newest_incidents(limit))
        whole = whole_picture(self._parts.feed, view, limit)
        pack = self._parts.reading.run
        return _Kept(whole.seq, await pack(lambda: gzip.compress(encode_picture(whole), 1)))

    def _keep(self, tag: str, kept: _Kept) -> None:
        self._kept[tag] = kept
        self._kept.move_to_end(tag)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)


PICTURES = web.AppKey("pictures", Pictures)


def register(app: web.Application) -> None:
    """Add the calls."""
    app[PICTURES] = Pictures(app[PARTS])
    app.router.add_get("/api/v1/picture", get_picture)
    app.router.add_get("/api/v1/incidents/{incident_id}/events", get_incident_events)


async def get_picture(request: web.Request) -> web.Response:
    """`GET /api/v1/picture`: zipped, whatever the caller says it takes, for all can."""
    actor = require(request, Data.OPERATIONS)
    body = await request.app[PICTURES].of(View(actor, request.app[PARTS].where))
    return web.Response(body=body, content_type=JSON, headers={"Content-Encoding": "gzip"})


async def get_incident_events(request: web.Request) -> web.Response:
    """`GET /api/v1/incidents/{incident_id}/events`: nothing for one that may not be seen."""
    actor = require(request, Data.OPERATIONS)
    parts = request.app[PARTS]
    incident_id = request.match_info["incident_id"]
    if len(incident_id) > _LONGEST_ID:
        raise Problem(400, "bad_request", reason="incident_id")
    through = parts.feed.head
    run = parts.reading.run
    await parts.feed.bring_in(run, [incident_id])
    incident = parts.feed.picture.incidents.get(incident_id)
    streams = [] if incident is None else streams_of(incident)
    view = View(actor, parts.where)
    about = partial(parts.feed.about, streams, parts.limits.page_limit)
    found = await parts.feed.read_aside(run, about, view)
    seen = view.events(found)
    events = [e for e in seen if incident_id in incidents_of(e.fact)]
    body = encode_events(events, head=parts.feed.head, through=through)
    return web.Response(body=body, content_type=JSON)


def whole_picture(feed: Feed, view: View, limit: int) -> WholePicture:
    """What `view` may see of all that is open and of the last `limit` incidents."""
    picture = feed.picture
    chosen = {i.id: i for i in picture.at_hand()[0] if i.stage.is_open}
    busy = [picture.commands[c] for unit in picture.units.values() for c in unit.command_ids]
    for incident_id in (*picture.newest_incidents(limit), *(c.incident_id for c in busy)):
        incident = picture.incidents.get(incident_id)
        if incident is not None:
            chosen[incident_id] = incident
    incidents = view.incidents(sorted(chosen.values(), key=_age_of_incident))
    given = (picture.commands[c] for i in chosen.values() for c in i.command_ids)
    commands = sorted(view.commands(given), key=_age_of_command)
    units = view.units(picture.units.values(), {c.id: c for c in commands})
    return WholePicture(picture.seq, feed.name_for(view), incidents, commands, units)


def _age_of_incident(incident: Incident) -> tuple[int, str]:
    return incident.reported_at, incident.id


def _age_of_command(command: Command) -> tuple[int, str]:
    return command.step_times[0][1], command.id
