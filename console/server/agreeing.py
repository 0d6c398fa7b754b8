"""The work beside the server that has its tracks agree with those of the other nodes."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from console.journal import JournalError
from console.model.unit import Fix
from console.nodes import Agreement, HourBoard
from console.server.parts import PARTS

log = logging.getLogger(__name__)

AGREE_EVERY_S = 60.0
AGAIN_S = 2.0
"""How soon it is tried again when the database did not answer: who was down waits for it."""
_MORE_S = 1.0
"""How soon it goes on when there was something to give or take."""
_FAREWELL_S = 5.0
_NAME = "holder"

AGREEMENT = web.AppKey("agreement", Agreement)
_BOARD = web.AppKey("hour_board", HourBoard)


def agree(app: web.Application, board: HourBoard, folder: Path | None) -> None:
    """Agree with the others for as long as the application, which has its parts, runs.

    `folder` is that of the tracks. Raises OSError.
    """
    parts, loop = app[PARTS], asyncio.get_running_loop()

    def heard(fixes: list[Fix]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(parts.fixes.hear, fixes)

    app[AGREEMENT] = Agreement(parts.tracks, board, holder_of(folder), parts.clocks.scenario, heard)
    app[_BOARD] = board
    app.cleanup_ctx.append(_at_work)


def holder_of(folder: Path | None) -> str:
    """The name that stands for the tracks in `folder`, made once. Raises OSError."""
    name = secrets.token_hex(8)
    if folder is None:
        return name
    path = folder / _NAME
    if not path.exists():
        path.write_text(name, encoding="ascii")
    return path.read_text(encoding="ascii").strip() or name


async def _at_work(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(_keep_agreeing(app[AGREEMENT]))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await asyncio.to_thread(app[_BOARD].close)


async def _keep_agreeing(agreement: Agreement) -> None:
    """Every minute; a database that is away is said once, and tried again soon."""
    is_away = False
    while True:
        pause_s = AGREE_EVERY_S
        try:
            if await _turn(agreement):
                pause_s = _MORE_S
            is_away = False
        except JournalError as error:
            if not is_away:
                log.warning("tracks cannot be compared with other nodes': %s", error)
            is_away, pause_s = True, AGAIN_S
        except Exception:
            log.exception("comparing tracks with other nodes' failed; it is tried again")
        await asyncio.sleep(pause_s)


async def _turn(agreement: Agreement) -> bool:
    """One turn; when the server stops meanwhile, its end is waited for, for a while."""
    turn = asyncio.create_task(asyncio.to_thread(agreement.turn))
    try:
        return await asyncio.shield(turn)
    except asyncio.CancelledError:
        agreement.stop()
        await asyncio.wait([turn], timeout=_FAREWELL_S)
        raise
