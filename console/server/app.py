"""The server's application: its parts wired, its addresses, its background work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import WSCloseCode, web

from console.access import Gate, Store
from console.access.provider import OidcConfig
from console.access.sqlite import SqliteStore
from console.audit import HeadSigner
from console.clock import Clocks
from console.guarded_clock import SettledTime
from console.journal import Journal
from console.model.event import Event
from console.model.picture import Touched
from console.nodes import Board, HourBoard
from console.server import (
    calls,
    field_page,
    openapi,
    people_calls,
    picture_calls,
    signin_calls,
    track_calls,
)
from console.server.agreeing import agree
from console.server.auth import authenticate
from console.server.desk_socket import keep_fixes_moving, stream
from console.server.devices import DeviceRecords
from console.server.errands import Errands
from console.server.errors import errors_as_json
from console.server.feed import Feed
from console.server.field_socket import field
from console.server.fix_feed import FixFeed
from console.server.fix_inbox import FixInbox
from console.server.guard import Guard
from console.server.limits import Limits
from console.server.live import Live
from console.server.names import Names
from console.server.neighbours import meet
from console.server.oidc_calls import OIDC, fetch, get_oidc, post_oidc
from console.server.parts import PARTS, Parts
from console.server.presence import Presence
from console.server.proxies import TrustedProxies
from console.server.timeouts import Timeouts
from console.server.wake import Bell
from console.server.watching import Watching
from console.service import Ground, Service, whereabouts
from console.service.numbering import numbering, numbering_key
from console.service.opening import open_picture
from console.service.settling import Settling
from console.tracks import Tracks, TracksPolicy

log = logging.getLogger(__name__)

ERRANDS_WAITING = 500
READS_WAITING = 2000
"""Errands to the store of people, and to the journal, that may wait; the rest must come again."""

LOOK_BACK = 2000
"""Events read at the start to see since when commands wait: a page, and only when some do."""


@dataclass(frozen=True)
class Storage:
    """Where the server keeps things: None for in memory."""

    people: Store | None = None
    tracks: Path | None = None
    tracks_policy: TracksPolicy | None = None
    picture: Path | None = None
    board: Board | None = None
    """Where other nodes are met; None where there can be none."""
    settled: SettledTime | None = None
    """The time that retention goes by."""
    hours: HourBoard | None = None
    """Where tracks are compared with other nodes'."""


def build_app(
    journal: Journal,
    *,
    ground: Ground,
    clocks: Clocks,
    secret: str,
    storage: Storage | None = None,
    limits: Limits | None = None,
    signer: HeadSigner | None = None,
    oidc: OidcConfig | None = None,
    proxies: TrustedProxies | None = None,
) -> web.Application:
    """The application over `journal`, which stays the caller's to close and dates what it records
    by the scenario of `clocks`.

    To be called on the event loop that will run it. `secret` opens
    a practice server, "" where people sign in. `signer` is asked for its figures.
    `oidc` tells of the organisation's own sign-in, if it has one; `proxies` whose word on where a
    call comes from is taken.
    """
    limits = limits or Limits()
    guard = Guard(limits, clocks.wall)
    watching = Watching(journal, storage.tracks if storage else None, limits, clocks.wall, signer)
    app = web.Application(
        middlewares=[
            *watching.middlewares,
            errors_as_json,
            guard.before,
            authenticate,
            guard.after,
        ],
        client_max_size=limits.body_bytes,
    )
    app[PARTS] = _parts(
        watching.journal,
        ground=ground,
        clocks=clocks,
        secret=secret,
        storage=storage,
        limits=limits,
        proxies=proxies or TrustedProxies(),
    )
    if oidc is not None:
        # Imported here, as in console.access.provider is said.
        from console.access.oidc import Oidc  # noqa: PLC0415

        app[OIDC] = Oidc(oidc, app[PARTS].gate, clocks.wall, fetch)
    app.add_routes(
        [
            web.get("/health", calls.health),
            web.get("/api/v1/openapi.json", openapi.get_document),
            web.post("/api/v1/requests", calls.post_request),
            web.get("/api/v1/events", calls.get_events),
            web.post("/api/v1/devices", people_calls.post_device),
            web.post("/api/v1/enrolments", people_calls.post_enrolment),
            web.get("/api/v1/people", people_calls.get_people),
            web.post("/api/v1/people", people_calls.post_person),
            web.post("/api/v1/people/change", people_calls.post_change),
            web.get("/api/v1/accesslog", people_calls.get_access_log),
            web.post("/api/v1/setup", signin_calls.post_setup),
            web.post("/api/v1/signin", signin_calls.post_signin),
            web.post("/api/v1/signin/practice", signin_calls.post_practice),
            web.post("/api/v1/signin/oidc", post_oidc),
            web.get("/api/v1/oidc", get_oidc),
            web.post("/api/v1/refresh", signin_calls.post_refresh),
            web.post("/api/v1/signout", signin_calls.post_signout),
            web.post("/api/v1/password", signin_calls.post_password),
            web.get("/api/v1/me", signin_calls.get_me),
            web.get("/api/v1/stream", stream),
            web.get("/api/v1/field", field),
        ]
    )
    app.cleanup_ctx.append(_background)
    track_calls.register(app)
    picture_calls.register(app)
    if storage is not None and storage.board is not None:
        meet(app, storage.board)
    if storage is not None and storage.hours is not None:
        agree(app, storage.hours, storage.tracks)
    field_page.register(app)
    app.on_shutdown.append(close_sockets)
    watching.install(app)
    return app


def _parts(
    journal: Journal,
    *,
    ground: Ground,
    clocks: Clocks,
    secret: str,
    storage: Storage | None,
    limits: Limits,
    proxies: TrustedProxies,
) -> Parts:
    storage = storage or Storage()
    tracks = Tracks(storage.tracks, clocks, storage.tracks_policy)
    errands = Errands("errand", ERRANDS_WAITING, limits.errand_s)
    people = storage.people or SqliteStore(None)
    gate = Gate(people, clocks.wall, secret, aside=errands.run)
    around = replace(ground.around, number_of=numbering(numbering_key(people)))
    ground = replace(ground, around=around)
    picture, keeper = open_picture(journal, storage.picture)
    feed = Feed(journal, picture.copy())
    names = Names(gate)
    ground = replace(ground, unit_place=partial(_place_of, tracks))
    where = whereabouts(feed.picture, ground)
    service = Service(journal, clocks, ground, picture, keeper)
    fixes = FixFeed(
        tracks,
        where,
        lambda unit_id: feed.picture.unit(unit_id).status,
        lambda: feed.picture.sos_calls,
    )
    return Parts(
        service=service,
        settling=Settling(asyncio.get_running_loop()),
        errands=errands,
        reading=Errands("journal-read", READS_WAITING, limits.errand_s),
        feed=feed,
        fixes=fixes,
        inbox=FixInbox(fixes, ground, clocks),
        tracks=tracks,
        presence=Presence(clocks.wall),
        devices=DeviceRecords(limits.frame_rate),
        timeouts=Timeouts(service, clocks.scenario, limits),
        gate=gate,
        live=Live(gate, names.refresh),
        names=names,
        where=where,
        ground=ground,
        clocks=clocks,
        settled=storage.settled or SettledTime(clocks.wall),
        limits=limits,
        bell=Bell(),
        proxies=proxies,
        sockets=set(),
    )


def _place_of(tracks: Tracks, unit_id: str) -> tuple[float, float] | None:
    fix = tracks.of(unit_id)
    return None if fix is None else (fix.lon, fix.lat)


async def _background(app: web.Application) -> AsyncIterator[None]:
    """Follow the journal, move the fixes, sweep the overdue, until the server stops."""
    parts = app[PARTS]
    parts.feed.catch_up()
    parts.timeouts.start(parts.feed.picture, lambda: parts.feed.newest(LOOK_BACK))
    # The sockets first: nobody waits for the timeouts.
    parts.feed.watch(_wake_sockets(parts))
    parts.feed.watch(parts.timeouts.see)
    tasks = [
        asyncio.create_task(_kept_alive(keep_fixes_moving, parts)),
        asyncio.create_task(_kept_alive(_sweep, parts)),
        asyncio.create_task(_kept_alive(_check_rights, parts)),
    ]
    yield
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    parts.feed.close()
    parts.inbox.empty()
    parts.tracks.close()
    parts.reading.close()
    parts.errands.close()
    parts.gate.close()


def _wake_sockets(parts: Parts) -> Callable[[Sequence[Event], Touched], None]:
    def wake(_events: Sequence[Event], touched: Touched) -> None:
        for unit_id in touched.units:
            parts.presence.nudge(unit_id)
        parts.bell.ring_next()

    return wake


async def _sweep(parts: Parts) -> None:
    while True:
        await asyncio.sleep(parts.limits.sweep_every_s)
        parts.timeouts.sweep()
        parts.settling.give_up(parts.limits.answer_s)


async def _check_rights(parts: Parts) -> None:
    await parts.live.keep_checking()


async def _kept_alive(work: Callable[[Parts], Coroutine[Any, Any, None]], parts: Parts) -> None:
    """Run `work` again when it fails: one fault must not end timeouts or positions for good."""
    while True:
        try:
            await work(parts)
        except Exception:
            log.exception("%s failed; it is started again", work.__name__)
            await asyncio.sleep(1)


async def close_sockets(app: web.Application) -> None:
    """Say goodbye to every socket; they come back when the server does."""
    leaving = [
        ws.close(code=WSCloseCode.GOING_AWAY, message=b"server stops")
        for ws in tuple(app[PARTS].sockets)
    ]
    await asyncio.gather(*leaving)
