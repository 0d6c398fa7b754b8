"""A desk far behind takes the server's picture, and asks for timelines when it needs them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from console.clock import ManualClock
from console.model.event import Event
from console.model.picture import Picture
from console.session import Changes, LiveSession, Outbox
from console.session.backoff import Backoff
from console.session.fake_transport import FakeTransport
from console.session.live import FAR_BEHIND
from console.wire import encode_events
from console.wire.whole import WholePicture, encode_picture
from tests.helpers.history import events
from tests.helpers.prompt import Prompt
from tests.helpers.stream import NOW

COUNT = 3000
HISTORY = list(islice(events(COUNT), COUNT))
PICTURE = "/api/v1/picture"


def folded(count: int = COUNT) -> Picture:
    picture = Picture()
    picture.apply(HISTORY[:count])
    return picture


def whole(count: int = COUNT, journal: str = "one") -> bytes:
    known = folded(count)
    incidents, commands = list(known.incidents.values()), list(known.commands.values())
    units = list(known.units.values())
    return encode_picture(WholePicture(count, journal, incidents, commands, units))


class Rig:
    """A desk, and the server that is the test."""

    def __init__(self, outbox: Path) -> None:
        self.transport = FakeTransport()
        self.session = LiveSession(
            self.transport,
            Outbox(outbox, Prompt()),
            ManualClock(NOW),
            now_s=lambda: self.transport.now_s,
            make_backoff=lambda: Backoff(lambda: 0.5),
        )
        self.told: list[Changes] = []
        self.session.subscribe(self.told.append)
        self.session.start()

    @property
    def state(self) -> str:
        return self.session.link.state

    def hear(self, head: int = COUNT, journal: str = "one") -> None:
        """The stream opens, and its first frame comes."""
        self.transport.accept()
        after = self.transport.opened_after[-1]
        self.transport.deliver_events(HISTORY[after : min(after + 500, head)], head, journal)
        self.transport.advance(0)

    def shows(self, count: int) -> None:
        """The desk shows what the first `count` events come to."""
        mine, theirs = self.session.picture, folded(count)
        assert mine.seq == count
        assert dict(mine.incidents) == dict(theirs.incidents)
        assert dict(mine.commands) == dict(theirs.commands)
        assert dict(mine.units) == dict(theirs.units)
        assert list(mine.incidents) == list(theirs.incidents)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path / "outbox")
    yield made
    made.session.close()


def leapt(rig: Rig, count: int) -> None:
    """The desk has taken the picture after `count` events."""
    rig.hear()
    rig.transport.bring(PICTURE, 200, whole(count))


def test_it_starts_from_the_picture_and_goes_on_from_there(rig: Rig) -> None:
    rig.hear()
    assert rig.session.picture.seq == 0
    assert rig.transport.receiver is None
    rig.transport.bring(PICTURE, 200, whole(2900))
    rig.shows(2900)
    assert rig.state == "connecting"
    assert rig.transport.opened_after == [0, 2900]
    rig.hear()
    rig.shows(COUNT)
    assert rig.state == "online"
    assert frozenset().union(*(c.incidents for c in rig.told)) == set(folded().incidents)
    assert frozenset().union(*(c.units for c in rig.told)) == set(folded().units)


def test_what_is_near_comes_by_the_stream(rig: Rig) -> None:
    near = FAR_BEHIND + 500
    rig.hear(head=near)
    assert rig.transport.fetches == []
    rig.transport.deliver_events(HISTORY[500:near], near)
    rig.shows(near)
    assert rig.state == "online"


def test_cut_off_for_long_it_takes_a_new_picture(rig: Rig) -> None:
    rig.hear(head=100)
    assert rig.state == "online"
    rig.transport.lose()
    rig.transport.advance(0.3)
    leapt(rig, COUNT)
    rig.shows(COUNT)
    assert rig.transport.opened_after == [0, 100, COUNT]
    rig.hear()
    assert rig.state == "online"


@pytest.mark.parametrize(
    ("status", "body"), [(0, b""), (403, b"{}"), (503, b"{}"), (200, b"no"), (200, whole(0))]
)
def test_without_a_picture_it_goes_on_event_by_event(rig: Rig, status: int, body: bytes) -> None:
    rig.hear()
    rig.transport.bring(PICTURE, status, body)
    rig.hear()
    rig.transport.deliver_events(HISTORY[500:], COUNT)
    rig.shows(COUNT)
    assert (rig.state, rig.transport.fetches) == ("online", [])


def test_a_stream_that_is_lost_meanwhile_is_opened_again(rig: Rig) -> None:
    leapt(rig, COUNT)
    rig.transport.lose("refused")
    rig.transport.advance(1)
    rig.hear()
    assert (rig.state, rig.transport.opened_after) == ("online", [0, COUNT, COUNT])


def test_another_journal_since_is_found_out(rig: Rig) -> None:
    leapt(rig, COUNT)
    rig.hear(head=10, journal="two")
    assert (rig.session.picture.seq, len(rig.session.picture.incidents)) == (0, 0)


def timeline_of(incident_id: str, count: int = COUNT) -> tuple[Event, ...]:
    return folded(count).timeline(incident_id)


def asked(rig: Rig, incident_id: str) -> str:
    rig.session.look_into(incident_id)
    return f"/api/v1/incidents/{incident_id}/events"


OPEN_ONE = next(i.id for i in folded(2900).incidents.values() if timeline_of(i.id)[-1].seq > 2900)


@pytest.mark.parametrize("ahead", [0, 100])
def test_a_timeline_is_whole_once_somebody_looks(rig: Rig, ahead: int) -> None:
    """Also when the answer knows more than the stream has brought."""
    leapt(rig, 2900)
    if not ahead:
        rig.hear()
    path = asked(rig, OPEN_ONE)
    asked(rig, OPEN_ONE)
    assert len(rig.transport.fetches) == 1
    body = encode_events(timeline_of(OPEN_ONE), head=COUNT, through=COUNT)
    rig.transport.bring(path, 200, body)
    assert rig.told[-1].incidents == {OPEN_ONE}
    if ahead:
        rig.hear()
    assert rig.session.picture.timeline(OPEN_ONE) == timeline_of(OPEN_ONE)
    asked(rig, OPEN_ONE)
    assert rig.transport.fetches == []


@pytest.mark.parametrize(("status", "through"), [(0, COUNT), (500, COUNT), (200, 2000)])
def test_a_timeline_that_cannot_be_had_is_asked_for_again(
    rig: Rig, status: int, through: int
) -> None:
    """One with a gap is none: the server that answers may be behind the one that streams."""
    leapt(rig, 2900)
    body = encode_events(timeline_of(OPEN_ONE, through), head=through, through=through)
    rig.transport.bring(asked(rig, OPEN_ONE), status, body if status == 200 else b"")
    assert rig.session.picture.timeline(OPEN_ONE) == ()
    asked(rig, OPEN_ONE)
    assert rig.transport.fetches == []
    rig.transport.advance(5.1)
    asked(rig, OPEN_ONE)
    assert len(rig.transport.fetches) == 1


def test_what_was_reported_since_is_whole_already(rig: Rig) -> None:
    leapt(rig, 2000)
    rig.hear()
    rig.transport.deliver_events(HISTORY[2500:], COUNT)
    fresh = next(i for i in folded().incidents if i not in folded(2000).incidents)
    asked(rig, fresh)
    assert rig.transport.fetches == []
    assert rig.session.picture.timeline(fresh) == timeline_of(fresh)
