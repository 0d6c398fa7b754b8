"""The desktop's door to live video."""

from __future__ import annotations

from itertools import count
from types import TracebackType
from typing import Literal, Self

from console.clock import Clock, SystemClock
from console.video import state
from console.video.frame import Frame
from console.video.slots import SlotReader
from console.video.state import StreamState
from console.video.supervisor import Supervisor, monotonic_ms
from console.video.tile import Tile, TileState

EngineName = Literal["auto", "av", "vlc"]
LARGEST = (3840, 2160)


class VideoPool:
    """Live streams decoded in worker processes. No method blocks but `shutdown`.

    Nothing runs until the first `open`: then one thread here and, as streams come, up to `workers`
    processes. A handle that was closed, or never was, has no picture and reads as closed.
    """

    def __init__(
        self, engine: EngineName = "auto", workers: int = 2, clock: Clock | None = None
    ) -> None:
        self._engine = engine
        self._clock = clock or SystemClock()
        self._supervisor = Supervisor(workers)
        self._ids = count(1)

    def open(
        self, url: str, width_px: int, height_px: int, engine: EngineName | None = None
    ) -> int:
        """Begin to show `url` in a tile of this many device pixels; its handle."""
        stream, _ = state.begin(monotonic_ms())
        size = _sane(width_px, height_px)
        tile = Tile(next(self._ids), url, size, stream, wanted_engine=engine or self._engine)
        self._supervisor.open(tile)
        return tile.id

    def resize(self, handle: int, width_px: int, height_px: int) -> None:
        """The tile has another size; pictures of the old one come until the worker has heard."""
        tile = self._supervisor.tiles.get(handle)
        if tile is not None and tile.size != _sane(width_px, height_px):
            self._supervisor.resize(tile, _sane(width_px, height_px))

    def close(self, handle: int) -> None:
        """Nobody watches any more."""
        tile = self._supervisor.tiles.get(handle)
        if tile is not None:
            self._supervisor.close(tile)

    def latest(self, handle: int, newer_than: int = 0) -> Frame | None:
        """The newest picture, if its sequence number is above `newer_than`.

        The pixels are a copy (60 µs for 640 × 360) that belongs to the caller.
        """
        reader = self._reader(handle)
        return reader.latest(newer_than) if reader else None

    def state(self, handle: int) -> TileState:
        """What the tile must say now."""
        tile = self._supervisor.tiles.get(handle)
        if tile is None:
            return TileState(StreamState.CLOSED)
        return tile.state(monotonic_ms(), self._clock.now_ms())

    def worker_pids(self) -> list[int]:
        """The running workers' process ids, for the status page."""
        return self._supervisor.pids()

    def shutdown(self) -> None:
        """Close all streams, end the workers, remove the shared memory. Waits for it."""
        self._supervisor.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown()

    def _reader(self, handle: int) -> SlotReader | None:
        tile = self._supervisor.tiles.get(handle)
        return tile.reader if tile else None


def _sane(width_px: int, height_px: int) -> tuple[int, int]:
    return min(max(width_px, 16), LARGEST[0]), min(max(height_px, 16), LARGEST[1])
