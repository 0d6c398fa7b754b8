"""The shapes of the answers as the OpenAPI document tells them; tests hold the answers to it."""

from __future__ import annotations

import msgspec

from console.model.text import Text
from console.wire import WireEvent, WireFix


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    """Nothing but what is told here."""


class Health(_Answer):
    """The server is alive."""

    status: str
    version: str


class Made(_Answer):
    """The events that a submission made, durable."""

    events: list[WireEvent]


class Invitation(_Answer):
    """The organisation's own sign-in; `enabled` alone where there is none."""

    enabled: bool
    authorization_endpoint: str | msgspec.UnsetType = msgspec.UNSET
    client_id: str | msgspec.UnsetType = msgspec.UNSET
    scope: str | msgspec.UnsetType = msgspec.UNSET


class EventsPage(_Answer):
    """Events after the cursor, as far as the caller may see them; they reach to `through`."""

    events: list[WireEvent]
    head: int
    through: int


class Fixes(_Answer):
    """The latest fix of each unit; with `at`, where each was then."""

    fixes: list[WireFix]
    at: int | msgspec.UnsetType = msgspec.UNSET


class TrackPoint(msgspec.Struct, array_like=True):
    """`[lon, lat, at, heading | null, speed | null]`."""

    lon: float
    lat: float
    at: int
    heading: float | None
    speed: float | None


class TrackPage(_Answer):
    """Where one unit went; `next` is the `from` of the next page, if there is one."""

    unit_id: str
    fixes: list[TrackPoint]
    next: int | None


class Ready(_Answer):
    """Whether the server can do its work, and what is wrong if not."""

    status: str
    checks: dict[str, str]


class Enrolment(_Answer):
    """A one-time code for one device."""

    code: str
    unit_id: str
    ends_at: int


class DeviceToken(_Answer):
    """A device's token, its unit's name, and where the unit is at home if that is known."""

    unit_id: str
    token: str
    name: Text
    lon: float | None
    lat: float | None


class PersonShown(_Answer):
    """Somebody who may sign in. Times in milliseconds since 1970-01-01 UTC."""

    name: str
    full_name: str
    role: str
    areas: list[str]
    disabled: bool
    created_at: int
    changed_at: int


class PeopleList(_Answer):
    """Everybody who may sign in."""

    people: list[PersonShown]


class AccessNote(_Answer):
    """One line of the access log."""

    seq: int
    at: int
    kind: str
    actor: str
    address: str
    detail: str
    areas: list[str]


class AccessLogPage(_Answer):
    """Lines of the access log after the cursor."""

    entries: list[AccessNote]
    through: int


class Me(_Answer):
    """Who a token is, and what it may."""

    name: str
    full_name: str
    role: str
    areas: list[str]
    desk: str
    requests: list[str]
    reads: list[str]
    calls: list[str]


class Tokens(_Answer):
    """A sign-in."""

    access: str
    refresh: str
    expires_in_s: int
    person: Me


class SignedIn(Tokens):
    """A sign-in by password, and the token by which the desk is known at the next."""

    desk_token: str


class Done(_Answer):
    """Done; there is nothing to say."""


class ErrorBody(_Answer):
    """Why it was not done: `error` for programs, `message` for people."""

    error: str
    message: Text
    wait_ms: int = 0
    changes: list[WireEvent] = []
    """What others did meanwhile, with `changed`."""
