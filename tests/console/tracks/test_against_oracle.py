"""The store against an oracle: any fixes in any order, sealed and restarted at any moment."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from console.clock import Clocks, ManualClock
from console.tracks import Tracks
from tests.console.tracks.oracle import HOUR, Oracle, fix, positions, seen_in
from tests.helpers.stream import NOW

BEGIN = NOW // HOUR * HOUR
# Times cluster at the borders of hours, where mistakes live.
OFFSETS = st.one_of(
    st.integers(-6 * HOUR, 6 * HOUR),
    st.builds(lambda hour, by: hour * HOUR + by, st.integers(-6, 6), st.integers(-2, 2)),
)


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = ManualClock(BEGIN)
        self.tracks = Tracks(Path(self.folder.name), Clocks(self.clock))
        self.oracle = Oracle()
        self.times = {BEGIN}

    @rule(
        units=st.lists(st.sampled_from([1, 2, 3, 17, 40, 300]), min_size=1),
        by=OFFSETS,
        lon=st.sampled_from([120.0, 120.0000001, -179.9999999, 180.0]),
    )
    def report(self, units: list[int], by: int, lon: float) -> None:
        for place, unit in enumerate(units):
            told = fix(unit, BEGIN + by + place * 7, lon)
            self.tracks.take(told)
            self.oracle.take(told)
            self.times |= {told.at}
        self.tracks.flush()

    @rule(by=st.sampled_from([-HOUR, 60_000, HOUR, 3 * HOUR]))
    def clock_moves(self, by: int) -> None:
        self.clock.advance(by)

    @rule(everything=st.booleans())
    def seal(self, everything: bool) -> None:
        self.tracks.seal(everything=everything)

    @rule()
    def restart(self) -> None:
        self.tracks.close()
        self.tracks = Tracks(Path(self.folder.name), Clocks(self.clock))

    @rule(by=OFFSETS)
    def ask_where(self, by: int) -> None:
        self.check_at(BEGIN + by)

    @rule(unit=st.sampled_from([1, 2, 3, 17, 40, 300, 999]), a=OFFSETS, b=OFFSETS)
    def ask_track(self, unit: int, a: int, b: int) -> None:
        unit_id = f"U-{unit:04d}"
        got = seen_in(self.tracks.track(unit_id, BEGIN + a, BEGIN + b))
        assert got == self.oracle.track(unit_id, BEGIN + a, BEGIN + b)

    @invariant()
    def everything_is_there(self) -> None:
        for t in sorted(self.times)[-3:]:
            self.check_at(t)

    def check_at(self, t: int) -> None:
        assert positions(self.tracks, t) == self.oracle.positions_at(t)

    def teardown(self) -> None:
        for t in self.times:
            self.check_at(t)
            self.check_at(t - 1)
        self.tracks.close()
        self.folder.cleanup()


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
