"""The simulated field as a whole: every unit's phone and the callers, in one event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from pathlib import Path
from random import Random
from typing import Any

from console.city import City, open_city
from console.clock import Clock, SystemClock
from console.intake.plans import default_plans
from console.model.plan import Plans
from console.practice.field.api import FieldApi, Unreachable
from console.practice.field.behaviour import Stand
from console.practice.field.city_places import CityPlaces
from console.practice.field.city_terrain import CityTerrain
from console.practice.field.device import first_of
from console.practice.field.field_time import FieldTime
from console.practice.field.fleet import Fleet, persist, report_forever
from console.practice.field.http_api import HttpFieldApi
from console.practice.field.incidents import IncidentSource
from console.practice.field.ledger import CommandLedger
from console.practice.field.opening import Opening
from console.practice.field.phrases import callers, field_phrases
from console.practice.field.script import CALM, LIVELY

log = logging.getLogger(__name__)

OPENING_INCIDENTS = 20

SHIFT_SPAN_S = 300.0
"""Over how long before now the callers and units of an opening spoke."""


async def simulate(
    server_url: str,
    token: str,
    city_path: Path,
    *,
    rate_per_hour: float = 60.0,
    speed: float = 1.0,
    seed: int = 1,
    stop: asyncio.Event,
    units: Sequence[str] | None = None,
    calm: bool = False,
    plans: Plans | None = None,
    clock: Clock | None = None,
    authority: Path | None = None,
) -> None:
    """Let the city's units (or only `units`) live, and report incidents, until `stop` is set.

    `server_url` is the server's root, `token` a desk's. `rate_per_hour` is by the wall, 0 for none;
    `speed` makes delays and travel that much faster while the times in messages stay real. With
    `calm` nobody refuses or falls silent and every delay is fixed. A server that is away is waited
    for; one at an https address must show a certificate signed by `authority` (a PEM file). Raises
    CityError for a package that cannot be opened, ValueError for an unknown unit, NotKnown for a
    token that the server does not take, TlsError.
    """
    city = open_city(city_path)
    wall = clock or SystemClock()
    async with HttpFieldApi(server_url, token, authority) as api:
        fleet = Fleet(
            api,
            CityTerrain(city),
            FieldTime(wall, speed),
            seed=seed,
            script=CALM if calm else LIVELY,
        )
        stands = _chosen(city, units)
        # Nobody in the field is no reason to end: callers call all the same.
        works: list[Coroutine[Any, Any, None]] = [fleet.live(stands)] if stands else []
        if rate_per_hour > 0:
            source = _source(city, plans or default_plans(), seed)
            works.append(report_forever(api, source, rate_per_hour, wall, Random(f"{seed}/calls")))
        await first_of(*works, _wait(stop))


async def seed_history(
    server_url: str,
    token: str,
    city_path: Path,
    *,
    seed: int = 1,
    count: int = 20,
    span_s: float = 0.0,
    plans: Plans | None = None,
    clock: Clock | None = None,
) -> list[str]:
    """Put an opening situation of `count` incidents before the desk; their ids, oldest first.

    Some are reported, some accepted, some have units on the way, on the scene or done. To be called
    before `simulate`, which takes the units over where they are then. With `span_s` the callers'
    and units' own times spread over that many seconds before now. Raises CityError, FieldError.
    """
    city = open_city(city_path)
    async with HttpFieldApi(server_url, token) as api:
        opening = _opening(
            api, city, plans or default_plans(), seed=seed, span_s=span_s, clock=clock
        )
        return await opening.post(count)


async def open_shift(
    server_url: str,
    token: str,
    city_path: Path,
    *,
    seed: int = 1,
    stop: asyncio.Event,
    span_s: float = SHIFT_SPAN_S,
    clock: Clock | None = None,
    authority: Path | None = None,
) -> None:
    """Let a shift begin amid work: the opening situation, unless incidents are open already.

    Waits for a server that is away, until `stop` is set. Raises CityError, FieldError.
    """
    city = open_city(city_path)
    async with HttpFieldApi(server_url, token, authority) as api:
        opening = _opening(api, city, default_plans(), seed=seed, span_s=span_s, clock=clock)
        await first_of(_open_if_quiet(api, opening, Random(f"{seed}/shift")), _wait(stop))


async def _open_if_quiet(api: FieldApi, opening: Opening, rng: Random) -> None:
    ledger = CommandLedger(api)
    await persist(ledger.refresh, rng)
    if ledger.open_incidents:
        log.info("%d incidents are open; no opening is added", ledger.open_incidents)
        return
    try:
        await opening.post(OPENING_INCIDENTS)
    except Unreachable as error:
        log.warning("the opening is cut short: %s", error)


def _opening(
    api: FieldApi, city: City, plans: Plans, *, seed: int, span_s: float, clock: Clock | None
) -> Opening:
    return Opening(
        api,
        clock or SystemClock(),
        plans,
        _source(city, plans, seed),
        phrases=field_phrases(),
        stands=_stands(city),
        rng=Random(f"{seed}/opening"),
        span_ms=int(span_s * 1000),
    )


async def _wait(stop: asyncio.Event) -> None:
    await stop.wait()


def _source(city: City, plans: Plans, seed: int) -> IncidentSource:
    places = CityPlaces(city, field_phrases().address)
    return IncidentSource(list(plans.types.values()), callers(), places, seed)


def _stands(city: City) -> list[Stand]:
    roster = city.units
    return [
        Stand(unit_id, roster.kind[i], (float(roster.xy[i, 0]), float(roster.xy[i, 1])))
        for i, unit_id in enumerate(roster.id)
    ]


def _chosen(city: City, wanted: Sequence[str] | None) -> list[Stand]:
    stands = {s.unit_id: s for s in _stands(city)}
    if wanted is None:
        return list(stands.values())
    unknown = [u for u in wanted if u not in stands]
    if unknown:
        raise ValueError(f"no such unit in the city: {', '.join(unknown)}")
    return [stands[u] for u in wanted]
