"""One opened stream as the desktop holds it: its state, its shared pictures, its figures."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from console.video.slots import SlotReader
from console.video.state import Reason, Stream, StreamState

FPS_OVER_MS = 2_000


@dataclass(frozen=True, slots=True)
class TileState:
    """What a tile must say. Moments are milliseconds since 1970 UTC.

    `attempt` is the number of the reconnection under way or waited for (0: none); `silent_ms` the
    age of the last picture; `engine` is "vlc", "av" or "" (not known yet) and `because` names the
    missing Debian package, or the fault, for which it is not the preferred one.
    """

    state: StreamState
    reason: Reason | None = None
    attempt: int = 0
    next_try_ms: int | None = None
    fps: float = 0.0
    last_frame_at_ms: int | None = None
    silent_ms: int | None = None
    engine: str = ""
    because: str = ""


@dataclass(slots=True)
class Tile:
    """All that is known of one stream. The supervisor's thread writes, any thread reads."""

    id: int
    url: str
    size: tuple[int, int]
    stream: Stream
    reader: SlotReader | None = None
    serial: int = 0
    sequence: int = 0
    engine: str = ""
    because: str = ""
    wanted_engine: str = "auto"
    picture_ms: int | None = None
    fps: float = 0.0
    outgrown: list[SlotReader] = field(default_factory=list)
    seen: deque[tuple[int, int]] = field(default_factory=deque)

    def path(self) -> Path:
        """The file its pictures come through; only once there is one."""
        assert self.reader is not None
        return self.reader.path

    def forget_outgrown(self) -> None:
        """Remove the files it has grown out of."""
        while self.outgrown:
            self.outgrown.pop().remove()

    def look(self, now_ms: int) -> bool:
        """Whether there is a picture that was not there at the last look."""
        sequence = self.reader.sequence if self.reader else 0
        fresh = sequence > self.sequence
        self.sequence = max(sequence, self.sequence)
        if fresh and self.reader:
            self.picture_ms = self.reader.picture_ms()
        self._count(now_ms)
        return fresh

    def _count(self, now_ms: int) -> None:
        self.seen.append((now_ms, self.sequence))
        while now_ms - self.seen[0][0] > FPS_OVER_MS:
            self.seen.popleft()
        (begun_ms, before), (until_ms, after) = self.seen[0], self.seen[-1]
        self.fps = (after - before) * 1000.0 / (until_ms - begun_ms) if until_ms > begun_ms else 0.0

    def state(self, monotonic_ms: int, now_ms: int) -> TileState:
        """What to show now, in the wall clock's time."""
        stream = self.stream
        wait, last = stream.next_try_ms, stream.last_frame_ms
        return TileState(
            stream.state,
            stream.reason,
            stream.attempt,
            None if wait is None else now_ms + wait - monotonic_ms,
            self.fps,
            self.picture_ms,
            None if last is None else monotonic_ms - last,
            self.engine,
            self.because,
        )
