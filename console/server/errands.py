"""What may have to wait for a database or a disk, done by a few threads beside the event loop.

Nothing that a handler calls may hold the loop up: sockets ping, positions flow and other callers
are answered while a database does not answer. Few threads, for one connection serves all of them;
and whoever has waited for long enough is told so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from console.journal import NoAnswer, StorageFailed

log = logging.getLogger(__name__)

THREADS = 4

_T = TypeVar("_T")


class Errands:
    """The threads `name`. At most `waiting` errands are taken on at a time, and a caller waits
    `patience_s` for each.
    """

    def __init__(self, name: str, waiting: int, patience_s: float) -> None:
        self._pool = ThreadPoolExecutor(THREADS, name)
        self._room = waiting
        self._patience_s = patience_s

    async def run(self, work: Callable[[], _T]) -> _T:
        """The result of `work`, or what it raises.

        Raises NoAnswer when it takes too long, StorageFailed when too much waits already. Work that
        has begun goes on to its end; what has not is not done.
        """
        if self._room <= 0:
            raise StorageFailed("too much waits for the database")
        self._room -= 1
        doing = asyncio.get_running_loop().run_in_executor(self._pool, work)
        doing.add_done_callback(self._done)
        try:
            async with asyncio.timeout(self._patience_s):
                return await doing
        except TimeoutError as error:
            raise NoAnswer(self._patience_s) from error
        finally:
            # What failed is in it, and holds this frame: a ring.
            del doing

    def close(self) -> None:
        """Let them finish what they are at."""
        self._pool.shutdown(cancel_futures=True)

    def _done(self, doing: asyncio.Future[_T]) -> None:
        self._room += 1
        if not doing.cancelled() and doing.exception() is not None:
            log.debug("an errand failed: %s", doing.exception())
