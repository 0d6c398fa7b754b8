"""Who is kept waiting at the door, and that nobody else is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from console.access import Role
from console.access.attempts import (
    FIRST_LOCK_MS,
    FREE_ANYWHERE,
    FREE_FAILURES,
    network_of,
)
from console.server.proxies import TrustedProxies
from tests.helpers.people import PASSWORD, Door, door

PROXY = TrustedProxies(["127.0.0.1"])
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"


def from_(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


async def sign_in(
    server: Door, password: str = PASSWORD, at: str = HERE, name: str = "lin", token: str = ""
) -> tuple[int, dict[str, Any]]:
    body = {"name": name, "password": password, "desk": "03"}
    return await server.call("signin", body | ({"desk_token": token} if token else {}), from_(at))


async def locked(server: Door, at: str = HERE, token: str = "") -> None:
    for _ in range(FREE_FAILURES):
        status, said = await sign_in(server, "wrong wrong", at, token=token)
    assert (status, said["error"], said["wait_ms"]) == (429, "locked_out", FIRST_LOCK_MS)


async def test_c2_a_duty_room_behind_one_address_signs_in_at_once() -> None:
    async with door() as server:
        names = [f"officer{n}" for n in range(30)]
        for name in names:
            server.person(name, Role.DUTY_OFFICER, password=PASSWORD)
        said = await asyncio.gather(*(sign_in(server, name=name) for name in names))
        assert [status for status, _ in said] == [200] * 30


async def test_c2_who_fails_at_one_door_is_not_kept_from_the_others() -> None:
    async with door() as server:
        officer = server.headers(server.person("lin", Role.DUTY_OFFICER, password=PASSWORD))
        granted = server.gate.sessions.open(server.gate.people.get("lin"), "03")
        _, made = await server.call("enrolments", {"unit_id": "U-WEST"}, officer)
        for n in range(25):
            _, said = await sign_in(server, "wrong wrong", name=f"n{n}")
        assert said["error"] == "too_often"
        assert (await server.call("devices", {"code": made["code"]}))[0] == 200
        assert (await server.call("refresh", {"refresh": granted.refresh}))[0] == 200
        for _ in range(25):
            _, said = await server.call("devices", {"code": "0000-0000-0000"})
        assert said["error"] == "too_often"
        _, other = await server.call("enrolments", {"unit_id": "U-EAST"}, officer)
        assert (await server.call("devices", {"code": other["code"]}))[1]["error"] == "too_often"
        server.clock.advance(120_000)
        assert (await server.call("devices", {"code": other["code"]}))[0] == 200


async def test_c2_a_lock_is_of_the_person_at_that_address() -> None:
    async with door(proxies=PROXY) as server:
        server.person("lin", Role.DUTY_OFFICER, password=PASSWORD)
        server.person("zhou", Role.DUTY_OFFICER, password=PASSWORD)
        await locked(server)
        assert (await sign_in(server))[1]["error"] == "locked_out"
        assert (await sign_in(server, name="zhou"))[0] == 200
        assert (await sign_in(server, at=ELSEWHERE))[0] == 200


async def test_c2_an_unlock_works_everywhere() -> None:
    async with door(proxies=PROXY) as server:
        tang = server.headers(server.person("tang", Role.ADMINISTRATOR))
        server.person("lin", Role.DUTY_OFFICER, password=PASSWORD)
        _, said = await sign_in(server)
        await locked(server)
        await locked(server, token=said["desk_token"])
        await locked(server, ELSEWHERE)
        for n in range(FREE_ANYWHERE):
            server.gate.lockout.failed("lin", f"192.0.2.{n}")
        change = {"name": "lin", "unlock": True}
        assert (await server.call("people/change", change, tang))[0] == 200
        assert server.gate.lockout.wait_ms("lin", "192.0.2.250") == 0
        for at, token in ((ELSEWHERE, ""), (HERE, ""), (HERE, said["desk_token"])):
            assert (await sign_in(server, at=at, token=token))[0] == 200


async def test_c2_the_desk_s_own_token_is_a_second_chance() -> None:
    async with door(proxies=PROXY) as server:
        server.person("lin", Role.DUTY_OFFICER, password=PASSWORD)
        server.person("zhou", Role.DUTY_OFFICER, password=PASSWORD)
        _, said = await sign_in(server)
        token = said["desk_token"]
        await locked(server)
        assert (await sign_in(server))[1]["error"] == "locked_out"
        status, said = await sign_in(server, token=token)
        assert (status, said["desk_token"]) == (200, token)
        # It is the person's at that desk, and a key to nothing: five tries, as for all others.
        await locked(server, token=token)
        assert (await sign_in(server, token=token))[1]["error"] == "locked_out"
        await locked(server, ELSEWHERE)
        for stranger in ("trk_made-up", HERE, "x" * 150):
            status, said = await sign_in(server, at=ELSEWHERE, token=stranger)
            assert said["error"] == "locked_out"
        _, zhou = await sign_in(server, name="zhou")
        token = zhou["desk_token"]
        assert (await sign_in(server, at=ELSEWHERE, token=token))[1]["error"] == "locked_out"


async def test_c2_an_address_cannot_be_locked_by_naming_it_as_a_token() -> None:
    async with door(proxies=PROXY) as server:
        server.person("lin", Role.DUTY_OFFICER, password=PASSWORD)
        assert (await sign_in(server))[0] == 200
        await locked(server, ELSEWHERE, token=HERE)
        assert (await sign_in(server))[0] == 200


async def test_c2_many_addresses_lock_only_where_the_person_never_was() -> None:
    async with door(proxies=PROXY) as server:
        server.person("lin", Role.DUTY_OFFICER, password=PASSWORD)
        assert (await sign_in(server))[0] == 200
        for n in range(FREE_ANYWHERE):
            server.gate.lockout.failed("lin", f"192.0.2.{n}")
        assert (await sign_in(server, at=ELSEWHERE))[1]["error"] == "locked_out"
        assert (await sign_in(server))[0] == 200


async def test_c2_a_proxy_that_is_not_trusted_says_nothing() -> None:
    for proxies, counted in ((None, "127.0.0.1"), (PROXY, ELSEWHERE)):
        async with door(proxies=proxies) as server:
            await sign_in(server, "wrong wrong", at=ELSEWHERE)
            ((_, note),) = server.gate.log.read(0, 9)
            assert note.address == counted


@pytest.mark.parametrize(
    ("said", "caller"),
    [
        ([], "10.0.0.1"),
        (["198.51.100.9"], "198.51.100.9"),
        (["1.2.3.4, 198.51.100.9"], "198.51.100.9"),
        (["1.2.3.4", "198.51.100.9, 10.0.0.2"], "198.51.100.9"),
        (["198.51.100.9:4711"], "198.51.100.9"),
        (["[2001:db8::9]:4711"], "2001:db8::9"),
        (["2001:db8::9"], "2001:db8::9"),
        (["::ffff:198.51.100.9"], "198.51.100.9"),
        (["10.0.0.2, 10.0.0.3"], "10.0.0.1"),
        (["198.51.100.9, unknown"], "10.0.0.1"),
        (["' or 1=1"], "10.0.0.1"),
    ],
)
def test_c2_of_a_chain_the_last_that_is_no_proxy_counts(said: list[str], caller: str) -> None:
    from multidict import CIMultiDict

    class Call:
        remote = "10.0.0.1"
        headers = CIMultiDict([("X-Forwarded-For", value) for value in said])

    call: Any = Call()
    assert TrustedProxies(["10.0.0.0/24"]).caller(call) == caller
    assert TrustedProxies().caller(call) == "10.0.0.1"


def test_c2_a_network_is_one_caller_over_ipv6() -> None:
    assert network_of("2001:db8:1:2:3::9") == network_of("2001:db8:1:2:ffff::1")
    assert network_of("2001:db8:1:2::9") != network_of("2001:db8:1:3::9")
    assert network_of("203.0.113.9") == "203.0.113.9"
    with pytest.raises(ValueError, match="not appear"):
        TrustedProxies(["the proxy"])
