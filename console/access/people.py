"""The people who may sign in."""

from __future__ import annotations

import re

import msgspec

from console.access.area import WHOLE, Area, area_of
from console.access.policy import PEOPLE_ROLES, Role
from console.access.store import Store, decode_entry, rights_changed
from console.clock import Clock
from console.model.decide import Refused

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
_FULL_NAME_LIMIT = 60
_KIND = "person"
_SUBJECT = "subject"


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """One person. `name` is what they sign in with, `full_name` what others read.

    `areas` are the codes of their area's beginnings ("" the whole city); `password` the argon2id
    hash, "" for none; `subject` who they are at an OIDC provider, `ISSUER SUBJECT`.
    """

    name: str
    full_name: str
    role: Role
    areas: tuple[str, ...] = ("",)
    password: str = ""
    disabled: bool = False
    subject: str = ""
    created_at: int = 0
    changed_at: int = 0

    @property
    def area(self) -> Area:
        """The part of the city they answer for."""
        return Area(self.areas)


class People:
    """The people in `store`. Raises Refused for what cannot be, StoreFailed."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def all(self) -> list[Person]:
        """Everybody, by name."""
        return [_decode(body) for body in self._store.all(_KIND)]

    def any(self) -> bool:
        """Whether there is anybody."""
        return bool(self._store.all(_KIND))

    def find(self, name: str) -> Person | None:
        """The person who signs in as `name`, in any case of letters, or None."""
        body = self._store.get(_KIND, name.strip().lower())
        return None if body is None else _decode(body)

    def get(self, name: str) -> Person:
        """The person called `name`."""
        person = self.find(name)
        if person is None:
            raise Refused("no_such_person", name=name[:40])
        return person

    def find_subject(self, subject: str) -> Person | None:
        """The person whom an OIDC provider calls `subject`, or None."""
        name = self._store.get(_SUBJECT, subject)
        return None if name is None else self.find(name.decode())

    def add(
        self,
        name: str,
        full_name: str,
        role: Role,
        area: Area = WHOLE,
        *,
        password: str = "",
        subject: str = "",
    ) -> Person:
        """Take a new person in; `password` is a hash."""
        now = self._clock.now_ms()
        person = Person(
            name=checked_name(name),
            full_name=checked_full_name(full_name) or checked_name(name),
            role=checked_role(role),
            areas=area.prefixes,
            password=password,
            subject=subject,
            created_at=now,
            changed_at=now,
        )
        with self._store.change():
            if self.find(person.name) is not None:
                raise Refused("person_exists", name=person.name)
            self._put(person)
        return person

    def change(
        self,
        name: str,
        *,
        full_name: str | None = None,
        role: Role | None = None,
        areas: tuple[str, ...] | None = None,
        password: str | None = None,
        disabled: bool | None = None,
    ) -> Person:
        """Change what is given; the last administrator who can sign in stays one."""
        with self._store.change():
            old = self.get(name)
            new = msgspec.structs.replace(
                old,
                full_name=old.full_name if full_name is None else checked_full_name(full_name),
                role=old.role if role is None else checked_role(role),
                areas=old.areas if areas is None else checked_area(areas).prefixes,
                password=old.password if password is None else password,
                disabled=old.disabled if disabled is None else disabled,
                changed_at=self._clock.now_ms(),
            )
            self._put(new)
            if _rules(old) and not any(_rules(p) for p in self.all()):
                raise Refused("last_administrator")
        return new

    def _put(self, person: Person) -> None:
        self._store.put(_KIND, person.name, msgspec.msgpack.encode(person))
        if person.subject:
            self._store.put(_SUBJECT, person.subject, person.name.encode())
        rights_changed(self._store)


def checked_name(name: str) -> str:
    """A name to sign in with, in small letters. Raises Refused."""
    small = name.strip().lower()
    if not _NAME.fullmatch(small):
        raise Refused("bad_person_name")
    return small


def checked_full_name(full_name: str) -> str:
    """What others read: printable and not too long. Raises Refused."""
    said = " ".join(full_name.split())
    if len(said) > _FULL_NAME_LIMIT or not said.isprintable():
        raise Refused("bad_full_name", limit=str(_FULL_NAME_LIMIT))
    return said


def checked_role(role: str) -> Role:
    """A role that a person may have. Raises Refused."""
    if role not in {known.value for known in PEOPLE_ROLES}:
        raise Refused("no_such_role", roles=", ".join(known.value for known in PEOPLE_ROLES))
    return Role(role)


def checked_area(prefixes: tuple[str, ...]) -> Area:
    """An area that is somewhere. Raises Refused."""
    try:
        area = area_of(prefixes)
    except ValueError as error:
        raise Refused("bad_area") from error
    if not area.prefixes:
        raise Refused("bad_area")
    return area


def _rules(person: Person) -> bool:
    return person.role is Role.ADMINISTRATOR and not person.disabled


def _decode(body: bytes) -> Person:
    return decode_entry(body, Person)


__all__ = ["People", "Person", "checked_area", "checked_name", "checked_role"]
