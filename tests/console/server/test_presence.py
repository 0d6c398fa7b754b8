"""Who is on the line, and that every line gets its turn to be looked at."""

from __future__ import annotations

import time
import weakref

import pytest

from console.clock import ManualClock
from console.server.presence import ROUND, Presence
from tests.helpers.stream import NOW


class CountingLine:
    """A line that counts how often it was looked at."""

    def __init__(self) -> None:
        self.checked = 0
        self.replaced = 0

    def nudge(self) -> None:
        """Nothing to send."""

    def replace(self) -> None:
        """Closed."""
        self.replaced += 1

    def check(self) -> None:
        """Looked at."""
        self.checked += 1


def test_every_line_is_looked_at_in_its_turn() -> None:
    presence = Presence(ManualClock(NOW))
    lines = [CountingLine() for _ in range(100)]
    for number, line in enumerate(lines):
        presence.join(f"U-{number}", line)
    for _ in range(ROUND + 1):
        presence.check()
    assert {line.checked for line in lines} == {1}
    for _ in range(2 * (ROUND + 1)):
        presence.check()
    assert {line.checked for line in lines} == {3}


def test_c1_a_line_that_has_gone_is_not_kept_for_its_turn() -> None:
    presence = Presence(ManualClock(NOW))
    lines = [CountingLine() for _ in range(100)]
    for number, line in enumerate(lines):
        presence.join(f"U-{number}", line)
    presence.check()
    gone = [weakref.ref(line) for line in lines]
    for number in range(100):
        presence.leave(f"U-{number}", lines[number])
    del line, lines
    assert [each() for each in gone] == [None] * 100


def test_a_line_that_comes_alone_is_looked_at_soon() -> None:
    presence, line = Presence(ManualClock(NOW)), CountingLine()
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
    presence, line = Presence(ManualClock(NOW)), CountingLine()
    presence.join("U-1", line)
    assert presence.online == {"U-1"}
    presence.leave("U-1", line)
    assert not presence.online


def test_with_others_it_may_be_on_its_way_to_them(now_s: list[float]) -> None:
    presence, line = Presence(ManualClock(NOW)), CountingLine()
    presence.linger_s = 3.0
    presence.join("U-1", line)
    seen = presence.online
    presence.leave("U-1", line)
    presence.check()
    assert presence.online is seen
    presence.hear({"U-1": 1 << 62})
    now_s[0] += 3
    presence.check()
    assert presence.here == frozenset()
    assert presence.online is seen, "nothing has changed for who is told"
    presence.hear({})
    assert not presence.online


def test_who_comes_back_does_not_leave(now_s: list[float]) -> None:
    presence, line, newer = Presence(ManualClock(NOW)), CountingLine(), CountingLine()
    presence.linger_s = 3.0
    presence.join("U-1", line)
    presence.leave("U-1", line)
    presence.join("U-1", newer)
    now_s[0] += 9
    presence.check()
    assert presence.here == {"U-1"}


def at_node(node: int, clock_ms: int = NOW) -> Presence:
    presence = Presence(ManualClock(clock_ms))
    presence.node = node
    return presence


def test_b2_of_two_lines_of_a_unit_on_two_nodes_the_newer_stays() -> None:
    one, two = at_node(1), at_node(2, NOW + 500)
    old, new = CountingLine(), CountingLine()
    one.join("U-1", old)
    two.join("U-1", new)
    two.hear(one.turns)
    one.hear(two.turns)
    assert (old.replaced, new.replaced) == (1, 0)
    assert one.here == frozenset()
    assert one.online == two.here == {"U-1"}
    one.leave("U-1", old)
    assert one.online == {"U-1"}


def test_b2_a_node_whose_clock_is_slow_keeps_what_came_to_it_last() -> None:
    one, two = at_node(1, NOW + 30_000), at_node(2)
    old, new = CountingLine(), CountingLine()
    one.join("U-1", old)
    two.hear(one.turns)
    two.join("U-1", new)
    one.hear(two.turns)
    assert (old.replaced, new.replaced) == (1, 0)
    back = CountingLine()
    one.join("U-1", back)
    two.hear(one.turns)
    assert (back.replaced, new.replaced) == (0, 1)


def test_b2_two_that_came_in_the_same_moment_do_not_both_go() -> None:
    one, two = at_node(1), at_node(2)
    lines = CountingLine(), CountingLine()
    one.join("U-1", lines[0])
    two.join("U-1", lines[1])
    said = one.turns, two.turns
    one.hear(said[1])
    two.hear(said[0])
    assert sum(line.replaced for line in lines) == 1
