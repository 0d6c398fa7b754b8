"""The gate: everything about who may come in, over one store; what the server asks.

Exception
 └── TurnedAway    not let in; says why, by code, and when to try again
"""

from __future__ import annotations

import hmac
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from console.access.access_log import AccessLog
from console.access.administration import AccessAdministration, Author
from console.access.attempts import Lockout, Rate, network_of
from console.access.codes import Codes
from console.access.devices import Devices
from console.access.passwords import Passwords, checked_password
from console.access.people import People, Person
from console.access.policy import PEOPLE_ROLES, Actor, Role
from console.access.secret import digest
from console.access.sessions import Grant, NotSignedIn, Reused, Sessions
from console.access.store import Store, rights_stamp
from console.clock import Clock

KNOWN_TOKENS = 20_000
_KNOWN_FOR_MS = 60_000
"""A token that was good is looked up again after so long, or once the store has changed."""

Purpose = Literal["sign_in", "oidc", "password", "set_up", "enrol", "renew"]

BUDGETS: dict[Purpose, tuple[int, int]] = {
    "sign_in": (20, 3000),
    "oidc": (20, 3000),
    "password": (20, 3000),
    "set_up": (20, 3000),
    "enrol": (20, 3000),
    "renew": (60, 1000),
}
"""For each purpose, how many may fail from one address at once, and how soon one more (ms)."""

PRACTICE_NAMES = {
    Role.DUTY_OFFICER: "林岚 Lin Lan",
    Role.SUPERVISOR: "周正 Zhou Zheng",
    Role.TRAINER: "苏禾 Su He",
    Role.GRID_WORKER: "梅芳 Mei Fang",
    Role.DATA_KEEPER: "许宁 Xu Ning",
    Role.ADMINISTRATOR: "唐远 Tang Yuan",
}
"""What the people of the practice city are called."""


class TurnedAway(Exception):  # noqa: N818 - an answer, not a fault
    """Not let in: `code`, and how long to wait before the next try (ms, 0 for no matter)."""

    def __init__(self, code: str, wait_ms: int = 0, *, was_tried: bool = True) -> None:
        super().__init__(code)
        self.code = code
        self.wait_ms = wait_ms
        self.was_tried = was_tried
        """Whether something was tried, and was wrong; else nothing was looked at."""


_T = TypeVar("_T")


class Aside(Protocol):
    """Does work that may have to wait for the store, beside the event loop if there is one."""

    async def __call__(self, work: Callable[[], _T]) -> _T:
        """The result of `work`."""
        ...


async def at_once(work: Callable[[], _T]) -> _T:
    """Work where one is: for a store that never makes one wait."""
    return work()


@dataclass(slots=True)
class _Known:
    actor: Actor
    until: int


class Gate:
    """People, sign-ins, codes and devices in `store`.

    `secret` opens a practice server, and is "" on every other. What is awaited belongs to one event
    loop, and asks the store by `aside`, and so does `trying`; all else but `known` and `log.note`
    asks the store itself, on any thread. Raises StoreFailed.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        secret: str = "",
        passwords: Passwords | None = None,
        aside: Aside = at_once,
    ) -> None:
        self._store = store
        self._clock = clock
        self._secret = secret
        self.people = People(store, clock)
        self.sessions = Sessions(store, self.people, clock)
        self.codes = Codes(store, clock)
        self.devices = Devices(store, clock)
        self.passwords = passwords or Passwords()
        self.lockout = Lockout(store, clock)
        self.log = AccessLog(store, clock)
        self.administration = AccessAdministration(store, clock, self.log)
        self._budgets = {
            purpose: Rate(clock, burst, every_ms) for purpose, (burst, every_ms) in BUDGETS.items()
        }
        self.aside = aside
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._learning = threading.Lock()
        self._learnt = 0
        self._stamp, self._changes = store.stamp(), store.changes
        self._rights = self._told = rights_stamp(store)

    @property
    def is_practice(self) -> bool:
        """Whether this server is for practice: people sign in by themselves, as any role."""
        return bool(self._secret)

    # ---------------------------------------------------------------- who is it

    def known(self, token: str) -> Actor | None:
        """Whom a token stands for if that is at hand; None when the store must be asked."""
        if self._secret and hmac.compare_digest(token.encode(), self._secret.encode()):
            return Actor(Role.PRACTICE, "practice")
        # What was revoked in this process is not good for one call more.
        if self._store.changes != self._changes:
            return None
        known = self._known.get(digest(token))
        if known is not None and known.until > self._clock.elapsed_ms():
            return known.actor
        return None

    def identify(self, token: str) -> Actor:
        """Whom a token stands for. Raises NotSignedIn."""
        self._forget_if_changed()
        actor, learnt = self.known(token), self._learnt
        if actor is None:
            actor = self._look_up(token)
            self._remember(token, actor, learnt)
        return actor

    def _remember(self, token: str, actor: Actor, learnt: int) -> None:
        """Unless somebody's rights have changed meanwhile: it might be those of `actor`."""
        with self._learning:
            if learnt == self._learnt:
                until = self._clock.elapsed_ms() + _KNOWN_FOR_MS
                self._known[digest(token)] = _Known(actor, until)
                if len(self._known) > KNOWN_TOKENS:
                    self._known.popitem(last=False)

    def holds(self, actor: Actor) -> bool:
        """Whether who was let in before may still be here, with the same rights."""
        if actor.role is Role.DEVICE:
            return self.devices.holds(actor)
        return actor.role is Role.PRACTICE or self.sessions.holds(actor)

    def has_changed(self) -> bool:
        """Whether anybody's rights ended or changed since the last time, by whatever process."""
        changes, stamp = self._store.changes, self._store.stamp()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        self._learn_rights()
        self._changes = changes
        changed, self._told = self._rights != self._told, self._rights
        return changed

    def _forget_if_changed(self) -> None:
        changes = self._store.changes
        if changes != self._changes:
            self._learn_rights()
            self._changes = changes

    def _learn_rights(self) -> None:
        rights = rights_stamp(self._store)
        with self._learning:
            if rights != self._rights:
                self._rights = rights
                self._learnt += 1
                self._known.clear()

    def _look_up(self, token: str) -> Actor:
        device = self.devices.identify(token)
        if device is not None:
            return device
        return self.sessions.identify(token, self._reused(""))

    def _reused(self, address: str) -> Reused:
        """Records that a sign-in ends because a token of it was copied."""
        return lambda person: self.log.record(
            "access.token_reused", f"person/{person.name}", address, areas=person.areas
        )

    # ---------------------------------------------------------------- coming in

    async def sign_in(
        self, name: str, password: str, desk: str, address: str, desk_token: str = ""
    ) -> tuple[Grant, str]:
        """A sign-in by password, and the token by which the desk is known from now on; it brings
        the one that it has. Raises TurnedAway, TooBusy.
        """
        small = name.strip().lower()[:64]
        with self.trying("sign_in", address):
            person = await self.aside(lambda: self._let_try(small, address, desk_token))
            stored = "" if person is None else person.password
            right = await self.passwords.check(stored, password)
            if person is None or not right or person.disabled:
                await self.aside(lambda: self._failed(small, address, desk_token))
        outdated = self.passwords.is_outdated(stored)
        fresh = await self.passwords.hash(password) if outdated else None

        def signed_in() -> tuple[Grant, str]:
            with self._store.change():
                if fresh is not None:
                    self.people.change(small, password=fresh)
                token = self.lockout.succeeded(small, address, desk_token)
                return self.admit(self.people.get(small), desk, address), token

        return await self.aside(signed_in)

    def _let_try(self, name: str, address: str, desk_token: str) -> Person | None:
        """Who is called so. Raises TurnedAway while they are locked here."""
        wait_ms = self.lockout.wait_ms(name, address, desk_token)
        if wait_ms:
            raise TurnedAway("locked_out", wait_ms, was_tried=False)
        return self.people.find(name)

    def admit(self, person: Person, desk: str, address: str) -> Grant:
        """A sign-in of a person who is proved."""
        with self._store.change():
            grant = self.sessions.open(person, desk)
            who = str(grant.actor)
            self.log.record("access.signed_in", who, address, areas=person.areas)
        return grant

    def refresh(self, token: str, address: str) -> Grant:
        """The next tokens of a sign-in; `trying` stands round it. Raises NotSignedIn."""
        return self.sessions.refresh(token, self._reused(address))

    def sign_out(self, actor: Actor) -> None:
        """End the sign-in behind `actor`."""
        with self._store.change():
            self.sessions.revoke(actor.session)
            self.log.record("access.signed_out", str(actor), areas=actor.area.prefixes)

    def practise(self, role: Role, desk: str) -> Grant:
        """A sign-in as the practice person of `role`, made if need be; at practice only."""
        if not self.is_practice or role not in PEOPLE_ROLES:
            raise TurnedAway("not_practice")
        name = role.value.replace("_", "-")
        person = self.people.find(name)
        if person is None:
            author = Author("system/practice")
            person = self.administration.add_person(author, name, PRACTICE_NAMES[role], role)
        return self.sessions.open(person, desk)

    async def set_up(
        self, code: str, name: str, full_name: str, password: str, address: str
    ) -> Person:
        """Make the first administrator by the printed code. Raises TurnedAway, Refused, TooBusy."""
        with self.trying("set_up", address):
            stored = await self.passwords.hash(checked_password(password, name.strip().lower()))
            return await self.aside(
                lambda: self._first_person(code, name, full_name, stored, address)
            )

    def _first_person(
        self, code: str, name: str, full_name: str, password: str, address: str
    ) -> Person:
        with self._store.change():
            if self.people.any() or self.codes.use("setup", code) is None:
                raise TurnedAway("bad_code")
            person = self.people.add(name, full_name, Role.ADMINISTRATOR, password=password)
            who = f"person/{person.name}"
            self.log.record("access.set_up", who, address, areas=person.areas)
        return person

    async def enrol(self, code: str, address: str) -> tuple[str, str]:
        """The unit and the token of a device that brings a code. Raises TurnedAway."""
        with self.trying("enrol", address):
            enrolled = await self.aside(lambda: self.administration.enrol(code, address))
            if enrolled is None:
                raise TurnedAway("bad_code")
        return enrolled

    async def change_password(self, actor: Actor, old: str, new: str, address: str) -> None:
        """Change one's own password; the other sign-ins of the person end. Raises TurnedAway."""
        with self.trying("password", address):
            person = await self.aside(lambda: self.people.get(actor.name))
            if not await self.passwords.check(person.password, old):
                await self.aside(lambda: self._failed(person.name, address, ""))
        stored = await self.passwords.hash(checked_password(new, person.name))
        await self.aside(lambda: self._change_password(actor, stored, address))

    def _change_password(self, actor: Actor, stored: str, address: str) -> None:
        with self._store.change():
            person = self.people.change(actor.name, password=stored)
            self.sessions.revoke_person(actor.name, "password_changed")
            self.log.record("access.password_changed", str(actor), address, areas=person.areas)

    def close(self) -> None:
        """Write what is gathered, and let go of everything."""
        self.log.flush()
        self.passwords.close()
        self._store.close()

    def _failed(self, name: str, address: str, desk_token: str) -> None:
        with self._store.change():
            lock_ms = self.lockout.failed(name, address, desk_token)
            person = self.people.find(name)
            areas = () if person is None else person.areas
            self.log.record("access.failed", f"person/{name}", address, areas=areas)
        if lock_ms:
            raise TurnedAway("locked_out", lock_ms)
        raise TurnedAway("wrong_password")

    @contextmanager
    def trying(self, purpose: Purpose, address: str) -> Iterator[None]:
        """A try from `address`: one that fails is counted, one that does not costs nothing.

        Raises TurnedAway when too many have failed.
        """
        budget, where = self._budgets[purpose], network_of(address)
        wait_ms = budget.wait_ms(where)
        if wait_ms:
            raise TurnedAway("too_often", wait_ms, was_tried=False)
        try:
            yield
        except (TurnedAway, NotSignedIn) as error:
            if not isinstance(error, TurnedAway) or error.was_tried:
                budget.charge(where)
            raise
