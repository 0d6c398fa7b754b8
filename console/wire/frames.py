"""Frames on the two sockets, msgpack, told apart by `t`.

desk    <- events, fixes, devices, people, ping
field   <- command, recall, sos, refused, ping -> fix, got, clock
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import msgspec

from console.model.event import Event
from console.model.geo import is_on_globe
from console.model.text import Text
from console.model.unit import Fix, SosCall
from console.wire.errors import WireError
from console.wire.events import WireEvent, event_from_wire, wire_from_event


class WireFix(msgspec.Struct, frozen=True, array_like=True):
    """`[unit_id, lon, lat, at, heading | nil, speed | nil]`, as in `console.model.unit.Fix`."""

    unit_id: str
    lon: float
    lat: float
    at: int
    heading: float | None = None
    speed: float | None = None


class EventsFrame(msgspec.Struct, frozen=True, tag_field="t", tag="events"):
    """Events after the cursor, in order; `head` is the journal's last seq, `journal` its id.

    The frame holds all of those numbered above `after`, up to `through`, that this desk may see:
    numbers left out are somebody else's. -1 for both: nothing was left out.
    """

    events: list[WireEvent]
    head: int
    journal: str = ""
    after: int = -1
    through: int = -1

    def decoded(self) -> list[Event]:
        """The events in it. Raises WireError."""
        return [event_from_wire(e) for e in self.events]


class FixesFrame(msgspec.Struct, frozen=True, tag_field="t", tag="fixes", omit_defaults=True):
    """Where units are now; the first after connecting holds all of them.

    To a desk that sees a part of the city: `gone` are units that have left it, `states` what units
    from elsewhere are doing (a unit's status by its id), and with `whole` every unit that is not in
    the frame is gone. `calls` are all open calls for help of units from elsewhere that this desk
    may help, by unit; None: they are what they were.
    """

    fixes: list[WireFix]
    gone: list[str] = []
    states: dict[str, str] = {}
    whole: bool = False
    calls: dict[str, SosCall] | None = None


class WireDeviceFault(msgspec.Struct, frozen=True, array_like=True):
    """`[code, off_ms]`, as in `console.model.unit.DeviceFault`; code "" when all is well again."""

    code: str
    off_ms: int = 0


class DevicesFrame(msgspec.Struct, frozen=True, tag_field="t", tag="devices", omit_defaults=True):
    """Units whose device came on line or went off; the first after connecting holds all on line.

    `faults` is what is wrong with devices, by unit, where that is other than before.
    """

    online: list[str]
    offline: list[str]
    faults: dict[str, WireDeviceFault] = {}


class PeopleFrame(msgspec.Struct, frozen=True, tag_field="t", tag="people"):
    """What people are called: full name by the name in `person/NAME`."""

    names: dict[str, str]


class PingFrame(msgspec.Struct, frozen=True, tag_field="t", tag="ping", omit_defaults=True):
    """A sign of life; `at` is the server's time in milliseconds since 1970-01-01 UTC.

    With `answer` a device is asked for a `clock` frame, at once.
    """

    at: int = 0
    answer: bool = False


class CommandFrame(msgspec.Struct, frozen=True, tag_field="t", tag="command"):
    """A command for the device's unit. Position WGS 84 degrees; priority 1 (highest) to 4.

    `step` is where it stands now, `issued_at` when it was given (milliseconds UTC), `words` what
    the caller said.
    """

    command_id: str
    incident_id: str
    number: str
    type_code: str
    lon: float
    lat: float
    address: Text
    text: Text
    priority: int
    step: str = ""
    issued_at: int = 0
    words: Text = Text()


class RecallFrame(msgspec.Struct, frozen=True, tag_field="t", tag="recall"):
    """A command of the device's unit is over by the centre's word (recalled, timed out)."""

    command_id: str
    reason: str


class SosFrame(msgspec.Struct, frozen=True, tag_field="t", tag="sos"):
    """What the centre has made of the unit's call for help of `called_at` (ms UTC).

    0 and "" for what has not happened: nobody has acknowledged it yet, it is not over. Who did is
    told by full name; `reason` is the word of who ended it, "" where the unit did.
    """

    called_at: int
    acknowledged_at: int = 0
    acknowledged_by: str = ""
    ended_at: int = 0
    ended_by: str = ""
    reason: str = ""


class RefusedFrame(msgspec.Struct, frozen=True, tag_field="t", tag="refused"):
    """Fixes of the device are not taken: why (as `console.model.unit.DeviceFault.code`), the time
    that the last of them bears, and how many since this was said last.
    """

    reason: str
    at: int
    count: int = 1


class FixFrame(msgspec.Struct, frozen=True, tag_field="t", tag="fix", forbid_unknown_fields=True):
    """Where the device is: WGS 84 degrees, ms UTC, degrees from north, metres a second."""

    lon: float
    lat: float
    at: int
    heading: float | None = None
    speed: float | None = None


class GotFrame(msgspec.Struct, frozen=True, tag_field="t", tag="got", forbid_unknown_fields=True):
    """The device has the command: it is *delivered*."""

    command_id: str


class ClockFrame(
    msgspec.Struct,
    frozen=True,
    tag_field="t",
    tag="clock",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """The answer to the ping of `at`: `now` by the clock that dates what the device sends, and by
    its `own` where that is another (milliseconds since 1970-01-01 UTC).
    """

    at: int
    now: int
    own: int | None = None


DeskFrame = EventsFrame | FixesFrame | DevicesFrame | PeopleFrame | PingFrame
FieldPush = CommandFrame | RecallFrame | SosFrame | RefusedFrame | PingFrame
FieldSaid = FixFrame | GotFrame | ClockFrame

_encoder = msgspec.msgpack.Encoder()
_desk: msgspec.msgpack.Decoder[DeskFrame] = msgspec.msgpack.Decoder(DeskFrame)
_push: msgspec.msgpack.Decoder[FieldPush] = msgspec.msgpack.Decoder(FieldPush)
_said: msgspec.msgpack.Decoder[FieldSaid] = msgspec.msgpack.Decoder(FieldSaid)
_fix: msgspec.msgpack.Decoder[FixFrame] = msgspec.msgpack.Decoder(FixFrame)


def encode_frame(frame: DeskFrame | FieldPush | FieldSaid) -> bytes:
    """The frame's bytes."""
    return _encoder.encode(frame)


def decode_desk_frame(data: bytes) -> DeskFrame:
    """A frame the server sent to a desk. Raises WireError."""
    try:
        return _desk.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"desk frame: {error}") from error


def decode_field_push(data: bytes) -> FieldPush:
    """A frame the server sent to a device. Raises WireError."""
    try:
        return _push.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"field frame: {error}") from error


def decode_field_said(data: bytes) -> FieldSaid:
    """A frame a device sent: strict, and a fix is on the globe. Raises WireError."""
    return checked_said(_said.decode, data)


def checked_said(decode: Callable[[bytes], FieldSaid], data: bytes) -> FieldSaid:
    """What `decode` makes of a device's frame. Raises WireError where it makes nothing sound."""
    try:
        said = decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"device frame: {error}") from error
    if isinstance(said, FixFrame):
        _check_fix(said)
    return said


def decode_fix(data: bytes) -> FixFrame:
    """`decode_field_said` for a fix and nothing else. Raises WireError."""
    try:
        fix = _fix.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"device frame: {error}") from error
    _check_fix(fix)
    return fix


def _check_fix(fix: FixFrame) -> None:
    """Raise WireError for a fix that cannot be one."""
    if not is_on_globe(fix.lon, fix.lat):
        raise WireError("device frame: a fix that is no place on the globe")
    if not (fix.heading is None or math.isfinite(fix.heading)):
        raise WireError("device frame: a heading that is no number")
    if not (fix.speed is None or math.isfinite(fix.speed)):
        raise WireError("device frame: a speed that is no number")
    if not 0 < fix.at < 1 << 53:
        raise WireError("device frame: a fix without a time")


def events_frame(
    events: Iterable[Event], head: int, journal: str = "", span: tuple[int, int] = (-1, -1)
) -> EventsFrame:
    """A frame of `events`; `span` is what it covers, `after` and `through`."""
    return EventsFrame([wire_from_event(e) for e in events], head, journal, *span)


def fixes_frame(fixes: Sequence[Fix]) -> FixesFrame:
    """A frame of `fixes`."""
    return FixesFrame([wire_from_fix(f) for f in fixes])


def wire_from_fix(fix: Fix) -> WireFix:
    """The fix as it travels."""
    return WireFix(fix.unit_id, fix.lon, fix.lat, fix.at, fix.heading_deg, fix.speed_mps)


def fix_from_wire(wire: WireFix) -> Fix:
    """The fix that travelled."""
    return Fix(wire.unit_id, wire.lon, wire.lat, wire.at, wire.heading, wire.speed)
