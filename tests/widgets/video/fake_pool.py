"""A pool without streams: tests say what state and picture each handle has."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np

from console.clock import Clock
from console.video import EngineName, Frame, StreamState, TileState, VideoPool


class FakePool(VideoPool):
    """Starts nothing; keeps what it was asked."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._clock = clock
        self._numbers = count(1)
        self.urls: dict[int, str] = {}
        self.sizes: dict[int, tuple[int, int]] = {}
        self.states: dict[int, TileState] = {}
        self.frames: dict[int, Frame] = {}

    def open(
        self, url: str, width_px: int, height_px: int, engine: EngineName | None = None
    ) -> int:
        handle = next(self._numbers)
        self.urls[handle], self.sizes[handle] = url, (width_px, height_px)
        self.states[handle] = TileState(StreamState.CONNECTING)
        return handle

    def resize(self, handle: int, width_px: int, height_px: int) -> None:
        self.sizes[handle] = (width_px, height_px)

    def close(self, handle: int) -> None:
        for kept in (self.urls, self.sizes, self.states, self.frames):
            kept.pop(handle, None)

    def latest(self, handle: int, newer_than: int = 0) -> Frame | None:
        frame = self.frames.get(handle)
        return frame if frame is not None and frame.sequence > newer_than else None

    def state(self, handle: int) -> TileState:
        return self.states.get(handle, TileState(StreamState.CLOSED))

    def show(self, handle: int, tone: int = 120) -> None:
        """A new picture of one grey, and the stream live."""
        width, height = self.sizes[handle]
        old = self.frames.get(handle)
        pixels = np.full((height, width * 4), tone, np.uint8)
        now_ms = self._clock.now_ms()
        sequence = old.sequence + 1 if old else 1
        self.frames[handle] = Frame(pixels, width, height, width * 4, sequence, now_ms)
        self.become(handle, StreamState.LIVE, last_frame_at_ms=now_ms, silent_ms=0)

    def become(self, handle: int, state: StreamState, **more: object) -> None:
        """Another state."""
        changed = {"reason": None, **more}
        self.states[handle] = replace(self.states[handle], state=state, **changed)  # type: ignore[arg-type]
