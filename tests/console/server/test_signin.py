"""Coming in: set-up, passwords, lock-out, refresh, theft, revocation, enrolment."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
import pytest

from console.access import Role, area_of
from console.access.attempts import FIRST_LOCK_MS, FREE_ANYWHERE, FREE_FAILURES
from console.access.codes import GOOD_FOR_MS
from console.access.sessions import ACCESS_MS
from console.wire import encode_submission
from tests.helpers.people import EAST, PASSWORD, WEST, Door, bearer, door
from tests.helpers.stream import report, soon, submission


async def sign_in(server: Door, name: str, password: str) -> tuple[int, dict[str, Any]]:
    return await server.call("signin", {"name": name, "password": password, "desk": "03"})


async def test_the_printed_code_makes_one_administrator_and_no_more() -> None:
    async with door() as server:
        code, _ = server.gate.codes.make("setup")
        body = {"code": code, "name": "Tang", "full_name": "老唐", "password": PASSWORD}
        assert (await server.call("setup", body | {"code": "0000-0000-0000"}))[0] == 401
        assert (await server.call("setup", body | {"password": "short"}))[0] == 422
        status, granted = await server.call("setup", body)
        assert (status, granted["person"]["role"]) == (200, "administrator")
        assert granted["person"]["name"] == "tang"
        assert (await server.call("setup", body))[1]["error"] == "bad_code"
        again, _ = server.gate.codes.make("setup")
        assert (await server.call("setup", body | {"code": again}))[1]["error"] == "bad_code"
        status, me = await server.call("me", headers=bearer(granted["access"]))
        assert (status, me["full_name"]) == (200, "老唐")


async def test_the_code_is_good_for_an_hour_however_it_is_typed() -> None:
    async with door() as server:
        code, _ = server.gate.codes.make("setup")
        body = {"code": code, "name": "tang", "full_name": "", "password": PASSWORD}
        server.clock.advance(GOOD_FOR_MS["setup"])
        assert (await server.call("setup", body))[0] == 401
        code, _ = server.gate.codes.make("setup")
        server.clock.advance(GOOD_FOR_MS["setup"] - 1)
        typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
        assert (await server.call("setup", body | {"code": typed}))[0] == 200


async def test_signing_in_and_acting_in_ones_own_name() -> None:
    async with door() as server:
        server.person("lin", Role.DUTY_OFFICER, password=PASSWORD)
        status, granted = await sign_in(server, " LIN ", PASSWORD)
        assert status == 200
        address = f"{server.url}/api/v1/requests"
        body = encode_submission(submission(report(lon=119.0, lat=31.0)))
        headers = bearer(str(granted["access"]))
        async with server.client.post(address, data=body, headers=headers) as answer:
            event = (await answer.json())["events"][0]
        assert event["actor"] == "person/lin@03"


@pytest.mark.parametrize("name", ["lin", "nobody", "", "x" * 500, "林"])
async def test_wrong_passwords_lock_whoever_it_is_longer_each_time(name: str) -> None:
    async with door() as server:
        server.person("lin", Role.DUTY_OFFICER, password=PASSWORD)
        for _ in range(FREE_FAILURES - 1):
            status, said = await sign_in(server, name, "wrong wrong")
            assert (status, said["error"]) == (401, "wrong_password")
        waits = []
        for _ in range(3):
            status, said = await sign_in(server, name, "wrong wrong")
            assert (status, said["error"]) == (429, "locked_out")
            waits.append(said["wait_ms"])
            status, said = await sign_in(server, name, PASSWORD)
            assert (status, said["error"]) == (429, "locked_out")
            server.clock.advance(int(str(said["wait_ms"])))
        assert waits == [FIRST_LOCK_MS, 2 * FIRST_LOCK_MS, 4 * FIRST_LOCK_MS]
        status, _ = await sign_in(server, name, PASSWORD)
        assert status == (200 if name == "lin" else 429)


async def test_a_stranger_cannot_lock_out_the_desk_where_somebody_signs_in() -> None:
    async with door() as server:
        server.person("lin", Role.DUTY_OFFICER, password=PASSWORD)
        assert (await sign_in(server, "lin", PASSWORD))[0] == 200
        for n in range(FREE_ANYWHERE):
            server.gate.lockout.failed("lin", f"203.0.113.{n}")
        assert server.gate.lockout.wait_ms("lin", "203.0.113.99") == FIRST_LOCK_MS
        assert (await sign_in(server, "lin", PASSWORD))[0] == 200


async def test_tries_from_one_address_are_counted_whatever_the_names() -> None:
    async with door() as server:
        said = [(await sign_in(server, f"n{i}", "wrong wrong"))[1]["error"] for i in range(25)]
        assert "too_often" in said
        server.clock.advance(60_000)
        assert (await sign_in(server, "somebody", "wrong wrong"))[1]["error"] == "wrong_password"


async def test_the_disabled_and_those_without_password_do_not_come_in() -> None:
    async with door() as server:
        server.person("tang", Role.ADMINISTRATOR)
        server.person("lin", Role.DUTY_OFFICER, password=PASSWORD)
        server.gate.people.change("lin", disabled=True)
        for name in ("lin", "tang"):
            for password in (PASSWORD, ""):
                assert (await sign_in(server, name, password))[1]["error"] == "wrong_password"


async def test_a_copied_refresh_token_ends_the_sign_in_and_its_socket() -> None:
    async with door() as server:
        server.person("lin", Role.DUTY_OFFICER, password=PASSWORD)
        _, first = await sign_in(server, "lin", PASSWORD)
        stolen = {"refresh": first["refresh"]}
        status, second = await server.call("refresh", stolen)
        assert status == 200
        url = f"{server.url}/api/v1/stream"
        headers = bearer(str(second["access"]))
        async with server.client.ws_connect(url, headers=headers) as ws:
            status, said = await server.call("refresh", stolen)
            assert (status, said["error"]) == (401, "signed_out")
            await closed_soon(ws)
        assert (await server.call("me", headers=headers))[0] == 401
        kinds = [note.kind for _, note in server.gate.log.read(0, 99)]
        assert kinds == ["access.signed_in", "access.token_reused"]


async def test_access_tokens_end_and_the_socket_stays_while_the_sign_in_does() -> None:
    async with door() as server:
        person = server.person("lin", Role.DUTY_OFFICER)
        grant = server.gate.sessions.open(person, "03")
        url = f"{server.url}/api/v1/stream"
        async with server.client.ws_connect(url, headers=bearer(grant.access)) as ws:
            server.clock.advance(ACCESS_MS)
            assert (await server.call("me", headers=bearer(grant.access)))[0] == 401
            await server.parts.live.check()
            await asyncio.sleep(0.05)
            assert not ws.closed
            server.gate.sessions.refresh(grant.refresh)


async def closed_soon(ws: aiohttp.ClientWebSocketResponse) -> None:
    """The server closes the socket, and says why, within a second."""
    began = time.monotonic()
    async with asyncio.timeout(2):
        while (message := await ws.receive()).type is aiohttp.WSMsgType.BINARY:
            pass
    assert time.monotonic() - began < 1.0
    assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
    assert (ws.close_code, message.extra) == (4001, "signed out")


@pytest.mark.parametrize("how", ["signout", "disable", "role", "area", "password", "elsewhere"])
async def test_sockets_close_within_a_second_when_rights_end_or_change(how: str) -> None:
    async with door() as server:
        admin = server.headers(server.person("tang", Role.ADMINISTRATOR))
        headers = server.headers(server.person("lin", Role.DUTY_OFFICER))
        other = server.headers(server.person("zhou", Role.SUPERVISOR))
        changes: dict[str, dict[str, Any]] = {
            "disable": {"disabled": True},
            "role": {"role": "trainer"},
            "area": {"areas": [WEST[:9]]},
            "password": {"password": "another horse 7"},
        }
        url = f"{server.url}/api/v1/stream"
        async with (
            server.client.ws_connect(url, headers=headers) as ws,
            server.client.ws_connect(url, headers=other) as bystander,
        ):
            if how in changes:
                change = {"name": "lin", **changes[how]}
                assert (await server.call("people/change", change, admin))[0] == 200
            elif how == "signout":
                assert (await server.call("signout", {}, headers))[0] == 200
            else:
                server.gate.sessions.revoke_person("lin", "another process")
            await closed_soon(ws)
            assert not bystander.closed


async def test_a_peer_that_does_not_answer_the_farewell_is_cut_off() -> None:
    async with door() as server:
        person = server.person("lin", Role.DUTY_OFFICER)
        token = server.gate.sessions.open(person, "03").access
        reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rsplit(":")[-1]))
        writer.write(
            b"GET /api/v1/stream?after=0 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            b"Authorization: Bearer " + token.encode() + b"\r\n\r\n"
        )
        await reader.readline()
        await soon(lambda: server.parts.sockets)
        server.gate.sessions.revoke_person("lin", "test")
        async with asyncio.timeout(1.0):
            while await reader.read(4096):
                pass
        writer.close()


async def test_a_device_comes_in_by_a_code_once_and_not_late() -> None:
    async with door() as server:
        officer = server.headers(server.person("lin", Role.DUTY_OFFICER))
        status, made = await server.call("enrolments", {"unit_id": "U-WEST"}, officer)
        assert status == 200
        status, device = await server.call("devices", {"code": made["code"]})
        assert (status, device["unit_id"]) == (200, "U-WEST")
        assert (await server.call("devices", {"code": made["code"]}))[1]["error"] == "bad_code"
        url = f"{server.url}/api/v1/field"
        async with server.client.ws_connect(url, headers=bearer(device["token"])) as ws:
            server.gate.devices.revoke("U-WEST")
            await closed_soon(ws)
        _, late = await server.call("enrolments", {"unit_id": "U-WEST"}, officer)
        server.clock.advance(GOOD_FOR_MS["device"])
        assert (await server.call("devices", {"code": late["code"]}))[0] == 401
        officer = server.headers(server.gate.people.get("lin"))
        _, old = await server.call("enrolments", {"unit_id": "U-WEST"}, officer)
        _, new = await server.call("enrolments", {"unit_id": "U-WEST"}, officer)
        assert (await server.call("devices", {"code": old["code"]}))[0] == 401
        assert (await server.call("devices", {"code": new["code"]}))[0] == 200


async def test_a_unit_id_alone_registers_nothing_where_people_sign_in() -> None:
    async with door() as server:
        assert (await server.call("devices", {"unit_id": "U-WEST"}))[0] == 401
        officer = server.headers(server.person("lin", Role.DUTY_OFFICER))
        assert (await server.call("devices", {"unit_id": "U-WEST"}, officer))[0] == 403
        west = server.person("west", Role.DUTY_OFFICER, area_of([WEST[:9]]))
        body = {"unit_id": "U-EAST"}
        status, said = await server.call("enrolments", body, server.headers(west))
        assert (status, said["error"]) == (422, "unit_not_in_your_area")


async def test_the_practice_secret_signs_in_as_any_role_and_only_there() -> None:
    secret = "a practice secret"
    async with door(secret) as server:
        for role in ("duty_officer", "supervisor", "trainer", "administrator"):
            status, granted = await server.call(
                "signin/practice", {"role": role, "desk": "01"}, bearer(secret)
            )
            assert (status, granted["person"]["role"]) == (200, role)
        for role in ("system", "device", "practice", "king"):
            body = {"role": role, "desk": "01"}
            assert (await server.call("signin/practice", body, bearer(secret)))[0] == 400
        headers = bearer(granted["access"])
        assert (await server.call("signin/practice", {"role": "trainer"}, headers))[0] == 403
    async with door() as server:
        for token in ("", secret, "None"):
            body = {"role": "supervisor", "desk": ""}
            assert (await server.call("signin/practice", body, bearer(token)))[0] == 401


async def test_people_are_kept_by_the_administrator_and_the_last_one_stays() -> None:
    async with door() as server:
        admin = server.headers(server.person("tang", Role.ADMINISTRATOR))
        new = {
            "name": "mei",
            "full_name": "阿梅",
            "role": "grid_worker",
            "areas": [EAST[:12]],
            "password": PASSWORD,
        }
        assert (await server.call("people", new, admin))[0] == 200
        assert (await server.call("people", new, admin))[1]["error"] == "person_exists"
        wrong: list[tuple[str, Any, str]] = [
            ("name", "a b", "bad_person_name"),
            ("role", "system", "no_such_role"),
        ]
        wrong += [("areas", ["33"], "bad_area"), ("areas", [], "bad_area")]
        wrong += [
            ("password", "mei2 mei2 12", "password_easy"),
            ("full_name", "x" * 61, "bad_full_name"),
        ]
        for field, value, code in wrong:
            body = {**new, "name": "mei2", field: value}
            assert (await server.call("people", body, admin))[1]["error"] == code
        status, all_ = await server.call("people", headers=admin)
        assert [p["name"] for p in all_["people"]] == ["mei", "tang"]
        assert "password" not in all_["people"][0]
        for change in ({"disabled": True}, {"role": "trainer"}):
            status, said = await server.call("people/change", {"name": "tang", **change}, admin)
            assert (status, said["error"]) == (422, "last_administrator")
        assert (await sign_in(server, "mei", PASSWORD))[1]["person"]["areas"] == [EAST[:12]]


async def test_ones_own_password() -> None:
    async with door() as server:
        server.person("lin", Role.DUTY_OFFICER, password=PASSWORD)
        _, granted = await sign_in(server, "lin", PASSWORD)
        headers = bearer(str(granted["access"]))
        body = {"old": "wrong wrong", "new": "another horse 7"}
        assert (await server.call("password", body, headers))[0] == 401
        body["old"] = PASSWORD
        assert (await server.call("password", body, headers))[0] == 200
        assert (await server.call("me", headers=headers))[0] == 401
        assert (await sign_in(server, "lin", PASSWORD))[0] == 401
        assert (await sign_in(server, "lin", "another horse 7"))[0] == 200


async def test_a_crowd_at_the_door_is_told_to_wait() -> None:
    async with door() as server:
        server.gate.passwords._room = 1
        tries = [sign_in(server, f"n{i}", "wrong wrong") for i in range(6)]
        said = [answer["error"] for _, answer in await asyncio.gather(*tries)]
        assert "busy" in said
        assert set(said) <= {"busy", "wrong_password"}
