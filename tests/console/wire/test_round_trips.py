"""What is encoded is what is decoded, for everything that can be said."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from hypothesis import given

from console.model.event import Event
from console.model.facts import KNOWN_FACTS, NoteAdded, UnknownFact
from console.model.requests import DispatchUnits, Order, Submission
from console.model.text import Text
from console.model.unit import Fix
from console.wire import (
    EventsFrame,
    FixesFrame,
    decode_answer,
    decode_desk_frame,
    decode_fact,
    decode_submission,
    encode_events,
    encode_fact,
    encode_frame,
    encode_submission,
    events_frame,
    fix_from_wire,
    fixes_frame,
)
from console.wire.requests import REQUEST_TYPES
from tests.helpers.wire_values import events, steady, submissions, unknown_facts


def test_every_kind_of_request_and_fact_is_drawn() -> None:
    """The strategies follow the model's own lists: a new class is tested from its first day."""
    assert len(REQUEST_TYPES) == 16
    assert len(KNOWN_FACTS) == 17


@steady
@given(submissions)
def test_submissions(submission: Submission) -> None:
    assert decode_submission(encode_submission(submission)) == submission


def test_a8_what_is_newer_is_written_only_where_it_says_something() -> None:
    """An older desk's submission, sent again to a newer server, has the digest it had."""
    orders = (Order("0190a5e0-0000-7000-8000-000000000001", "U-0001"),)
    dispatch = DispatchUnits("i1", orders, Text("去", "Go"))
    plain = encode_submission(Submission("k", dispatch, 5))
    assert b"seen" not in plain
    assert b"beside" not in plain
    full = replace(dispatch, orders=(replace(orders[0], beside=("c1",)),))
    assert b'"beside":["c1"]' in encode_submission(Submission("k", full, 5, 9))


@steady
@given(events)
def test_events_on_the_socket(event: Event) -> None:
    frame = decode_desk_frame(encode_frame(events_frame([event], 7, "j")))
    assert isinstance(frame, EventsFrame)
    assert (frame.decoded(), frame.head, frame.journal) == ([event], 7, "j")


@steady
@given(events)
def test_events_in_an_answer(event: Event) -> None:
    answer = decode_answer(200, encode_events([event], head=9))
    assert answer.events == (event,)


@steady
@given(unknown_facts)
def test_an_unknown_fact_is_passed_on_byte_for_byte(fact: UnknownFact) -> None:
    for form in ("msgpack", "json"):
        data = encode_fact(fact, form)
        read = decode_fact(fact.kind, fact.version, data, form)
        assert isinstance(read, UnknownFact)
        assert encode_fact(read, form) == data


def test_a_later_version_of_a_known_kind_is_unknown_and_kept() -> None:
    data = msgspec.msgpack.encode({"incident_id": "i", "text": "x", "mood": [1, 2.5, None]})
    read = decode_fact(NoteAdded.kind, 2, data)
    assert read == UnknownFact(
        NoteAdded.kind, 2, {"incident_id": "i", "text": "x", "mood": [1, 2.5, None]}
    )
    assert encode_fact(read) == data


def test_fixes() -> None:
    fixes = [Fix("U-0001", 120.1, 30.2, 5, 90.0, 1.5), Fix("U-0002", -0.5, -45.0, 6)]
    frame = decode_desk_frame(encode_frame(fixes_frame(fixes)))
    assert isinstance(frame, FixesFrame)
    assert [fix_from_wire(f) for f in frame.fixes] == fixes
