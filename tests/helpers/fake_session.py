"""A session without a server: decides and folds at once, or holds everything while offline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from console.clock import ManualClock
from console.model.conflict import incidents_asked_about, overtaking
from console.model.decide import Refused, Surroundings, decide, stream_of
from console.model.event import Event
from console.model.facts import Fact, incidents_of
from console.model.ids import new_key
from console.model.picture import Picture
from console.model.requests import Request, Submission
from console.model.text import Text
from console.model.unit import DeviceFault, Fix
from console.session import Capabilities, Changes, Fixes, LinkState, Refusal
from console.session.interface import LinkName


class FakeSession:
    """A session as panels see it. `offline()` holds what is submitted until `online()`."""

    def __init__(self, clock: ManualClock, around: Surroundings | None = None) -> None:
        self.clock = clock
        self.picture = Picture()
        self.link = LinkState("online", clock.now_ms(), 24.0, 0)
        self.fixes = Fixes()
        self.devices: frozenset[str] = frozenset()
        self.device_faults: dict[str, DeviceFault] = {}
        self.people: dict[str, str] = {}
        self.capabilities = Capabilities()
        self.submitted: list[Request] = []
        self.seen = 0
        self._events: list[Event] = []
        self._around = around or Surroundings(lambda _lon, _lat: "", lambda _unit: True)
        self._held: list[Submission] = []
        self._listeners: list[Callable[[Changes], None]] = []

    @property
    def pending(self) -> tuple[Submission, ...]:
        return tuple(self._held)

    def subscribe(self, listener: Callable[[Changes], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def submit(self, request: Request, seen: int | None = None) -> str:
        key = new_key(self.clock.now_ms())
        self.seen = self.picture.seq if seen is None else seen
        self.submitted.append(request)
        if self.link.state == "online":
            self._answer(key, request, self.clock.now_ms(), "desk/03", self.seen)
        else:
            self._held.append(Submission(key, request, self.clock.now_ms(), self.seen))
            self.link = replace(self.link, pending=len(self._held))
            self.tell(Changes(link=True, outbox=True))
        return key

    def look_into(self, incident_id: str) -> None:
        """Nothing of a timeline is elsewhere."""

    def act(self, request: Request, actor: str = "system/test") -> None:
        """Something that others ask for."""
        self._answer(new_key(self.clock.now_ms()), request, self.clock.now_ms(), actor)

    def happen(self, fact: Fact, actor: str = "system/test") -> None:
        """A fact, without asking."""
        self._append([fact], new_key(self.clock.now_ms()), self.clock.now_ms(), actor)

    def offline(self) -> None:
        self._set_link("offline")

    def online(self) -> None:
        self._set_link("online")
        held, self._held = self._held, []
        self.link = replace(self.link, pending=0)
        for submission in held:
            self._answer(
                submission.key,
                submission.request,
                submission.happened_at,
                "desk/03",
                submission.seen,
            )
        self.tell(Changes(link=True, outbox=True))

    def fix(self, unit_id: str, lon: float, lat: float, heading: float | None = None) -> None:
        self.fixes.take([Fix(unit_id, lon, lat, self.clock.now_ms(), heading)])
        self.tell(Changes(fixes=True))

    def tell(self, changes: Changes) -> None:
        for listener in list(self._listeners):
            listener(changes)

    def _set_link(self, state: LinkName) -> None:
        latency = 24.0 if state == "online" else None
        self.link = replace(
            self.link, state=state, since_ms=self.clock.now_ms(), latency_ms=latency
        )
        self.tell(Changes(link=True))

    def _answer(self, key: str, request: Request, at: int, actor: str, seen: int = 0) -> None:
        asked = set(incidents_asked_about(self.picture, request))
        news = [e for e in self._events if e.seq > seen and asked & set(incidents_of(e.fact))]
        if changed := overtaking(request, news if seen else (), actor):
            message = Text("变了", "Changed")
            refusal = Refusal(key, "changed", message, request, tuple(changed))
            self.tell(Changes(refused=(refusal,)))
            return
        try:
            facts = decide(self.picture, request, at, replace(self._around, asked_by=actor))
        except Refused as refused:
            message = Text(f"不行：{refused.code}", f"No: {refused.code}")
            refusal = Refusal(key, refused.code, message, request)
            self.tell(Changes(refused=(refusal,)))
            return
        self._append(facts, key, at, actor)

    def _append(self, facts: list[Fact], key: str, at: int, actor: str) -> None:
        events = [
            Event(self.picture.seq + 1 + part, stream_of(fact), fact, at, at, actor, key, key, part)
            for part, fact in enumerate(facts)
        ]
        self._events += events
        touched = self.picture.apply(events)
        self.tell(
            Changes(
                frozenset(touched.incidents), frozenset(touched.commands), frozenset(touched.units)
            )
        )
