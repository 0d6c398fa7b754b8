"""An event as it travels: the envelope's fields, and the fact's fields under `fact`."""

from __future__ import annotations

import msgspec

from console.model.event import Event
from console.wire.facts import Format, decode_fact, encode_fact


class WireEvent(msgspec.Struct, frozen=True):
    """`console.model.event.Event` on the wire; `fact` is in the form of the message around it."""

    seq: int
    stream: str
    kind: str
    version: int
    fact: msgspec.Raw
    happened_at: int
    recorded_at: int
    actor: str
    cause: str
    key: str
    part: int = 0


def wire_from_event(event: Event, form: Format = "msgpack") -> WireEvent:
    """The event, ready to be put into a message of `form`."""
    return WireEvent(
        seq=event.seq,
        stream=event.stream,
        kind=event.kind,
        version=event.version,
        fact=msgspec.Raw(encode_fact(event.fact, form)),
        happened_at=event.happened_at,
        recorded_at=event.recorded_at,
        actor=event.actor,
        cause=event.cause,
        key=event.key,
        part=event.part,
    )


def event_from_wire(wire: WireEvent, form: Format = "msgpack") -> Event:
    """The event that travelled. Raises WireError when its fact does not fit its kind."""
    return Event(
        seq=wire.seq,
        stream=wire.stream,
        fact=decode_fact(wire.kind, wire.version, memoryview(wire.fact), form),
        happened_at=wire.happened_at,
        recorded_at=wire.recorded_at,
        actor=wire.actor,
        cause=wire.cause,
        key=wire.key,
        part=wire.part,
    )
