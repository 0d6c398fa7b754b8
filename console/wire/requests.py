"""Submissions on their way to the server: JSON, strictly read.

{"key": UUIDv7, "happened_at": ms, "request": {"type": "AcceptIncident", ...fields}, "seen": seq}

`seen` may be left out. What is newer than the first release is written only where it says
something: a submission kept by an older desk has the same digest when it is sent again.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from console.model.ids import is_key
from console.model.requests import DispatchUnits, ReportIncident, Request, Submission
from console.wire.errors import WireError

REQUEST_TYPES: Mapping[str, type] = {cls.__name__: cls for cls in get_args(Request)}
"""Every request class by its name on the wire."""

_SUBMISSION_FIELDS = {"key", "happened_at", "request"}
_OPTIONAL_FIELDS = {"seen"}
LONGEST_TEXT = 4000
"""Characters of any one text: the rules allow 2000 and say so, this is against abuse."""
LONGEST_LIST = 1000
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_MAX_TIME_MS = 1 << 53
"""Beyond it JSON readers elsewhere lose whole milliseconds."""


def encode_request(request: Request) -> dict[str, Any]:
    """The request as plain values, its class name under `type`."""
    fields: dict[str, Any] = msgspec.to_builtins(request)
    for order in fields.get("orders", ()):
        if not order["beside"]:
            del order["beside"]
    return {"type": type(request).__name__, **fields}


def encode_submission(submission: Submission) -> bytes:
    """The body of `POST /api/v1/requests`."""
    body = {
        "key": submission.key,
        "happened_at": submission.happened_at,
        "request": encode_request(submission.request),
    }
    return msgspec.json.encode(body | ({"seen": submission.seen} if submission.seen else {}))


def decode_submission(body: bytes) -> Submission:
    """The submission in `body`. Raises WireError on anything that is not exactly one."""
    try:
        given = msgspec.json.decode(body)
        _refuse_twins(body, given)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"not JSON: {error}") from error
    if not isinstance(given, dict) or given.keys() - _OPTIONAL_FIELDS != _SUBMISSION_FIELDS:
        raise WireError(
            "a submission has the fields key, happened_at and request, and may have seen"
        )
    return Submission(
        key=_key(given["key"], "key"),
        request=_request(given["request"]),
        happened_at=_time(given["happened_at"]),
        seen=_sequence(given.get("seen", 0)),
    )


def submission_digest(submission: Submission, actor: str) -> bytes:
    """SHA-256 of who asked for what: the same key with another digest is a key used twice."""
    return hashlib.sha256(actor.encode() + b"\0" + encode_submission(submission)).digest()


def _key(value: object, where: str) -> str:
    if not isinstance(value, str) or not is_key(value):
        raise WireError(f"{where} is not a UUIDv7 in canonical form")
    return value


def _time(value: object) -> int:
    if type(value) is not int or not 0 < value < _MAX_TIME_MS:
        raise WireError("happened_at is not a time in milliseconds since 1970-01-01 UTC")
    return value


def _sequence(value: object) -> int:
    if type(value) is not int or not 0 <= value < _MAX_TIME_MS:
        raise WireError("seen is not the number of an event")
    return value


def _request(given: object) -> Request:
    if not isinstance(given, dict):
        raise WireError("request is not an object")
    fields = dict(given)
    name = fields.pop("type", None)
    cls = REQUEST_TYPES.get(name) if isinstance(name, str) else None
    if cls is None:
        raise WireError(f"unknown request type {name!r}"[:200])
    try:
        request: Request = msgspec.convert(fields, cls)
    except (msgspec.ValidationError, RecursionError) as error:
        raise WireError(f"{name}: {error}") from error
    _refuse_surplus(fields, msgspec.to_builtins(request), str(name))
    _check_new_ids(request)
    return request


def _refuse_surplus(given: object, kept: object, where: str) -> None:
    """Refuse fields that no class took, numbers that are none, and what is too long."""
    if isinstance(given, float) and not math.isfinite(given):
        raise WireError(f"{where} is not a finite number")
    if isinstance(given, str):
        _check_text(given, where)
    if isinstance(given, list) and len(given) > LONGEST_LIST:
        raise WireError(f"{where} has more than {LONGEST_LIST} items")
    if isinstance(given, dict) and isinstance(kept, dict):
        for name, value in given.items():
            if name not in kept:
                raise WireError(f"{where} has no field {name!r}"[:200])
            _refuse_surplus(value, kept[name], f"{where}.{name}")
    elif isinstance(given, list) and isinstance(kept, list | tuple):
        for index, (one, other) in enumerate(zip(given, kept, strict=True)):
            _refuse_surplus(one, other, f"{where}[{index}]")


def _check_text(text: str, where: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise WireError(f"{where} is longer than {LONGEST_TEXT} characters")
    if "\0" in text:
        raise WireError(f"{where} holds a NUL")


def _refuse_twins(body: bytes, given: object) -> None:
    """Refuse a field named twice: readers differ on which of the two counts (RFC 8259 §4).

    Every field has its colon, and outside of strings JSON has no other.
    """
    if _STRING.sub(b"", body).count(b":") != _fields_in(given):
        raise WireError("a field is named twice")


def _fields_in(given: object) -> int:
    if isinstance(given, dict):
        return len(given) + sum(map(_fields_in, given.values()))
    return sum(map(_fields_in, given)) if isinstance(given, list) else 0


def _check_new_ids(request: Request) -> None:
    """Ids that the sender makes up must be UUIDv7: they are keys of tables."""
    if isinstance(request, ReportIncident):
        _key(request.incident_id, "incident_id")
    elif isinstance(request, DispatchUnits):
        ids = [_key(order.command_id, "command_id") for order in request.orders]
        if len(set(ids)) < len(ids):
            raise WireError("two orders have the same command_id")
