"""The thread that keeps streams going: hears the workers, steps the states, gives the orders."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from console.clock import monotonic_s
from console.video import state
from console.video.crew import Crew
from console.video.process import WorkerProcess
from console.video.slots import SlotReader, create_slots, room_for, sweep
from console.video.state import Action, Reason, Step, StreamState
from console.video.tile import Tile
from console.video.wire import Order, Over, Playing, Report, Resize, Start, Stop

LOOK_EVERY_S = 0.05
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Heard:
    process: WorkerProcess
    report: Report | None


Task = Callable[[int], None]


class Supervisor:
    """Owns the tiles' lives. Everything but `tiles` look-ups happens on its own thread."""

    def __init__(self, workers: int) -> None:
        self.tiles: dict[int, Tile] = {}
        self._inbox: SimpleQueue[Task | _Heard | None] = SimpleQueue()
        self._crew = Crew(workers, lambda process, report: self._inbox.put(_Heard(process, report)))
        self._thread: threading.Thread | None = None
        self._random = random.Random()
        self._looked_s = 0.0

    # -- asked from any thread ------------------------------------------------------------------

    def open(self, tile: Tile) -> None:
        """Start showing `tile`."""
        self.tiles[tile.id] = tile
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="video supervisor", daemon=True)
            self._thread.start()
        self._inbox.put(lambda now_ms: self._open(tile, now_ms))

    def resize(self, tile: Tile, size: tuple[int, int]) -> None:
        """Fit its pictures into another size from the next one on."""
        self._inbox.put(lambda now_ms: self._resize(tile, size, now_ms))

    def close(self, tile: Tile) -> None:
        """Stop showing it."""
        self.tiles.pop(tile.id, None)
        self._inbox.put(lambda now_ms: self._close(tile, now_ms))

    def pids(self) -> list[int]:
        """The running workers' process ids."""
        return self._crew.pids()

    def end(self) -> None:
        """Close everything, end the workers, wait for both."""
        for tile in list(self.tiles.values()):
            self.close(tile)
        if self._thread is not None:
            self._inbox.put(None)
            self._thread.join()
            self._thread = None

    # -- on the supervisor's thread -------------------------------------------------------------

    def _run(self) -> None:
        sweep()
        while (message := self._next()) is not None:
            self._handle(message)
        self._crew.end()

    def _next(self) -> Task | _Heard | None:
        """The next message, or a look round when none comes for a while."""
        try:
            return self._inbox.get(timeout=self._patience_s())
        except Empty:
            self._looked_s = monotonic_s()
            return self._look_round

    def _patience_s(self) -> float | None:
        if not self.tiles and not self._crew.pids():
            return None
        return max(0.0, self._looked_s + LOOK_EVERY_S - monotonic_s())

    def _handle(self, message: Task | _Heard) -> None:
        now_ms = monotonic_ms()
        try:
            if isinstance(message, _Heard):
                self._listen(message, now_ms)
            else:
                message(now_ms)
        except Exception:  # one tile's fault must not end the care for the others
            log.exception("video supervisor")

    def _open(self, tile: Tile, now_ms: int) -> None:
        self._crew.assign(tile.id)
        self._step(tile, state.begin(now_ms), now_ms)

    def _resize(self, tile: Tile, size: tuple[int, int], now_ms: int) -> None:
        if tile.reader is None or tile.stream.state is StreamState.CLOSED:
            return
        if room_for(*size) > tile.reader.room and not self._move(tile, tile.reader, size):
            return
        tile.size = size
        self._send(tile, Resize(tile.id, str(tile.path()), *size), now_ms)

    def _move(self, tile: Tile, old: SlotReader, size: tuple[int, int]) -> bool:
        """Into a larger file, numbered well past what the worker may still put into the old one.

        The old file goes when the first picture is in the new one: an order to open it may still
        be on its way.
        """
        start = old.sequence + 100
        try:
            tile.reader = SlotReader(create_slots(room_for(*size), start))
        except OSError:
            log.exception("stream %d stays small", tile.id)
            return False
        tile.sequence = start
        tile.seen.clear()
        tile.outgrown.append(old)
        return True

    def _close(self, tile: Tile, now_ms: int) -> None:
        if tile.stream.state is StreamState.CLOSED:
            return
        self._step(tile, state.close(tile.stream, now_ms), now_ms)
        self._crew.dismiss(tile.id)
        tile.forget_outgrown()
        if tile.reader is not None:
            tile.reader.remove()
            tile.reader = None

    def _listen(self, heard: _Heard, now_ms: int) -> None:
        if heard.report is None:
            for stream in self._crew.lost(heard.process, now_ms):
                self._over(stream, None, Reason.WORKER_LOST, now_ms)
            return
        self._crew.heard(heard.process, now_ms)
        match heard.report:
            case Over(stream=stream, attempt=attempt, reason=reason):
                self._over(stream, attempt, reason, now_ms)
            case Playing():
                self._playing(heard.report)

    def _over(self, stream: int, attempt: int | None, reason: Reason, now_ms: int) -> None:
        tile = self.tiles.get(stream)
        if tile is None or attempt not in (None, tile.serial):
            return
        jitter = self._random.uniform(-1.0, 1.0)
        self._step(tile, state.attempt_over(tile.stream, now_ms, reason, jitter), now_ms)

    def _playing(self, playing: Playing) -> None:
        tile = self.tiles.get(playing.stream)
        if tile is None or playing.attempt != tile.serial:
            return
        tile.engine, tile.because = playing.engine, playing.because
        if playing.engine == "av":
            tile.wanted_engine = "av"  # what libVLC could not show, it will not show next time

    def _look_round(self, now_ms: int) -> None:
        self._crew.watch(now_ms)
        for tile in list(self.tiles.values()):
            if tile.look(now_ms):
                tile.forget_outgrown()
                self._step(tile, state.frame_seen(tile.stream, now_ms), now_ms)
            jitter = self._random.uniform(-1.0, 1.0)
            self._step(tile, state.tick(tile.stream, now_ms, jitter), now_ms)

    def _step(self, tile: Tile, step: Step, now_ms: int) -> None:
        before, (tile.stream, action) = tile.stream, step
        if before.state is not tile.stream.state:
            log.info("stream %d: %s %s", tile.id, tile.stream.state, tile.stream.reason or "")
        if action is Action.START:
            self._start(tile, now_ms)
        elif action is Action.STOP:
            self._send(tile, Stop(tile.id), now_ms)

    def _start(self, tile: Tile, now_ms: int) -> None:
        tile.serial += 1
        if not self._has_room(tile):
            self._over(tile.id, None, Reason.NO_SPACE, now_ms)
            return
        order = Start(
            tile.id, tile.serial, tile.url, str(tile.path()), *tile.size, tile.wanted_engine
        )
        if not self._send(tile, order, now_ms):
            self._over(tile.id, None, Reason.WORKER_LOST, now_ms)

    def _has_room(self, tile: Tile) -> bool:
        """Whether there is a file for its pictures: made on the first try, or if one has gone."""
        if tile.reader is not None and tile.path().exists():
            return True
        try:
            tile.reader = SlotReader(create_slots(room_for(*tile.size), tile.sequence))
        except OSError:
            log.exception("no room for the pictures of stream %d", tile.id)
            return False
        return True

    def _send(self, tile: Tile, order: Order, now_ms: int) -> bool:
        return self._crew.send(tile.id, order, now_ms)


def monotonic_ms() -> int:
    """Milliseconds of a clock that only runs forward."""
    return int(monotonic_s() * 1000)
