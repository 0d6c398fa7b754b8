"""Sign-in by an organisation's provider, and the calls to it."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import aiohttp
import msgspec
from aiohttp import web

from console.access import TurnedAway
from console.access.provider import Redeem
from console.server.auth import address_of
from console.server.bodies import answer_json, body_of
from console.server.parts import PARTS
from console.server.signin_calls import desk_name, granted

if TYPE_CHECKING:
    from console.access.oidc import Oidc

OIDC: web.AppKey[Oidc] = web.AppKey("oidc")

PATIENCE_S = 8.0
LARGEST_ANSWER = 256 * 1024


class CodeSignIn(msgspec.Struct, forbid_unknown_fields=True):
    """What the provider sent the desk, with the desk's proofs."""

    code: str
    verifier: str
    redirect_uri: str
    nonce: str
    desk: str = ""


async def get_oidc(request: web.Request) -> web.Response:
    """`GET /api/v1/oidc`: whether there is a provider, and what its page needs."""
    oidc = request.app.get(OIDC)
    return answer_json({"enabled": False} if oidc is None else await oidc.invitation())


async def post_oidc(request: web.Request) -> web.Response:
    """`POST /api/v1/signin/oidc`: tokens, for the provider's code."""
    oidc, gate = request.app.get(OIDC), request.app[PARTS].gate
    body = await body_of(request, CodeSignIn)
    if oidc is None:
        raise TurnedAway("oidc_failed")
    address = address_of(request)
    desk = desk_name(body.desk)
    given = Redeem(body.code, body.verifier, body.redirect_uri, body.nonce)
    with gate.trying("oidc", address):
        person = await oidc.redeem(given, address)
    return answer_json(granted(await gate.aside(lambda: gate.admit(person, desk, address))))


async def fetch(url: str, form: Mapping[str, str] | None) -> dict[str, Any]:
    """GET a JSON document, or POST a form and get one. Raises OSError."""
    timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
    # Reading what the system trusts takes 40 ms, in which nobody would be answered.
    trust = await asyncio.to_thread(_trust)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as client,
            client.request(
                "GET" if form is None else "POST",
                url,
                data=form,
                allow_redirects=False,
                ssl=trust,
            ) as answer,
        ):
            body = await answer.content.read(LARGEST_ANSWER)
            if answer.status != 200:
                raise OSError(f"{url} answered {answer.status}")
            found = json.loads(body)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise OSError(f"{url}: {error}") from error
    if not isinstance(found, dict):
        raise OSError(f"{url}: no object")
    return found


@cache
def _trust() -> ssl.SSLContext:
    """The authorities that the system trusts: see `console.server` for why they are read here."""
    return ssl.create_default_context()
