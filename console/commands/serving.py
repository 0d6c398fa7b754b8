"""The server alone, and the certificates that it shows."""

from __future__ import annotations

import argparse
import json
import os
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from console import tls
from console.access.provider import OidcFailed, read_config
from console.clock import SystemClock
from console.commands.chosen_city import city_folder
from console.commands.places import data_folder, journal_url
from console.commands.terminal import Stop, say, stop_with, tell, warn
from console.i18n import text_of
from console.journal.errors import JournalError
from console.model.text import Text
from console.process import die_with_parent, garbage_left_alone, open_ports
from console.tls import TlsError, is_loopback, require_protection


def serve_city(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    if args.die_with_parent:
        die_with_parent()
    host, _, port = args.listen.rpartition(":")
    if not (host and port.isdecimal()):
        raise Stop(f"--listen wants HOST:PORT, not {args.listen}")
    given = os.environ.get("TRELLIS_SECRET", "")
    try:
        shown = _server_tls(args, host)
    except TlsError as error:
        raise stop_with(error.message) from error
    city = city_folder(args)
    ports = _ports(host, int(port), args.listen_fd)
    # Imported here: who comes to the open port while the server loads waits for it.
    with garbage_left_alone():
        from console.server.proxies import TrustedProxies  # noqa: PLC0415
        from console.server.run import CannotServe, serve  # noqa: PLC0415

    try:
        proxies = TrustedProxies(args.trusted_proxy)
    except ValueError as error:
        raise Stop(f"--trusted-proxy wants addresses or networks: {error}") from error

    def ready(where: Mapping[str, object]) -> None:
        say(json.dumps(where))
        if "setup_code" in where:
            tell(_how_to_begin(str(where["url"]), str(where["setup_code"]), shown, args.cert))

    try:
        serve(
            city=city,
            db=journal_url(args, city),
            host=host,
            port=int(port),
            ports=ports,
            secret=given,
            ready=ready,
            tls=shown,
            heads=args.heads,
            data=data_folder(args),
            proxies=proxies,
            accept_clock=args.accept_clock,
            oidc=None if args.oidc is None else read_config(args.oidc),
        )
    except (CannotServe, JournalError) as error:
        raise stop_with(error.message) from error
    except OidcFailed as error:
        raise Stop(str(error)) from error
    return 0


def _how_to_begin(
    url: str, code: str, shown: tls.ServerCertificate | None, certificate: Path | None
) -> Text:
    """The command that makes the administrator, as it can be typed on this machine or another."""
    scheme, _, address = url.partition("://")
    host, _, port = address.rpartition(":")
    if shown is None or certificate is None:
        return text_of("access.cli.first", url=url, code=code, trust="")
    # A client goes by a name that the certificate is made out to, and nothing else.
    named = host if host in shown.names else next(iter(shown.names), host)
    beside = certificate.with_name("authority.pem")
    trust = f" --authority {beside if beside.exists() else beside.name}"
    return text_of("access.cli.first", url=f"{scheme}://{named}:{port}", code=code, trust=trust)


def _ports(host: str, port: int, handed_on: int | None) -> list[socket.socket]:
    """The open ports, or the one that is `handed_on`; none where they cannot be opened, which
    `serve` finds too, and says.
    """
    if handed_on is not None:
        return [socket.socket(fileno=handed_on)]
    try:
        return open_ports(host, port)
    except OSError:
        return []


def _server_tls(args: argparse.Namespace, host: str) -> tls.ServerCertificate | None:
    """What the server shows its clients; None on loopback, or when told to do without."""
    if (args.cert is None) != (args.key is None):
        raise TlsError(text_of("tls.error.cert_and_key"))
    require_protection(host, has_tls=args.cert is not None, insecure=args.insecure)
    if args.cert is not None:
        return tls.ServerCertificate(args.cert, args.key)
    if not is_loopback(host):
        warn(text_of("tls.error.insecure", host=host))
    return None


def certs(args: argparse.Namespace) -> int:
    """Make an authority and a server certificate, or renew the certificate."""
    try:
        made = tls.make_certificates(args.out.absolute(), args.host, SystemClock())
    except TlsError as error:
        raise stop_with(error.message) from error
    until = datetime.fromtimestamp(made.valid_until / 1000, UTC).date().isoformat()
    what = "new_authority" if made.is_new_authority else "same_authority"
    hosts = ", ".join(made.hosts)
    for sentence in (
        text_of(f"tls.made.{what}", file=made.authority),
        text_of("tls.made.server", file=made.certificate, day=until, hosts=hosts),
        text_of("tls.made.serve_with", certificate=made.certificate, key_file=made.key),
    ):
        tell(sentence)
    return 0
