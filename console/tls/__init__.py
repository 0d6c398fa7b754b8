"""Certificates: a private authority of the city's own, and clients that trust it and no other.

Exception
 └── TlsError    a certificate cannot be made, read or trusted; `message` says so in both languages
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from console.tls.errors import TlsError
from console.tls.trust import (
    check_server,
    client_context,
    is_loopback,
    problem_named,
    require_protection,
    server_context,
    trust_problem,
)

if TYPE_CHECKING:
    from console.tls.authority import Certificates, make_certificates
    from console.tls.server_certificate import ServerCertificate

_LATER = {
    "Certificates": "authority",
    "ServerCertificate": "server_certificate",
    "make_certificates": "authority",
}
"""What reads and writes certificates, and where: loaded when it is asked for, because most come for
a question that needs none, and at every start.
"""


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "Certificates",
    "ServerCertificate",
    "TlsError",
    "check_server",
    "client_context",
    "is_loopback",
    "make_certificates",
    "problem_named",
    "require_protection",
    "server_context",
    "trust_problem",
]
