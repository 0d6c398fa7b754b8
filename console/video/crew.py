"""The workers as a team: started when first needed, watched, replaced, let go when idle."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from console.process import SilenceWatch
from console.video.process import WorkerProcess
from console.video.state import backoff_ms
from console.video.wire import Order, Report, Start

SILENT_LIMIT_MS = 3_000
"""How long a worker may do nothing and say nothing; its beat comes every half second."""
START_LIMIT_MS = 15_000
"""The same while it starts."""
WORK_LIMIT_MS = 10_000
"""Processor time without a beat: its other threads may go on while the one that beats cannot."""
LONGEST_STEP_MS = 1_000
"""Of the time between two looks no more counts: the desk itself may have been stopped."""
IDLE_LIMIT_MS = 30_000
HEALTHY_AFTER_MS = 10_000
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Berth:
    """A worker's place: who stands there now, and since when."""

    process: WorkerProcess | None = None
    streams: set[int] = field(default_factory=set)
    started_ms: int = 0
    watched_ms: int = 0
    silence: SilenceWatch = field(default_factory=lambda: SilenceWatch(WORK_LIMIT_MS / 1000))
    heard_ms: int | None = None
    idle_since_ms: int | None = None
    deaths: int = 0
    not_before_ms: int = 0


class Crew:
    """Spreads streams over at most `size` workers. Used from the supervisor's thread alone."""

    def __init__(self, size: int, hear: Callable[[WorkerProcess, Report | None], None]) -> None:
        self._berths = [Berth() for _ in range(size)]
        self._hear = hear

    def assign(self, stream: int) -> None:
        """Give the stream to the worker with the fewest."""
        min(self._berths, key=lambda berth: len(berth.streams)).streams.add(stream)

    def dismiss(self, stream: int) -> None:
        """The stream is closed."""
        for berth in self._berths:
            berth.streams.discard(stream)

    def send(self, stream: int, order: Order, now_ms: int) -> bool:
        """Hand an order to the stream's worker; whether one is there. A Start starts it too."""
        berth = next(berth for berth in self._berths if stream in berth.streams)
        if berth.process is None and isinstance(order, Start) and now_ms >= berth.not_before_ms:
            self._start(berth, now_ms)
        if berth.process is None:
            return False
        berth.process.send(order)
        return True

    def heard(self, process: WorkerProcess, now_ms: int) -> None:
        """A sign of life."""
        for berth in self._of(process):
            berth.heard_ms = now_ms
            berth.silence.heard()
            if now_ms - berth.started_ms >= HEALTHY_AFTER_MS:
                berth.deaths = 0

    def lost(self, process: WorkerProcess, now_ms: int) -> set[int]:
        """A worker has ended; the streams that were with it."""
        for berth in self._of(process):
            berth.process = None
            berth.deaths += 1
            berth.not_before_ms = now_ms + backoff_ms(berth.deaths, 0.0)
            if berth.streams:
                log.warning("video worker %d died with %s", process.pid, sorted(berth.streams))
            return set(berth.streams)
        return set()

    def watch(self, now_ms: int) -> None:
        """End workers that are stuck, and those nobody needs."""
        for berth in self._berths:
            if berth.process is not None:
                self._watch_silence(berth, berth.process, now_ms)
                self._watch_idleness(berth, berth.process, now_ms)

    def pids(self) -> list[int]:
        """The running workers' process ids."""
        return [berth.process.pid for berth in self._berths if berth.process is not None]

    def end(self) -> None:
        """End all workers and wait for them."""
        running = [berth.process for berth in self._berths if berth.process is not None]
        for process in running:
            process.kill()
        for process in running:
            if not process.join(5.0):
                log.error("video worker %d does not end", process.pid)
        self._berths = [Berth() for _ in self._berths]

    def _of(self, process: WorkerProcess) -> list[Berth]:
        return [berth for berth in self._berths if berth.process is process]

    def _start(self, berth: Berth, now_ms: int) -> None:
        try:
            berth.process = WorkerProcess(self._hear)
        except OSError:
            log.exception("cannot start a video worker")
            berth.not_before_ms = now_ms + HEALTHY_AFTER_MS
            return
        berth.started_ms, berth.heard_ms, berth.idle_since_ms = now_ms, None, None
        berth.watched_ms = now_ms
        berth.silence.heard()

    def _watch_silence(self, berth: Berth, process: WorkerProcess, now_ms: int) -> None:
        passed_ms = min(now_ms - berth.watched_ms, LONGEST_STEP_MS)
        berth.watched_ms = now_ms
        still_ms = START_LIMIT_MS if berth.heard_ms is None else SILENT_LIMIT_MS
        if berth.silence.is_stuck(process.pid, passed_ms / 1000, still_ms / 1000):
            log.warning("video worker %d is stuck and is replaced", process.pid)
            berth.silence.heard()
            process.kill()

    def _watch_idleness(self, berth: Berth, process: WorkerProcess, now_ms: int) -> None:
        if berth.streams:
            berth.idle_since_ms = None
        elif berth.idle_since_ms is None:
            berth.idle_since_ms = now_ms
        elif now_ms - berth.idle_since_ms >= IDLE_LIMIT_MS:
            berth.process = None  # not lost: whoever needs one next starts afresh
            process.kill()
