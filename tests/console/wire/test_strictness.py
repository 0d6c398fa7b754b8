"""What is not exactly a message of ours is refused, with the place and the reason."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.wire import (
    FixFrame,
    GotFrame,
    WireError,
    decode_answer,
    decode_desk_frame,
    decode_fact,
    decode_field_push,
    decode_field_said,
    decode_submission,
    encode_frame,
    encode_submission,
)
from tests.helpers.stream import dispatch, key, report, submission
from tests.helpers.wire_values import steady


def body(**changes: Any) -> bytes:
    """A good report, with fields of the request changed; None takes one away."""
    given_: dict[str, Any] = json.loads(encode_submission(submission(report())))
    for name, value in changes.items():
        if value is None:
            del given_["request"][name]
        else:
            given_["request"][name] = value
    return json.dumps(given_).encode()


def refused(data: bytes) -> str:
    with pytest.raises(WireError) as caught:
        decode_submission(data)
    return str(caught.value)


def test_unknown_fields_are_named() -> None:
    assert "mood" in refused(body(mood=1))
    assert "address" in refused(body(address={"zh": "", "en": "", "fr": ""}))


def test_unknown_fields_in_lists_are_named() -> None:
    given_ = json.loads(encode_submission(submission(dispatch(key(), "U-0001"))))
    given_["request"]["orders"][0]["rank"] = 3
    assert "orders[0]" in refused(json.dumps(given_).encode())


def test_a_field_named_twice_is_refused_wherever_it_stands() -> None:
    good = body().decode()
    for field in ("happened_at", "priority", "zh"):
        at = good.index(f'"{field}"')
        assert "named twice" in refused((good[:at] + f'"{field}": 1, ' + good[at:]).encode())


@given(st.text())
def test_words_may_hold_anything_that_looks_like_fields(words: str) -> None:
    for said in (words, f'{{"zh": "{words}", "zh": ":"}}', "\\" + words + '"'):
        text = said.replace("\0", "")[:2000]
        decoded = decode_submission(body(words={"zh": text, "en": ':":\\'}))
        assert decoded.request.words.zh == text  # type: ignore[union-attr]


def test_two_orders_under_one_id_are_refused() -> None:
    asked = dispatch(key(), "U-0001", "U-0002")
    twice = replace(
        asked,
        orders=(asked.orders[0], replace(asked.orders[1], command_id=asked.orders[0].command_id)),
    )
    assert "same command_id" in refused(encode_submission(submission(twice)))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none(number: str) -> None:
    data = body(lon=12345.5).replace(b"12345.5", number.encode())
    assert refused(data)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"type": "DropTables"}, "DropTables"),
        ({"type": None}, "unknown request type"),
        ({"type": {"a": 1}}, "unknown request type"),
        ({"lon": "120"}, "lon"),
        ({"priority": 1.5}, "priority"),
        ({"words": None}, "words"),
        ({"incident_id": "I-1"}, "incident_id"),
        ({"incident_id": "0b7e3c5e-3b5c-4c8e-9f3e-1c2d3e4f5a6b"}, "incident_id"),
    ],
)
def test_a_bad_field_is_named(changes: dict[str, Any], said: str) -> None:
    assert said in refused(body(**changes))


@pytest.mark.parametrize("at", [0, -1, 2**53, 1.5, "now", True, None])
def test_bad_times(at: object) -> None:
    given_ = json.loads(encode_submission(submission(report())))
    given_["happened_at"] = at
    assert "happened_at" in refused(json.dumps(given_).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"1", b"\xff\xfe", b"{}", b"null"])
def test_what_is_no_submission_at_all(data: bytes) -> None:
    assert refused(data)


def test_a_field_too_many_beside_the_request() -> None:
    given_ = json.loads(encode_submission(submission(report())))
    assert refused(json.dumps({**given_, "actor": "desk/boss"}).encode())


def test_deep_nesting_is_refused_not_a_crash() -> None:
    assert refused(b'{"key":' + b"[" * 100_000 + b"]" * 100_000 + b"}")


@pytest.mark.parametrize(
    "frame",
    [
        FixFrame(float("nan"), 30.0, 1),
        FixFrame(181.0, 30.0, 1),
        FixFrame(120.0, 89.0, 1),
        FixFrame(120.0, 30.0, 0),
        FixFrame(120.0, 30.0, 1, heading=float("inf")),
    ],
)
def test_fixes_that_are_nowhere(frame: FixFrame) -> None:
    with pytest.raises(WireError):
        decode_field_said(encode_frame(frame))


def test_a_device_may_not_say_who_it_is() -> None:
    data = msgspec.msgpack.encode({"t": "got", "command_id": "c", "unit_id": "U-0002"})
    with pytest.raises(WireError):
        decode_field_said(data)
    assert decode_field_said(encode_frame(GotFrame("c"))) == GotFrame("c")


def test_a_known_fact_that_does_not_fit_is_refused() -> None:
    with pytest.raises(WireError, match=r"incident\.note_added"):
        decode_fact("incident.note_added", 1, msgspec.msgpack.encode({"text": 1}))


@steady
@given(st.binary(max_size=60))
def test_noise_never_raises_anything_else(data: bytes) -> None:
    readers = (
        decode_submission,
        decode_desk_frame,
        decode_field_push,
        decode_field_said,
        lambda d: decode_answer(200, d),
        lambda d: decode_fact("incident.accepted", 1, d),
        lambda d: decode_fact("unheard.of", 1, d),
    )
    for read in readers:
        try:
            read(data)
        except WireError:
            continue
