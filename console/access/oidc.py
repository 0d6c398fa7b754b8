"""Sign-in by an organisation's own provider: OpenID Connect, authorization code with PKCE.

The desk shows the provider's page in the system's browser and gets a code on a loopback address
(RFC 8252); the server redeems it, checks the ID token (OpenID Connect Core 1.0 §3.1.3.7) and maps a
claim to a role. Nobody is taken in without a role.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from console.access.administration import Author, PersonEdit
from console.access.gate import Gate, TurnedAway
from console.access.people import Person, checked_area, checked_role
from console.access.policy import Role
from console.access.provider import Fetch, OidcConfig, Redeem, is_safe
from console.clock import Clock
from console.model.decide import Refused

log = logging.getLogger(__name__)

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Signatures with a public key only: with a shared secret anybody who verifies could sign."""

LEEWAY_S = 60
FRESH_FOR_MS = 3600_000
_BY = "oidc"
"""How the access log names the provider."""
_REFETCH_MS = 60_000
"""Keys may be fetched anew for an unknown key's sake once a minute, no oftener."""
_REDIRECT = re.compile(r"http://(127\.0\.0\.1|\[::1\]):\d{1,5}/signed-in")


class Oidc:
    """Sign-ins by one provider. Lives on the server's event loop."""

    def __init__(self, config: OidcConfig, gate: Gate, clock: Clock, fetch: Fetch) -> None:
        self.config = config
        self._gate = gate
        self._clock = clock
        self._fetch = fetch
        self._provider: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._fetched_ms = 0

    async def invitation(self) -> dict[str, Any]:
        """What a desk needs to show the provider's page. Raises TurnedAway."""
        provider = await self._discover()
        return {
            "enabled": True,
            "authorization_endpoint": str(provider["authorization_endpoint"]),
            "client_id": self.config.client_id,
            "scope": self.config.scope,
        }

    async def redeem(self, given: Redeem, address: str) -> Person:
        """The person whom the code stands for, taken in or up to date. Raises TurnedAway."""
        if not _REDIRECT.fullmatch(given.redirect_uri) or not given.nonce:
            raise TurnedAway("oidc_failed")
        claims = await self._claims(given)
        try:
            return await self._gate.aside(lambda: self._person(claims, Author(_BY, address)))
        except TurnedAway as error:
            subject = str(claims.get("sub", ""))
            self._gate.log.note("access.failed", _BY, address, f"{error.code} {subject}")
            raise

    async def _claims(self, given: Redeem) -> dict[str, Any]:
        provider = await self._discover()
        form = {
            "grant_type": "authorization_code",
            "code": given.code,
            "redirect_uri": given.redirect_uri,
            "client_id": self.config.client_id,
            "code_verifier": given.verifier,
        }
        if self.config.client_secret:
            form["client_secret"] = self.config.client_secret
        try:
            answer = await self._fetch(str(provider["token_endpoint"]), form)
            return await self._checked(str(answer["id_token"]), given.nonce)
        except (OSError, KeyError, JoseError, ValueError) as error:
            log.warning("a sign-in by the provider failed: %s", error)
            raise TurnedAway("oidc_failed") from error

    async def _checked(self, id_token: str, nonce: str) -> dict[str, Any]:
        """The claims of an ID token that is the provider's, for us, now, and asked for."""
        keys = await self._key_set(again=False)
        try:
            token = jwt.decode(id_token, keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            # The provider may have taken another key since.
            token = jwt.decode(id_token, await self._key_set(again=True), algorithms=ALGORITHMS)
        registry = jwt.JWTClaimsRegistry(
            now=self._clock.now_ms() // 1000,
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.config.issuer},
            aud={"essential": True, "value": self.config.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        registry.validate(token.claims)
        if token.claims.get("azp", self.config.client_id) != self.config.client_id:
            raise ValueError("the token was made for another client")
        return dict(token.claims)

    async def _discover(self) -> dict[str, Any]:
        if self._provider and self._clock.elapsed_ms() - self._fetched_ms < FRESH_FOR_MS:
            return self._provider
        address = self.config.issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            found = await self._fetch(address, None)
            ends = [found[n] for n in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
            if found["issuer"] != self.config.issuer or not all(is_safe(str(e)) for e in ends):
                raise ValueError("the provider's document is another's, or not https")
        except (OSError, KeyError, ValueError) as error:
            log.warning("the provider %s cannot be used: %s", self.config.issuer, error)
            raise TurnedAway("oidc_away") from error
        self._provider, self._keys, self._fetched_ms = found, None, self._clock.elapsed_ms()
        return found

    async def _key_set(self, *, again: bool) -> KeySet:
        now = self._clock.elapsed_ms()
        if self._keys is None or (again and now - self._fetched_ms >= _REFETCH_MS):
            found = await self._fetch(str(self._provider["jwks_uri"]), None)
            self._keys = KeySet.import_key_set({"keys": list(found["keys"])})
            self._fetched_ms = now
        return self._keys

    def _person(self, claims: Mapping[str, Any], provider: Author) -> Person:
        role = self._role(claims)
        areas = self._areas(claims)
        subject = f"{self.config.issuer} {claims['sub']}"
        full_name = str(claims.get(self.config.full_name_claim, ""))[:60]
        administration = self._gate.administration
        known = self._gate.people.find_subject(subject)
        try:
            if known is None:
                name = str(claims.get(self.config.name_claim, "")).partition("@")[0]
                area = checked_area(areas)
                return administration.add_person(
                    provider, name, full_name, role, area, subject=subject
                )
            if known.disabled:
                raise TurnedAway("oidc_no_role")
            now = (known.full_name, known.role, known.areas)
            if now == (full_name or known.full_name, role, areas):
                return known
            edit = PersonEdit(full_name=full_name or known.full_name, role=role, areas=areas)
            return administration.edit_person(provider, known.name, edit)
        except Refused as refused:
            # Somebody else is called so, or the claims hold what cannot be: nobody is taken over.
            log.warning("a person of the provider cannot be taken in: %s", refused)
            raise TurnedAway("oidc_name") from refused

    def _role(self, claims: Mapping[str, Any]) -> Role:
        held = claims.get(self.config.role_claim, [])
        values = {str(v) for v in held} if isinstance(held, list) else {str(held)}
        for value, role in self.config.roles.items():
            if value in values:
                return checked_role(role)
        raise TurnedAway("oidc_no_role")

    def _areas(self, claims: Mapping[str, Any]) -> tuple[str, ...]:
        held = claims.get(self.config.area_claim) if self.config.area_claim else None
        if not held:
            return checked_area(self.config.area).prefixes
        values = [str(v) for v in held] if isinstance(held, list) else str(held).split()
        try:
            return checked_area(tuple(values)).prefixes
        except Refused as refused:
            raise TurnedAway("oidc_no_role") from refused
