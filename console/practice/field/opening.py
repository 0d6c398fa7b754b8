"""The opening situation: incidents in several stages, so that the first desk is not empty.

Everything goes through the server's API, as a busy hour would have put it there; the units' steps
are reported with their own devices' tokens.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from random import Random

from console.clock import Clock
from console.i18n import language
from console.model.command import Step
from console.model.geo import ground_distance_m, world_from_lonlat
from console.model.ids import new_key
from console.model.plan import IncidentType, Plans
from console.model.requests import (
    AcceptIncident,
    AdvanceCommand,
    DispatchUnits,
    Order,
    ReportIncident,
    Request,
    Submission,
)
from console.practice.field.api import FieldApi
from console.practice.field.behaviour import Stand
from console.practice.field.incidents import IncidentSource
from console.practice.field.phrases import FieldPhrases

_ON_THE_WAY = (Step.READ, Step.ACKNOWLEDGED, Step.EN_ROUTE)
_THERE = (*_ON_THE_WAY, Step.ON_SCENE)
_FINISHED = (*_THERE, Step.DONE)

_OUTLINE: tuple[tuple[str, int, tuple[Step, ...]], ...] = (
    ("done", 3, _FINISHED),
    ("on_scene", 3, _THERE),
    ("en_route", 3, _ON_THE_WAY),
    ("accepted", 5, ()),
    ("reported", 6, ()),
)
"""What becomes of the incidents, oldest first: twenty in all."""

MOST_UNITS = 2
"""Units sent to one incident of the opening."""


class Opening:
    """The opening over `span_ms` before now; 0 puts everything at the present moment."""

    def __init__(
        self,
        api: FieldApi,
        clock: Clock,
        plans: Plans,
        source: IncidentSource,
        *,
        phrases: FieldPhrases,
        stands: Sequence[Stand],
        rng: Random,
        span_ms: int = 0,
    ) -> None:
        self._api = api
        self._clock = clock
        self._plans = plans
        self._source = source
        self._phrases = phrases
        self._free = {s.unit_id: s for s in stands}
        self._rng = rng
        self._span_ms = span_ms
        self._tokens: dict[str, str] = {}
        self._officer = ""

    async def post(self, count: int) -> list[str]:
        """Report `count` incidents and take each to its stage; their ids. Raises FieldError."""
        fates = list(_fates(count))
        types = self._types(count)
        ids = []
        for i, (fate, steps) in enumerate(fates):
            begun = self._clock.now_ms() - self._span_ms * (count - i) // count
            ids.append(await self._tell(types[i], fate, steps, begun))
        return ids

    def _types(self, count: int) -> list[IncidentType]:
        """As many different types as there are, so that the queue shows the variety."""
        types = [t for t in self._plans.types.values() if t.wants and t.code != "other"]
        self._rng.shuffle(types)
        return [types[i % len(types)] for i in range(count)]

    async def _tell(
        self, type_: IncidentType, fate: str, steps: tuple[Step, ...], begun_ms: int
    ) -> str:
        report = self._source.of_type(type_, begun_ms)
        moments = _moments(begun_ms, self._clock.now_ms(), len(steps) + 2, self._rng)
        await self._hand_in(report, next(moments))
        if fate == "accepted":
            await self._decide(AcceptIncident(report.incident_id), next(moments))
        elif steps:
            await self._send(report, type_, steps, moments)
        return report.incident_id

    async def _send(
        self,
        report: ReportIncident,
        type_: IncidentType,
        steps: tuple[Step, ...],
        moments: Iterator[int],
    ) -> None:
        chosen = self._nearest(type_, report)
        if not chosen:
            return
        at = next(moments)
        orders = tuple(Order(new_key(at), unit.unit_id) for unit in chosen)
        await self._decide(DispatchUnits(report.incident_id, orders, self._phrases.order), at)
        for order in orders:
            # Each unit at its own pace: two crews never press their buttons together.
            own = _moments(at, self._clock.now_ms(), len(steps) + 1, self._rng)
            next(own)
            for step, said_at in zip(steps, own, strict=True):
                await self._step(order, step, type_, said_at)

    async def _step(self, order: Order, step: Step, type_: IncidentType, at: int) -> None:
        said = ""
        if step is Step.DONE:
            said = self._phrases.feedback(type_.code, self._rng).in_language(language())
        token = await self._token(order.unit_id)
        await self._hand_in(AdvanceCommand(order.command_id, step, said), at, token)

    def _nearest(self, type_: IncidentType, report: ReportIncident) -> list[Stand]:
        """The nearest free unit of each of the first kinds that the plan wants."""
        x, y = world_from_lonlat(report.lon, report.lat)
        chosen = []
        for want in type_.wants[:MOST_UNITS]:
            fitting = [s for s in self._free.values() if s.kind is want.kind]
            if fitting:
                nearest = min(
                    fitting, key=lambda s: float(ground_distance_m(s.home[0], s.home[1], x, y))
                )
                chosen.append(self._free.pop(nearest.unit_id))
        return chosen

    async def _token(self, unit_id: str) -> str:
        if unit_id not in self._tokens:
            self._tokens[unit_id] = await self._api.enrol(unit_id)
        return self._tokens[unit_id]

    async def _decide(self, request: Request, at_ms: int) -> None:
        """What a duty officer asked for."""
        if not self._officer:
            self._officer = await self._api.officer()
        await self._hand_in(request, at_ms, self._officer)

    async def _hand_in(self, request: Request, at_ms: int, token: str = "") -> None:
        await self._api.submit(Submission(new_key(at_ms), request, at_ms), token)


def _fates(count: int) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """The outline stretched over `count` incidents."""
    whole = sum(share for _, share, _ in _OUTLINE)
    given, seen = 0, 0
    for fate, share, steps in _OUTLINE:
        seen += share
        upto = math.ceil(count * seen / whole)
        for _ in range(upto - given):
            yield fate, steps
        given = upto


def _moments(begun_ms: int, now_ms: int, count: int, rng: Random) -> Iterator[int]:
    """`count` moments in order, the first `begun_ms`, none after `now_ms`."""
    yield begun_ms
    yield from sorted(rng.randint(begun_ms, max(begun_ms, now_ms)) for _ in range(count - 1))
