"""The only writer: policy, then decision, then the journal.

Decisions are made on a picture that is ahead of the disk by what is still being written, so that
a crowd of submissions shares one sync. Nothing decided is answered before it is durable, a refusal
included: what it rests on could yet be lost.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future
from dataclasses import dataclass

from console.access import Actor, Role, permit
from console.clock import Clock
from console.journal import Batch, Journal, JournalMoved, Receipt
from console.journal.interface import done_future
from console.model.decide import Refused, decide
from console.model.event import Event
from console.model.facts import Fact
from console.model.ids import new_key
from console.model.picture import Picture
from console.model.requests import ReportIncident, Request, Submission
from console.service.ground import Ground
from console.wire import submission_digest

log = logging.getLogger(__name__)

PAGE = 5000
FUTURE_LIMIT_MS = 24 * 3600 * 1000
"""A sender's clock may be wrong, but not by a day: that is a mistake, not a time."""

_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a submission: a receipt or a refusal, final once `settled` is done."""

    receipt: Receipt | None
    refused: Refused | None
    settled: Future[None]

    def events(self) -> tuple[Event, ...]:
        """The events it made. Raises Refused."""
        if self.refused is not None:
            raise self.refused
        return self.receipt.events if self.receipt is not None else ()


class Service:
    """Turns submissions into events. One per journal; to be called from one thread."""

    def __init__(self, journal: Journal, clock: Clock, ground: Ground) -> None:
        self._journal = journal
        self._clock = clock
        self._ground = ground
        self._picture = folded(journal)
        self._last: Future[None] = done_future()

    def handle(self, submission: Submission, actor: Actor) -> list[Event]:
        """The events that `submission` makes, durable.

        Raises Refused, KeyReused (the key was another submission's), StorageFailed (nothing
        happened; try again).
        """
        outcome = self.submit(submission, actor)
        outcome.settled.result()
        return list(outcome.events())

    def submit(self, submission: Submission, actor: Actor) -> Outcome:
        """Decide and queue for the disk; the outcome may be told when it is settled.

        Raises KeyReused, StorageFailed.
        """
        digest = submission_digest(submission, str(actor))
        known = self._journal.find(submission.key, digest)
        if known is not None:
            return Outcome(known, None, known.durable)
        return self._submit_new(submission, actor, digest)

    def do(self, request: Request, part: str) -> Outcome:
        """Have the system itself, by its part `part`, make `request` now."""
        now = self._clock.now_ms()
        return self.submit(Submission(new_key(now), request, now), Actor(Role.SYSTEM, part))

    def _submit_new(self, submission: Submission, actor: Actor, digest: bytes) -> Outcome:
        for _ in range(_ATTEMPTS):
            if self._journal.numbered != self._picture.seq:
                self._picture = folded(self._journal)
            try:
                facts = self._decide(submission, actor)
            except Refused as refused:
                return Outcome(None, refused, self._last)
            try:
                return self._append(submission, actor, digest, facts)
            except JournalMoved:
                log.info("the journal moved; deciding again")
        raise JournalMoved

    def _decide(self, submission: Submission, actor: Actor) -> list[Fact]:
        request = submission.request
        now = self._clock.now_ms()
        permit(actor, request, self._unit_of_command)
        if submission.happened_at > now + FUTURE_LIMIT_MS:
            raise Refused("bad_time")
        if isinstance(request, ReportIncident) and not self._ground.holds(request.lon, request.lat):
            raise Refused("outside_region")
        return decide(self._picture, request, now, self._ground.around)

    def _append(
        self, submission: Submission, actor: Actor, digest: bytes, facts: list[Fact]
    ) -> Outcome:
        batch = Batch(
            key=submission.key,
            digest=digest,
            facts=tuple(facts),
            happened_at=submission.happened_at,
            actor=str(actor),
            cause=submission.key,
        )
        receipt = self._journal.append(batch, self._picture.seq)
        self._picture.apply(receipt.events)
        self._last = receipt.durable
        return Outcome(receipt, None, receipt.durable)

    def _unit_of_command(self, command_id: str) -> str | None:
        command = self._picture.commands.get(command_id)
        return command.unit_id if command else None


def folded(journal: Journal) -> Picture:
    """The picture that all durable events of the journal make."""
    picture = Picture()
    while events := journal.read(picture.seq, PAGE):
        picture.apply(events)
    return picture
