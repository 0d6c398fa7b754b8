"""A scenario's clock runs evenly at its rate, keeps its moment over changes and never goes back."""

from __future__ import annotations

import math
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from console.clock import Clocks, ManualClock, ScaledClock, SystemClock
from tests.helpers.wire_values import steady

NOW = 1_795_000_000_000
START = 1_752_000_000_000
RATES = st.sampled_from([0.1, 0.3, 0.5, 1.0, 2.0, 8.0, 60.0]) | st.floats(0.01, 100)


@steady
@given(RATES, st.integers(0, 10**9), st.integers(-(10**9), 10**9))
def test_it_runs_at_its_rate_by_what_passed_not_by_the_wall(
    rate: float, passed_ms: int, set_ms: int
) -> None:
    own = ManualClock(NOW)
    clock = ScaledClock(own, START, rate)
    assert (clock.now_ms(), clock.elapsed_ms()) == (START, 0)
    own.advance(passed_ms)
    own.set(NOW + set_ms)
    assert clock.elapsed_ms() == math.floor(passed_ms * rate)
    assert clock.now_ms() == START + clock.elapsed_ms()


def test_eight_times_an_hour_is_a_third_of_a_day() -> None:
    own = ManualClock(NOW)
    clock = ScaledClock(own, START, 8)
    own.advance(3_600_000)
    assert clock.now_ms() == START + 8 * 3_600_000


def test_a_paused_clock_stands_and_goes_on_from_there() -> None:
    own = ManualClock(NOW)
    clock = ScaledClock(own, START, 8)
    own.advance(1000)
    clock.pause()
    clock.pause()
    own.advance(3_600_000)
    clock.set_rate(2)
    assert clock.is_paused
    assert (clock.now_ms(), clock.elapsed_ms()) == (START + 8000, 8000)
    own.advance(3_600_000)
    clock.resume()
    clock.resume()
    own.advance(1000)
    assert not clock.is_paused
    assert (clock.rate, clock.elapsed_ms()) == (2, 10_000)


@pytest.mark.parametrize("rate", [0.0, -1.0, math.inf, math.nan])
def test_a_rate_that_is_none_is_refused_and_changes_nothing(rate: float) -> None:
    with pytest.raises(ValueError, match="a rate of"):
        ScaledClock(ManualClock(NOW), START, rate)
    clock = ScaledClock(ManualClock(NOW), START, 3)
    with pytest.raises(ValueError, match="a rate of"):
        clock.set_rate(rate)
    assert clock.rate == 3


def test_live_there_is_one_time() -> None:
    wall = ManualClock(NOW)
    clocks = Clocks(wall)
    assert clocks.scenario is clocks.wall is wall
    for at in (0, NOW - 5, NOW, NOW + 5):
        assert clocks.scenario_of(at) == at


def test_a_moment_of_the_wall_is_found_in_the_scenario_over_every_change() -> None:
    wall = ManualClock(NOW)
    scenario = ScaledClock(wall, START, 8)
    clocks = Clocks(wall, scenario)
    wall.advance(1000)
    scenario.pause()
    wall.advance(1000)
    scenario.set_rate(2)
    scenario.resume()
    wall.advance(1000)
    moments = {-5000: -5000, 0: 0, 500: 4000, 1000: 8000, 1500: 8000, 2500: 9000, 3000: 10_000}
    for of_wall, of_scenario in moments.items():
        assert clocks.scenario_of(NOW + of_wall) == START + of_scenario
    assert clocks.scenario_of(NOW + 9000) == START + 10_000, "nothing is of later than now"
    wall.set(NOW - 86_400_000)
    assert clocks.scenario_of(wall.now_ms() - 500) == START + 9000, "the wall was set"


class _Exercise(RuleBasedStateMachine):
    """A trainer pauses, resumes and changes the rate; a sum of the stretches says what passed."""

    @initialize(rate=RATES)
    def begin(self, rate: float) -> None:
        self.own = ManualClock(NOW)
        self.clock = ScaledClock(self.own, START, rate)
        self.rate, self.is_paused = rate, False
        self.stretches: list[float] = []
        self.seen = 0

    @rule(passed_ms=st.integers(0, 10**7))
    def wait(self, passed_ms: int) -> None:
        self.own.advance(passed_ms)
        if not self.is_paused:
            self.stretches.append(passed_ms * self.rate)

    @rule(to_ms=st.integers(0, 2 * NOW))
    def set_the_wall(self, to_ms: int) -> None:
        self.own.set(to_ms)

    @rule(rate=RATES)
    def change(self, rate: float) -> None:
        self.clock.set_rate(rate)
        self.rate = rate

    @rule()
    def pause(self) -> None:
        self.clock.pause()
        self.is_paused = True

    @rule()
    def resume(self) -> None:
        self.clock.resume()
        self.is_paused = False

    @invariant()
    def nothing_is_lost_and_nothing_goes_back(self) -> None:
        elapsed = self.clock.elapsed_ms()
        assert elapsed >= self.seen
        self.seen = elapsed
        assert abs(elapsed + 0.5 - math.fsum(self.stretches)) <= 0.5 + 1e-3
        assert self.clock.now_ms() == START + elapsed


test_over_any_changes = _Exercise.TestCase
test_over_any_changes.settings = steady


def test_changes_from_another_thread_do_not_make_it_go_back() -> None:
    clock = ScaledClock(SystemClock(), START, 1)
    over = threading.Event()

    def train() -> None:
        while not over.is_set():
            for rate in (60, 0.1, 8):
                clock.set_rate(rate)
            clock.pause()
            clock.resume()

    trainer = threading.Thread(target=train)
    trainer.start()
    try:
        seen = [clock.elapsed_ms() for _ in range(5000)]
    finally:
        over.set()
        trainer.join()
    assert seen == sorted(seen)
