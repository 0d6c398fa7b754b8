"""A small OpenID Connect provider on loopback, with keys of its own: code flow, PKCE, discovery."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT = "trellis-desk"


class Provider:
    """Signs whoever `claims` say in, without asking. `tamper` may change an ID token's claims."""

    def __init__(self, now_s: int) -> None:
        self.now_s = now_s
        self.key: RSAKey | ECKey = RSAKey.generate_key(2048, {"kid": "one"})
        self.signing_key: RSAKey | ECKey = self.key
        self.algorithm = "RS256"
        self.claims: dict[str, Any] = {"sub": "u-1", "preferred_username": "lin", "name": "林"}
        self.tamper: dict[str, Any] = {}
        self.fetched_keys = 0
        self.issuer = ""
        self._codes: dict[str, dict[str, str]] = {}

    def rotate(self) -> None:
        """Sign with another key from now on, and publish that one."""
        self.key = self.signing_key = ECKey.generate_key("P-256", {"kid": secrets.token_hex(4)})
        self.algorithm = "ES256"

    def application(self) -> web.Application:
        """Its web application."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/.well-known/openid-configuration", self._configuration),
                web.get("/authorize", self._authorize),
                web.post("/token", self._token),
                web.get("/jwks", self._jwks),
            ]
        )
        return app

    async def _configuration(self, _request: web.Request) -> web.Response:
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token"}
        urls = {name: f"{self.issuer}/{path}" for name, path in ends.items()}
        return web.json_response({"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks", **urls})

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        target = f"{asked['redirect_uri']}?code={code}&state={asked['state']}"
        raise web.HTTPFound(target)

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self._codes.pop(str(form["code"]), None)
        proof = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form["redirect_uri"]
            or form["client_id"] != CLIENT
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response(
            {"id_token": self.id_token(asked.get("nonce", "")), "token_type": "Bearer"}
        )

    def id_token(self, nonce: str) -> str:
        """A token for the person of `claims`."""
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": self.now_s,
            "exp": self.now_s + 300,
            "nonce": nonce,
            **self.claims,
            **self.tamper,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.signing_key.kid}
        return jwt.encode(header, claims, self.signing_key, algorithms=[self.algorithm])

    async def _jwks(self, _request: web.Request) -> web.Response:
        self.fetched_keys += 1
        return web.json_response({"keys": [self.key.as_dict(private=False)]})


@asynccontextmanager
async def provider(now_s: int) -> AsyncIterator[Provider]:
    """A running provider."""
    made = Provider(now_s)
    server = TestServer(made.application())
    await server.start_server()
    made.issuer = str(server.make_url("")).rstrip("/")
    yield made
    await server.close()


def code_in(location: str) -> dict[str, str]:
    """The query of where the provider sends the browser."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
