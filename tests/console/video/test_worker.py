"""A worker carries out orders; what ended leaves nothing behind."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from console.clock import ManualClock
from console.video import worker as worker_module
from console.video.engines import choice
from console.video.state import Reason
from console.video.wire import Over, Report, Start
from console.video.worker import Worker


class FakeSink:
    """Shares nothing."""

    def __init__(self, *_args: Any) -> None:
        self.stopped = False

    def stop(self) -> None:
        """No more pictures."""
        self.stopped = True


def test_c10_a_stream_that_ended_by_itself_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "Sink", FakeSink)
    monkeypatch.setattr(choice, "play", lambda *_args: Reason.UNREACHABLE)
    said: list[Report] = []
    over = threading.Semaphore(0)

    def send(report: Report) -> None:
        said.append(report)
        over.release()

    worker = Worker(send, ManualClock(0))
    for stream in range(5):
        worker.obey(Start(stream, 1, "rtsp://x", "/nowhere", 64, 48, ""))
        assert over.acquire(timeout=5)
    assert [report for report in said if isinstance(report, Over)] == said
    assert not worker._sinks
