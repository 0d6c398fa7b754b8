"""Where units were: the calls that read the tracks, and the work that keeps the tracks in order.

Reading and sealing are done by threads of their own, so that the event loop never waits for them;
few at a time, and only some may wait, so that a crowd of readers costs bounded memory.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from operator import itemgetter
from typing import TypeVar

import msgspec
import numpy as np
from aiohttp import web
from numpy.typing import NDArray

from console.access import Data, View
from console.clock import Clock, seconds_by
from console.model.unit import Fix
from console.server.auth import require
from console.server.errors import Problem
from console.server.limits import Limits
from console.server.parts import PARTS, Parts
from console.server.rate import RateLimiter
from console.tracks import Positions, Track, Tracks, TracksDamaged, as_kept

log = logging.getLogger(__name__)

JSON = "application/json"
READERS_AT_ONCE = 2
READERS_WAITING = 32
PIECE_MS = 6 * 3_600_000
"""A long span is read in pieces, until the answer is full."""
SEAL_EVERY_S = 60.0
_LONGEST_ID = 64

_T = TypeVar("_T")

Row = tuple[str, float, float, int, float | None, float | None]
"""As `console.wire.WireFix`: unit_id, lon, lat, at, heading, speed."""


class Readers:
    """The threads that read the tracks."""

    def __init__(self, limits: Limits, wall: Clock) -> None:
        self._pool = ThreadPoolExecutor(READERS_AT_ONCE, "tracks")
        self._rate = RateLimiter(limits.tracks_rate, seconds_by(wall))
        self._asked = 0

    async def read(self, who: str, work: Callable[[], _T]) -> _T:
        """`work`, done by one of them for `who`. Raises Problem(429), Problem(500)."""
        wait_s = self._rate.take(who)
        if wait_s > 0 or self._asked >= READERS_AT_ONCE + READERS_WAITING:
            seconds = max(math.ceil(wait_s), 1)
            raise Problem(429, "too_many", headers={"Retry-After": str(seconds)}, seconds=seconds)
        self._asked += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        except (TracksDamaged, OSError) as error:
            log.exception("tracks could not be read")
            raise Problem(500, "tracks_unreadable", reason=error) from error
        finally:
            self._asked -= 1

    def close(self) -> None:
        """Let them finish what they are at."""
        self._pool.shutdown(cancel_futures=True)


READERS = web.AppKey("track_readers", Readers)


def register(app: web.Application) -> None:
    """Add the calls, and the work beside them, to an application that has its parts."""
    app[READERS] = Readers(app[PARTS].limits, app[PARTS].clocks.wall)
    app.add_routes(
        [
            web.get("/api/v1/positions", get_positions),
            web.get("/api/v1/tracks/{unit_id}", get_track),
        ]
    )
    app.cleanup_ctx.append(_kept_in_order)


async def get_positions(request: web.Request) -> web.Response:
    """`GET /api/v1/positions?at=MS`: where every unit was then; without `at` the latest fixes."""
    actor = require(request, Data.POSITIONS)
    parts = request.app[PARTS]
    view = View(actor, parts.where)
    if "at" not in request.query:
        latest = parts.tracks.latest()
        return _answer(await asyncio.to_thread(_latest, view, latest))
    at = _time_in(request, "at")

    def work() -> bytes:
        rows = _by_unit(_seen(view, _rows_of(parts.tracks.positions_at(at))))
        return msgspec.json.encode({"at": at, "fixes": rows})

    return _answer(await request.app[READERS].read(str(actor), work))


async def get_track(request: web.Request) -> web.Response:
    """`GET /api/v1/tracks/{unit_id}?from=MS&to=MS`: where one unit went, in pages."""
    actor = require(request, Data.POSITIONS)
    parts = request.app[PARTS]
    view = View(actor, parts.where)
    unit_id = request.match_info["unit_id"]
    begin, end = _time_in(request, "from"), _time_in(request, "to")
    if not begin < end or end - begin > parts.limits.track_span_ms or len(unit_id) > _LONGEST_ID:
        days = parts.limits.track_span_ms // 86_400_000
        reason = f"'from' is before 'to', by at most {days} days"
        raise Problem(400, "bad_request", reason=reason)

    def work() -> bytes:
        rows, following = _page(parts.tracks, unit_id, begin, end, parts.limits.track_page)
        fixes = [row[1:] for row in _seen(view, rows)]
        answer = {"unit_id": unit_id, "fixes": fixes, "next": following}
        return msgspec.json.encode(answer)

    return _answer(await request.app[READERS].read(str(actor), work))


def _latest(view: View, fixes: list[Fix]) -> bytes:
    """As exactly as tracks keep them, for that is how one node knows them from another."""
    rows = _by_unit(_seen(view, _rows_of(as_kept(fixes))))
    return msgspec.json.encode({"fixes": rows})


def _by_unit(rows: list[Row]) -> list[Row]:
    """In an order that is the same on every node."""
    return sorted(rows, key=itemgetter(0))


def _page(
    tracks: Tracks, unit_id: str, begin: int, end: int, most: int
) -> tuple[list[Row], int | None]:
    """The first `most` fixes of [begin, end), and where the next page begins, if there is one."""
    rows: list[Row] = []
    for piece in range(begin, end, PIECE_MS):
        track = tracks.track(unit_id, piece, min(piece + PIECE_MS, end))
        rows += _rows_of(track)
        if len(rows) > most:
            return rows[:most], rows[most][3]
    return rows, None


def _rows_of(answer: Positions | Track) -> list[Row]:
    ids = answer.unit_ids if isinstance(answer, Positions) else (answer.unit_id,) * len(answer)
    lonlat: list[list[float]] = answer.lonlat.tolist()
    columns = zip(
        ids,
        lonlat,
        answer.at.tolist(),
        _or_none(answer.heading),
        _or_none(answer.speed),
        strict=True,
    )
    return [(u, place[0], place[1], at, heading, speed) for u, place, at, heading, speed in columns]


def _or_none(values: NDArray[np.float32]) -> Iterator[float | None]:
    rounded = np.round(values.astype(np.float64), 2).tolist()
    return (None if math.isnan(value) else value for value in rounded)


def _seen(view: View, rows: list[Row]) -> list[Row]:
    """Those that the caller may see, by where each position lies."""
    if view.is_whole:
        return rows
    fixes = [Fix(*row) for row in rows]
    seen = {id(fix) for fix in view.fixes(fixes)}
    return [row for row, fix in zip(rows, fixes, strict=True) if id(fix) in seen]


def _time_in(request: web.Request, name: str) -> int:
    """A time, ms UTC, from the query. Raises Problem(400)."""
    text = request.query.get(name, "")
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise Problem(400, "bad_request", reason=f"{name}={text}: milliseconds since 1970"[:80])
    return int(text)


def _answer(body: bytes) -> web.Response:
    return web.Response(body=body, content_type=JSON, headers={"Cache-Control": "no-store"})


async def _kept_in_order(app: web.Application) -> AsyncIterator[None]:
    """Seal and forget for as long as the server runs; then let the readers finish."""
    task = asyncio.create_task(_seal_and_forget(app[PARTS]))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await asyncio.to_thread(app[READERS].close)


async def _seal_and_forget(parts: Parts) -> None:
    """Every minute; a full disk is said and tried again."""
    while True:
        try:
            await asyncio.to_thread(parts.tracks.seal)
            await asyncio.to_thread(parts.tracks.enforce_policy, parts.settled.now_ms())
        except Exception:
            log.exception("tracks could not be sealed; they stay in the log until the next minute")
        await asyncio.sleep(SEAL_EVERY_S)
