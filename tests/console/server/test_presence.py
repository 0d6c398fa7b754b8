"""Who is on the line, and that every line gets its turn to be looked at."""

from __future__ import annotations

import time

import pytest

from console.server.presence import ROUND, Presence


class CountingLine:
    """A line that counts how often it was looked at."""

    def __init__(self) -> None:
        self.checked = 0

    def nudge(self) -> None:
        """Nothing to send."""

    def replace(self) -> None:
        """Nothing to close."""

    def check(self) -> None:
        """Looked at."""
        self.checked += 1


def test_every_line_is_looked_at_in_its_turn() -> None:
    presence = Presence()
    lines = [CountingLine() for _ in range(100)]
    for number, line in enumerate(lines):
        presence.join(f"U-{number}", line)
    for _ in range(ROUND + 1):
        presence.check()
    assert {line.checked for line in lines} == {1}
    for _ in range(2 * (ROUND + 1)):
        presence.check()
    assert {line.checked for line in lines} == {3}


def test_a_line_that_comes_alone_is_looked_at_soon() -> None:
    presence, line = Presence(), CountingLine()
    presence.check()
    presence.join("U-1", line)
    presence.check()
    presence.check()
    assert line.checked


@pytest.fixture
def now_s(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be changed."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_a_unit_by_itself_goes_at_once() -> None:
    presence, line = Presence(), CountingLine()
    presence.join("U-1", line)
    assert presence.online == {"U-1"}
    presence.leave("U-1", line)
    assert not presence.online


def test_with_others_it_may_be_on_its_way_to_them(now_s: list[float]) -> None:
    presence, line = Presence(), CountingLine()
    presence.linger_s = 3.0
    presence.join("U-1", line)
    seen = presence.online
    presence.leave("U-1", line)
    presence.check()
    assert presence.online is seen
    presence.hear(frozenset({"U-1"}))
    now_s[0] += 3
    presence.check()
    assert presence.here == frozenset()
    assert presence.online is seen, "nothing has changed for who is told"
    presence.hear(frozenset())
    assert not presence.online


def test_who_comes_back_does_not_leave(now_s: list[float]) -> None:
    presence, line, newer = Presence(), CountingLine(), CountingLine()
    presence.linger_s = 3.0
    presence.join("U-1", line)
    presence.leave("U-1", line)
    presence.join("U-1", newer)
    now_s[0] += 9
    presence.check()
    assert presence.here == {"U-1"}
