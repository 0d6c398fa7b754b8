"""The people who may sign in, kept by hand."""

from __future__ import annotations

import argparse
import os
from getpass import getpass

from console.access import StoreFailed
from console.access.command_line import ByHand, Refusal, set_up
from console.clock import SystemClock
from console.commands.terminal import stop_with, tell, terminal_language
from console.commands.trust import trust_server
from console.i18n import text_of
from console.journal.errors import JournalError
from console.model.decide import Refused
from console.service import refusal_text
from console.tls import client_context


def keep_people(args: argparse.Namespace) -> int:
    """Keep the people who may sign in."""
    if args.work == "setup":
        return _set_up(args)
    try:
        for line in ByHand(args.db, SystemClock()).run(args, ask_password):
            tell(line)
    except (StoreFailed, JournalError) as error:
        raise stop_with(error.message) from error
    except Refused as refused:
        raise stop_with(refusal_text(refused)) from refused
    return 0


def _set_up(args: argparse.Namespace) -> int:
    """Make the first administrator of a running server."""
    trust_server(args)
    trust = client_context(args.authority) if args.server.startswith("https:") else None
    body = {"code": args.code, "name": args.name, "full_name": args.full_name}
    try:
        person = set_up(args.server, {**body, "password": ask_password()}, trust)
    except Refusal as refusal:
        raise stop_with(refusal.message) from refusal
    tell(text_of("access.cli.set_up", name=person["name"]))
    return 0


def ask_password() -> str:
    """A new password: TRELLIS_PASSWORD where a script sets it, else asked for twice."""
    given = os.environ.get("TRELLIS_PASSWORD")
    if given:
        return given
    language = terminal_language()
    password = getpass(text_of("access.cli.ask").in_language(language))
    if getpass(text_of("access.cli.ask_again").in_language(language)) != password:
        raise stop_with(text_of("access.cli.differ"))
    return password
