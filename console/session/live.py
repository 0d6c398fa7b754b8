"""The live session: the fold of the server's journal, now."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace

from console.clock import Clock, monotonic_s
from console.model.event import Event
from console.model.ids import new_key
from console.model.picture import Picture
from console.model.requests import Request, Submission
from console.model.unit import DeviceFault
from console.process import garbage_left_alone
from console.session.backoff import Backoff
from console.session.fixes import Fixes
from console.session.interface import NOT_KEPT, Capabilities, Changes, LinkState, Listener, Refusal
from console.session.link import STARTING_S, Link
from console.session.outbox import Outbox, OutboxFailed
from console.session.recall import Recall
from console.session.sender import Sender
from console.session.server_clock import ServerClock
from console.session.transport import Transport
from console.wire import (
    Answer,
    DeskFrame,
    DevicesFrame,
    EventsFrame,
    FixesFrame,
    PeopleFrame,
    PingFrame,
    WireError,
    decode_desk_frame,
)
from console.wire.whole import decode_picture

log = logging.getLogger(__name__)

FAR_BEHIND = 2000
"""Events to catch up with, above which the whole picture is had sooner."""

OK = 200


class LiveSession:
    """`console.session.Session` over a transport. `start` it once listeners are in place.

    Lives on the transport's thread. `now_s` measures silence (monotonic seconds).
    `starting_s` is how long a server that was never reached counts as one that is starting.
    """

    def __init__(
        self,
        transport: Transport,
        outbox: Outbox,
        clock: Clock,
        *,
        now_s: Callable[[], float] = monotonic_s,
        make_backoff: Callable[[], Backoff] = Backoff,
        starting_s: float = STARTING_S,
    ) -> None:
        self._server_time = ServerClock(clock)
        self.clock: Clock = self._server_time
        self.picture = Picture()
        self.fixes = Fixes()
        self.devices: frozenset[str] = frozenset()
        self.device_faults: Mapping[str, DeviceFault] = {}
        self.people: Mapping[str, str] = {}
        self.capabilities = Capabilities()
        self._transport = transport
        self._outbox = outbox
        self._listeners: list[Listener] = []
        self._journal = ""
        self._since_elapsed_ms = clock.elapsed_ms()
        self._state = "connecting"
        self._landing: dict[str, tuple[Submission, int]] = {}
        self._may_leap = True
        self._make_backoff = make_backoff
        self._sender = Sender(transport, outbox, self._settled, make_backoff())
        self._link = Link(transport, self, now_s, make_backoff(), starting_s)
        self._recall = Recall(transport, self._recalled)

    def start(self) -> None:
        """Connect, and send what the outbox holds from the last time."""
        self._link.start()
        self._sender.push()

    def close(self) -> None:
        """Let go of the server and the outbox; what is not answered stays in it."""
        self._transport.close()
        self._outbox.close()

    @property
    def link(self) -> LinkState:
        """How the desk stands with the server."""
        pending = len(self._outbox) + len(self._landing)
        link, lasts_ms = self._link, self.clock.elapsed_ms() - self._since_elapsed_ms
        since_ms = self.clock.now_ms() - lasts_ms
        return LinkState(link.state, since_ms, link.latency_ms, pending, link.trouble)

    @property
    def pending(self) -> tuple[Submission, ...]:
        """What was submitted here and the picture does not show yet, oldest first."""
        return (*(s for s, _ in self._landing.values()), *self._outbox.entries)

    @property
    def cursor(self) -> int:
        """The last event folded."""
        return self.picture.seq

    def submit(self, request: Request, seen: int | None = None) -> str:
        """Keep `request` in the outbox, and send it once it is kept; what cannot be kept is a
        refusal with the code `not_kept`."""
        now = self.clock.now_ms()
        known = self.cursor if seen is None else seen
        submission = Submission(new_key(now), request, now, known)
        outbox, transport = self._outbox, self._transport
        kept = outbox.add(submission)
        kept.add_done_callback(
            lambda done: transport.call(lambda: self._kept(outbox, submission, done))
        )
        self._tell(Changes(link=True, outbox=True))
        return submission.key

    def _kept(self, outbox: Outbox, submission: Submission, done: Future[None]) -> None:
        """A submission is on the disk, or cannot be kept there."""
        error = done.exception()
        if outbox is not self._outbox:
            return
        if error is None:
            self._sender.push()
            return
        if not isinstance(error, OutboxFailed):
            raise error
        refusal = Refusal(submission.key, NOT_KEPT, error.message, submission.request)
        self._tell(Changes(link=True, outbox=True, refused=(refusal,)))

    def allow(self, requests: frozenset[str] | None, reads: frozenset[str] | None = None) -> None:
        """The person at this desk may make these requests (by class name; None: all), and read
        these data (None: all).
        """
        self.capabilities = replace(self.capabilities, requests=requests, reads=reads)
        self._tell(Changes(people=True))

    def hand_over(self, outbox: Outbox) -> None:
        """Somebody else is at the desk from now on, with an outbox of their own.

        What the one before asked for and was not answered stays in theirs, until they come back.
        """
        self._sender.stop()
        self._outbox.close()
        self._landing.clear()
        self._outbox = outbox
        self._sender = Sender(self._transport, outbox, self._settled, self._make_backoff())
        self._sender.push()
        self._tell(Changes(link=True, outbox=True))

    def look_into(self, incident_id: str) -> None:
        """Get the beginning of the incident's timeline, where it is not known."""
        self._recall.want(self.picture, incident_id)

    def start_over(self) -> None:
        """Somebody else is at the desk, or may see something else: nothing is kept of what could
        be seen before, and the stream is opened anew from its beginning.
        """
        self._forget("somebody else is at the desk")
        self._journal, self._may_leap = "", True
        self.devices = frozenset()
        self.people = {}
        gone = self.fixes.forget_all()
        self._tell(Changes(people=True, fixes=True, units=gone))
        self._link.retry_now()

    def retry_now(self) -> None:
        """Do not wait for the next try to connect."""
        self._link.retry_now()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` called with changes."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def heard(self, data: bytes) -> None:
        """A frame came from the server."""
        try:
            self._take(decode_desk_frame(data))
        except WireError as error:
            log.warning("a frame that cannot be read: %s", error)
            self._link.drop("a frame that cannot be read")

    def link_changed(self) -> None:
        """The link's state or latency is another."""
        were_here: frozenset[str] = frozenset()
        if self._link.state != self._state:
            self._state = self._link.state
            self._since_elapsed_ms = self.clock.elapsed_ms()
            if self._state == "connecting":
                # The stream begins with who is on line: who left meanwhile is not told of.
                were_here, self.devices, self.device_faults = self.devices, frozenset(), {}
                self._sender.hurry()
        self._tell(Changes(link=True, units=were_here))

    def _take(self, frame: DeskFrame) -> None:
        match frame:
            case EventsFrame():
                self._take_events(frame)
            case FixesFrame():
                self._take_fixes(frame)
            case PingFrame(at=at):
                self._server_time.heard(at)
            case PeopleFrame(names=names):
                self.people = names
                self._tell(Changes(people=True))
            case DevicesFrame():
                self._take_devices(frame)

    def _take_fixes(self, frame: FixesFrame) -> None:
        called = self.fixes.hear_calls(frame.calls)
        if self.fixes.take_frame(frame) or called:
            self._tell(Changes(fixes=True, units=called))

    def _take_devices(self, frame: DevicesFrame) -> None:
        gone = frozenset(frame.offline)
        self.devices = (self.devices | frozenset(frame.online)) - gone
        told = {u: DeviceFault(f.code, f.off_ms) for u, f in frame.faults.items()}
        faults = {**self.device_faults, **told}
        self.device_faults = {u: f for u, f in faults.items() if f.code and u not in gone}
        self._tell(Changes(units=frozenset((*frame.online, *frame.offline, *frame.faults))))

    def _take_events(self, frame: EventsFrame) -> None:
        if self._is_other_journal(frame):
            self._start_anew(frame.journal)
            return
        self._journal = frame.journal
        if self._may_leap and self._left_after(frame) > FAR_BEHIND:
            self._may_leap = False
            self._link.go_on_after(self._leap)
        elif not self._fold(frame.decoded(), frame.after, frame.through):
            self._link.drop("events are missing in between")
        elif self.cursor >= frame.head:
            self._may_leap = True
            self._link.caught_up()

    def _left_after(self, frame: EventsFrame) -> int:
        """How many events are still to come after `frame`."""
        last = frame.events[-1].seq if frame.events else 0
        return frame.head - max(self.cursor, frame.through, last)

    def _is_other_journal(self, frame: EventsFrame) -> bool:
        """Whether it has another name, or ends before the cursor it was asked to go on from.

        The cursor as it was then: an answer may have run ahead of the stream since.
        """
        renamed = self._journal not in ("", frame.journal)
        return self.cursor > 0 and (renamed or frame.head < self._link.opened_after)

    def _start_anew(self, journal: str) -> None:
        """The server has another journal than the one folded so far: nothing known is so."""
        log.warning("the server's journal is another one; starting from its beginning")
        self._journal = journal
        self._forget("another journal")

    def _forget(self, why: str) -> None:
        """Nothing known so far is so: a picture that is on its way is none either."""
        self._landing.clear()
        self.fixes.hear_calls({})
        self._link.drop(why)
        self._replace(Picture())

    def _leap(self, go_on: Callable[[], None]) -> None:
        """Take the server's picture for ours; without one it goes on event by event."""

        asked = self.picture

        def answered(status: int, body: bytes) -> None:
            if self.picture is not asked:
                log.info("a picture came for which nobody waits any more")
            elif status != OK or not self._take_whole(body):
                log.info("no picture was to be had (%d): catching up event by event", status)
            go_on()

        self._transport.fetch("/api/v1/picture", answered)

    def _take_whole(self, body: bytes) -> bool:
        picture = Picture()
        try:
            with garbage_left_alone():
                whole = decode_picture(body)
                picture.keep(whole.seq, whole.incidents, whole.commands, whole.units, {})
        except WireError as error:
            log.warning("the server's picture cannot be read: %s", error)
            return False
        if whole.seq <= self.cursor:
            return False
        self._journal = whole.journal
        self._replace(picture)
        return True

    def _replace(self, picture: Picture) -> None:
        """Another picture instead of the one so far: everything in either may be different."""
        both = (self.picture, picture)
        self.picture = picture
        self._land()
        self._tell(
            Changes(
                incidents=frozenset(i for each in both for i in each.incidents),
                commands=frozenset(c for each in both for c in each.commands),
                units=frozenset(u for each in both for u in each.units),
                outbox=True,
                link=True,
            )
        )

    def _fold(self, events: Sequence[Event], after: int = -1, through: int = -1) -> bool:
        """Fold what is new; False, and nothing folded, when events are missing in between.

        With a span from `after` to `through`, numbers left out within it are not this desk's.
        """
        fresh = [e for e in events if e.seq > self.cursor]
        spanned = 0 <= after <= self.cursor
        if not fresh and not (spanned and through > self.cursor):
            return True
        if not spanned and not _follow_on(fresh, self.cursor):
            return False
        touched = self.picture.apply(fresh)
        if spanned:
            self.picture.skip_to(through)
        landed = self._land()
        self._tell(
            Changes(
                incidents=frozenset(touched.incidents),
                commands=frozenset(touched.commands),
                units=frozenset(touched.units),
                outbox=landed,
                link=landed,
            )
        )
        return True

    def _land(self) -> bool:
        """Let go of the answered submissions that the picture now shows; whether there were any."""
        shown = [key for key, (_, seq) in self._landing.items() if seq <= self.cursor]
        for key in shown:
            del self._landing[key]
        return bool(shown)

    def _recalled(self, incident_id: str) -> None:
        self._tell(Changes(incidents=frozenset((incident_id,))))

    def _settled(self, submission: Submission, answer: Answer) -> None:
        if answer.error is not None:
            error = answer.error
            refusal = Refusal(
                submission.key, error.code, error.message, submission.request, error.changes
            )
            self._tell(Changes(outbox=True, link=True, refused=(refusal,)))
            return
        if answer.events and answer.events[-1].seq > self.cursor:
            # Shown as pending until the picture has it: the stream may bring it later.
            self._landing[submission.key] = (submission, answer.events[-1].seq)
            self._fold(answer.events)
        self._tell(Changes(outbox=True, link=True))

    def _tell(self, changes: Changes) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(changes)
            except Exception:
                log.exception("a listener of the session failed")


def _follow_on(events: Sequence[Event], cursor: int) -> bool:
    """Whether `events` follow on `cursor` without a gap."""
    return not events or (events[0].seq == cursor + 1 and events[-1].seq == cursor + len(events))
