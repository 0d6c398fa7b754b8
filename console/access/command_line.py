"""What `main.py people` does: people kept by hand, on the machine where the store is.

Who can write the store can do anything with it, so nothing is asked here but the file. What is
changed takes effect in a running server at once.
"""

from __future__ import annotations

import argparse
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from console.access.access_log import AccessLog
from console.access.administration import AccessAdministration, Author, PersonEdit
from console.access.area import Area
from console.access.open import open_store
from console.access.passwords import USUAL, checked_password, normal
from console.access.people import People, Person, checked_area, checked_name, checked_role
from console.access.store import Store
from console.clock import Clock
from console.i18n import text_of
from console.model.text import Text

_LOG_PAGE = 1000
_TIMEOUT_S = 20
BY_HAND = Author("system/command-line")

AskPassword = Callable[[], str]


class Refusal(Exception):  # noqa: N818 - an answer of the server
    """The server said no; `message` says why."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


class ByHand:
    """People of the store that belongs to the journal at `db`. Raises Refused, StoreFailed."""

    def __init__(self, db: str, clock: Clock) -> None:
        # A server makes the store; a mistyped --db must not.
        self._store: Store = open_store(db, make=False)
        self._people = People(self._store, clock)
        self._log = AccessLog(self._store, clock)
        self._administration = AccessAdministration(self._store, clock, self._log)

    def run(self, args: argparse.Namespace, ask_password: AskPassword) -> Iterable[Text]:
        """Do what `args` ask for; what to tell the person at the terminal."""
        try:
            return list(_WORKS[args.work](self, args, ask_password))
        finally:
            self._store.close()

    def add(self, args: argparse.Namespace, ask_password: AskPassword) -> Iterable[Text]:
        """A new person."""
        name, role, area = checked_name(args.name), checked_role(args.role), _area(args)
        stored = _hashed(ask_password(), name)
        person = self._administration.add_person(
            BY_HAND, name, args.full_name, role, area, password=stored
        )
        yield text_of("access.cli.added", who=_line(person))

    def list(self, _args: argparse.Namespace, _ask: AskPassword) -> Iterable[Text]:
        """Everybody."""
        people = self._people.all()
        for person in people:
            yield _line(person)
        if not people:
            yield text_of("access.cli.nobody")

    def role(self, args: argparse.Namespace, _ask: AskPassword) -> Iterable[Text]:
        """Another role, another area."""
        areas = _area(args).prefixes if args.area else None
        yield self._edit(args.name, PersonEdit(role=checked_role(args.role), areas=areas))

    def disable(self, args: argparse.Namespace, _ask: AskPassword) -> Iterable[Text]:
        """Nobody signs in by this name any more; who is signed in is thrown out."""
        yield self._edit(args.name, PersonEdit(disabled=True))

    def enable(self, args: argparse.Namespace, _ask: AskPassword) -> Iterable[Text]:
        """The name is good again, and unlocked."""
        yield self._edit(args.name, PersonEdit(disabled=False, unlock=True))

    def password(self, args: argparse.Namespace, ask_password: AskPassword) -> Iterable[Text]:
        """A new password; who is signed in by the old one is thrown out."""
        name = self._people.get(args.name).name
        yield self._edit(name, PersonEdit(password=_hashed(ask_password(), name), unlock=True))

    def lost_device(self, args: argparse.Namespace, _ask: AskPassword) -> Iterable[Text]:
        """A unit's devices are good no more: one was lost."""
        count = self._administration.lose_devices(BY_HAND, args.unit)
        yield text_of("access.cli.devices_revoked", unit=args.unit, count=count)

    def log(self, _args: argparse.Namespace, _ask: AskPassword) -> Iterable[Text]:
        """The access log as JSON lines, oldest first; times as in a server's own log (UTC)."""
        after = 0
        while notes := self._log.read(after, _LOG_PAGE):
            after = notes[-1][0]
            for seq, note in notes:
                fields = {name: getattr(note, name) for name in note.__struct_fields__}
                fields["at"] = datetime.fromtimestamp(note.at / 1000, UTC).isoformat(
                    timespec="milliseconds"
                )
                line = json.dumps({"seq": seq, **fields}, ensure_ascii=False)
                yield Text(line, line)

    def _edit(self, name: str, edit: PersonEdit) -> Text:
        person = self._administration.edit_person(BY_HAND, name, edit)
        return text_of("access.cli.changed", who=_line(person))


_WORKS: dict[str, Callable[[ByHand, argparse.Namespace, AskPassword], Iterable[Text]]] = {
    "add": ByHand.add,
    "list": ByHand.list,
    "role": ByHand.role,
    "disable": ByHand.disable,
    "enable": ByHand.enable,
    "password": ByHand.password,
    "lost_device": ByHand.lost_device,
    "log": ByHand.log,
}


def set_up(url: str, body: dict[str, str], trust: ssl.SSLContext | None) -> dict[str, Any]:
    """Make the first administrator of the server at `url`. Raises Refusal, OSError."""
    request = urllib.request.Request(
        f"{url.rstrip('/')}/api/v1/setup",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)
    )
    try:
        with opener.open(request, timeout=_TIMEOUT_S) as answer:
            person: dict[str, Any] = json.load(answer)["person"]
            return person
    except urllib.error.HTTPError as error:
        with error:
            said = json.load(error).get("message", {})
        raise Refusal(Text(said.get("zh", str(error)), said.get("en", str(error)))) from error


def _hashed(password: str, name: str) -> str:
    return USUAL.hash(normal(checked_password(password, name)))


def _area(args: argparse.Namespace) -> Area:
    return checked_area(tuple(args.area) or ("",))


def _line(person: Person) -> Text:
    """A person on one line."""
    where = ", ".join(prefix for prefix in person.areas if prefix)
    return text_of(
        "access.cli.person_off" if person.disabled else "access.cli.person",
        name=person.name,
        full_name=person.full_name,
        role=text_of(f"access.role.{person.role.value}"),
        area=text_of("access.cli.area", codes=where) if where else text_of("access.cli.city"),
    )
