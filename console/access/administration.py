"""Changes of who may do what: people, their sign-ins, units' devices.

Each goes into the store together with its entry in the access log, in one transaction: both are
durable, or neither is. Nothing else in the program changes people or devices.

Refused (console.model.decide)
 └── Denied    an administrator of a part of the city, for somebody or something beyond it
"""

from __future__ import annotations

from dataclasses import dataclass

from console.access.access_log import AccessLog
from console.access.area import WHOLE, Area
from console.access.attempts import Lockout
from console.access.codes import Codes
from console.access.devices import Devices
from console.access.people import People, Person, checked_area
from console.access.policy import Denied, Role
from console.access.sessions import Sessions
from console.access.store import Store
from console.clock import Clock


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes a change, as the log names them, from where, and the area they answer for."""

    who: str
    address: str = ""
    area: Area = WHOLE


@dataclass(frozen=True, slots=True)
class PersonEdit:
    """What is to change about somebody; None stays as it is. `password` is a hash.

    `unlock` forgets their wrong passwords, `sign_out` ends all their sign-ins; who is disabled or
    gets another password is signed out too.
    """

    full_name: str | None = None
    role: Role | None = None
    areas: tuple[str, ...] | None = None
    password: str | None = None
    disabled: bool | None = None
    unlock: bool = False
    sign_out: bool = False

    def words(self, old: Person, new: Person) -> str:
        """What has changed, for the log: also what was asked for and was so already."""
        said = []
        if self.role is not None:
            said.append(f"role={new.role.value}")
        if self.areas is not None:
            said.append(f"areas={_areas(new)}")
        if self.disabled is not None:
            said.append("disabled" if new.disabled else "enabled")
        said += [name for name in ("unlock", "sign_out") if getattr(self, name)]
        said += ["password"] if self.password is not None else []
        said += ["full_name"] if old.full_name != new.full_name else []
        return " ".join(said)


class AccessAdministration:
    """Changes in `store`. Raises Refused for what cannot be, StoreFailed."""

    def __init__(self, store: Store, clock: Clock, log: AccessLog) -> None:
        self._store = store
        self._log = log
        self._people = People(store, clock)
        self._sessions = Sessions(store, self._people, clock)
        self._lockout = Lockout(store, clock)
        self._codes = Codes(store, clock)
        self._devices = Devices(store, clock)

    def add_person(
        self,
        author: Author,
        name: str,
        full_name: str,
        role: Role,
        area: Area = WHOLE,
        *,
        password: str = "",
        subject: str = "",
    ) -> Person:
        """Take a new person in; `password` is a hash."""
        _require_within(author, area)
        with self._store.change():
            person = self._people.add(
                name, full_name, role, area, password=password, subject=subject
            )
            self._record("access.person_added", author, f"{person.name} {_rights(person)}", person)
        return person

    def edit_person(self, author: Author, name: str, edit: PersonEdit) -> Person:
        """Change somebody."""
        with self._store.change():
            old = self._people.get(name)
            _require_within(author, old.area)
            if edit.areas is not None:
                _require_within(author, checked_area(edit.areas))
            new = self._people.change(
                name,
                full_name=edit.full_name,
                role=edit.role,
                areas=edit.areas,
                password=edit.password,
                disabled=edit.disabled,
            )
            if edit.unlock:
                self._lockout.forget(new.name)
            if edit.sign_out or new.disabled or edit.password is not None:
                self._sessions.revoke_person(new.name, "by_administrator")
            if new.disabled:
                self._codes.void_made_by(f"person/{new.name}")
            detail = f"{new.name} {edit.words(old, new)}"
            self._record("access.person_changed", author, detail, old, new)
        return new

    def make_code(self, author: Author, unit_id: str, cell: str | None) -> tuple[str, int]:
        """A one-time code for the device of a unit at home in `cell`, and when it ends (ms UTC)."""
        if not author.area.holds(cell):
            raise Denied("unit_not_in_your_area", unit=unit_id)
        with self._store.change():
            made = self._codes.make("device", unit_id, author.who)
            self._record("access.enrolment", author, unit_id, cell=cell)
        return made

    def enrol(self, code: str, address: str) -> tuple[str, str] | None:
        """The unit and the token of a device that brings a code; None for a code that is none."""
        with self._store.change():
            used = self._codes.use("device", code)
            if used is None:
                return None
            token = self._devices.issue(used.subject)
            device = Author(f"unit/{used.subject}", address)
            self._record("access.enrolled", device, used.maker)
        return used.subject, token

    def issue_device(self, author: Author, unit_id: str) -> str:
        """The token of a device that needs no code."""
        with self._store.change():
            token = self._devices.issue(unit_id)
            device = Author(f"unit/{unit_id}", author.address)
            self._record("access.enrolled", device, author.who)
        return token

    def lose_devices(self, author: Author, unit_id: str) -> int:
        """End a unit's devices, and the code for another; how many there were."""
        with self._store.change():
            count = self._devices.revoke(unit_id)
            self._record("access.devices_revoked", author, unit_id)
        return count

    def _record(
        self, kind: str, author: Author, detail: str, *people: Person, cell: str | None = None
    ) -> None:
        areas = {prefix for person in people for prefix in person.areas}
        areas |= {cell} if cell else set()
        self._log.record(kind, author.who, author.address, detail, tuple(sorted(areas)))


def _require_within(author: Author, area: Area) -> None:
    """Nobody makes anybody who answers for more than they do, nor changes one who does."""
    if not author.area.covers(area):
        raise Denied("not_in_your_area")


def _rights(person: Person) -> str:
    return f"{person.role.value} {_areas(person)}"


def _areas(person: Person) -> str:
    return "*" if person.area.is_whole else ",".join(person.areas)
