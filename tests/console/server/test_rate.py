"""Token buckets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.server.rate import Meter, Rate, RateLimiter
from tests.helpers.wire_values import steady


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_a_burst_then_the_rate() -> None:
    clock = Hand()
    limiter = RateLimiter(Rate(per_s=2, burst=3), clock)
    assert [limiter.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert limiter.take("b") == 0, "another caller has a bucket of its own"
    clock.now_s = 0.25
    assert limiter.take("a") == 0.25
    clock.now_s = 0.5
    assert limiter.take("a") == 0
    clock.now_s = 100
    assert [limiter.take("a") for _ in range(4)] == [0, 0, 0, 0.5]


def test_what_costs_more_than_a_burst_is_let_through_when_the_bucket_is_full() -> None:
    clock = Hand()
    limiter = RateLimiter(Rate(per_s=1, burst=2), clock)
    assert limiter.take("a", cost=5) == 0
    assert limiter.take("a") == 4, "and is paid for afterwards"


@given(st.lists(st.tuples(st.floats(0, 5), st.sampled_from("abc")), max_size=80))
@steady
def test_never_more_than_burst_and_rate_allow(calls: list[tuple[float, str]]) -> None:
    clock = Hand()
    limiter = RateLimiter(Rate(per_s=1.5, burst=4), clock)
    granted: dict[str, list[float]] = {}
    for wait_s, key in calls:
        clock.now_s += wait_s
        if limiter.take(key) == 0:
            granted.setdefault(key, []).append(clock.now_s)
    for times in granted.values():
        for i, start in enumerate(times):
            for n, end in enumerate(times[i:], 1):
                assert n <= 4 + 1.5 * (end - start) + 1e-6


@given(st.lists(st.floats(0, 3), max_size=40))
@steady
def test_waiting_as_long_as_told_is_enough(waits: list[float]) -> None:
    clock = Hand()
    limiter = RateLimiter(Rate(per_s=0.7, burst=2), clock)
    for wait_s in waits:
        clock.now_s += wait_s
        told = limiter.take("a")
        if told:
            clock.now_s += told + 1e-6
            assert limiter.take("a") == 0


def test_a_flood_of_callers_costs_bounded_memory() -> None:
    clock = Hand()
    limiter = RateLimiter(Rate(per_s=1, burst=2), clock, max_keys=100)
    for i in range(10_000):
        clock.now_s += 0.001
        limiter.take(str(i))
        limiter.take("steady")
        assert len(limiter) <= 101
    assert limiter.take("steady") > 0, "who asks all the time is not forgotten"


@given(st.lists(st.floats(0, 5), max_size=60))
@steady
def test_a_meter_counts_like_a_limiter(waits: list[float]) -> None:
    clock = Hand()
    limiter = RateLimiter(Rate(per_s=1.5, burst=4), clock)
    meter = Meter(Rate(per_s=1.5, burst=4), clock.now_s)
    for wait_s in waits:
        clock.now_s += wait_s
        assert meter.allows(clock.now_s) == (limiter.take("a") == 0)
