"""Trusting a server, and saying in a sentence why not."""

from __future__ import annotations

import socket
import ssl
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from console.i18n import text_of
from console.model.text import Text
from console.tls.errors import TlsError

_PROBLEMS = {9: "not_yet_valid", 10: "expired", 62: "wrong_host", 64: "wrong_host"}
_PROBLEMS |= dict.fromkeys((18, 19, 20, 21, 27), "unknown_authority")
"""X509_V_ERR_* of OpenSSL's x509_vfy.h to our sentences."""


def is_loopback(host: str) -> bool:
    """Whether `host` can be nowhere but on this machine."""
    bare = host.strip("[]")
    if bare == "localhost":
        return True
    try:
        return ip_address(bare).is_loopback
    except ValueError:
        return False


def require_protection(host: str, *, has_tls: bool, insecure: bool) -> None:
    """Raises TlsError when tokens and positions would cross a network in the clear."""
    if not (has_tls or insecure or is_loopback(host)):
        raise TlsError(text_of("tls.error.in_the_clear", host=host))


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 and up with the server's certificate. Raises TlsError."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ValueError) as error:
        raise TlsError(text_of("tls.error.unreadable", file=certificate, reason=error)) from error
    return context


def client_context(authority: Path | None) -> ssl.SSLContext:
    """What a client trusts: the authority in this file and no other; None, the system's.

    Raises TlsError.
    """
    try:
        context = ssl.create_default_context(
            ssl.Purpose.SERVER_AUTH, cafile=None if authority is None else str(authority)
        )
    except (OSError, ValueError) as error:
        raise TlsError(text_of("tls.error.unreadable", file=authority, reason=error)) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def check_server(
    url: str, authority: Path | None, *, insecure: bool = False, timeout_s: float = 5.0
) -> None:
    """Raises TlsError when the server at `url` is not to be trusted; one that is away passes.

    `insecure` allows http to another machine; it never makes a bad certificate a good one.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    require_protection(host, has_tls=parts.scheme == "https", insecure=insecure)
    if parts.scheme != "https":
        return
    context = client_context(authority)
    try:
        with (
            socket.create_connection((host, parts.port or 443), timeout_s) as plain,
            context.wrap_socket(plain, server_hostname=host),
        ):
            return
    except ssl.SSLError as error:
        raise TlsError(trust_problem(error, host)) from error
    except OSError:
        return


def trust_problem(error: ssl.SSLError, host: str) -> Text:
    """The sentence for a connection that TLS refused."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        return text_of("tls.error.no_tls", host=host, reason=error.reason or str(error))
    return problem_named(_PROBLEMS.get(error.verify_code, ""), host, error.verify_message)


def problem_named(problem: str, host: str, reason: str) -> Text:
    """The sentence of `problem` (expired, not_yet_valid, wrong_host, unknown_authority or none)."""
    if problem:
        return text_of(f"tls.error.{problem}", host=host)
    return text_of("tls.error.not_trusted", host=host, reason=reason)


def _no_password() -> str:
    """A key with a password would make the server ask at a terminal that nobody watches."""
    raise ValueError("the key is locked with a password")
