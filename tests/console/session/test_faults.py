"""Any order of faults: in the end the desk shows the server's journal, and each act once, in order.

Answers get lost after the server did the work, streams break at any frame, timers fire whenever.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from console.clock import ManualClock
from console.model.ids import new_key
from console.session import LiveSession, Outbox
from console.session.fake_transport import FakeTransport
from console.wire import decode_submission
from tests.console.session.test_live import Server, middle
from tests.helpers.prompt import Prompt
from tests.helpers.stream import NOW, report


class Faults(RuleBasedStateMachine):
    """One desk, one server, and everything between them that can go wrong."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock = ManualClock(NOW)
        self.asked: list[str] = []
        self.server = Server(FakeTransport())
        self.open_desk()

    def open_desk(self) -> None:
        self.transport = FakeTransport()
        self.server.transport = self.transport
        self.sent_to = -1
        self.session = LiveSession(
            self.transport,
            Outbox(Path(self.folder.name) / "outbox", Prompt()),
            self.clock,
            now_s=lambda: self.transport.now_s,
            make_backoff=middle,
        )
        self.session.start()

    @rule()
    def the_officer_acts(self) -> None:
        self.clock.advance(1)
        self.asked.append(self.session.submit(report(new_key(self.clock.now_ms()))))

    @rule()
    def somebody_else_acts(self) -> None:
        self.clock.advance(1)
        self.server.do(report(new_key(self.clock.now_ms())))

    @precondition(lambda self: self.transport.posts)
    @rule(lost=st.booleans())
    def a_post_arrives(self, lost: bool) -> None:
        if not lost:
            self.server.answer_first()
            return
        sent = decode_submission(self.transport.posts[0][0])
        if sent.key not in {e.key for e in self.server.events}:
            self.server.make(sent)
        self.transport.answer(0)

    @precondition(lambda self: self.transport.posts)
    @rule(status=st.sampled_from([0, 503]))
    def a_post_does_not_arrive(self, status: int) -> None:
        self.transport.answer(status, error="busy" if status else "")

    @precondition(lambda self: self.transport.receiver is not None and self.sent_to < 0)
    @rule()
    def the_stream_opens(self) -> None:
        self.transport.accept()
        self.sent_to = self.transport.opened_after[-1]
        self.page(0)

    @precondition(lambda self: self.transport.receiver is not None and self.sent_to >= 0)
    @rule(size=st.integers(1, 4))
    def a_page_comes(self, size: int) -> None:
        self.page(size)

    @precondition(lambda self: self.transport.receiver is not None)
    @rule()
    def the_stream_breaks(self) -> None:
        self.transport.lose()
        self.sent_to = -1

    @rule(seconds=st.sampled_from([0.3, 1.0, 9.0]))
    def time_passes(self, seconds: float) -> None:
        attempts = len(self.transport.opened_after)
        self.transport.advance(seconds)
        if self.transport.receiver is None or len(self.transport.opened_after) != attempts:
            self.sent_to = -1

    @rule()
    def the_desk_is_killed_and_opened_again(self) -> None:
        self.session.close()
        self.open_desk()

    def page(self, size: int) -> None:
        end = min(self.sent_to + size, len(self.server.events))
        self.transport.deliver_events(
            self.server.events[self.sent_to : end], len(self.server.events)
        )
        self.sent_to = end

    @invariant()
    def nothing_is_doubled_or_out_of_order(self) -> None:
        if not hasattr(self, "server"):
            return
        done = [e.key for e in self.server.events if e.key in set(self.asked)]
        assert done == self.asked[: len(done)]
        assert len(self.session.pending) >= len(self.asked) - len(done)
        assert self.session.picture.seq <= len(self.server.events)

    def teardown(self) -> None:
        if not hasattr(self, "server"):
            return
        self.settle()
        assert [e.key for e in self.server.events if e.key in set(self.asked)] == self.asked
        assert self.session.picture.incidents == self.server.picture.incidents
        assert self.session.link.state == "online"
        assert self.session.pending == ()
        self.session.close()
        self.folder.cleanup()

    def settle(self) -> None:
        """All faults end; the desk gets what it wants."""
        for _ in range(4 * len(self.asked) + 12):
            while self.transport.posts:
                self.server.answer_first()
            if self.transport.receiver is not None and self.sent_to < 0:
                self.the_stream_opens()
            if self.transport.receiver is not None:
                self.page(10**6)
            self.time_passes(1.0)


TestFaults = Faults.TestCase
TestFaults.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
