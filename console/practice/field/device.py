"""A simulated unit's phone: keeps a line to the server, says where it is, reports each step once.

Steps wait in an outbox, each with its own key, until the server has answered: a broken line, or a
silence of the unit, delays them and never loses or doubles them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from random import Random
from typing import Any

from console.i18n import language
from console.model.geo import lonlat_from_world, world_from_lonlat
from console.model.ids import new_key
from console.model.requests import AdvanceCommand, Submission
from console.practice.field.api import FieldApi, FieldError, Line, NotKnown, TurnedDown
from console.practice.field.behaviour import Assignment, FieldUnit, Said
from console.practice.field.field_time import FieldTime
from console.practice.field.ledger import CommandLedger
from console.practice.field.turnstile import Turnstile
from console.wire import (
    ClockFrame,
    CommandFrame,
    FieldPush,
    FixFrame,
    GotFrame,
    PingFrame,
    RecallFrame,
    RefusedFrame,
)

log = logging.getLogger(__name__)

FIX_EVERY_MS = 5000
"""While moving."""

FIX_HURRYING_MS = 2000
"""While on the way to an incident."""

FIX_STANDING_MS = 20_000
"""While standing: often enough that nobody takes the unit for lost."""

FIX_LEAST_MS = 1000
"""However fast the units' time runs."""

RETRY_FIRST_S = 0.5
RETRY_MOST_S = 15.0
RETRY_JITTER = 0.3


class Device:
    """The phone of `unit`. It connects, and connects again, through the `turnstile` of all."""

    def __init__(
        self,
        unit: FieldUnit,
        api: FieldApi,
        *,
        time: FieldTime,
        ledger: CommandLedger,
        turnstile: Turnstile,
        rng: Random,
    ) -> None:
        self._unit = unit
        self._api = api
        self._time = time
        self._ledger = ledger
        self._turnstile = turnstile
        self._rng = rng
        self._token = ""
        self._retry_s = RETRY_FIRST_S
        self._fixed_at = 0
        self._outbox: deque[Submission] = deque()
        self._woken = asyncio.Event()
        self._has_news = asyncio.Event()

    async def live(self) -> None:
        """Be on line whenever the unit is not silent, until cancelled."""
        while True:
            await self._stay_silent()
            try:
                await self._be_on_line()
            except FieldError as error:
                log.info("%s is off line: %s", self._unit.id, error)
                self._token = "" if isinstance(error, NotKnown) else self._token
                await asyncio.sleep(self._next_retry_s())

    async def _stay_silent(self) -> None:
        until = self._time.wall_of(self._unit.silent_until)
        await asyncio.sleep(max(0.0, until - self._time.wall_ms()) / 1000)

    def _next_retry_s(self) -> float:
        wait, self._retry_s = self._retry_s, min(RETRY_MOST_S, 2 * self._retry_s)
        return wait * self._rng.uniform(1 - RETRY_JITTER, 1 + RETRY_JITTER)

    async def _be_on_line(self) -> None:
        """Returns when the unit falls silent. Raises FieldError."""
        async with AsyncExitStack() as stack:
            async with self._turnstile:
                self._token = self._token or await self._api.enrol(self._unit.id)
                line = await stack.enter_async_context(self._api.line(self._token))
            self._retry_s = RETRY_FIRST_S
            self._fixed_at = 0
            await first_of(self._listen(line), self._pulse(line), self._report())

    async def _listen(self, line: Line) -> None:
        while True:
            push = await line.receive()
            if isinstance(push, CommandFrame):
                await line.send(GotFrame(push.command_id))
            elif isinstance(push, PingFrame) and push.answer:
                await line.send(ClockFrame(push.at, int(self._time.wall_ms())))
            elif isinstance(push, RefusedFrame):
                log.warning("%s: its fixes are not taken: %s", self._unit.id, push.reason)
            self._take(push)

    def _take(self, push: FieldPush) -> None:
        if not isinstance(push, CommandFrame | RecallFrame):
            return
        now = self._catch_up()
        if isinstance(push, RecallFrame):
            self._unit.recall(push.command_id, now)
        else:
            self._unit.receive(_assignment(push), now, self._ledger.step_of(push.command_id))
        self._woken.set()

    def _catch_up(self) -> float:
        """Let the unit live up to now, and put what it reports into the outbox."""
        now = self._time.now_ms()
        said = self._unit.act(now)
        if said:
            self._outbox.extend(self._submission(one) for one in said)
            self._fixed_at = 0
            self._has_news.set()
        return now

    def _submission(self, said: Said) -> Submission:
        at = int(self._time.wall_of(said.at_ms))
        step = AdvanceCommand(said.command_id, said.step, said.text.in_language(language()))
        return Submission(new_key(at), step, at)

    async def _pulse(self, line: Line) -> None:
        while True:
            now = self._catch_up()
            if self._unit.silent_until > now:
                log.info("%s falls silent", self._unit.id)
                return
            due = await self._fix(line, now)
            await self._sleep_until(min(due, self._time.wall_of(self._unit.wake_at)))

    async def _fix(self, line: Line, now: float) -> float:
        """Say where the unit is if it is time to; when it will be time again (wall, ms)."""
        wall, here = self._time.wall_ms(), self._unit.where(now)
        every = self._fix_every_ms(here.heading_deg is not None)
        if wall >= self._fixed_at + every:
            lon, lat = lonlat_from_world(here.x, here.y)
            self._fixed_at = wall
            await line.send(
                FixFrame(float(lon), float(lat), wall, here.heading_deg, here.speed_mps)
            )
        return self._fixed_at + every

    def _fix_every_ms(self, moving: bool) -> float:
        if self._unit.is_hurrying:
            every = FIX_HURRYING_MS
        else:
            every = FIX_EVERY_MS if moving else FIX_STANDING_MS
        return max(FIX_LEAST_MS, every / self._time.speed)

    async def _sleep_until(self, wall_ms: float) -> None:
        """Until then, or until a command comes."""
        wait_s = max(0.01, (wall_ms - self._time.wall_ms()) / 1000)
        alarm = asyncio.get_running_loop().call_later(wait_s, self._woken.set)
        await self._woken.wait()
        self._woken.clear()
        alarm.cancel()

    async def _report(self) -> None:
        while True:
            while self._outbox:
                await self._hand_in(self._outbox[0])
                self._outbox.popleft()
            self._has_news.clear()
            await self._has_news.wait()

    async def _hand_in(self, submission: Submission) -> None:
        try:
            await self._api.submit(submission, self._token)
        except TurnedDown as refusal:
            log.info("%s was told no: %s", self._unit.id, refusal)
            await self._let_go_of_ended()

    async def _let_go_of_ended(self) -> None:
        """A step can be refused because the command ended while the line was down."""
        await self._ledger.refresh()
        now = self._catch_up()
        for command_id in self._unit.commands:
            if self._ledger.step_of(command_id).is_final:
                self._unit.recall(command_id, now)
        self._woken.set()


async def first_of(*works: Coroutine[Any, Any, None]) -> None:
    """Run `works` side by side until the first ends; cancel the others; raise what it raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _assignment(frame: CommandFrame) -> Assignment:
    x, y = world_from_lonlat(frame.lon, frame.lat)
    return Assignment(frame.command_id, frame.type_code, float(x), float(y))
