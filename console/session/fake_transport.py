"""A transport whose server is the test."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterable

from console.model.event import Event
from console.model.text import Text
from console.session.transport import Answered, Receiver, Trouble
from console.wire import encode_error, encode_events, encode_frame, events_frame
from console.wire.frames import DeskFrame


class FakeTransport:
    """Keeps what was asked of it; the test answers by calling the methods below the line."""

    def __init__(self) -> None:
        self.opened_after: list[int] = []
        self.posts: list[tuple[bytes, Answered]] = []
        self.posted: list[bytes] = []
        self.fetches: list[tuple[str, Answered]] = []
        self.now_s = 0.0
        self.closed = False
        self.receiver: Receiver | None = None
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()

    def open(self, after: int, receiver: Receiver) -> None:
        """Note the attempt."""
        if self.receiver is not None:
            raise AssertionError("a stream is open or opening already")
        self.opened_after.append(after)
        self.receiver = receiver

    def drop(self) -> None:
        """Lose the stream, a moment later."""
        self.later(0, lambda: self.lose("dropped"))

    def post(self, body: bytes, answered: Answered) -> None:
        """Note the submission."""
        self.posts.append((body, answered))
        self.posted.append(body)

    def fetch(self, path: str, answered: Answered) -> None:
        """Note what was asked for."""
        self.fetches.append((path, answered))

    def later(self, delay_s: float, call: Callable[[], None]) -> None:
        """Remember the call."""
        heapq.heappush(self._timers, (self.now_s + delay_s, next(self._count), call))

    def call(self, call: Callable[[], None]) -> None:
        """Make the call now: in tests there is no other thread."""
        if not self.closed:
            call()

    def close(self) -> None:
        """Forget everything."""
        self.closed = True
        self._timers.clear()

    # ---- what the server does ----

    def accept(self) -> None:
        """Open the stream that was asked for."""
        self._listening().opened()

    def deliver(self, frame: DeskFrame) -> None:
        """Send a frame."""
        self._listening().frame(encode_frame(frame))

    def deliver_events(self, events: Iterable[Event], head: int, journal: str = "one") -> None:
        """Send events."""
        self.deliver(events_frame(events, head, journal))

    def lose(self, reason: str = "lost", trouble: Trouble = "") -> None:
        """Lose the stream, or fail to open it."""
        receiver, self.receiver = self.receiver, None
        if receiver is not None:
            receiver.closed(reason, trouble)

    def answer(self, status: int, events: Iterable[Event] = (), error: str = "") -> None:
        """Answer the oldest submission: events, or the error `error`, with `events` for what
        changed; status 0 for no answer.
        """
        _, answered = self.posts.pop(0)
        if status == 0:
            answered(0, b"")
        elif error:
            answered(status, encode_error(error, Text("不", "No"), events))
        else:
            answered(status, encode_events(events))

    def bring(self, path: str, status: int, body: bytes = b"") -> None:
        """Answer the oldest call for something; it must have been for `path`."""
        asked, answered = self.fetches.pop(0)
        if asked != path:
            raise AssertionError(f"asked for {asked}")
        answered(status, body)

    def advance(self, seconds: float) -> None:
        """Let time pass, and make the calls that fall into it."""
        end = self.now_s + seconds
        while self._timers and self._timers[0][0] <= end:
            self.now_s, _, call = heapq.heappop(self._timers)
            call()
        self.now_s = end

    def _listening(self) -> Receiver:
        if self.receiver is None:
            raise AssertionError("no stream was asked for")
        return self.receiver
