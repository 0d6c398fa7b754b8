"""All devices of the simulated field, and the callers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from random import Random

from console.clock import Clock
from console.model.ids import new_key
from console.model.requests import Submission
from console.practice.field.api import FieldApi, TurnedDown, Unreachable
from console.practice.field.behaviour import FieldUnit, Stand
from console.practice.field.device import RETRY_FIRST_S, RETRY_MOST_S, Device
from console.practice.field.field_time import FieldTime
from console.practice.field.incidents import IncidentSource
from console.practice.field.ledger import CommandLedger
from console.practice.field.phrases import field_phrases
from console.practice.field.script import Script
from console.practice.field.terrain import Terrain
from console.practice.field.turnstile import Turnstile

log = logging.getLogger(__name__)

CONNECTS_A_SECOND = 30.0
"""How fast devices come on line, at the start and after the server was away."""

CONNECTS_AT_ONCE = 8


class Fleet:
    """The devices of many units, which share the ground and one reading of the journal."""

    def __init__(
        self, api: FieldApi, terrain: Terrain, time: FieldTime, *, seed: int, script: Script
    ) -> None:
        self._api = api
        self._terrain = terrain
        self._time = time
        self._seed = seed
        self._script = script
        self._ledger = CommandLedger(api)
        self._turnstile = Turnstile(CONNECTS_A_SECOND, CONNECTS_AT_ONCE)

    async def live(self, stands: Sequence[Stand]) -> None:
        """Bring the devices on line one after another; they live until cancelled."""
        await persist(self._ledger.refresh, Random(f"{self._seed}/ledger"))
        order = list(stands)
        Random(f"{self._seed}/order").shuffle(order)
        async with asyncio.TaskGroup() as devices:
            for stand in order:
                devices.create_task(self._device(stand).live(), name=stand.unit_id)

    def _device(self, stand: Stand) -> Device:
        rng = Random(f"{self._seed}/{stand.unit_id}")
        unit = FieldUnit(
            stand,
            terrain=self._terrain,
            script=self._script,
            phrases=field_phrases(),
            rng=rng,
            now_ms=self._time.now_ms(),
        )
        return Device(
            unit,
            self._api,
            time=self._time,
            ledger=self._ledger,
            turnstile=self._turnstile,
            rng=Random(rng.random()),
        )


async def report_forever(
    api: FieldApi, source: IncidentSource, rate_per_hour: float, wall: Clock, rng: Random
) -> None:
    """Report incidents for ever; one that cannot be handed in is tried again until it can."""
    while True:
        await asyncio.sleep(source.seconds_to_next(rate_per_hour))
        now = wall.now_ms()
        submission = Submission(new_key(now), source.next(now), now)
        try:
            await persist(partial(api.submit, submission), rng)
        except TurnedDown as refusal:
            log.warning("a report was turned down: %s", refusal)


async def persist(attempt: Callable[[], Awaitable[object]], rng: Random) -> None:
    """Try until it works. Raises TurnedDown and NotKnown: the same again would change nothing."""
    wait_s = RETRY_FIRST_S
    while True:
        try:
            await attempt()
        except Unreachable as error:
            log.info("the server is away, trying again: %s", error)
            await asyncio.sleep(wait_s * rng.uniform(0.7, 1.3))
            wait_s = min(RETRY_MOST_S, 2 * wait_s)
        else:
            return
