"""Lateness against a stream's own best."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.video.lateness import LatenessMeter


def test_late_is_later_than_the_quickest() -> None:
    meter = LatenessMeter()
    assert meter.observe(0.0, 100.0) == 0
    assert abs(meter.observe(0.04, 100.54) - 0.5) < 0.01
    assert meter.observe(0.08, 100.08) == 0


def test_a_slow_camera_clock_is_not_lateness() -> None:
    meter = LatenessMeter()
    late = [meter.observe(i * 0.04 * 0.998, 50 + i * 0.04) for i in range(25 * 600)]
    assert max(late) < 0.01


@given(st.lists(st.floats(0, 5), min_size=1, max_size=60))
def test_lateness_is_never_negative_nor_above_the_delay(delays: list[float]) -> None:
    meter = LatenessMeter()
    now_s = 0.0
    for number, delay in enumerate(delays):
        now_s = max(now_s, number * 0.04 + delay)
        late = meter.observe(number * 0.04, now_s)
        assert 0 <= late <= now_s - number * 0.04 + 1e-9
