"""A video worker: `python -m console.video.worker`, orders on stdin, reports on stdout.

One thread a stream, all decoding outside the desktop: sixteen tiles decoded in the desktop's own
process made its window up to 250 ms late, in workers at most a few.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from console.clock import Clock, SystemClock
from console.process import die_with_parent
from console.video.engines import choice
from console.video.sink import Sink
from console.video.state import Reason
from console.video.wire import Beat, Over, Playing, Report, Resize, Start, Stop, order_from, to_line

BEAT_S = 0.5
log = logging.getLogger(__name__)


class Worker:
    """Carries out orders; every attempt runs in a thread of its own and reports its end."""

    def __init__(self, send: Callable[[Report], None], clock: Clock) -> None:
        self._send = send
        self._clock = clock
        self._sinks: dict[int, Sink] = {}
        self._changing = threading.Lock()

    def obey(self, order: Start | Resize | Stop) -> None:
        """Carry out one order, without waiting for it."""
        match order:
            case Start():
                self._start(order)
            case Resize():
                self._resize(order)
            case Stop():
                self._stop(order.stream)

    def _start(self, order: Start) -> None:
        self._stop(order.stream)
        try:
            sink = Sink(Path(order.path), (order.width, order.height), self._clock)
        except FileNotFoundError:
            log.info("stream %d was closed before it began", order.stream)
            return
        except (OSError, ValueError):
            log.exception("cannot share pictures through %s", order.path)
            self._send(Over(order.stream, order.attempt, Reason.WORKER_LOST))
            return
        with self._changing:
            self._sinks[order.stream] = sink
        threading.Thread(target=self._play, args=(order, sink), daemon=True).start()

    def _play(self, order: Start, sink: Sink) -> None:
        def playing(engine: str, because: str) -> None:
            self._send(Playing(order.stream, order.attempt, engine, because))

        try:
            reason = choice.play(order.url, sink, order.engine, playing)
        except Exception:  # one broken stream must not take its neighbours along
            log.exception("stream %d fell over", order.stream)
            reason = Reason.UNDECODABLE
        sink.stop()
        with self._changing:
            if self._sinks.get(order.stream) is sink:
                del self._sinks[order.stream]
        self._send(Over(order.stream, order.attempt, reason))

    def _resize(self, order: Resize) -> None:
        sink = self._sinks.get(order.stream)
        if sink is None:
            return
        try:
            sink.resize(Path(order.path), (order.width, order.height))
        except (OSError, ValueError):
            log.exception("cannot share pictures through %s", order.path)

    def _stop(self, stream: int) -> None:
        with self._changing:
            sink = self._sinks.pop(stream, None)
        if sink is not None:
            sink.stop()


def main() -> None:
    """Work until stdin closes, which it does when the desktop is gone."""
    die_with_parent(how=signal.SIGKILL)
    logging.basicConfig(level=logging.INFO, format="video worker %(process)d: %(message)s")
    send = _sender(_own_stdout())
    worker = Worker(send, SystemClock())
    threading.Thread(target=_beat, args=(send,), daemon=True).start()
    for line in sys.stdin.buffer:
        worker.obey(order_from(line))
    os._exit(0)  # threads may sit in native reads for seconds; nothing of theirs needs saving


def _own_stdout() -> BinaryIO:
    """The report pipe, with descriptor 1 pointed at stderr: libraries may print."""
    pipe = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return pipe


def _sender(pipe: BinaryIO) -> Callable[[Report], None]:
    lock = threading.Lock()

    def send(report: Report) -> None:
        try:
            with lock:
                pipe.write(to_line(report))
        except OSError:
            os._exit(0)  # nobody listens: the desktop is gone

    return send


def _beat(send: Callable[[Report], None]) -> None:
    pause = threading.Event()
    while True:
        send(Beat())
        pause.wait(BEAT_S)


if __name__ == "__main__":
    main()
