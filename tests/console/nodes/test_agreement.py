"""Nodes that each missed something agree on hours that are over."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from console.clock import Clocks, ManualClock
from console.model.unit import Fix
from console.nodes import agreement
from console.nodes.agreement import BACK_MS, HOUR_MS, SETTLED_MS, Agreement
from console.nodes.memory_hours import MemoryHours
from console.tracks import Tracks, TracksPolicy
from tests.helpers.stream import NOW, PLACE

HOUR = NOW // HOUR_MS * HOUR_MS
LON, LAT = PLACE
DAYS = TracksPolicy(keep_days=30)


class Node:
    """Tracks of one node, and its part in the agreement."""

    def __init__(self, board: MemoryHours, name: str, clock: ManualClock, folder: Path | None):
        self.board, self.name, self.clock, self.folder = board, name, clock, folder
        self.begin()

    def begin(self) -> None:
        """As at a start."""
        self.tracks = Tracks(self.folder, Clocks(self.clock), DAYS)
        self.agreement = Agreement(self.tracks, self.board, self.name, self.clock, self.heard)

    def heard(self, fixes: list[Fix]) -> None:
        self.tracks.renew(fixes)

    def take(self, *fixes: Fix) -> None:
        for fix in fixes:
            self.tracks.take(fix)
        self.tracks.flush()

    def track(self, unit_id: str) -> list[int]:
        return [int(at) for at in self.tracks.track(unit_id, 0, 1 << 43).at]


MakeNode = Callable[[str], Node]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(HOUR)


@pytest.fixture
def make(tmp_path: Path, clock: ManualClock) -> Iterator[MakeNode]:
    board = MemoryHours()
    made: list[Node] = []

    def node(name: str) -> Node:
        made.append(Node(board, name, clock, tmp_path / name))
        return made[-1]

    yield node
    for one in made:
        one.tracks.close()


def settle(*nodes: Node, rounds: int = 100) -> int:
    """Rounds until nobody has anything to do; how many it took."""
    for number in range(rounds):
        moved = [node.agreement.turn() for node in nodes]
        if number and True not in moved:
            return number
    raise AssertionError("they do not agree")


def fix(unit: int, at: int) -> Fix:
    return Fix(f"U-{unit:04d}", LON, LAT + at % 1000 / 1e5, at)


def over(clock: ManualClock) -> None:
    clock.set(HOUR + HOUR_MS + SETTLED_MS)


def test_who_was_down_gets_what_it_missed(make: MakeNode, clock: ManualClock) -> None:
    one, two = make("one"), make("two")
    heard = [fix(unit, HOUR + 1000 * step) for step in range(20) for unit in range(30)]
    one.take(*heard)
    two.take(*heard[:200], *heard[400:])
    over(clock)
    for node in (one, two):
        node.tracks.seal()
    settle(one, two)
    for unit in range(30):
        assert two.track(f"U-{unit:04d}") == one.track(f"U-{unit:04d}")
        assert len(two.track(f"U-{unit:04d}")) == 20
    at = HOUR + 10_000
    assert sorted(two.tracks.positions_at(at).at.tolist()) == [at] * 30


def test_each_gets_what_only_the_other_had(make: MakeNode, clock: ManualClock) -> None:
    one, two, three = make("one"), make("two"), make("three")
    one.take(fix(1, HOUR + 1), fix(1, HOUR + 2))
    two.take(fix(1, HOUR + 3))
    three.take(fix(1, HOUR + 4), fix(2, HOUR + 5))
    over(clock)
    settle(one, two, three)
    for node in (one, two, three):
        assert node.track("U-0001") == [HOUR + n for n in (1, 2, 3, 4)]
        assert node.tracks.latest()[0].at in (HOUR + 4, HOUR + 5)


def test_an_hour_that_all_agree_on_never_goes_over_the_board(
    make: MakeNode, clock: ManualClock
) -> None:
    nodes = [make(name) for name in ("one", "two")]
    for node in nodes:
        node.take(*(fix(unit, HOUR + unit) for unit in range(50)))
    over(clock)
    settle(*nodes)
    assert not nodes[0].board._parts


def test_an_hour_that_is_not_over_is_left_alone(make: MakeNode, clock: ManualClock) -> None:
    one, two = make("one"), make("two")
    one.take(fix(1, HOUR + 1))
    clock.set(HOUR + HOUR_MS + SETTLED_MS - 1)
    settle(one, two)
    assert two.track("U-0001") == []
    over(clock)
    settle(one, two)
    assert two.track("U-0001") == [HOUR + 1]


def test_a_new_node_gets_the_last_days(
    make: MakeNode, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agreement, "FIXES_AT_ONCE", 8)
    one = make("one")
    one.take(*(fix(unit, HOUR - back * HOUR_MS) for unit in range(40) for back in range(1, 60)))
    one.tracks.seal(everything=True)
    over(clock)
    settle(one)
    two = make("two")
    assert settle(one, two) > 4, "in portions"
    compared = [at for at in one.track("U-0001") if at >= clock.now_ms() - BACK_MS]
    assert two.track("U-0001") == compared


def test_a_start_goes_on_with_what_was_said(
    make: MakeNode, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = make("one"), make("two")
    one.take(fix(1, HOUR + 1))
    over(clock)
    settle(one, two)
    for node in (one, two):
        node.tracks.seal()
        node.tracks.close()
        node.begin()
        monkeypatch.setattr(node.tracks.hours, "contents", pytest.fail)
    assert settle(one, two) == 1


def test_a_node_that_is_gone_for_good_is_not_waited_for(make: MakeNode, clock: ManualClock) -> None:
    one, two = make("one"), make("two")
    two.take(fix(1, HOUR + 1), fix(1, HOUR + 2))
    one.take(fix(1, HOUR + 1))
    over(clock)
    two.agreement.turn()
    for hours in range(1, 4):
        clock.set(HOUR + hours * HOUR_MS)
        one.take(fix(1, clock.now_ms()))
    clock.set(clock.now_ms() + HOUR_MS + SETTLED_MS)
    settle(one)
    assert not one.board._parts


def test_a_part_that_is_none_is_passed_over(make: MakeNode, clock: ManualClock) -> None:
    one, two = make("one"), make("two")
    one.take(fix(1, HOUR + 1))
    over(clock)
    for node in (one, two, one):
        node.agreement.turn()
    one.board._parts = dict.fromkeys(one.board._parts, b"TRG1 rubbish")
    assert one.board._parts
    two.agreement.turn()
    assert two.track("U-0001") == []


@settings(max_examples=25, deadline=None)
@example(seed=133, names=["a", "b", "c"])  # as many came in as were merged: it looked unchanged
@example(seed=3532, names=["a", "b", "c"])
@given(seed=st.integers(0, 10_000), names=st.permutations(["a", "b", "c"]))
def test_whatever_each_missed_all_have_all_in_the_end(seed: int, names: list[str]) -> None:
    dice = random.Random(seed)
    board, clock = MemoryHours(), ManualClock(HOUR)
    nodes = [Node(board, name, clock, None) for name in names]
    told = {(u, HOUR + dice.randrange(2) * HOUR_MS + dice.randrange(500)) for u in range(12)}
    told |= {(dice.randrange(12), HOUR + dice.randrange(2 * HOUR_MS)) for _ in range(60)}
    for unit, at in sorted(told):
        for node in dice.sample(nodes, dice.randrange(1, 4)):
            node.take(fix(unit, at))
    clock.set(HOUR + 2 * HOUR_MS + SETTLED_MS)
    settle(*nodes)
    for unit in range(12):
        expected = sorted(at for u, at in told if u == unit)
        for node in nodes:
            assert node.track(f"U-{unit:04d}") == expected
