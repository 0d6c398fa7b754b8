"""Being signed in: the tokens of the person at this desk, renewed before they end.

What is asked of the server goes through a `Caller`; its Qt implementation is
`widgets/bridge/account.py`. Everything happens on one thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Literal, Protocol

import msgspec

from console.model.text import Text
from console.session.backoff import Backoff
from console.session.desk_tokens import DeskTokens

log = logging.getLogger(__name__)

RENEW_AT = 0.7
"""The share of a token's life after which the next one is asked for."""

State = Literal["out", "coming", "in"]
Replied = Callable[[int, bytes], None]


class Caller(Protocol):
    """Calls to the server, and a timer."""

    def call(self, path: str, body: bytes, bearer: str, replied: Replied) -> None:
        """POST `body` to `path`; `replied` is called once, with status 0 when no answer came."""
        ...

    def later(self, delay_s: float, call: Callable[[], None]) -> None:
        """Make `call` after `delay_s` seconds, unless closed by then."""
        ...


class Credentials(Protocol):
    """What opens the server now."""

    @property
    def token(self) -> str:
        """The bearer token, "" while nobody is signed in."""
        ...

    @property
    def is_practice(self) -> bool:
        """Whether somebody is signed in by itself, as soon as the server is there."""
        ...

    def doubt(self) -> None:
        """The server did not take the token, or closed the door: see whether it is still good."""
        ...


class FixedToken:
    """A token that stays as it is: the one in TRELLIS_TOKEN."""

    is_practice = False

    def __init__(self, token: str) -> None:
        self.token = token

    def doubt(self) -> None:
        """There is no other."""
        log.warning("the server does not take the token")


class Me(msgspec.Struct, frozen=True):
    """The person at this desk, and what they may do."""

    name: str
    full_name: str
    role: str
    areas: tuple[str, ...] = ("",)
    requests: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    reads: frozenset[str] | None = None
    """What may be read, as the policy names it; None from a server that does not say."""


class Failure(msgspec.Struct, frozen=True):
    """Why somebody is not signed in. `wait_ms` is how long to wait before trying again."""

    error: str = ""
    message: Text = Text()
    wait_ms: int = 0


class _Granted(msgspec.Struct, frozen=True):
    access: str
    refresh: str
    expires_in_s: float
    person: Me
    desk_token: str = ""


_granted = msgspec.json.Decoder(_Granted)
_failures = msgspec.json.Decoder(Failure)


class SignIn:
    """Who is signed in here. `changed` is called whenever `state`, `me` or `failure` is another.

    `secret` opens a practice server, where people sign in by themselves; "" elsewhere. `known_by`
    holds what `server` knows this desk by.
    """

    def __init__(
        self,
        caller: Caller,
        desk: str,
        secret: str = "",
        server: str = "",
        known_by: DeskTokens | None = None,
    ) -> None:
        self.state: State = "out"
        self.me: Me | None = None
        self.failure: Failure | None = None
        self.changed: Callable[[], None] = lambda: None
        self._caller = caller
        self._desk = desk
        self._secret = secret
        self._server = server
        self._known_by = known_by or DeskTokens()
        self._role = ""
        self._access = ""
        self._refresh = ""
        self._renewing = False
        self._turn = 0
        self._backoff = Backoff()

    @property
    def token(self) -> str:
        """The access token, "" while nobody is signed in."""
        return self._access

    @property
    def is_practice(self) -> bool:
        """Whether people sign in by themselves here."""
        return bool(self._secret)

    def with_password(self, name: str, password: str) -> None:
        """Sign in; the outcome comes as a change."""
        body = {"name": name, "password": password, "desk": self._desk}
        token = self._known_by.get(self._server, name)
        # Only what a server has given is shown to it: an older one refuses fields it does not know.
        self._come("/api/v1/signin", {**body, "desk_token": token} if token else body)

    def with_code(self, body: Mapping[str, str]) -> None:
        """Sign in by what an OIDC provider gave."""
        self._come("/api/v1/signin/oidc", {**body, "desk": self._desk})

    def practise(self, role: str) -> None:
        """Sign in as the practice person of `role`, as soon as the server is there."""
        self._role = role
        self._turn += 1
        turn = self._turn
        body = msgspec.json.encode({"role": role, "desk": self._desk})

        def replied(status: int, said: bytes) -> None:
            if turn == self._turn:
                self._came(status, said)
                if self.state != "in" or status != 200:
                    self._again(turn)

        self._caller.call("/api/v1/signin/practice", body, self._secret, replied)

    def sign_out(self) -> None:
        """Leave; the server ends the sign-in and its sockets."""
        if self._access:
            self._caller.call("/api/v1/signout", b"", self._access, lambda _s, _b: None)
        self._leave(None)

    def doubt(self) -> None:
        """The server did not take the token: renew it now, and learn what is wrong."""
        if self._refresh and not self._renewing:
            self._renew(self._turn)

    def _again(self, turn: int) -> None:
        def try_again() -> None:
            if turn == self._turn:
                self.practise(self._role)

        self._caller.later(min(self._backoff.delay_s(), 1.0), try_again)

    def _come(self, path: str, body: Mapping[str, str]) -> None:
        self._turn += 1
        turn = self._turn
        self._set("coming", None)

        def replied(status: int, said: bytes) -> None:
            if turn == self._turn:
                self._came(status, said)

        self._caller.call(path, msgspec.json.encode(body), "", replied)

    def _came(self, status: int, said: bytes) -> None:
        if status == 200 and self._take(said):
            self._backoff.reset()
            self._set("in", None)
        elif self.state != "in":
            self._set("out", _failure(status, said))

    def _take(self, said: bytes) -> bool:
        try:
            granted = _granted.decode(said)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            log.exception("a sign-in that cannot be read")
            return False
        self._access, self._refresh, self.me = granted.access, granted.refresh, granted.person
        self._known_by.put(self._server, granted.person.name, granted.desk_token)
        self._turn += 1
        turn = self._turn
        self._caller.later(granted.expires_in_s * RENEW_AT, lambda: self._renew(turn))
        return True

    def _renew(self, turn: int) -> None:
        if turn != self._turn or self._renewing:
            return
        self._renewing = True
        body = msgspec.json.encode({"refresh": self._refresh})

        def replied(status: int, said: bytes) -> None:
            self._renewing = False
            if turn == self._turn:
                self._renewed(turn, status, said)

        self._caller.call("/api/v1/refresh", body, "", replied)

    def _renewed(self, turn: int, status: int, said: bytes) -> None:
        before = self.me
        if status == 200 and self._take(said):
            self._backoff.reset()
            if self.me != before:
                self._set("in", None)
        elif status in (400, 401):
            self._leave(_failure(status, said))
        else:
            # The server is away: the token that we have may still be good.
            self._caller.later(self._backoff.delay_s(), lambda: self._renew(turn))

    def _leave(self, failure: Failure | None) -> None:
        self._access = self._refresh = ""
        self._turn += 1
        self.me = None
        self._set("out", failure)
        if self._secret:
            self.practise(self._role)

    def _set(self, state: State, failure: Failure | None) -> None:
        self.state, self.failure = state, failure
        self.changed()


def _failure(status: int, said: bytes) -> Failure:
    """What an answer that is no yes means; without a code for one that is none of ours."""
    try:
        return _failures.decode(said) if status else Failure()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        log.warning("an answer that is none of ours (%d)", status)
        return Failure()


__all__ = ["Caller", "Credentials", "Failure", "FixedToken", "Me", "SignIn"]
