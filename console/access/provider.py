"""An organisation's own sign-in as it is configured, and what a desk brings from there.

Apart from `console.access.oidc`, which does it: what checks a provider's signatures is a tenth of
all that a server loads, and most have no provider.
"""

from __future__ import annotations

import tomllib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from console.access.people import checked_area, checked_role
from console.model.decide import Refused

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class OidcConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to know a provider and what its claims mean; read from a TOML file.

    `roles` maps a value of `role_claim` to one of our roles, the first that fits counts.
    `area_claim` names the codes of the person's area; without it, or empty, `area` is theirs.
    """

    issuer: str
    client_id: str
    roles: dict[str, str]
    client_secret: str = ""
    scope: str = "openid profile"
    name_claim: str = "preferred_username"
    full_name_claim: str = "name"
    role_claim: str = "groups"
    area_claim: str = ""
    area: tuple[str, ...] = ("",)


class Redeem(msgspec.Struct, frozen=True):
    """What the desk brings: the code, and the proofs that it asked for it itself."""

    code: str
    verifier: str
    redirect_uri: str
    nonce: str
    desk: str = ""


Fetch = Callable[[str, Mapping[str, str] | None], Awaitable[dict[str, Any]]]
"""GET a JSON document, or POST a form and get one. Raises OSError."""


class OidcFailed(Exception):  # noqa: N818 - it reads as what happened
    """The configuration cannot be used; says why."""


def read_config(path: Path) -> OidcConfig:
    """The configuration in a TOML file. Raises OidcFailed, OSError."""
    try:
        config = msgspec.convert(tomllib.loads(path.read_text("utf-8")), OidcConfig)
        for role in config.roles.values():
            checked_role(role)
        checked_area(config.area)
        safe = is_safe(config.issuer)
    except (ValueError, RecursionError) as error:  # of tomllib, msgspec and urlsplit too
        raise OidcFailed(f"{path}: {error}") from error
    except Refused as refused:
        raise OidcFailed(f"{path}: {refused.code} {refused.args_}") from refused
    if not safe:
        raise OidcFailed(f"{path}: the issuer must be https")
    return config


def is_safe(url: str) -> bool:
    """https, or a provider on this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
