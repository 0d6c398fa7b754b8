"""What a live stream is doing, and when to try again: pure decisions over injected times.

All moments are milliseconds of one monotonic clock. The figures come from measurements on real
RTSP servers: a wall of cameras reads as live when "stalled" shows after one second without a new
picture, a connection that silent for two seconds never came back by itself, and doubling waits with
jitter keep hundreds of tiles from knocking at once when a server returns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

STALLED_AFTER_MS = 1_000
GIVE_UP_AFTER_MS = 2_000
FIRST_FRAME_LIMIT_MS = (
    8_000  # opening takes up to 3 s, then a camera's key frames are up to 4 s apart
)
FIRST_DELAY_MS = 250
LONGEST_DELAY_MS = 8_000
JITTER = 0.2
SETTLED_AFTER_MS = 10_000
SLOW_DELAY_MS = 45_000
SLOW_SPREAD_MS = 15_000


class StreamState(StrEnum):
    """What a stream is doing."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALLED = "stalled"
    RECONNECTING = "reconnecting"
    FAILED = "failed"
    CLOSED = "closed"


class Reason(StrEnum):
    """Why a stream is not live."""

    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    NO_LIBVLC = "no_libvlc"
    UNDECODABLE = "undecodable"
    ENDED = "ended"
    BAD_ADDRESS = "bad_address"
    WORKER_LOST = "worker_lost"
    NO_SPACE = "no_space"


FINAL = frozenset({Reason.NO_LIBVLC, Reason.BAD_ADDRESS})
"""Trying again cannot help: something must be installed or corrected first."""
SLOW = frozenset({Reason.UNAUTHORIZED, Reason.NOT_FOUND, Reason.NO_SPACE})
"""Only a person at the other end can help: ask again, but seldom (30-60 s)."""


class Action(StrEnum):
    """What the owner of a stream must do next."""

    NOTHING = "nothing"
    START = "start"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream's state. `attempt` counts tries since it was last live for ten seconds."""

    state: StreamState
    since_ms: int
    trying: bool = True
    reason: Reason | None = None
    attempt: int = 0
    next_try_ms: int | None = None
    last_frame_ms: int | None = None
    live_since_ms: int | None = None


Step = tuple[Stream, Action]


def begin(now_ms: int) -> Step:
    """A stream that was just asked for."""
    return Stream(StreamState.CONNECTING, now_ms), Action.START


def frame_seen(stream: Stream, now_ms: int) -> Step:
    """A new picture has arrived."""
    if not stream.trying:
        return stream, Action.NOTHING  # the last picture of an attempt already given up
    live_since = stream.live_since_ms if stream.state is StreamState.LIVE else None
    live_since = now_ms if live_since is None else live_since
    settled = now_ms - live_since >= SETTLED_AFTER_MS
    return replace(
        stream,
        state=StreamState.LIVE,
        reason=None,
        attempt=0 if settled else stream.attempt,
        last_frame_ms=now_ms,
        live_since_ms=live_since,
    ), Action.NOTHING


def attempt_over(stream: Stream, now_ms: int, reason: Reason, jitter: float) -> Step:
    """The attempt under way has ended for `reason`; `jitter` is in [-1, 1]."""
    if not stream.trying:
        return stream, Action.NOTHING
    attempt = stream.attempt + 1
    final, slow = reason in FINAL, reason in SLOW
    return replace(
        stream,
        state=StreamState.FAILED if final or slow else StreamState.RECONNECTING,
        since_ms=now_ms,
        trying=False,
        reason=reason,
        attempt=attempt,
        next_try_ms=None if final else now_ms + delay_ms(attempt, reason, jitter),
        live_since_ms=None,
    ), Action.NOTHING


def tick(stream: Stream, now_ms: int, jitter: float) -> Step:
    """Time has passed."""
    if stream.trying:
        return _watch(stream, now_ms, jitter)
    if stream.next_try_ms is not None and now_ms >= stream.next_try_ms:
        return replace(stream, trying=True, since_ms=now_ms, next_try_ms=None), Action.START
    return stream, Action.NOTHING


def close(stream: Stream, now_ms: int) -> Step:
    """Nobody watches any more. Closing twice changes nothing."""
    closed = replace(
        stream, state=StreamState.CLOSED, since_ms=now_ms, trying=False, next_try_ms=None
    )
    return closed, Action.STOP if stream.trying else Action.NOTHING


def delay_ms(attempt: int, reason: Reason, jitter: float) -> int:
    """How long to wait before try number `attempt` (from 1); `jitter` in [-1, 1]."""
    if reason in SLOW:
        return round(SLOW_DELAY_MS + jitter * SLOW_SPREAD_MS)
    if reason is Reason.WORKER_LOST:
        return backoff_ms(1, jitter)  # not the stream's fault; the crew has a patience of its own
    return backoff_ms(attempt, jitter)


def backoff_ms(attempt: int, jitter: float) -> int:
    """Doubling waits, from 0.25 s to 8 s, spread by up to a fifth."""
    doubled = FIRST_DELAY_MS << min(attempt - 1, 16)
    return round(min(doubled, LONGEST_DELAY_MS) * (1 + JITTER * jitter))


def _watch(stream: Stream, now_ms: int, jitter: float) -> Step:
    if stream.state in (StreamState.LIVE, StreamState.STALLED):
        return _watch_silence(stream, now_ms, jitter)
    if now_ms - stream.since_ms >= FIRST_FRAME_LIMIT_MS:
        return _give_up(stream, now_ms, jitter)
    return stream, Action.NOTHING


def _watch_silence(stream: Stream, now_ms: int, jitter: float) -> Step:
    last_ms = stream.since_ms if stream.last_frame_ms is None else stream.last_frame_ms
    silent_ms = now_ms - last_ms
    if silent_ms >= GIVE_UP_AFTER_MS:
        return _give_up(stream, now_ms, jitter)
    if silent_ms >= STALLED_AFTER_MS and stream.state is StreamState.LIVE:
        stalled = replace(stream, state=StreamState.STALLED, since_ms=now_ms, live_since_ms=None)
        return stalled, Action.NOTHING
    return stream, Action.NOTHING


def _give_up(stream: Stream, now_ms: int, jitter: float) -> Step:
    given_up, _ = attempt_over(stream, now_ms, Reason.TIMEOUT, jitter)
    return given_up, Action.STOP
