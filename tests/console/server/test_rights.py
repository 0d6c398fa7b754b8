"""Every role tries every call, and every request at home and elsewhere: made from the tables."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, get_args

import pytest

from console.access import PEOPLE_ROLES, RIGHTS, Actor, Call, Data, Role, area_of
from console.model.ids import new_key
from console.model.requests import ReportIncident, Request
from console.model.unit import Fix
from console.server.limits import Limits
from console.wire import EventsFrame, PingFrame, decode_desk_frame, encode_submission
from tests.console.access.test_policy import request_in
from tests.helpers.people import EAST, WEST, Door, bearer, door
from tests.helpers.stream import NOW, report, submission

CALLS: dict[str, tuple[Any, Call | Data]] = {
    "GET events": (None, Data.OPERATIONS),
    "GET picture": (None, Data.OPERATIONS),
    "GET incidents/none/events": (None, Data.OPERATIONS),
    "GET positions": (None, Data.POSITIONS),
    "GET stream": (None, Call.STREAM),
    "GET field": (None, Call.FIELD),
    "POST enrolments": ({"unit_id": "U-WEST"}, Call.ENROL),
    "POST devices": ({"unit_id": "U-WEST"}, Call.PRACTISE),
    "GET people": (None, Data.PEOPLE),
    "POST people": ({}, Call.MANAGE_PEOPLE),
    "POST people/change": ({}, Call.MANAGE_PEOPLE),
    "GET accesslog": (None, Data.ACCESS_LOG),
    "POST signin/practice": ({}, Call.PRACTISE),
    "POST requests": ({}, Call.SUBMIT),
}
"""What each call needs. A body that is none is refused after the right, not before."""

OPEN = {"health", "setup", "signin", "signin/oidc", "refresh", "oidc", "me", "signout", "password"}
"""Calls that need no right, or only a token."""

ROLES = [role for role in Role if role is not Role.SYSTEM]


def headers_of(server: Door, role: Role) -> dict[str, str]:
    if role is Role.PRACTICE:
        return bearer("the practice secret")
    if role is Role.DEVICE:
        return bearer(server.gate.devices.issue("U-WEST"))
    return server.headers(server.person(role.value.replace("_", "-"), role))


@pytest.mark.parametrize("role", ROLES)
async def test_every_role_tries_every_call(role: Role) -> None:
    async with door("the practice secret") as server:
        headers = headers_of(server, role)
        for call, (body, needs) in CALLS.items():
            status, _ = await server.call(call.partition(" ")[2], body, headers)
            rights = RIGHTS[role]
            allowed = needs in rights.calls if isinstance(needs, Call) else needs in rights.reads
            assert (status != 403) == allowed, (role, call, status)
            assert status != 401
            assert status < 500
        refused = [n for _, n in server.gate.log.read(0, 999) if n.kind == "access.refused"]
        assert len(refused) == sum(
            needs not in RIGHTS[role].calls | RIGHTS[role].reads for _, needs in CALLS.values()
        )


async def test_the_table_of_calls_is_whole() -> None:
    async with door() as server:
        routes = {
            f"{route.method} {route.resource.canonical.removeprefix('/api/v1/')}"
            for route in server.app.router.routes()
            if route.resource is not None and route.resource.canonical.startswith("/api/v1/")
        }
    named = {r.replace("{incident_id}", "none") for r in routes}
    tested = {r for r in named if r.partition(" ")[2] not in OPEN and not r.startswith("HEAD")}
    assert tested - {"GET tracks/{unit_id}", "GET openapi.json", "GET openapi"} == set(CALLS)


def cases() -> Iterator[tuple[type, str]]:
    for cls in get_args(Request):
        for where in ("own", "other"):
            yield cls, where


@pytest.mark.parametrize("role", PEOPLE_ROLES)
async def test_every_role_tries_every_request_at_home_and_elsewhere(role: Role) -> None:
    async with door() as server:
        boss = server.headers(server.person("boss", Role.SUPERVISOR))
        mine = server.headers(server.person("me", role, area_of([WEST[:9]])))
        for cls, where in cases():
            incident_id = await reported(server, boss, where)
            request = here(request_in(cls, where), incident_id, where)
            status, said = await submit(server, request, mine)
            code = said.get("error", "")
            if not RIGHTS[role].requests:
                assert status == 403
            elif cls not in RIGHTS[role].requests:
                assert (status, code) == (422, "not_your_role"), (cls, where)
            elif where == "other":
                assert (status, code) == (422, "not_in_your_area"), (cls, where)
            else:
                assert not code.startswith("not_your"), (cls, where, code)
                assert code != "not_in_your_area" or "command" in request_fields(cls), cls


def request_fields(cls: type) -> str:
    return " ".join(f.name for f in fields(cls))


def here(request: Any, incident_id: str, where: str) -> Any:
    """The request about the incident, at its place, with ids that the server takes."""
    from dataclasses import replace

    unit = "U-WEST" if where == "own" else "U-EAST"
    changes: dict[str, Any] = {"incident_id": incident_id, "unit_id": unit, "into_id": incident_id}
    if isinstance(request, ReportIncident):
        changes = {"incident_id": new_key(NOW), "lon": lon_of(where), "lat": 31.0}
    if hasattr(request, "orders"):
        changes["orders"] = (replace(request.orders[0], command_id=new_key(NOW), unit_id=unit),)
    known = {f.name for f in fields(request)}
    return replace(request, **{k: v for k, v in changes.items() if k in known})


def lon_of(where: str) -> float:
    return 119.0 if where == "own" else 121.0


async def reported(server: Door, headers: dict[str, str], where: str) -> str:
    request = report(lon=lon_of(where), lat=31.0)
    status, said = await submit(server, request, headers)
    assert status == 200, said
    return request.incident_id


async def submit(server: Door, request: Any, headers: dict[str, str]) -> tuple[int, Any]:
    address = f"{server.url}/api/v1/requests"
    body = encode_submission(submission(request))
    async with server.client.post(address, data=body, headers=headers) as answer:
        return answer.status, json.loads(await answer.read())


async def test_what_is_refused_is_recorded_with_who_and_what() -> None:
    async with door() as server:
        boss = server.headers(server.person("boss", Role.SUPERVISOR))
        there = await reported(server, boss, "other")
        mine = server.headers(server.person("lin", Role.DUTY_OFFICER, area_of([WEST[:9]])), "07")
        from console.model.requests import AcceptIncident

        await submit(server, AcceptIncident(there), mine)
        _, said = await server.call("accesslog", headers=boss)
        (entry,) = (e for e in said["entries"] if e["kind"] == "access.refused")
        assert entry["actor"] == "person/lin@07"
        assert entry["detail"] == "POST /api/v1/requests not_in_your_area"
        assert entry["address"] == "127.0.0.1"


async def test_a_long_past_of_elsewhere_is_gone_over_without_waiting() -> None:
    async with door(limits=Limits(page=5, ping_every_s=60.0)) as server:
        boss = server.headers(server.person("boss", Role.SUPERVISOR))
        for _ in range(60):
            await reported(server, boss, "other")
        mine = server.headers(server.person("lin", Role.DUTY_OFFICER, area_of([WEST[:9]])))
        url = f"{server.url}/api/v1/stream"
        async with server.client.ws_connect(url, headers=mine) as ws, asyncio.timeout(1.5):
            while True:
                frame = decode_desk_frame(await ws.receive_bytes())
                if isinstance(frame, EventsFrame) and frame.through == 60:
                    break
        assert (frame.events, frame.head) == ([], 60)


async def test_events_of_elsewhere_are_skipped_and_the_cursor_goes_on() -> None:
    async with door() as server:
        boss = server.headers(server.person("boss", Role.SUPERVISOR))
        for where in ("own", "other", "other", "own", "other"):
            await reported(server, boss, where)
        mine = server.headers(server.person("lin", Role.DUTY_OFFICER, area_of([WEST[:9]])))
        _, page = await server.call("events?after=0&limit=3", headers=mine)
        assert ([e["seq"] for e in page["events"]], page["through"], page["head"]) == ([1], 3, 5)
        _, page = await server.call("events?after=3", headers=mine)
        assert ([e["seq"] for e in page["events"]], page["through"]) == ([4], 5)
        east = Actor(Role.DUTY_OFFICER, "east", area_of([EAST]))
        assert east.area.holds(EAST)


LOOKS = ("events", "positions", f"positions?at={NOW}", f"tracks/U-EAST?from=0&to={NOW}", "people")
AREAS = [area_of([WEST[:n]]) for n in (6, 9, 12, 15)] + [area_of([])]


@pytest.mark.parametrize("area", AREAS, ids=lambda area: "".join(area.prefixes) or "nowhere")
@pytest.mark.parametrize("role", PEOPLE_ROLES)
async def test_no_answer_tells_of_elsewhere(role: Role, area: Any) -> None:
    """Every role and area reads everything: not one byte of what lies in the other street.

    A district, of six digits, holds both streets.
    """
    async with door(limits=Limits(fixes_every_s=0.01, ping_every_s=0.05)) as server:
        boss = server.headers(server.person("boss", Role.SUPERVISOR))
        there = await reported(server, boss, "other")
        server.parts.fixes.take(Fix("U-EAST", 121.0, 31.0, NOW - 1000))
        server.parts.fixes.gather()
        may = len("".join(area.prefixes)) == 6
        mine = server.headers(server.person("me", role, area))
        said = [str((await server.call(look, headers=mine))[1]) for look in LOOKS]
        if Call.STREAM in RIGHTS[role].calls:
            said.append(str(await heard(server, mine)))
        for secret, data in ((there, Data.OPERATIONS), ("U-EAST", Data.POSITIONS)):
            seen = any(secret in answer for answer in said)
            assert seen == (may and data in RIGHTS[role].reads), (secret, said)


async def heard(server: Door, headers: dict[str, str]) -> bytes:
    """What a desk is sent up to its second ping."""
    url = f"{server.url}/api/v1/stream"
    told, pings = b"", 0
    async with server.client.ws_connect(url, headers=headers) as ws, asyncio.timeout(5):
        while pings < 2:
            data = await ws.receive_bytes()
            told += data
            pings += isinstance(decode_desk_frame(data), PingFrame)
    return told
