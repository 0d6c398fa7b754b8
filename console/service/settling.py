"""Futures of the journal's thread, awaited on an event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import Future
from typing import Any, TypeVar

from console.clock import monotonic_s
from console.journal import NoAnswer

T = TypeVar("T")


class Settling:
    """Brings results over to a loop, all that were settled together with one wake-up.

    `asyncio.wrap_future` wakes the loop once for each; a turn of the journal settles dozens, and
    each wake-up is a system call during which the loop takes the interpreter away.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._settled: deque[tuple[asyncio.Future[Any], Future[Any]]] = deque()
        self._since: dict[asyncio.Future[Any], float] = {}
        self._woken = False

    def on_loop(self, future: Future[T]) -> asyncio.Future[T]:
        """A future of the loop with the result of `future`; cancelling it cancels nothing else."""
        waiting: asyncio.Future[T] = self._loop.create_future()
        self._since[waiting] = monotonic_s()
        future.add_done_callback(lambda done: self._take(waiting, done))
        return waiting

    def give_up(self, after_s: float) -> None:
        """Have those that were waited for longer than this fail with NoAnswer.

        To be called now and then, on the loop: a timer for each would cost every submission. What
        becomes of the submission is open: whoever asks again, under its key, will be told.
        """
        until = monotonic_s() - after_s
        while self._since:
            waiting, since = next(iter(self._since.items()))
            if since > until:
                break  # they stand in the order in which they came
            del self._since[waiting]
            if not waiting.done():
                waiting.set_exception(NoAnswer(after_s))

    def _take(self, waiting: asyncio.Future[Any], done: Future[Any]) -> None:
        self._settled.append((waiting, done))
        if not self._woken and not self._loop.is_closed():
            self._woken = True
            self._loop.call_soon_threadsafe(self._bring)

    def _bring(self) -> None:
        # The flag first: what is settled from here on wakes the loop again.
        self._woken = False
        while self._settled:
            waiting, done = self._settled.popleft()
            self._since.pop(waiting, None)
            if waiting.done():
                continue
            error = done.exception()
            if error is None:
                waiting.set_result(done.result())
            else:
                waiting.set_exception(error)
