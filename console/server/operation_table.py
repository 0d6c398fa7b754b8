"""Every call of the API: what it takes, what it answers, and how it can fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from console.i18n import catalogue
from console.server import answers, oidc_calls, people_calls, signin_calls
from console.server.field_page import MEDIA
from console.wire.frames import DeskFrame, FieldPush, FieldSaid
from console.wire.whole import WholePicture

SUBMISSION = "Submission"
"""The body of submissions: not one class but a union of requests, put together by hand."""


PLAIN = ("text/plain",)


@dataclass(frozen=True, slots=True)
class Operation:
    """One call. `errors` are the statuses beside those that every call may answer; a name in
    `query` that ends with `!` must be there; an answer that is `str` is text, of one of `media`.
    """

    summary: str
    answer: type
    body: type | str | None = None
    is_open: bool = False
    query: tuple[str, ...] = ()
    errors: tuple[int, ...] = ()
    unready: type | None = None
    """What it answers with 503, where that is no error like the others."""
    frames: tuple[tuple[type, ...], tuple[type, ...]] = ((), ())
    """Of a WebSocket: what the server says, and what the client may say."""
    media: tuple[str, ...] = PLAIN


PAGED = ("after", "limit")
_FIELD = (tuple(get_args(FieldPush)), tuple(get_args(FieldSaid)))
_A = answers

OPERATIONS: Mapping[str, Operation] = {
    "GET /health": Operation("Alive, and which version", _A.Health, None, True),
    "GET /ready": Operation(
        "Whether the server can do its work", _A.Ready, None, True, unready=_A.Ready
    ),
    "GET /metrics": Operation("Figures for Prometheus", str, None, True),
    "GET /api/v1/openapi.json": Operation("This document", dict, None, True),
    "POST /api/v1/setup": Operation(
        "The first administrator, by the code that the server printed",
        _A.Tokens,
        signin_calls.SetUp,
        True,
        errors=(403, 422),
    ),
    "POST /api/v1/signin": Operation(
        "Tokens for a name and a password",
        _A.SignedIn,
        signin_calls.SignIn,
        True,
        errors=(403, 422),
    ),
    "POST /api/v1/signin/practice": Operation(
        "Tokens of the practice person of a role", _A.Tokens, signin_calls.PracticeSignIn
    ),
    "POST /api/v1/signin/oidc": Operation(
        "Tokens for the code of the organisation's provider",
        _A.Tokens,
        oidc_calls.CodeSignIn,
        True,
    ),
    "GET /api/v1/oidc": Operation(
        "Whether the organisation has its own sign-in", _A.Invitation, None, True
    ),
    "POST /api/v1/refresh": Operation(
        "The next tokens of a sign-in", _A.Tokens, signin_calls.Refresh, True
    ),
    "POST /api/v1/signout": Operation("The sign-in ends, its sockets too", _A.Done),
    "POST /api/v1/password": Operation(
        "A new password; all sign-ins of the person end",
        _A.Done,
        signin_calls.PasswordChange,
        errors=(422,),
    ),
    "GET /api/v1/me": Operation("Who the token is, and what it may", _A.Me),
    "POST /api/v1/requests": Operation(
        "Make a request; answered once its events are durable",
        _A.Made,
        SUBMISSION,
        errors=(409, 422),
    ),
    "GET /api/v1/events": Operation("Events after a cursor", _A.EventsPage, query=PAGED),
    "GET /api/v1/picture": Operation(
        "What stands now: all that is open, and the last incidents", WholePicture
    ),
    "GET /api/v1/incidents/{incident_id}/events": Operation(
        "All that happened to one incident", _A.EventsPage
    ),
    "GET /api/v1/positions": Operation(
        "The latest fix of each unit, or where each was at a moment", _A.Fixes, query=("at",)
    ),
    "GET /api/v1/tracks/{unit_id}": Operation(
        "Where one unit went", _A.TrackPage, query=("from!", "to!")
    ),
    "POST /api/v1/enrolments": Operation(
        "A one-time code for the device of one unit",
        _A.Enrolment,
        people_calls.UnitNamed,
        errors=(422,),
    ),
    "POST /api/v1/devices": Operation(
        "A device's token, for a code", _A.DeviceToken, people_calls.DeviceEnrolment, errors=(422,)
    ),
    "GET /api/v1/people": Operation("Everybody who may sign in", _A.PeopleList),
    "POST /api/v1/people": Operation(
        "A new person", _A.PersonShown, people_calls.NewPerson, errors=(422,)
    ),
    "POST /api/v1/people/change": Operation(
        "Change a person", _A.PersonShown, people_calls.PersonChange, errors=(422,)
    ),
    "GET /api/v1/accesslog": Operation(
        "Who came, who was refused what", _A.AccessLogPage, query=PAGED
    ),
    "GET /api/v1/stream": Operation(
        "A desk's WebSocket; the desk only listens",
        _A.Done,
        query=("after",),
        frames=(tuple(get_args(DeskFrame)), ()),
    ),
    "GET /api/v1/field": Operation("A device's WebSocket", _A.Done, frames=_FIELD),
    "GET /field": Operation(
        "The field page, for a phone", str, None, True, media=(MEDIA[".html"],)
    ),
    "GET /field/{name}": Operation(
        "One of the page's files", str, None, True, media=tuple(MEDIA.values())
    ),
}
"""By method and path, as the router has them. The document tells those that a server has."""

ALWAYS = (400, 401, 403, 404, 405, 408, 413, 429, 500, 503)
"""What any call may answer."""


def error_codes(status: int) -> list[str]:
    """The codes that an answer with `status` may bear."""
    if status == 422:
        parts = (key.split(".") for key in catalogue("en"))
        return sorted(words[1] for words in parts if words[0] == "refusal" and len(words) == 2)
    return list(_CODES[status])


_CODES: Mapping[int, tuple[str, ...]] = {
    400: ("bad_request", "no_such_role"),
    401: (
        "unauthorized",
        "signed_out",
        "wrong_password",
        "bad_code",
        "oidc_failed",
        "oidc_name",
        "oidc_no_role",
    ),
    403: ("forbidden", "not_practice"),
    404: ("not_found",),
    405: ("method_not_allowed",),
    408: ("too_slow",),
    409: ("key_reused", "changed"),
    413: ("too_large",),
    429: ("too_many", "locked_out", "too_often"),
    500: ("internal",),
    503: ("storage_failed", "busy", "oidc_away"),
}
