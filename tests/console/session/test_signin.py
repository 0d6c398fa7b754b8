"""Tokens renewed before they end, retried while the server is away, and given up when revoked."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.session import DeskTokens, SignIn
from console.session.signin import RENEW_AT, Replied


class FakeCaller:
    """Keeps what was asked; the test answers, and lets time pass."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any], str, Replied]] = []
        self.now_s = 0.0
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()

    def call(self, path: str, body: bytes, bearer: str, replied: Replied) -> None:
        self.calls.append((path, msgspec.json.decode(body or b"{}"), bearer, replied))

    def later(self, delay_s: float, call: Callable[[], None]) -> None:
        heapq.heappush(self._timers, (self.now_s + delay_s, next(self._count), call))

    def answer(self, status: int, body: Any = None) -> str:
        """Answer the oldest call; its path."""
        path, _, _, replied = self.calls.pop(0)
        replied(status, b"" if body is None else msgspec.json.encode(body))
        return path

    def advance(self, seconds: float) -> None:
        end = self.now_s + seconds
        while self._timers and self._timers[0][0] <= end:
            self.now_s, _, call = heapq.heappop(self._timers)
            call()
        self.now_s = end


def granted(number: int, role: str = "duty_officer") -> dict[str, Any]:
    person = {
        "name": "lin",
        "full_name": "林",
        "role": role,
        "areas": [""],
        "requests": ["AddNote"],
    }
    return {
        "access": f"a{number}",
        "refresh": f"r{number}",
        "expires_in_s": 600,
        "person": {
            **person,
            "requests": ["AddNote"],
            "calls": ["submit"],
            "reads": [],
            "desk": "01",
        },
    }


ERROR = {"error": "signed_out", "message": {"zh": "退出", "en": "out"}, "wait_ms": 0}


@pytest.fixture
def caller() -> FakeCaller:
    return FakeCaller()


@pytest.fixture
def signin(caller: FakeCaller) -> SignIn:
    return SignIn(caller, "01")


def come_in(signin: SignIn, caller: FakeCaller) -> None:
    signin.with_password("lin", "secret")
    caller.answer(200, granted(1))
    assert (signin.state, signin.token) == ("in", "a1")


def test_a_password_gives_a_person(signin: SignIn, caller: FakeCaller) -> None:
    signin.with_password("lin", "secret")
    assert signin.state == "coming"
    path, body, bearer, _ = caller.calls[0]
    assert (path, bearer) == ("/api/v1/signin", "")
    assert body == {"name": "lin", "password": "secret", "desk": "01"}
    caller.answer(200, granted(1))
    assert signin.me is not None
    assert signin.me.requests == {"AddNote"}


def test_a_wrong_password_is_said(signin: SignIn, caller: FakeCaller) -> None:
    signin.with_password("lin", "wrong")
    caller.answer(429, {"error": "locked_out", "message": {"zh": "锁", "en": "l"}, "wait_ms": 5})
    assert (signin.state, signin.token) == ("out", "")
    assert signin.failure is not None
    assert (signin.failure.error, signin.failure.wait_ms) == ("locked_out", 5)
    signin.with_password("lin", "right")
    caller.answer(0)
    assert signin.failure is not None
    assert signin.failure.error == ""


def test_tokens_are_renewed_in_time_again_and_again(signin: SignIn, caller: FakeCaller) -> None:
    come_in(signin, caller)
    for number in range(2, 6):
        caller.advance(600 * RENEW_AT)
        assert caller.calls[0][1] == {"refresh": f"r{number - 1}"}
        assert signin.token == f"a{number - 1}"
        assert caller.answer(200, granted(number)) == "/api/v1/refresh"
        assert (signin.state, signin.token) == ("in", f"a{number}")


def test_a_server_that_is_away_signs_nobody_out(signin: SignIn, caller: FakeCaller) -> None:
    come_in(signin, caller)
    caller.advance(600 * RENEW_AT)
    for status in (0, 503, 429, 0):
        caller.answer(status)
        assert signin.state == "in"
        caller.advance(10)
    caller.answer(200, granted(2))
    assert signin.token == "a2"


def test_a_doubt_is_settled_at_once_and_only_once_at_a_time(
    signin: SignIn, caller: FakeCaller
) -> None:
    signin.doubt()
    assert not caller.calls
    come_in(signin, caller)
    signin.doubt()
    signin.doubt()
    assert len(caller.calls) == 1
    caller.answer(200, granted(2, "supervisor"))
    assert signin.me is not None
    assert signin.me.role == "supervisor"
    caller.advance(600 * RENEW_AT)
    assert len(caller.calls) == 1, "the timer of the tokens before is void"


def test_whoever_was_revoked_is_out_and_told_why(signin: SignIn, caller: FakeCaller) -> None:
    come_in(signin, caller)
    states: list[str] = []
    signin.changed = lambda: states.append(signin.state)
    signin.doubt()
    caller.answer(401, ERROR)
    assert states == ["out"]
    assert (signin.token, signin.me) == ("", None)
    assert signin.failure is not None
    assert signin.failure.message.en == "out"
    caller.advance(10_000)
    assert not caller.calls


def test_signing_out_ends_it_on_the_server_too(signin: SignIn, caller: FakeCaller) -> None:
    come_in(signin, caller)
    signin.sign_out()
    assert (caller.calls[0][0], caller.calls[0][2]) == ("/api/v1/signout", "a1")
    assert (signin.state, signin.failure) == ("out", None)


def test_practice_waits_for_its_server_and_comes_back(caller: FakeCaller) -> None:
    signin = SignIn(caller, "01", "the secret")
    signin.practise("duty_officer")
    for _ in range(3):
        assert caller.calls[0][2] == "the secret"
        caller.answer(0)
        caller.advance(1.3)
    caller.answer(200, granted(1))
    assert signin.token == "a1"
    signin.practise("supervisor")
    assert signin.token == "a1"
    caller.answer(200, granted(2, "supervisor"))
    assert signin.me is not None
    assert signin.me.role == "supervisor"
    signin.doubt()
    caller.answer(401, ERROR)
    assert caller.calls[0][0] == "/api/v1/signin/practice"
    assert caller.calls[0][1]["role"] == "supervisor"


def test_an_answer_to_an_older_question_changes_nothing(caller: FakeCaller) -> None:
    signin = SignIn(caller, "01", "the secret")
    signin.practise("duty_officer")
    signin.practise("trainer")
    caller.answer(200, granted(1))
    assert signin.token == ""
    caller.answer(200, granted(2, "trainer"))
    assert signin.token == "a2"


def test_c2_a_desk_shows_the_token_that_it_was_given_also_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "data" / "desk-tokens.json"

    def asked(server: str, name: str) -> dict[str, Any]:
        caller = FakeCaller()
        signin = SignIn(caller, "01", server=server, known_by=DeskTokens(file))
        signin.with_password(name, "pw")
        body = caller.calls[0][1]
        caller.answer(200, granted(1) | {"desk_token": f"of {server}"})
        assert signin.state == "in"
        return body

    assert "desk_token" not in asked("https://one", "lin")
    assert asked("https://one", " Lin")["desk_token"] == "of https://one"
    assert "desk_token" not in asked("https://one", "zhou")
    assert "desk_token" not in asked("https://two", "lin")
    assert asked("https://two", "lin")["desk_token"] == "of https://two"
    assert file.stat().st_mode & 0o777 == 0o600


def test_c2_tokens_that_cannot_be_read_are_asked_for_anew(tmp_path: Path) -> None:
    file = tmp_path / "desk-tokens.json"
    for content in (b"", b"[]", b'{"a": 5}', b"[" * 5000, b"\xff"):
        file.write_bytes(content)
        assert DeskTokens(file).get("a", "lin") == ""
    tokens = DeskTokens(tmp_path / "desk-tokens.json" / "nowhere")
    tokens.put("a", "lin", "t")
    assert tokens.get("a", "lin") == "t"
