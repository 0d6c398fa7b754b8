"""A socket lives by what let it in, on every node, and a unit has one line in the whole city."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from console.access import Role, Store, open_store
from console.access.codes import Codes
from console.access.devices import TOKENS_PER_UNIT, Devices
from console.access.people import People
from console.access.sessions import Sessions
from console.clock import SystemClock
from console.server.field_socket import REPLACED
from console.server.live import REVOKED
from tests.console.server.test_nodes import Field, Nodes, field, say
from tests.helpers.people import Door, bearer, door
from tests.helpers.postgres import Cluster
from tests.helpers.server_process import server_process

clock = SystemClock()


async def ended(line: aiohttp.ClientWebSocketResponse) -> int | None:
    """The code with which the line is closed, soon."""
    async with asyncio.timeout(10):
        while not line.closed:
            await line.receive()
    return line.close_code


@asynccontextmanager
async def phone(server: Door, token: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    url = f"{server.url}/api/v1/field"
    async with server.client.ws_connect(url, headers=bearer(token)) as line:
        await line.receive_bytes(timeout=5)
        yield line


async def test_b2_a_line_ends_when_newer_tokens_push_its_own_out() -> None:
    async with door() as server:
        devices = server.gate.devices
        async with phone(server, devices.issue("U-WEST")) as line:
            for _ in range(TOKENS_PER_UNIT):
                devices.issue("U-WEST")
            assert await ended(line) == REVOKED


async def test_b2_a_lost_device_stays_lost_when_another_is_enrolled() -> None:
    async with door() as server:
        devices = server.gate.devices
        async with phone(server, devices.issue("U-WEST")) as line:
            devices.revoke("U-WEST")
            devices.issue("U-WEST")
            assert await ended(line) == REVOKED


async def test_b2_a_code_made_before_the_device_was_lost_enrols_none() -> None:
    async with door() as server:
        officer = server.headers(server.person("lin", Role.DUTY_OFFICER))
        codes = {}
        for unit in ("U-WEST", "U-EAST"):
            _, made = await server.call("enrolments", {"unit_id": unit}, officer)
            codes[unit] = made["code"]
        server.gate.devices.revoke("U-WEST")
        status, said = await server.call("devices", {"code": codes["U-WEST"]})
        assert (status, said["error"]) == (401, "bad_code")
        status, said = await server.call("devices", {"code": codes["U-EAST"]})
        assert (status, said["unit_id"]) == (200, "U-EAST")


async def test_b2_a_code_is_worth_nothing_once_who_made_it_is_disabled() -> None:
    async with door() as server:
        tang = server.headers(server.person("tang", Role.ADMINISTRATOR))
        codes = []
        for name, unit in (("lin", "U-WEST"), ("zhou", "U-EAST")):
            officer = server.headers(server.person(name, Role.DUTY_OFFICER))
            codes.append((await server.call("enrolments", {"unit_id": unit}, officer))[1]["code"])
        change = {"name": "lin", "disabled": True}
        assert (await server.call("people/change", change, tang))[0] == 200
        said = [(await server.call("devices", {"code": code}))[0] for code in codes]
        assert said == [401, 200]


async def test_b2_rights_that_end_while_a_socket_opens_close_it() -> None:
    """Between the token and the socket there is a moment in which a look finds nobody."""
    async with door() as server:
        actor = server.gate.identify(server.gate.devices.issue("U-WEST"))
        server.gate.devices.revoke("U-WEST")
        await server.parts.live.check()
        closed: list[int] = []

        class Late:
            def close(self, code: int, _reason: str) -> None:
                closed.append(code)

        socket: Any = Late()
        with server.parts.live.watch(actor, socket):
            async with asyncio.timeout(5):
                while not closed:
                    await asyncio.sleep(0.05)
        assert closed == [REVOKED]


async def test_b2_a_device_is_not_a_person_who_signed_in() -> None:
    async with door() as server:
        server.person("u-west", Role.SUPERVISOR)
        device = bearer(server.gate.devices.issue("U-WEST"))
        _, me = await server.call("me", headers=device)
        assert (me["name"], me["full_name"], me["role"]) == ("U-WEST", "U-WEST", "device")
        for path, body in (("signout", {}), ("password", {"old": "a", "new": "b"})):
            status, said = await server.call(path, body, device)
            assert (status, said["error"]) == (403, "forbidden")


@pytest.fixture(scope="module")
def cluster_url(postgres: Cluster) -> str:
    return postgres.fresh()


@pytest.fixture(scope="module")
def nodes(cluster_url: str) -> Iterator[Nodes]:
    with server_process(cluster_url) as one, server_process(cluster_url) as two:
        yield one, two


@pytest.fixture
def store(cluster_url: str, nodes: Nodes) -> Iterator[Store]:
    """What both nodes ask; another process writes there too."""
    del nodes
    opened = open_store(cluster_url)
    yield opened
    opened.close()


async def test_b2_a_unit_has_one_line_of_all_nodes(nodes: Nodes) -> None:
    one, two = nodes
    async with field() as at:
        token = await at.token(one, "U-0001")
        async with at.phone(one, token) as old:
            await say(old, 1)
            async with at.phone(two, token) as new:
                assert await ended(old) == REPLACED
                await at.has_lines((one, 0), (two, 1))
                async with at.phone(one, token) as back:
                    assert await ended(new) == REPLACED
                    await at.has_lines((one, 1), (two, 0))
                    assert not back.closed


@pytest.mark.parametrize("how", ["lost", "lost_and_found", "pushed_out"])
async def test_b2_a_line_ends_with_its_enrolment_on_every_node(
    nodes: Nodes, store: Store, how: str
) -> None:
    one, two = nodes
    async with field() as at, at.phone(two, await at.token(one, "U-0002")) as line:
        await say(line, 1)
        if how == "pushed_out":
            for _ in range(TOKENS_PER_UNIT):
                await at.token(one, "U-0002")
        else:
            code, _ = Codes(store, clock).make("device", "U-0002")
            Devices(store, clock).revoke("U-0002")
        if how == "lost_and_found":
            await at.token(one, "U-0002")
        assert await ended(line) == REVOKED
        if how != "pushed_out":
            assert await enrolled(at, two, code) == 401


async def enrolled(at: Field, node: Any, code: str) -> int:
    async with at.http.post(f"{node.url}/api/v1/devices", json={"code": code}) as answer:
        return answer.status


@pytest.mark.parametrize("how", ["signed_out", "disabled", "role"])
async def test_b2_a_desk_ends_with_its_sign_in_on_every_node(
    nodes: Nodes, store: Store, how: str
) -> None:
    people = People(store, clock)
    sessions = Sessions(store, people, clock)
    person = people.add(f"lin-{how.replace('_', '-')}", "", Role.DUTY_OFFICER)
    grants = [sessions.open(person, desk) for desk in ("01", "02")]
    async with field() as at:
        url = f"{nodes[1].url}/api/v1/stream"
        async with (
            at.http.ws_connect(url, headers=bearer(grants[0].access)) as mine,
            at.http.ws_connect(url, headers=bearer(grants[1].access)) as other,
        ):
            await mine.receive(), await other.receive()
            if how == "signed_out":
                sessions.revoke(grants[0].session)
            elif how == "disabled":
                people.change(person.name, disabled=True)
            else:
                people.change(person.name, role=Role.TRAINER)
            assert await ended(mine) == REVOKED
            assert other.closed is False or how != "signed_out"
