"""Certificates: a private authority of the city's own, and clients that trust it and no other.

Exception
 └── TlsError    a certificate cannot be made, read or trusted; `message` says so in both languages
"""

from console.tls.authority import Certificates, make_certificates
from console.tls.errors import TlsError
from console.tls.server_certificate import ServerCertificate
from console.tls.trust import (
    check_server,
    client_context,
    is_loopback,
    problem_named,
    require_protection,
    server_context,
    trust_problem,
)

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
