"""Sign-in by an organisation's provider: a real one on loopback, with real keys."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from console.access import Role, area_of
from console.access.provider import OidcConfig, OidcFailed, read_config
from tests.helpers.oidc import CLIENT, Provider, code_in, provider
from tests.helpers.people import WEST, Door, bearer, door
from tests.helpers.server_process import ROOT
from tests.helpers.stream import NOW

REDIRECT = "http://127.0.0.1:50123/signed-in"
ROLES = {"duty": "duty_officer", "boss": "supervisor"}


def config_of(at: Provider, **more: Any) -> OidcConfig:
    return OidcConfig(issuer=at.issuer, client_id=CLIENT, roles=ROLES, **more)


async def come_in(
    server: Door, at: Provider, verifier: str = "", **changes: str
) -> tuple[int, dict[str, Any]]:
    """As a desk does: the page, the code, the sign-in. `changes` alter what is handed in."""
    status, invitation = await server.call("oidc")
    assert (status, invitation["enabled"]) == (200, True)
    own = secrets.token_urlsafe(48)
    proof = hashlib.sha256(own.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": invitation["client_id"],
        "redirect_uri": REDIRECT,
        "scope": invitation["scope"],
        "state": "s",
        "nonce": "n-1",
        "code_challenge": base64.urlsafe_b64encode(proof).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    url = invitation["authorization_endpoint"]
    async with server.client.get(url, params=query, allow_redirects=False) as answer:
        code = code_in(answer.headers["Location"])["code"]
    body = {"code": code, "verifier": verifier or own, "redirect_uri": REDIRECT, "nonce": "n-1"}
    return await server.call("signin/oidc", {**body, "desk": "03", **changes})


async def test_the_organisations_people_come_in_with_the_role_of_their_claim() -> None:
    async with provider(NOW // 1000) as at, door(oidc=config_of(at)) as server:
        at.claims["groups"] = ["staff", "duty"]
        status, granted = await come_in(server, at)
        assert status == 200
        person = granted["person"]
        assert (person["name"], person["full_name"], person["role"]) == (
            "lin",
            "林",
            "duty_officer",
        )
        assert (await server.call("me", headers=bearer(granted["access"])))[0] == 200
        at.claims |= {"groups": "boss", "name": "林主任", "preferred_username": "renamed"}
        status, granted = await come_in(server, at)
        person = granted["person"]
        assert (person["name"], person["full_name"], person["role"]) == (
            "lin",
            "林主任",
            "supervisor",
        )
        assert len(server.gate.people.all()) == 1
        assert at.fetched_keys == 1


async def test_an_area_comes_from_a_claim_too() -> None:
    async with provider(NOW // 1000) as at:
        config = config_of(at, area_claim="area", area=("330108",))
        async with door(oidc=config) as server:
            at.claims |= {"groups": ["duty"], "area": [WEST[:9]]}
            assert (await come_in(server, at))[1]["person"]["areas"] == [WEST[:9]]
            del at.claims["area"]
            assert (await come_in(server, at))[1]["person"]["areas"] == ["330108"]
            at.claims["area"] = ["everything"]
            assert (await come_in(server, at))[1]["error"] == "oidc_no_role"


async def test_nobody_comes_in_without_a_role_or_over_somebody_else() -> None:
    async with provider(NOW // 1000) as at, door(oidc=config_of(at)) as server:
        assert (await come_in(server, at))[1]["error"] == "oidc_no_role"
        at.claims["groups"] = ["duty"]
        server.gate.people.add("lin", "another Lin", Role.ADMINISTRATOR, area_of([""]))
        assert (await come_in(server, at))[1]["error"] == "oidc_name"
        at.claims["preferred_username"] = "lin2@example.org"
        assert (await come_in(server, at))[1]["person"]["name"] == "lin2"
        server.gate.people.change("lin2", disabled=True)
        assert (await come_in(server, at))[1]["error"] == "oidc_no_role"


TAMPERED: list[dict[str, Any]] = [
    {"iss": "https://elsewhere.example"},
    {"aud": "another-client"},
    {"aud": None},
    {"exp": NOW // 1000 - 3600},
    {"exp": None},
    {"iat": NOW // 1000 + 3600},
    {"nonce": "another"},
    {"nonce": None},
    {"sub": None},
    {"azp": "another-client"},
]


@pytest.mark.parametrize("tamper", TAMPERED, ids=str)
async def test_a_token_that_is_not_quite_right_is_no_token(tamper: dict[str, Any]) -> None:
    async with provider(NOW // 1000) as at, door(oidc=config_of(at)) as server:
        at.claims["groups"] = ["duty"]
        at.tamper = tamper
        status, said = await come_in(server, at)
        assert (status, said["error"]) == (401, "oidc_failed")
        assert server.gate.people.all() == []


def signed_with_public_key(at: Provider, nonce: str) -> str:
    """The old trick: the public key, which everybody has, taken for a shared secret."""
    claims = {"iss": at.issuer, "aud": CLIENT, "sub": "u-1", "nonce": nonce}
    claims |= {"iat": at.now_s, "exp": at.now_s + 300, "groups": ["duty"]}  # type: ignore[dict-item]
    parts = ({"alg": "HS256", "kid": "one"}, claims)
    said = b".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=") for p in parts)
    tag = hmac.digest(at.key.as_pem(private=False), said, "sha256")
    return (said + b"." + base64.urlsafe_b64encode(tag).rstrip(b"=")).decode()


@pytest.mark.parametrize("forged", ["another key", "none", "shared secret"])
async def test_a_token_that_others_signed_is_no_token(
    forged: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with provider(NOW // 1000) as at, door(oidc=config_of(at)) as server:
        at.claims["groups"] = ["duty"]
        if forged == "another key":
            at.signing_key = RSAKey.generate_key(2048, {"kid": "one"})
        elif forged == "shared secret":
            monkeypatch.setattr(at, "id_token", lambda nonce: signed_with_public_key(at, nonce))
        else:
            body = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
            monkeypatch.setattr(at, "id_token", lambda _nonce: f"{body}.{body}.")
        assert (await come_in(server, at))[1]["error"] == "oidc_failed"


async def test_the_code_belongs_to_the_desk_that_asked() -> None:
    async with provider(NOW // 1000) as at, door(oidc=config_of(at)) as server:
        at.claims["groups"] = ["duty"]
        assert (await come_in(server, at, verifier="x" * 64))[1]["error"] == "oidc_failed"
        for changes in (
            {"nonce": "other"},
            {"nonce": ""},
            {"redirect_uri": "https://evil.example/signed-in"},
            {"code": "unknown"},
        ):
            assert (await come_in(server, at, **changes))[1]["error"] == "oidc_failed"


async def test_a_provider_that_takes_another_key_is_followed() -> None:
    async with provider(NOW // 1000) as at, door(oidc=config_of(at)) as server:
        at.claims["groups"] = ["duty"]
        assert (await come_in(server, at))[0] == 200
        at.rotate()
        assert (await come_in(server, at))[0] == 401
        server.clock.advance(61_000)
        assert (await come_in(server, at))[0] == 200


async def test_a_provider_that_is_away_or_another_is_said() -> None:
    async with provider(NOW // 1000) as at:
        config = config_of(at)
    async with door(oidc=config) as server:
        status, said = await server.call("oidc")
        assert (status, said["error"]) == (503, "oidc_away")
    async with door() as server:
        assert await server.call("oidc") == (200, {"enabled": False})
        body = {"code": "x", "verifier": "x", "redirect_uri": REDIRECT, "nonce": "n"}
        assert (await server.call("signin/oidc", body))[0] == 401


@pytest.mark.parametrize(
    "text",
    [
        "no toml at all [",
        'issuer = "https://x"',
        'issuer = "http://x.example"\nclient_id = "c"\nroles = {a = "supervisor"}',
        'issuer = "https://x"\nclient_id = "c"\nroles = {a = "king"}',
        'issuer = "https://x"\nclient_id = "c"\nroles = {a = "supervisor"}\nmore = 1',
        'issuer = "https://[x"\nclient_id = "c"\nroles = {a = "supervisor"}',
        "issuer = " + "[" * 5000,
    ],
)
def test_a_configuration_that_cannot_be(text: str, tmp_path: Path) -> None:
    path = tmp_path / "oidc.toml"
    path.write_text(text)
    with pytest.raises(OidcFailed):
        read_config(path)


def test_a_configuration(tmp_path: Path) -> None:
    path = tmp_path / "oidc.toml"
    path.write_text(
        'issuer = "https://login.example.org"\nclient_id = "trellis"\n'
        '[roles]\nduty = "duty_officer"\n'
    )
    assert read_config(path).roles == {"duty": "duty_officer"}


def test_https_is_checked_against_what_the_system_trusts() -> None:
    """The server's start leaves the certificates unread; the call to a provider must not."""
    program = """
import os
before = dict(os.environ)
import console.server.run, aiohttp.connector
from console.server.oidc_calls import _trust
assert dict(os.environ) == before
print(len(aiohttp.connector._SSL_CONTEXT_VERIFIED.get_ca_certs()), len(_trust().get_ca_certs()))
assert _trust().check_hostname and _trust().verify_mode == 2
"""
    said = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT
    )
    unread, trusted = map(int, said.stdout.split())
    assert unread == 0
    assert trusted == len(ssl.create_default_context().get_ca_certs())
