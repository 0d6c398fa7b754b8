"""Whether the server that a command talks to is to be trusted."""

from __future__ import annotations

import argparse

from console.commands.terminal import stop_with, warn
from console.i18n import text_of
from console.tls import TlsError, check_server


def trust_server(args: argparse.Namespace) -> None:
    """Ends the program when the server that `args` name is not to be trusted."""
    try:
        check_server(args.server, args.authority, insecure=args.insecure)
    except TlsError as error:
        raise stop_with(error.message) from error
    if args.insecure and not args.server.startswith("https:"):
        warn(text_of("tls.error.insecure", host=args.server))
