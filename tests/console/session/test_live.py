"""The live session against a server that is the test."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from console.clock import ManualClock
from console.model.decide import Surroundings, decide, stream_of
from console.model.event import Event
from console.model.incident import Stage
from console.model.picture import Picture
from console.model.requests import AcceptIncident, RejectIncident, Request, Submission
from console.model.unit import DeviceFault
from console.session import NOT_KEPT, Changes, LinkState, LiveSession, Outbox, Session, Trouble
from console.session.backoff import Backoff
from console.session.fake_transport import FakeTransport
from console.session.link import OWN_STARTING_S
from console.wire import (
    DevicesFrame,
    FixesFrame,
    PingFrame,
    WireDeviceFault,
    WireFix,
    decode_submission,
)
from tests.helpers.prompt import Prompt
from tests.helpers.stream import NOW, report, submission


def middle() -> Backoff:
    """Waits without chance: 0.25 s, 0.5 s, …"""
    return Backoff(lambda: 0.5)


@dataclass
class Server:
    """A journal in a list, that answers what the session posts."""

    transport: FakeTransport
    name: str = "one"
    events: list[Event] = field(default_factory=list)
    picture: Picture = field(default_factory=Picture)

    def make(self, sent: Submission) -> list[Event]:
        """The events that `sent` makes."""
        around = Surroundings(lambda _lon, _lat: "", lambda _unit: True)
        facts = decide(self.picture, sent.request, NOW, around)
        made = [
            Event(
                seq=len(self.events) + 1 + part,
                stream=stream_of(fact),
                fact=fact,
                happened_at=NOW,
                recorded_at=NOW,
                actor="desk/duty",
                cause=sent.key,
                key=sent.key,
                part=part,
            )
            for part, fact in enumerate(facts)
        ]
        self.events += made
        self.picture.apply(made)
        return made

    def do(self, request: Request) -> list[Event]:
        """Somebody else asks for something."""
        return self.make(submission(request))

    def accept(self) -> None:
        """Open the stream, and send all after its cursor."""
        self.transport.accept()
        self.send(self.transport.opened_after[-1])

    def send(self, after: int) -> None:
        """Send the events after `after`."""
        self.transport.deliver_events(self.events[after:], len(self.events), self.name)

    def answer_first(self) -> None:
        """Take the oldest post and answer it."""
        sent = decode_submission(self.transport.posts[0][0])
        known = [e for e in self.events if e.key == sent.key]
        self.transport.answer(200, known or self.make(sent))


@dataclass
class Rig:
    """A session, its fake server, and what it has told."""

    session: LiveSession
    transport: FakeTransport
    server: Server
    clock: ManualClock
    told: list[Changes] = field(default_factory=list)

    @property
    def state(self) -> str:
        """The link's state."""
        return self.session.link.state


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[], Rig]]:
    """Sessions over one outbox file, one at a time."""
    made: list[Rig] = []

    def rig() -> Rig:
        if made:
            made[-1].session.close()
        transport, clock = FakeTransport(), ManualClock(NOW)
        session = LiveSession(
            transport,
            Outbox(tmp_path / "outbox", Prompt()),
            clock,
            now_s=lambda: transport.now_s,
            make_backoff=middle,
        )
        new = Rig(session, transport, Server(transport), clock)
        session.subscribe(new.told.append)
        session.start()
        made.append(new)
        return new

    yield rig
    made[-1].session.close()


@pytest.fixture
def rig(make: Callable[[], Rig]) -> Rig:
    return make()


def test_it_is_a_session(rig: Rig) -> None:
    session: Session = rig.session
    assert session.capabilities.can_submit
    assert (rig.state, session.link.pending, session.picture.seq) == ("connecting", 0, 0)


def test_it_catches_up_in_pages_and_is_online_when_it_has_all(rig: Rig) -> None:
    for _ in range(3):
        rig.server.do(report())
    rig.transport.accept()
    rig.transport.deliver_events(rig.server.events[:2], 3)
    assert (rig.state, rig.session.picture.seq) == ("connecting", 2)
    rig.transport.deliver_events(rig.server.events[2:], 3)
    assert (rig.state, rig.session.picture.seq) == ("online", 3)
    assert rig.told[-1].link
    touched = frozenset().union(*(c.incidents for c in rig.told))
    assert touched == set(rig.session.picture.incidents)


def test_an_empty_journal_is_online_at_once(rig: Rig) -> None:
    rig.server.accept()
    assert rig.state == "online"


def test_fixes_and_devices(rig: Rig) -> None:
    rig.server.accept()
    rig.transport.deliver(FixesFrame([WireFix("U-1", 120.0, 30.0, 5)]))
    assert rig.told[-1] == Changes(fixes=True)
    assert rig.session.fixes.of("U-1") is not None
    told = len(rig.told)
    rig.transport.deliver(FixesFrame([WireFix("U-1", 120.0, 30.0, 5)]))
    assert len(rig.told) == told
    rig.transport.deliver(DevicesFrame(["U-1", "U-2"], []))
    rig.transport.deliver(DevicesFrame([], ["U-2"]))
    assert rig.session.devices == {"U-1"}
    assert rig.told[-1].units == {"U-2"}


def test_a5_what_is_wrong_with_devices_is_known_until_it_is_not(rig: Rig) -> None:
    rig.server.accept()
    faults = {"U-1": WireDeviceFault("clock_off", -600_000), "U-2": WireDeviceFault("ahead")}
    rig.transport.deliver(DevicesFrame(["U-1", "U-2"], [], faults))
    assert rig.session.device_faults == {
        "U-1": DeviceFault("clock_off", -600_000),
        "U-2": DeviceFault("ahead"),
    }
    rig.transport.deliver(DevicesFrame([], [], {"U-1": WireDeviceFault("")}))
    assert rig.told[-1].units == {"U-1"}
    assert rig.session.device_faults.keys() == {"U-2"}
    rig.transport.deliver(DevicesFrame([], ["U-2"]))
    assert rig.session.device_faults == {}


def test_b6_a_device_that_left_while_the_desk_was_cut_off_is_not_on_line(rig: Rig) -> None:
    """A stream begins with all that are."""
    rig.server.accept()
    rig.transport.deliver(DevicesFrame(["U-1", "U-2"], []))
    rig.transport.lose()
    assert rig.session.devices == {"U-1", "U-2"}, "as known last"
    rig.transport.advance(1)
    rig.server.accept()
    assert any(change.units == {"U-1", "U-2"} for change in rig.told)
    rig.transport.deliver(DevicesFrame(["U-2"], []))
    assert rig.session.devices == {"U-2"}


def test_a_submission_is_pending_until_the_picture_shows_it(rig: Rig) -> None:
    rig.server.accept()
    asked = report()
    key = rig.session.submit(asked)
    assert rig.session.link.pending == 1
    assert [s.key for s in rig.session.pending] == [key]
    assert rig.told[-1].outbox
    rig.server.answer_first()
    assert rig.session.link.pending == 0
    assert rig.session.picture.incidents[asked.incident_id].stage is Stage.REPORTED
    rig.server.send(0)
    assert rig.session.picture.seq == 1


def test_an_answer_that_runs_ahead_of_the_stream_stays_pending(rig: Rig) -> None:
    rig.server.accept()
    rig.server.do(report())
    asked = report()
    rig.session.submit(asked)
    rig.server.answer_first()
    assert rig.session.picture.seq == 0
    assert rig.session.link.pending == 1
    rig.server.send(0)
    assert (rig.session.picture.seq, rig.session.link.pending) == (2, 0)


def test_a_stream_that_lags_behind_the_answers_is_no_other_journal(rig: Rig) -> None:
    rig.server.accept()
    for _ in range(3):
        rig.session.submit(report())
        rig.server.answer_first()
    rig.transport.deliver_events(rig.server.events[:1], 1)
    rig.transport.deliver_events(rig.server.events[1:2], 2)
    assert (rig.session.picture.seq, len(rig.session.picture.incidents)) == (3, 3)
    assert rig.transport.opened_after == [0]


def test_an_answer_without_events_is_done(rig: Rig) -> None:
    rig.server.accept()
    asked = report()
    rig.server.do(asked)
    rig.server.do(AcceptIncident(asked.incident_id))
    rig.server.send(0)
    rig.session.submit(AcceptIncident(asked.incident_id))
    rig.server.answer_first()
    assert rig.session.link.pending == 0


def test_submissions_go_one_at_a_time_and_in_order(rig: Rig) -> None:
    rig.server.accept()
    keys = [rig.session.submit(report()) for _ in range(3)]
    assert len(rig.transport.posts) == 1
    for _ in keys:
        rig.server.answer_first()
    assert [decode_submission(b).key for b in rig.transport.posted] == keys
    assert [e.key for e in rig.server.events] == keys


@pytest.mark.parametrize("status", [400, 409, 413, 422])
def test_a_refusal_is_told_once_and_the_next_goes_out(rig: Rig, status: int) -> None:
    rig.server.accept()
    asked = report()
    key, second = rig.session.submit(asked), rig.session.submit(report())
    rig.transport.answer(status, error="nope")
    refused = [r for c in rig.told for r in c.refused]
    assert [(r.key, r.code, r.message.en, r.request) for r in refused] == [
        (key, "nope", "No", asked)
    ]
    assert [s.key for s in rig.session.pending] == [second]
    assert len(rig.transport.posts) == 1


def test_a8_a_submission_says_what_its_sender_had_seen_and_hears_what_changed(rig: Rig) -> None:
    rig.server.accept()
    asked = report()
    rig.server.do(asked)
    rig.server.send(0)
    changed = rig.server.do(AcceptIncident(asked.incident_id))
    rig.session.submit(RejectIncident(asked.incident_id, "a prank"))
    assert decode_submission(rig.transport.posts[0][0]).seen == 1
    rig.transport.answer(409, changed, error="changed")
    (refusal,) = (r for c in rig.told for r in c.refused)
    assert (refusal.code, refusal.changes) == ("changed", tuple(changed))
    assert rig.session.cursor == 1  # the stream brings them, in their order
    rig.session.submit(RejectIncident(asked.incident_id, "a prank"), seen=0)
    assert decode_submission(rig.transport.posts[0][0]).seen == 0


@pytest.mark.parametrize("status", [0, 401, 500, 502, 503])
def test_no_answer_settles_nothing_and_the_same_is_sent_again(rig: Rig, status: int) -> None:
    rig.server.accept()
    rig.session.submit(report())
    rig.transport.answer(status, error="busy" if status else "")
    assert rig.session.link.pending == 1
    assert rig.transport.posts == []
    rig.transport.advance(0.26)
    assert len(rig.transport.posts) == 1
    assert rig.transport.posted[0] == rig.transport.posted[1]
    rig.server.answer_first()
    assert rig.session.link.pending == 0


def test_an_answer_from_something_that_is_not_the_server_settles_nothing(rig: Rig) -> None:
    rig.session.submit(report())
    _, answered = rig.transport.posts.pop()
    answered(200, b"<html>Sign in to the hotel's network</html>")
    assert rig.session.link.pending == 1


def test_work_done_off_line_is_sent_when_the_server_is_back(rig: Rig) -> None:
    rig.server.accept()
    rig.transport.lose()
    assert rig.state == "offline"
    keys = [rig.session.submit(report()) for _ in range(3)]
    for _ in range(6):
        rig.transport.answer(0)
        rig.transport.advance(8.1)
        if rig.transport.receiver is not None:
            rig.transport.lose("refused")
    assert rig.session.link.pending == 3
    rig.transport.answer(0)
    rig.transport.advance(9)
    posts = len(rig.transport.posts)
    rig.server.accept()
    assert len(rig.transport.posts) == max(posts, 1)
    while rig.transport.posts:
        rig.server.answer_first()
    assert [e.key for e in rig.server.events] == keys
    assert (rig.state, rig.session.link.pending) == ("online", 0)


def tried_again(rig: Rig) -> None:
    """Wait until the desk opens the stream anew."""
    while rig.transport.receiver is None:
        rig.transport.advance(0.1)


def test_why_there_is_no_stream_is_known_until_there_is_one(rig: Rig) -> None:
    told: list[LinkState] = []
    rig.session.subscribe(lambda changes: told.append(rig.session.link) if changes.link else None)
    rig.server.accept()
    rig.transport.lose()
    assert (rig.state, rig.session.link.trouble) == ("offline", "")
    troubles: tuple[Trouble, ...] = ("refused", "untrusted")
    for trouble in troubles:
        tried_again(rig)
        rig.transport.lose("lost", trouble)
        assert told[-1].trouble == rig.session.link.trouble == trouble
    tried_again(rig)
    assert rig.session.link.trouble == "untrusted"
    rig.server.accept()
    assert (rig.state, rig.session.link.trouble) == ("online", "")


def test_a_server_that_cannot_prove_who_it_is_is_said_at_once(rig: Rig) -> None:
    rig.transport.lose("lost", "refused")
    assert (rig.state, rig.session.link.trouble) == ("connecting", "")
    tried_again(rig)
    rig.transport.lose("lost", "wrong_host")
    assert (rig.state, rig.session.link.trouble) == ("offline", "wrong_host")


def test_silence_is_told_as_such(rig: Rig) -> None:
    rig.server.accept()
    rig.transport.advance(8)
    assert (rig.state, rig.session.link.trouble) == ("offline", "unreachable")


def test_the_outbox_outlives_the_desk(make: Callable[[], Rig]) -> None:
    first = make()
    keys = [first.session.submit(report()) for _ in range(2)]
    second = make()
    assert second.session.link.pending == 2
    assert [decode_submission(b).key for b in second.transport.posted] == keys[:1]
    second.server.accept()
    while second.transport.posts:
        second.server.answer_first()
    assert [e.key for e in second.server.events] == keys


def test_it_resumes_from_its_cursor(rig: Rig) -> None:
    rig.server.do(report())
    rig.server.accept()
    rig.transport.lose()
    rig.server.do(report())
    rig.transport.advance(0.26)
    assert rig.transport.opened_after == [0, 1]
    rig.server.accept()
    assert (rig.state, rig.session.picture.seq) == ("online", 2)


def test_waits_grow_and_are_short_again_after_a_good_time(rig: Rig) -> None:
    waits: list[float] = []
    for _ in range(8):
        began = rig.transport.now_s
        rig.transport.lose()
        while rig.transport.receiver is None:
            rig.transport.advance(0.01)
        waits.append(round(rig.transport.now_s - began, 1))
    assert waits == pytest.approx([0.3, 0.5, 1, 2, 4, 8, 8, 8], abs=0.1)
    rig.server.accept()
    for _ in range(10):
        rig.transport.advance(1)
        rig.transport.deliver(PingFrame(1))
    rig.transport.lose()
    rig.transport.advance(0.26)
    assert rig.transport.receiver is not None


def test_a_server_that_is_still_starting_is_not_off_line_yet(rig: Rig) -> None:
    states = set()
    for _ in range(3):
        rig.transport.lose("refused")
        states.add(rig.state)
        rig.transport.advance(1.01)
    assert states == {"connecting"}
    rig.transport.lose("refused")
    assert rig.state == "offline"


def test_d8_a_server_of_the_desks_own_may_take_its_time(tmp_path: Path) -> None:
    transport = FakeTransport()
    session = LiveSession(
        transport,
        Outbox(tmp_path / "own"),
        ManualClock(NOW),
        now_s=lambda: transport.now_s,
        make_backoff=middle,
        starting_s=OWN_STARTING_S,
    )
    session.start()
    states = set()
    for _ in range(50):
        transport.lose("refused", "refused")
        states.add(session.link.state)
        transport.advance(1.01)
    assert states == {"connecting"}, "nothing was lost that was never there"
    for _ in range(30):
        transport.lose("refused", "refused")
        transport.advance(1.01)
    assert session.link.state == "offline"
    session.close()


def test_a_server_that_falls_silent_is_given_up(rig: Rig) -> None:
    rig.server.accept()
    for _ in range(10):
        rig.transport.advance(2)
        rig.transport.deliver(PingFrame(1))
    assert rig.state == "online"
    rig.transport.advance(7.1)
    assert rig.state == "offline"
    rig.transport.advance(0.3)
    assert len(rig.transport.opened_after) == 2


def test_an_attempt_that_never_opens_is_given_up(rig: Rig) -> None:
    rig.transport.advance(7.5)
    assert len(rig.transport.opened_after) == 2
    rig.transport.advance(6.5)
    rig.transport.advance(1)
    assert len(rig.transport.opened_after) == 3


def test_missing_events_are_never_folded_over(rig: Rig) -> None:
    for _ in range(3):
        rig.server.do(report())
    rig.transport.accept()
    rig.transport.deliver_events(rig.server.events[:1], 3)
    rig.transport.deliver_events(rig.server.events[2:], 3)
    assert rig.session.picture.seq == 1
    rig.transport.advance(0.3)
    rig.server.accept()
    assert (rig.session.picture.seq, rig.transport.opened_after) == (3, [0, 1])


def test_a_frame_that_cannot_be_read_is_not_passed_over(rig: Rig) -> None:
    rig.server.accept()
    assert rig.transport.receiver is not None
    rig.transport.receiver.frame(b"\xc1\xc1")
    rig.transport.advance(0.3)
    assert len(rig.transport.opened_after) == 2


@pytest.mark.parametrize("longer", [False, True])
def test_another_journal_is_another_picture(rig: Rig, longer: bool) -> None:
    rig.server.do(report())
    old = rig.server.do(report())[0].fact.incident_id  # type: ignore[union-attr]
    rig.server.accept()
    rig.transport.lose()
    other = Server(rig.transport, "two")
    for _ in range(5 if longer else 1):
        other.do(report())
    rig.transport.advance(0.26)
    other.accept()
    assert (rig.session.picture.seq, rig.session.picture.incidents) == (0, {})
    assert old in frozenset().union(*(c.incidents for c in rig.told))
    rig.transport.advance(0.6)
    assert rig.transport.opened_after[-1] == 0
    other.accept()
    assert rig.session.picture.incidents.keys() == other.picture.incidents.keys()
    assert rig.state == "online"


def test_a_listener_that_fails_stops_nothing(rig: Rig) -> None:
    rig.session.subscribe(lambda _changes: 1 / 0)  # type: ignore[arg-type,return-value]
    stop = rig.session.subscribe(lambda _changes: None)
    stop()
    rig.server.accept()
    assert rig.state == "online"


def test_latency_is_that_of_the_open_stream(rig: Rig) -> None:
    rig.server.accept()
    assert rig.transport.receiver is not None
    rig.transport.receiver.latency(12.5)
    assert rig.session.link.latency_ms == 12.5
    rig.clock.advance(500)
    rig.transport.lose()
    link = rig.session.link
    assert (link.latency_ms, link.since_ms) == (None, NOW + 500)


def test_a_desk_whose_clock_is_wrong_goes_by_the_servers(rig: Rig) -> None:
    hour_ms = 3_600_000
    rig.server.accept()
    rig.clock.advance(5000)
    rig.transport.deliver(PingFrame(NOW + hour_ms))
    assert rig.session.clock.now_ms() == NOW + hour_ms
    assert rig.session.link.since_ms == NOW + hour_ms - 5000
    rig.clock.set(NOW - hour_ms)
    rig.session.submit(report())
    assert decode_submission(rig.transport.posted[-1]).happened_at == NOW + hour_ms


def test_d9_a_click_is_shown_before_the_disk_has_it_and_sent_after(tmp_path: Path) -> None:
    transport, clock = FakeTransport(), ManualClock(NOW)
    disk = threading.Event()
    outbox = Outbox(tmp_path / "outbox")
    outbox._writer.submit(disk.wait, 20)
    session = LiveSession(transport, outbox, clock, now_s=lambda: transport.now_s)
    told: list[Changes] = []
    session.subscribe(told.append)
    session.start()
    key = session.submit(report())
    assert [s.key for s in session.pending] == [key] and session.link.pending == 1
    assert told[-1].outbox and not transport.posts
    disk.set()
    outbox._writer.submit(int).result(20)
    assert decode_submission(transport.posts[0][0]).key == key
    session.close()


def test_d9_what_cannot_be_kept_is_refused_with_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_records: bytes, lazily: bool = False) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    outbox = Outbox(tmp_path / "outbox", Prompt())
    session = LiveSession(FakeTransport(), outbox, ManualClock(NOW))
    told: list[Changes] = []
    session.subscribe(told.append)
    monkeypatch.setattr(outbox._log, "append", no_room)
    asked = report()
    key = session.submit(asked)
    (refusal,) = [r for changes in told for r in changes.refused]
    assert (refusal.key, refusal.code, refusal.request) == (key, NOT_KEPT, asked)
    assert session.pending == () and session.link.pending == 0
    session.close()
