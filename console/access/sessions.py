"""Sign-ins: short access tokens, and refresh tokens that are good once.

A sign-in is a family of tokens in generations. A refresh makes the next generation; the one before
stays good until somebody uses the new one, so that an answer lost on the way signs nobody out. Once
the new one is used the old is spent: whoever comes with a spent or superseded refresh token has a
copy of it, and the whole family ends.

Where the store takes no writes, on a full disk, a sign-in goes on all the same, or nobody could
read what is there: a refresh lends an access token that only this process knows, and hands the
refresh token back as it is, for the next generation is made once it can be kept.

Exception
 └── NotSignedIn    the token is unknown, ended, or its family was revoked
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from console.access.lives import is_alive
from console.access.people import People, Person
from console.access.policy import Actor
from console.access.secret import digest, new_token
from console.access.store import Store, StoreFailed, decode_entry, rights_changed
from console.clock import Clock

log = logging.getLogger(__name__)

ACCESS_MS = 10 * 60_000
REFRESH_MS = 12 * 3600_000
"""A desk that was off for so long signs in anew."""
FAMILY_MS = 24 * 3600_000
"""A sign-in ends after so long, whatever the desk does."""

_FAMILY = "family"
_TOKEN = "token"


Reused = Callable[[Person], None]
"""Is told whose sign-in ends because a token of it was used twice, in the change that ends it."""


class NotSignedIn(Exception):  # noqa: N818 - it reads as what is so
    """`code` says why, for programs: unknown, ended, revoked or reused."""

    def __init__(self, code: str, person: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.person = person


@dataclass(frozen=True, slots=True)
class Grant:
    """What a sign-in gives; both tokens are secrets, and stored nowhere as they are."""

    person: Person
    desk: str
    session: str
    access: str
    refresh: str
    expires_in_s: int

    @property
    def actor(self) -> Actor:
        """Whom it stands for."""
        return actor_of(self.person, self.desk, self.session)


class _Family(msgspec.Struct, frozen=True):
    id: str
    person: str
    desk: str
    ends_at: int
    generation: int = 0
    """The newest that was used."""
    revoked: str = ""


class _Token(msgspec.Struct, frozen=True):
    family: str
    digest: str
    is_refresh: bool
    generation: int
    ends_at: int
    superseded: bool = False
    """Its generation was issued once more before anybody used it."""


class Sessions:
    """The sign-ins in `store`. Raises StoreFailed."""

    def __init__(self, store: Store, people: People, clock: Clock) -> None:
        self._store = store
        self._people = people
        self._clock = clock
        self._lent: dict[str, _Token] = {}
        self._lending = threading.Lock()

    def open(self, person: Person, desk: str) -> Grant:
        """A new sign-in of `person` at `desk`."""
        now = self._clock.now_ms()
        family = _Family(secrets.token_hex(8), person.name, desk, now + FAMILY_MS)
        with self._store.change():
            self._store.purge(now)
            return self._issue(family, person)

    def refresh(self, token: str, reused: Reused | None = None) -> Grant:
        """The next generation. Raises NotSignedIn; a reused token ends the family."""
        try:
            return self._renewed(token, reused)
        except StoreFailed as error:
            log.warning("a sign-in goes on without being kept: %s", error)
            return self._lend(token)

    def _renewed(self, token: str, reused: Reused | None) -> Grant:
        with self._store.change():
            found, family = self._refreshing(token)
            family = self._bounded(family)
            if not _is_good(found, family):
                self._end_reused(family, reused)
            else:
                return self._issue(self._confirmed(found, family), self._person(family))
        raise NotSignedIn("reused", family.person)

    def _lend(self, token: str) -> Grant:
        """What can be given without a write. Raises NotSignedIn."""
        found, family = self._refreshing(token)
        if not _is_good(found, family):
            raise NotSignedIn("reused", family.person)
        person, now, access = self._person(family), self._clock.now_ms(), new_token("a")
        lent = _Token(family.id, digest(access), False, family.generation, now + ACCESS_MS)
        with self._lending:
            self._lent = {key: each for key, each in self._lent.items() if each.ends_at > now}
            self._lent[lent.digest] = lent
        return Grant(person, family.desk, family.id, access, token, ACCESS_MS // 1000)

    def _refreshing(self, token: str) -> tuple[_Token, _Family]:
        found = self._token(token)
        if not found.is_refresh:
            raise NotSignedIn("unknown")
        return found, self._family(found)

    def identify(self, token: str, reused: Reused | None = None) -> Actor:
        """Whom an access token stands for. Raises NotSignedIn; a reused one ends the family."""
        found = self._token(token)
        if found.is_refresh:
            raise NotSignedIn("unknown")
        family = self._family(found)
        if found.generation > family.generation or not _is_good(found, family):
            self._first_use(found, reused)
        person = self._person(family)
        return actor_of(person, family.desk, family.id)

    def revoke(self, session: str, why: str = "signed_out") -> None:
        """End one sign-in."""
        with self._store.change():
            body = self._store.get(_FAMILY, session)
            if body is not None:
                self._end(decode_entry(body, _Family), why)

    def revoke_person(self, name: str, why: str) -> None:
        """End all sign-ins of a person."""
        with self._store.change():
            for body in self._store.group(_FAMILY, name):
                self._end(decode_entry(body, _Family), why)

    def holds(self, actor: Actor) -> bool:
        """Whether the sign-in behind `actor` is still good, with the same role and area."""
        body = self._store.get(_FAMILY, actor.session)
        if body is None:
            return False
        family = decode_entry(body, _Family)
        if family.revoked or family.ends_at <= self._clock.now_ms():
            return False
        person = self._people.find(family.person)
        return person is not None and not person.disabled and actor_of(person) == actor

    def _first_use(self, found: _Token, reused: Reused | None) -> None:
        """The new generation has arrived: the one before is spent now."""
        try:
            with self._store.change():
                family = self._family(found)
                good = _is_good(found, family)
                if good:
                    self._put_family(self._confirmed(found, family))
                else:
                    self._end_reused(family, reused)
        except StoreFailed as error:
            # Then it is spent at a later use.
            family = self._family(found)
            good = _is_good(found, family)
            log.warning("the first use of a token is not kept: %s", error)
        if not good:
            raise NotSignedIn("reused", family.person)

    def _bounded(self, family: _Family) -> _Family:
        """The family with no more than its whole life left: the clock may have been set back."""
        ends_at = min(family.ends_at, self._clock.now_ms() + FAMILY_MS)
        return msgspec.structs.replace(family, ends_at=ends_at)

    def _confirmed(self, found: _Token, family: _Family) -> _Family:
        if found.generation == family.generation:
            return family
        return msgspec.structs.replace(family, generation=found.generation)

    def _issue(self, family: _Family, person: Person) -> Grant:
        now = self._clock.now_ms()
        self._supersede(family)
        self._put_family(family)
        access, refresh = new_token("a"), new_token("r")
        generation = family.generation + 1
        refresh_ends = min(now + REFRESH_MS, family.ends_at)
        self._put_token(
            _Token(family.id, digest(access), False, generation, now + ACCESS_MS), family
        )
        self._put_token(_Token(family.id, digest(refresh), True, generation, refresh_ends), family)
        return Grant(person, family.desk, family.id, access, refresh, ACCESS_MS // 1000)

    def _supersede(self, family: _Family) -> None:
        """The tokens issued last, which nobody has used, are void."""
        for body in self._store.group(_TOKEN, family.id):
            token = decode_entry(body, _Token)
            if token.generation > family.generation:
                self._put_token(msgspec.structs.replace(token, superseded=True), family)

    def _put_token(self, token: _Token, family: _Family) -> None:
        # Refresh tokens are kept until the family ends: one that comes back late is still known.
        keep = family.ends_at if token.is_refresh else token.ends_at
        body = msgspec.msgpack.encode(token)
        self._store.put(_TOKEN, token.digest, body, family.id, keep)

    def _put_family(self, family: _Family) -> None:
        body = msgspec.msgpack.encode(family)
        self._store.put(_FAMILY, family.id, body, family.person, family.ends_at)

    def _end_reused(self, family: _Family, reused: Reused | None) -> None:
        self._end(family, "reused")
        person = self._people.find(family.person)
        if reused is not None and person is not None:
            reused(person)

    def _end(self, family: _Family, why: str) -> None:
        ended = msgspec.structs.replace(family, revoked=family.revoked or why)
        self._put_family(ended)
        rights_changed(self._store)

    def _token(self, token: str) -> _Token:
        found = self._lent.get(digest(token))
        if found is None:
            body = self._store.get(_TOKEN, digest(token))
            if body is None:
                raise NotSignedIn("unknown")
            found = decode_entry(body, _Token)
        # An access token of a time that is no more is ended too: the desk gets another by itself.
        alive = found.is_refresh or is_alive(found.ends_at, self._clock.now_ms(), ACCESS_MS)
        if not alive:
            raise NotSignedIn("ended")
        return found

    def _family(self, found: _Token) -> _Family:
        body = self._store.get(_FAMILY, found.family)
        if body is None:
            raise NotSignedIn("ended")
        family = decode_entry(body, _Family)
        if family.revoked:
            raise NotSignedIn("revoked", family.person)
        if min(family.ends_at, found.ends_at) <= self._clock.now_ms():
            raise NotSignedIn("ended", family.person)
        return family

    def _person(self, family: _Family) -> Person:
        person = self._people.find(family.person)
        if person is None or person.disabled:
            raise NotSignedIn("revoked", family.person)
        return person


def actor_of(person: Person, desk: str = "", session: str = "") -> Actor:
    """The actor that a person is."""
    return Actor(person.role, person.name, person.area, desk, session)


def _is_good(token: _Token, family: _Family) -> bool:
    """Whether a token is of a generation that may still be used."""
    if token.superseded:
        return False
    if token.is_refresh:
        return token.generation >= family.generation
    return token.generation <= family.generation + 1
