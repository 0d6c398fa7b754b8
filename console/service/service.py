"""The only writer: policy, then decision, then the journal.

Decisions are made while the journal's end is held, on a picture of everything before it, so that a
crowd of submissions shares one sync and several nodes share one journal. Nothing decided is
answered before it is durable, a refusal included: what it rests on could yet be lost.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial

from console.access import Actor, Role, permit
from console.clock import Clocks
from console.journal import Batch, End, Journal, Receipt
from console.model.conflict import Outdated, incidents_asked_about, overtaking
from console.model.decide import Refused, decide, streams_of
from console.model.event import Event
from console.model.facts import Fact, incidents_of
from console.model.ids import new_key
from console.model.picture import Picture
from console.model.requests import MarkSeen, ReportIncident, Request, Submission
from console.model.sender_time import AHEAD_MS, MISTAKES, read_time
from console.service.follower import Follower, folded
from console.service.ground import Ground
from console.service.opening import Keeper
from console.service.whereabouts import whereabouts
from console.wire import submission_digest

log = logging.getLogger(__name__)

NEAR = 1000
"""Events that a sender may be behind for all of them to be gone through; who was away for longer
costs a look into the journal for the incidents asked about."""

MOST_NEWS = 10_000
"""Events of those incidents that are looked at."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a submission, final once `settled` is done."""

    settled: Future[Receipt]

    def events(self) -> tuple[Event, ...]:
        """The events it made; waits until they are durable.

        Raises Refused, KeyReused (the key was another submission's), StorageFailed (nothing
        happened; try again).
        """
        return self.settled.result().events


class Service:
    """Turns submissions into events. One per process and journal; thread-safe.

    `picture` is the fold of the journal up to some event, the service's own from then on; `keeper`
    keeps it on the disk.
    """

    def __init__(
        self,
        journal: Journal,
        clocks: Clocks,
        ground: Ground,
        picture: Picture | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        self._journal = journal
        self._clocks = clocks
        self._ground = ground
        self._follower = Follower(folded(journal) if picture is None else picture, keeper)

    def handle(self, submission: Submission, actor: Actor) -> list[Event]:
        """The events that `submission` makes, durable. Raises as `Outcome.events` does."""
        return list(self.submit(submission, actor).events())

    def submit(self, submission: Submission, actor: Actor, clock_off_ms: int = 0) -> Outcome:
        """Have it decided in the journal's next turn. The sender's clock is known to be ahead by
        `clock_off_ms`.
        """
        digest = submission_digest(submission, actor.who)
        make = partial(self._batch, submission, actor, digest, clock_off_ms)
        return Outcome(self._journal.write(submission.key, digest, make))

    def do(self, request: Request, part: str) -> Outcome:
        """Have the system itself, by its part `part`, make `request` now."""
        now = self._clocks.scenario.now_ms()
        return self.submit(Submission(new_key(now), request, now), Actor(Role.SYSTEM, part))

    def _batch(
        self, submission: Submission, actor: Actor, digest: bytes, clock_off_ms: int, end: End
    ) -> Batch:
        picture = self._follower.picture_at(end)
        return Batch(
            key=submission.key,
            digest=digest,
            facts=tuple(self._decide(picture, submission, actor, end)),
            happened_at=self._happened_at(submission, actor, clock_off_ms),
            actor=str(actor),
            cause=submission.key,
        )

    def _decide(
        self, picture: Picture, submission: Submission, actor: Actor, end: End
    ) -> list[Fact]:
        request = submission.request
        now = self._clocks.scenario.now_ms()
        permit(actor, request, whereabouts(picture, self._ground))
        if isinstance(request, ReportIncident) and not self._ground.holds(request.lon, request.lat):
            raise Refused("outside_region")
        if isinstance(request, MarkSeen) and actor.desk:
            # Which desk saw it is what the sign-in says, whatever the sender calls itself.
            request = replace(request, desk=actor.desk)
        around = replace(self._ground.around, asked_by=actor.who)
        try:
            facts = decide(picture, request, now, around)
        except Refused:
            self._check_seen(picture, submission, actor, end)
            raise
        if facts:
            self._check_seen(picture, submission, actor, end)
        return facts

    def _check_seen(self, picture: Picture, submission: Submission, actor: Actor, end: End) -> None:
        """Raise Outdated where others made it another decision since the sender looked."""
        request, seen = submission.request, submission.seen
        if not 0 < seen < end.seq:
            return
        asked_about = incidents_asked_about(picture, request)
        if not asked_about:
            return
        news = self._news(picture, asked_about, seen, end)
        if overtaken_by := overtaking(request, news, str(actor)):
            raise Outdated(overtaken_by)

    def _news(
        self, picture: Picture, incident_ids: Sequence[str], seen: int, end: End
    ) -> list[Event]:
        """The events above `seen` that concern these incidents, in order."""
        events: Iterable[Event]
        if end.seq - seen <= NEAR:
            events = end.since(seen)
        else:
            known = [i for name in incident_ids if (i := picture.incidents.get(name))]
            streams = [stream for incident in known for stream in streams_of(incident)]
            stored = self._journal.about(streams, MOST_NEWS)
            events = (*(e for e in stored if e.seq <= end.durable), *end.since(end.durable))
        wanted = set(incident_ids)
        return [e for e in events if e.seq > seen and wanted & set(incidents_of(e.fact))]

    def _happened_at(self, submission: Submission, actor: Actor, clock_off_ms: int) -> int:
        """When it happened, in the scenario: as the sender says, where the clock that says it may
        be right. Devices go by the wall, all others by what the server tells. A program that counts
        otherwise is refused; whom only a clock fails is heard, and what happened counts from now.
        """
        is_device = actor.role is Role.DEVICE
        now = (self._clocks.wall if is_device else self._clocks.scenario).now_ms()
        off_ms = clock_off_ms if abs(clock_off_ms) > AHEAD_MS else 0
        at = submission.happened_at - off_ms
        _, fault = read_time(at, now)
        if fault is None:
            return self._clocks.scenario_of(at) if is_device else at
        if fault in MISTAKES:
            raise Refused("bad_time", fault=fault.value)
        log.warning("%s dates what it says %d: %s", actor, submission.happened_at, fault.value)
        return self._clocks.scenario.now_ms()
