"""Where an engine puts its pictures: fitted to the tile, into shared memory, until told to stop."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from console.clock import Clock
from console.video.frame import fitted_size
from console.video.slots import SlotWriter


class Sink:
    """One attempt's way to the screen. Safe to resize and stop from another thread."""

    def __init__(self, path: Path, size: tuple[int, int], clock: Clock) -> None:
        self._lock = threading.Lock()
        self._writer: SlotWriter | None = SlotWriter(path)
        self._path = path
        self._size = size
        self._clock = clock
        self._stopped = threading.Event()
        self.shown = 0

    @property
    def stopped(self) -> bool:
        """Whether nobody wants pictures from this attempt any more."""
        return self._stopped.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep for `seconds` or until stopped; whether it was stopped."""
        return self._stopped.wait(seconds)

    def now_ms(self) -> int:
        """The time to stamp a picture with, milliseconds since 1970 UTC."""
        return self._clock.now_ms()

    def fitted(self, source: tuple[int, int]) -> tuple[int, int]:
        """The (width, height) wanted of a source of this size."""
        return fitted_size(source, self._size)

    def publish(self, pixels: NDArray[np.uint8], width: int, picture_ms: int) -> None:
        """Show a BGRA picture: uint8 (height, at least width * 4). Ignored once stopped."""
        with self._lock:
            if self._writer is None or len(pixels) * width * 4 > self._writer.room:
                return  # stopped, or made for the size before a resize: the next one fits
            self._writer.begin(width, len(pixels))[:] = pixels[:, : width * 4]
            self._writer.commit(picture_ms)
            self.shown += 1

    def resize(self, path: Path, size: tuple[int, int]) -> None:
        """Fit further pictures into `size`, into another file where `path` is another."""
        with self._lock:
            self._size = size
            if self._writer is not None and path != self._path:
                self._writer, self._path = SlotWriter(path), path

    def stop(self) -> None:
        """Let the memory go; the engine notices and ends by itself."""
        self._stopped.set()
        with self._lock:
            self._writer = None
