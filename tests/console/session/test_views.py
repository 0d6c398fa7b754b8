"""A desk that is not sent everything: numbers left out are somebody else's, and no gap."""

from __future__ import annotations

from pathlib import Path

from console.clock import ManualClock
from console.model.decide import Surroundings, decide, stream_of
from console.model.event import Event
from console.model.facts import IncidentAccepted
from console.model.picture import Picture
from console.model.requests import AcceptIncident
from console.session import Changes, LiveSession, Outbox
from console.session.fake_transport import FakeTransport
from console.wire import DevicesFrame, FixesFrame, PeopleFrame, WireFix, events_frame
from console.wire.whole import WholePicture, encode_picture
from tests.helpers.prompt import Prompt
from tests.helpers.stream import NOW, report


def event(seq: int) -> Event:
    return Event(seq, "incident/i", IncidentAccepted("i"), NOW, NOW, "person/lin@03", "", "")


def report_events() -> list[Event]:
    around = Surroundings(lambda _lon, _lat: "", lambda _unit: True)
    facts = decide(Picture(), report(), NOW, around)
    return [
        Event(seq, stream_of(fact), fact, NOW, NOW, "person/lin@03", "", "", seq)
        for seq, fact in enumerate(facts, 1)
    ]


def opened(tmp_path: Path) -> tuple[LiveSession, FakeTransport]:
    transport = FakeTransport()
    session = LiveSession(transport, Outbox(tmp_path / "outbox", Prompt()), ManualClock(NOW))
    session.start()
    transport.accept()
    return session, transport


def test_the_cursor_goes_over_what_is_not_for_this_desk(tmp_path: Path) -> None:
    session, transport = opened(tmp_path)
    transport.deliver(events_frame([event(3)], 9, "one", (0, 7)))
    assert (session.cursor, session.link.state) == (7, "connecting")
    transport.deliver(events_frame([], 9, "one", (7, 9)))
    assert (session.cursor, session.link.state) == (9, "online")
    transport.deliver(events_frame([event(10), event(12)], 12, "one", (9, 12)))
    assert session.cursor == 12
    transport.lose()
    transport.advance(1)
    assert transport.opened_after == [0, 12]
    session.close()


def test_a_frame_that_starts_too_late_is_a_gap_all_the_same(tmp_path: Path) -> None:
    session, transport = opened(tmp_path)
    transport.deliver(events_frame([event(5)], 5, "one", (3, 5)))
    transport.advance(0)
    assert (session.cursor, transport.receiver) == (0, None)
    session.close()


def test_names_and_rights(tmp_path: Path) -> None:
    session, transport = opened(tmp_path)
    told: list[bool] = []
    session.subscribe(lambda changes: told.append(changes.people))
    transport.deliver(PeopleFrame({"lin": "林"}))
    assert session.people == {"lin": "林"}
    session.allow(frozenset({"IncidentAccepted"}))
    assert told == [True, True]
    assert session.capabilities.may(IncidentAccepted)
    assert not session.capabilities.may(Event)
    session.close()


def test_what_one_person_asked_for_is_never_sent_in_anothers_name(tmp_path: Path) -> None:
    session, transport = opened(tmp_path)
    mine = session.submit(AcceptIncident("i"))
    session.submit(AcceptIncident("j"))
    answered = transport.posts[0][1]
    session.hand_over(Outbox(tmp_path / "theirs", Prompt()))
    assert session.link.pending == 0
    answered(200, b'{"events": []}')
    transport.advance(60)
    assert len(transport.posted) == 1
    theirs = session.submit(AcceptIncident("k"))
    assert [theirs.encode() in body for body in transport.posted] == [False, True]
    session.hand_over(Outbox(tmp_path / "outbox", Prompt()))
    assert session.pending[0].key == mine
    assert mine.encode() in transport.posted[-1]
    session.close()


def test_b10_the_next_person_sees_nothing_of_what_the_one_before_saw(tmp_path: Path) -> None:
    session, transport = opened(tmp_path)
    reported = report_events()
    transport.deliver(events_frame(reported, len(reported), "one", (0, len(reported))))
    transport.deliver(FixesFrame([WireFix("u", 118.0, 31.0, NOW)], whole=True))
    transport.deliver(DevicesFrame(["u"], []))
    transport.deliver(PeopleFrame({"lin": "林"}))
    assert session.picture.incidents
    told: list[Changes] = []
    session.subscribe(told.append)
    session.start_over()
    transport.deliver(FixesFrame([WireFix("v", 118.0, 31.0, NOW)], whole=True))
    transport.deliver(events_frame(reported, len(reported), "one", (0, len(reported))))
    assert not session.picture.incidents
    assert len(session.fixes) == 0
    assert (session.devices, session.people, session.cursor) == (frozenset(), {}, 0)
    assert any(changes.incidents for changes in told)
    assert any(changes.fixes for changes in told)
    transport.advance(1)
    assert transport.opened_after == [0, 0]
    transport.accept()
    transport.deliver(PeopleFrame({"zhou": "周"}))
    assert session.people == {"zhou": "周"}
    session.close()


def test_b10_a_picture_that_the_one_before_asked_for_is_not_shown_to_the_next(
    tmp_path: Path,
) -> None:
    session, transport = opened(tmp_path)
    transport.deliver(events_frame([], 5000, "one", (0, 1)))
    transport.advance(0)
    assert [path for path, _ in transport.fetches] == ["/api/v1/picture"]
    session.start_over()
    theirs = Picture()
    theirs.apply(report_events())
    whole = WholePicture(9, "one", list(theirs.incidents.values()), [], [])
    transport.bring("/api/v1/picture", 200, encode_picture(whole))
    assert not session.picture.incidents
    assert transport.opened_after == [0, 0]
    session.close()


def test_b10_who_signs_in_does_not_wait_out_the_pause(tmp_path: Path) -> None:
    session, transport = opened(tmp_path)
    for _ in range(6):
        transport.lose("nobody is signed in", "signed_out")
        transport.advance(10)
    transport.lose("nobody is signed in", "signed_out")
    tries = len(transport.opened_after)
    session.retry_now()
    assert len(transport.opened_after) == tries + 1
    transport.accept()
    session.retry_now()
    transport.advance(5)
    assert len(transport.opened_after) == tries + 1, "one stream at a time"
    session.close()
