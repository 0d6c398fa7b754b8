"""The state of a stream: what it may do, over any order of pictures, faults and waits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.video import state
from console.video.state import FINAL, SLOW, Action, Reason, Step, Stream, StreamState

jitters = st.floats(-1, 1)
reasons = st.sampled_from(Reason)
happenings = st.one_of(
    st.tuples(st.just("frame"), st.integers(0, 3_000)),
    st.tuples(st.just("tick"), st.integers(0, 12_000)),
    st.tuples(reasons, st.integers(0, 3_000)),
    st.tuples(st.just("close"), st.integers(0, 100)),
)


def _step(stream: Stream, what: str | Reason, now_ms: int, jitter: float) -> Step:
    if what == "frame":
        return state.frame_seen(stream, now_ms)
    if what == "tick":
        return state.tick(stream, now_ms, jitter)
    if what == "close":
        return state.close(stream, now_ms)
    return state.attempt_over(stream, now_ms, Reason(what), jitter)


def _check(before: Stream, after: Stream, action: Action) -> None:
    if before.state is StreamState.CLOSED:
        assert (after.state, after.trying, action) == (StreamState.CLOSED, False, Action.NOTHING)
    assert after.trying == (before.trying or action is Action.START) or not after.trying
    if action is Action.START:
        assert after.trying and not before.trying
    if action is Action.STOP:
        assert before.trying and not after.trying
    if after.trying:
        assert after.next_try_ms is None
    if after.state is StreamState.LIVE:
        assert after.trying and after.reason is None and after.last_frame_ms is not None
    if after.state is StreamState.FAILED:
        assert after.reason in FINAL | SLOW or after.trying
    waits = not after.trying and after.state is not StreamState.CLOSED
    assert (after.next_try_ms is not None) == (waits and after.reason not in FINAL)


@given(st.lists(happenings, max_size=60), jitters)
def test_whatever_happens_the_state_stays_whole(
    story: list[tuple[str | Reason, int]], jitter: float
) -> None:
    now_ms = 1_000
    stream, action = state.begin(now_ms)
    assert action is Action.START
    for what, wait_ms in story:
        now_ms += wait_ms
        before = stream
        stream, action = _step(stream, what, now_ms, jitter)
        _check(before, stream, action)


@given(st.lists(happenings.filter(lambda h: h[0] not in FINAL | {"close"}), max_size=40), jitters)
def test_what_is_not_closed_or_final_is_tried_again_by_itself(
    story: list[tuple[str | Reason, int]], jitter: float
) -> None:
    now_ms = 0
    stream, _ = state.begin(now_ms)
    for what, wait_ms in story:
        now_ms += wait_ms
        stream, _ = _step(stream, what, now_ms, jitter)
    if not stream.trying:
        now_ms += state.SLOW_DELAY_MS + state.SLOW_SPREAD_MS
        stream, action = state.tick(stream, now_ms, jitter)
        assert action is Action.START


def _live(now_ms: int = 0) -> Stream:
    return state.frame_seen(state.begin(now_ms)[0], now_ms)[0]


def test_a_second_without_a_picture_is_a_stall_and_two_are_the_end_of_the_attempt() -> None:
    stream = _live()
    assert state.tick(stream, 999, 0)[0].state is StreamState.LIVE
    stalled, action = state.tick(stream, 1_000, 0)
    assert (stalled.state, action) == (StreamState.STALLED, Action.NOTHING)
    over, action = state.tick(stalled, 2_000, 0)
    assert (over.state, over.reason, action) == (
        StreamState.RECONNECTING,
        Reason.TIMEOUT,
        Action.STOP,
    )
    assert over.next_try_ms == 2_250


def test_a_stalled_stream_is_live_again_with_its_next_picture() -> None:
    stalled, _ = state.tick(_live(), 1_500, 0)
    assert state.frame_seen(stalled, 1_600)[0].state is StreamState.LIVE


def test_waits_double_up_to_eight_seconds() -> None:
    waits = [state.delay_ms(attempt, Reason.REFUSED, 0) for attempt in range(1, 9)]
    assert waits == [250, 500, 1000, 2000, 4000, 8000, 8000, 8000]


@given(st.integers(1, 10_000), reasons, jitters)
def test_waits_stay_in_their_bounds(attempt: int, reason: Reason, jitter: float) -> None:
    wait_ms = state.delay_ms(attempt, reason, jitter)
    low, high = (30_000, 60_000) if reason in SLOW else (200, 9_600)
    assert low <= wait_ms <= high


def test_ten_seconds_of_pictures_forget_the_attempts() -> None:
    stream, _ = state.attempt_over(_live(), 100, Reason.ENDED, 0)
    stream, _ = state.tick(stream, 400, 0)
    for now_ms in range(500, 10_500, 500):
        stream, _ = state.frame_seen(stream, now_ms)
        assert stream.attempt == 1
    assert state.frame_seen(stream, 10_500)[0].attempt == 0


@pytest.mark.parametrize("reason", sorted(SLOW))
def test_what_a_person_must_mend_fails_and_is_asked_again_seldom(reason: Reason) -> None:
    stream, _ = state.attempt_over(state.begin(0)[0], 0, reason, 1.0)
    assert (stream.state, stream.next_try_ms) == (StreamState.FAILED, 60_000)
    again, action = state.tick(stream, 60_000, 0)
    assert (again.state, action) == (StreamState.FAILED, Action.START)


def test_an_opened_stream_without_a_picture_is_given_up() -> None:
    stream, action = state.tick(state.begin(0)[0], state.FIRST_FRAME_LIMIT_MS, 0)
    assert (stream.reason, action) == (Reason.TIMEOUT, Action.STOP)
