"""The messages between server, desktop and field: JSON on HTTP, msgpack on sockets.

Decoding is strict where the sender could be anybody: unknown fields, NaN and infinities in a
request are refused with a WireError. Facts of an unknown kind or version are kept as they came.
"""

from console.wire.answers import Answer, ErrorAnswer, decode_answer, encode_error, encode_events
from console.wire.errors import WireError
from console.wire.events import WireEvent, event_from_wire, wire_from_event
from console.wire.facts import decode_fact, encode_fact
from console.wire.field_codec import FieldCodec, codec_for, token_among
from console.wire.frames import (
    ClockFrame,
    CommandFrame,
    DeskFrame,
    DevicesFrame,
    EventsFrame,
    FieldPush,
    FieldSaid,
    FixesFrame,
    FixFrame,
    GotFrame,
    PeopleFrame,
    PingFrame,
    RecallFrame,
    RefusedFrame,
    SosFrame,
    WireDeviceFault,
    WireFix,
    decode_desk_frame,
    decode_field_push,
    decode_field_said,
    encode_frame,
    events_frame,
    fix_from_wire,
    fixes_frame,
    wire_from_fix,
)
from console.wire.record_log import RecordLog
from console.wire.requests import (
    decode_submission,
    encode_request,
    encode_submission,
    submission_digest,
)

__all__ = [
    "Answer",
    "ClockFrame",
    "CommandFrame",
    "DeskFrame",
    "DevicesFrame",
    "ErrorAnswer",
    "EventsFrame",
    "FieldCodec",
    "FieldPush",
    "FieldSaid",
    "FixFrame",
    "FixesFrame",
    "GotFrame",
    "PeopleFrame",
    "PingFrame",
    "RecallFrame",
    "RecordLog",
    "RefusedFrame",
    "SosFrame",
    "WireDeviceFault",
    "WireError",
    "WireEvent",
    "WireFix",
    "codec_for",
    "decode_answer",
    "decode_desk_frame",
    "decode_fact",
    "decode_field_push",
    "decode_field_said",
    "decode_submission",
    "encode_error",
    "encode_events",
    "encode_fact",
    "encode_frame",
    "encode_request",
    "encode_submission",
    "event_from_wire",
    "events_frame",
    "fix_from_wire",
    "fixes_frame",
    "submission_digest",
    "token_among",
    "wire_from_event",
    "wire_from_fix",
]
