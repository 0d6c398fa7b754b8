"""People as the administrator keeps them, devices as they are enrolled, and the access log."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from console.access import Call, Data, Person, PersonEdit
from console.access.passwords import checked_password
from console.access.people import checked_area, checked_name, checked_role
from console.model.decide import Refused
from console.server.auth import address_of, author_of, require
from console.server.bodies import answer_json, body_of
from console.server.calls import number_in
from console.server.parts import PARTS, Parts
from console.wire import WireError

_LOG_PAGE = 500


class NewPerson(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody who is to sign in."""

    name: str
    full_name: str
    role: str
    areas: list[str]
    password: str


class PersonChange(msgspec.Struct, forbid_unknown_fields=True):
    """What is to change about somebody; what is not there stays."""

    name: str
    full_name: str | None = None
    role: str | None = None
    areas: list[str] | None = None
    password: str | None = None
    disabled: bool | None = None
    unlock: bool = False
    sign_out: bool = False


class UnitNamed(msgspec.Struct, forbid_unknown_fields=True):
    """A unit of the roster."""

    unit_id: str


class DeviceEnrolment(msgspec.Struct, forbid_unknown_fields=True):
    """A one-time code; the simulated field names a unit instead."""

    code: str = ""
    unit_id: str = ""


async def get_people(request: web.Request) -> web.Response:
    """`GET /api/v1/people`: everybody who may sign in, and answers for no more than the caller."""
    area = require(request, Data.PEOPLE).area
    gate = request.app[PARTS].gate
    people = await gate.aside(gate.people.all)
    return answer_json({"people": [_shown(p) for p in people if area.covers(p.area)]})


async def post_person(request: web.Request) -> web.Response:
    """`POST /api/v1/people`: a new person."""
    actor = require(request, Call.MANAGE_PEOPLE)
    gate = request.app[PARTS].gate
    body = await body_of(request, NewPerson)
    name, role = checked_name(body.name), checked_role(body.role)
    area = checked_area(tuple(body.areas))
    stored = await gate.passwords.hash(checked_password(body.password, name))
    author = author_of(request, actor)
    person = await gate.aside(
        lambda: gate.administration.add_person(
            author, name, body.full_name, role, area, password=stored
        )
    )
    return answer_json(_shown(person))


async def post_change(request: web.Request) -> web.Response:
    """`POST /api/v1/people/change`: role, area, name, password, disabled; unlock, sign out."""
    actor = require(request, Call.MANAGE_PEOPLE)
    gate = request.app[PARTS].gate
    body = await body_of(request, PersonChange)
    stored = None
    if body.password is not None:
        stored = await gate.passwords.hash(checked_password(body.password, body.name))
    edit = PersonEdit(
        full_name=body.full_name,
        role=None if body.role is None else checked_role(body.role),
        areas=None if body.areas is None else tuple(body.areas),
        password=stored,
        disabled=body.disabled,
        unlock=body.unlock,
        sign_out=body.sign_out,
    )
    author = author_of(request, actor)
    person = await gate.aside(lambda: gate.administration.edit_person(author, body.name, edit))
    return answer_json(_shown(person))


async def post_enrolment(request: web.Request) -> web.Response:
    """`POST /api/v1/enrolments`: a one-time code for the device of one unit of the roster."""
    actor = require(request, Call.ENROL)
    parts = request.app[PARTS]
    unit_id = _known_unit(parts, (await body_of(request, UnitNamed)).unit_id)
    cell = parts.ground.unit_cell(unit_id)
    author, administration = author_of(request, actor), parts.gate.administration
    code, ends_at = await parts.gate.aside(lambda: administration.make_code(author, unit_id, cell))
    return answer_json({"code": code, "unit_id": unit_id, "ends_at": ends_at})


async def post_device(request: web.Request) -> web.Response:
    """`POST /api/v1/devices`: a token, for a code; for the simulated field, for a unit's id."""
    parts = request.app[PARTS]
    gate, address = parts.gate, address_of(request)
    body = await body_of(request, DeviceEnrolment)
    if body.code and not body.unit_id:
        unit_id, token = await gate.enrol(body.code, address)
        return answer_json(_enrolled(parts, unit_id, token))
    author = author_of(request, require(request, Call.PRACTISE))
    unit_id = _known_unit(parts, body.unit_id)
    token = await gate.aside(lambda: gate.administration.issue_device(author, unit_id))
    return answer_json(_enrolled(parts, unit_id, token))


async def get_access_log(request: web.Request) -> web.Response:
    """`GET /api/v1/accesslog?after=SEQ&limit=N`: who came, who was refused what."""
    actor = require(request, Data.ACCESS_LOG)
    after = number_in(request, "after", 0)
    limit = min(number_in(request, "limit", _LOG_PAGE), _LOG_PAGE)
    gate = request.app[PARTS].gate
    notes, through = await gate.aside(lambda: gate.log.read_of(actor.area, after, limit))
    entries = [{"seq": seq, **msgspec.structs.asdict(note)} for seq, note in notes]
    return answer_json({"entries": entries, "through": through})


def _enrolled(parts: Parts, unit_id: str, token: str) -> dict[str, Any]:
    """What a device learns of itself: its unit's name, and where the unit is at home."""
    home = parts.ground.unit_home(unit_id)
    return {
        "unit_id": unit_id,
        "token": token,
        "name": parts.ground.unit_name(unit_id),
        "lon": None if home is None else home.lon,
        "lat": None if home is None else home.lat,
    }


def _shown(person: Person) -> dict[str, Any]:
    """A person without what nobody is to see."""
    return {
        "name": person.name,
        "full_name": person.full_name,
        "role": person.role.value,
        "areas": list(person.areas),
        "disabled": person.disabled,
        "created_at": person.created_at,
        "changed_at": person.changed_at,
    }


def _known_unit(parts: Parts, unit_id: str) -> str:
    if not 0 < len(unit_id) <= 64:
        raise WireError("unit_id is empty or too long")
    if not parts.ground.around.knows_unit(unit_id):
        raise Refused("no_such_unit", unit=unit_id)
    return unit_id
