"""Coming in and going out: set-up, sign-in, refresh, sign-out, and who am I."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from console.access import PEOPLE_ROLES, Actor, Call, Grant, Role, TurnedAway
from console.model.desk_name import parse_desk_name
from console.server.auth import ACTOR, address_of, require
from console.server.bodies import answer_json, body_of
from console.server.errors import Problem
from console.server.parts import PARTS

_TOKEN_LIMIT = 100


class SetUp(msgspec.Struct, forbid_unknown_fields=True):
    """The first administrator, with the code that the server printed."""

    code: str
    name: str
    full_name: str
    password: str
    desk: str = ""


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    """A name and a password, and the token that the desk was given at its last sign-in."""

    name: str
    password: str
    desk: str = ""
    desk_token: str = ""


class PracticeSignIn(msgspec.Struct, forbid_unknown_fields=True):
    """A role to practise."""

    role: str
    desk: str = ""


class Refresh(msgspec.Struct, forbid_unknown_fields=True):
    """The refresh token."""

    refresh: str


class PasswordChange(msgspec.Struct, forbid_unknown_fields=True):
    """One's old password and the new one."""

    old: str
    new: str


async def post_setup(request: web.Request) -> web.Response:
    """`POST /api/v1/setup`: the first administrator, by the code that the server printed."""
    gate = request.app[PARTS].gate
    body = await body_of(request, SetUp)
    address = address_of(request)
    person = await gate.set_up(body.code, body.name, body.full_name, body.password, address)
    desk = desk_name(body.desk)
    return answer_json(granted(await gate.aside(lambda: gate.admit(person, desk, address))))


async def post_signin(request: web.Request) -> web.Response:
    """`POST /api/v1/signin`: tokens for a name and a password."""
    gate = request.app[PARTS].gate
    body = await body_of(request, SignIn)
    desk, address = desk_name(body.desk), address_of(request)
    grant, desk_token = await gate.sign_in(
        body.name, body.password, desk, address, body.desk_token[:_TOKEN_LIMIT]
    )
    return answer_json({**granted(grant), "desk_token": desk_token})


async def post_practice(request: web.Request) -> web.Response:
    """`POST /api/v1/signin/practice`: tokens of the practice person of a role."""
    require(request, Call.PRACTISE)
    body = await body_of(request, PracticeSignIn)
    if body.role not in {role.value for role in PEOPLE_ROLES}:
        raise TurnedAway("no_such_role")
    gate, role, desk = request.app[PARTS].gate, Role(body.role), desk_name(body.desk)
    return answer_json(granted(await gate.aside(lambda: gate.practise(role, desk))))


async def post_refresh(request: web.Request) -> web.Response:
    """`POST /api/v1/refresh`: the next tokens of a sign-in."""
    body = await body_of(request, Refresh)
    gate, address = request.app[PARTS].gate, address_of(request)
    with gate.trying("renew", address):
        grant = await gate.aside(lambda: gate.refresh(body.refresh, address))
    return answer_json(granted(grant))


async def post_signout(request: web.Request) -> web.Response:
    """`POST /api/v1/signout`: the sign-in ends, its sockets too."""
    gate, actor = request.app[PARTS].gate, _person(request)
    await gate.aside(lambda: gate.sign_out(actor))
    return answer_json({})


async def post_password(request: web.Request) -> web.Response:
    """`POST /api/v1/password`: one's own; all sign-ins of the person end."""
    actor = _person(request)
    body = await body_of(request, PasswordChange)
    gate = request.app[PARTS].gate
    await gate.change_password(actor, body.old, body.new, address_of(request))
    return answer_json({})


async def get_me(request: web.Request) -> web.Response:
    """`GET /api/v1/me`: who the token is, and what it may."""
    actor = request[ACTOR]
    gate = request.app[PARTS].gate
    person = await gate.aside(lambda: gate.people.find(actor.name)) if actor.is_person else None
    return answer_json(described(actor, person.full_name if person else actor.name))


def granted(grant: Grant) -> dict[str, Any]:
    """A sign-in as it travels."""
    return {
        "access": grant.access,
        "refresh": grant.refresh,
        "expires_in_s": grant.expires_in_s,
        "person": described(grant.actor, grant.person.full_name),
    }


def described(actor: Actor, full_name: str) -> dict[str, Any]:
    """Somebody, and their rights, as they travel."""
    rights = actor.rights
    return {
        "name": actor.name,
        "full_name": full_name,
        "role": actor.role.value,
        "areas": list(actor.area.prefixes),
        "desk": actor.desk,
        "requests": sorted(cls.__name__ for cls in rights.requests),
        "reads": sorted(data.value for data in rights.reads),
        "calls": sorted(call.value for call in rights.calls),
    }


def desk_name(given: str) -> str:
    """A desk's name as the journal keeps it. Raises Problem."""
    try:
        return parse_desk_name(given)
    except ValueError as error:
        raise Problem(400, "bad_request", reason="desk") from error


def _person(request: web.Request) -> Actor:
    """The caller, who must have signed in."""
    actor = request[ACTOR]
    if not actor.is_person:
        raise Problem(403, "forbidden")
    return actor
