"""What the server answers to a submission: events, or an error with its reason in both languages.

{"events": [...]}    or    {"error": CODE, "message": {"zh": ..., "en": ...}, "changes": [...]}

`changes` are the events that overtook a submission, with the code `changed` only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from console.model.event import Event
from console.model.text import Text
from console.wire.errors import WireError
from console.wire.events import WireEvent, event_from_wire, wire_from_event


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """Why the server did not do it: `code` for programs, `message` for people.

    `changes` are what others did meanwhile, where that is why.
    """

    code: str
    message: Text
    changes: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request: its HTTP status, and events or an error (never both).

    `through` is how far events that were read reach.
    """

    status: int
    events: tuple[Event, ...] = ()
    error: ErrorAnswer | None = None
    through: int = 0


class _Body(msgspec.Struct):
    events: list[WireEvent] | None = None
    error: str = ""
    message: Text = Text()
    changes: list[WireEvent] = []
    head: int = 0
    through: int = 0


_bodies = msgspec.json.Decoder(_Body)


def encode_events(events: Iterable[Event], **more: Any) -> bytes:
    """The JSON body of a list of events; `more` stands beside it (`head=…`)."""
    return msgspec.json.encode({"events": [wire_from_event(e, "json") for e in events], **more})


def encode_error(code: str, message: Text, changes: Iterable[Event] = ()) -> bytes:
    """The JSON body of an error."""
    body: dict[str, Any] = {"error": code, "message": message}
    if told := [wire_from_event(e, "json") for e in changes]:
        body["changes"] = told
    return msgspec.json.encode(body)


def decode_answer(status: int, body: bytes) -> Answer:
    """The answer with HTTP `status` and `body`. Raises WireError when it is none of ours."""
    try:
        read = _bodies.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"answer: {error}") from error
    if read.events is not None:
        events = tuple(event_from_wire(e, "json") for e in read.events)
        return Answer(status, events, through=read.through)
    if not read.error:
        raise WireError("the answer has neither events nor an error")
    changes = tuple(event_from_wire(e, "json") for e in read.changes)
    return Answer(status, error=ErrorAnswer(read.error, read.message, changes))
