"""Desks that work on a server through whatever happens to it, and remember what it answered."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp

from console.clock import Clock, SystemClock
from console.model.requests import AcceptIncident, AddNote, Request, Submission
from console.wire import encode_submission
from tests.helpers.stream import SECRET, dispatch, report, submission

DESK = {"Authorization": f"Bearer {SECRET}"}
PAUSE_S = 0.05


class Reached(Protocol):
    """Where a server is at present."""

    @property
    def url(self) -> str:
        """Its address."""
        ...


@dataclass
class Load:
    """What the desks asked of `server`, and what they were told."""

    server: Reached
    answered: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    tried_again: int = 0
    refused: int = 0
    last_answer_at: float = 0.0
    ending: bool = False
    clock: Clock = field(default_factory=SystemClock)

    async def work(self, client: aiohttp.ClientSession, desk: int) -> None:
        """Take one incident after the other through its first steps until told to end."""
        while not self.ending:
            incident = report()
            unit = f"U-{desk}-{incident.incident_id}"  # one that is free
            for request in (
                incident,
                AcceptIncident(incident.incident_id),
                dispatch(incident.incident_id, unit),
                AddNote(incident.incident_id, "on the way"),
            ):
                await self.ask(client, request)

    async def ask(self, client: aiohttp.ClientSession, request: Request) -> None:
        """Submit a request, again and again until there is an answer."""
        sent = submission(request, at=self.clock.now_ms())
        while (events := await self._try(client, sent)) is None:
            self.tried_again += 1
            await asyncio.sleep(PAUSE_S)
        self.answered[sent.key] = events
        self.last_answer_at = time.monotonic()

    async def _try(
        self, client: aiohttp.ClientSession, sent: Submission
    ) -> list[dict[str, Any]] | None:
        address = f"{self.server.url}/api/v1/requests"
        body = encode_submission(sent)
        try:
            async with client.post(address, data=body, headers=DESK) as answer:
                told = await answer.json()
        except (aiohttp.ClientError, OSError, TimeoutError):
            return None
        if answer.status == 200:
            return list(told["events"])
        if answer.status >= 500 or answer.status == 429:
            return None
        raise AssertionError(f"{answer.status}: {told}")

    def faults(self, stored: list[dict[str, Any]]) -> list[str]:
        """What is wrong with the journal's events, by what was answered."""
        by_key: dict[str, list[dict[str, Any]]] = {}
        for event in stored:
            by_key.setdefault(event["key"], []).append(event)
        found = [
            f"{k}: answered, not stored so"
            for k, e in self.answered.items()
            if by_key.get(k, []) != e
        ]
        numbers = Counter(e["fact"]["number"] for e in stored if e["kind"] == "incident.reported")
        found += [f"{number} was given twice" for number, times in numbers.items() if times > 1]
        parts = Counter((e["key"], e["part"]) for e in stored)
        found += [f"{key} was done twice" for (key, _), times in parts.items() if times > 1]
        if [e["seq"] for e in stored] != list(range(1, len(stored) + 1)):
            found.append("the numbers have gaps")
        return found


async def all_events(client: aiohttp.ClientSession, server: Reached) -> list[dict[str, Any]]:
    """The whole journal, over the API."""
    events: list[dict[str, Any]] = []
    while True:
        address = f"{server.url}/api/v1/events?after={len(events)}&limit=5000"
        async with client.get(address, headers=DESK) as answer:
            body = await answer.json()
        events += body["events"]
        if len(events) >= body["head"]:
            return events
