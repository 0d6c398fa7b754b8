"""Live video as Qt sees it: one timer that looks while anybody watches, and two signals."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from console.video import Frame, Reason, StreamState, TileState, VideoPool

LOOK_EVERY_MS = 33
SAY_EVERY_MS = 100
"""How often words with a running figure (stalled 1.4 s, again in 3 s) are said anew."""

_Told = tuple[StreamState, Reason | None, int, str, str]


@dataclass(slots=True)
class _Watched:
    url: str = ""
    holders: int = 1
    sizes: dict[int, tuple[int, int]] = field(default_factory=dict)
    frame: Frame | None = None
    image: QImage | None = None
    told: _Told | None = None

    def size(self) -> tuple[int, int]:
        """The largest that anybody watches it at."""
        widths, heights = zip(*self.sizes.values(), strict=True)
        return max(widths), max(heights)


class VideoBridge(QObject):
    """Opens streams in the pool and tells of new pictures and states, on the GUI thread.

    A stream may be watched by several widgets in several sizes; it is decoded once, in the largest,
    and plays until the last who opened it has closed it.
    """

    frame_ready = Signal(int)
    state_changed = Signal(int)

    def __init__(self, pool: VideoPool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._watched: dict[int, _Watched] = {}
        self._ticks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)

    def open(self, url: str, width_px: int, height_px: int) -> int:
        """Begin to play `url` fitted into so many device pixels; its handle, the same for all who
        have it open.
        """
        for handle, watched in self._watched.items():
            if url and watched.url == url:
                watched.holders += 1
                return handle
        handle = self._pool.open(url, width_px, height_px)
        self._watched[handle] = _Watched(url)
        return handle

    def close(self, handle: int) -> None:
        """One who opened it needs it no more."""
        watched = self._watched.get(handle)
        if watched is None:
            return
        watched.holders -= 1
        if watched.holders:
            return
        del self._watched[handle]
        self._pool.close(handle)
        self._run_or_rest()

    def watch(self, handle: int, watcher: QObject, width_px: int, height_px: int) -> None:
        """`watcher` is on the screen and shows the stream in this size. Call again on resize."""
        watched = self._watched.get(handle)
        if watched is not None:
            watched.sizes[id(watcher)] = (width_px, height_px)
            self._pool.resize(handle, *watched.size())
            self._run_or_rest()

    def unwatch(self, handle: int, watcher: QObject) -> None:
        """`watcher` is not on the screen any more; the stream plays on."""
        watched = self._watched.get(handle)
        if watched is None or watched.sizes.pop(id(watcher), None) is None:
            return
        if watched.sizes:
            self._pool.resize(handle, *watched.size())
        self._run_or_rest()

    def image(self, handle: int) -> QImage | None:
        """The last picture, kept over stalls; None before the first."""
        watched = self._watched.get(handle)
        return watched.image if watched else None

    def picture_ms(self, handle: int) -> int | None:
        """When that picture came, milliseconds since 1970 UTC."""
        watched = self._watched.get(handle)
        return watched.frame.picture_ms if watched and watched.frame else None

    def state(self, handle: int) -> TileState:
        """What a tile must say now."""
        return self._pool.state(handle)

    @property
    def is_looking(self) -> bool:
        """Whether the timer runs."""
        return self._timer.isActive()

    def _run_or_rest(self) -> None:
        wanted = any(watched.sizes for watched in self._watched.values())
        if wanted and not self._timer.isActive():
            self._timer.start()
        elif not wanted:
            self._timer.stop()

    def _look(self) -> None:
        self._ticks += 1
        say = self._ticks % (SAY_EVERY_MS // LOOK_EVERY_MS) == 0
        for handle, watched in list(self._watched.items()):
            if watched.sizes:
                self._look_at(handle, watched, say)

    def _look_at(self, handle: int, watched: _Watched, say: bool) -> None:
        frame = self._pool.latest(handle, watched.frame.sequence if watched.frame else 0)
        if frame is not None:
            watched.frame, watched.image = frame, _image_over(frame)
            self.frame_ready.emit(handle)
        state = self._pool.state(handle)
        told = (state.state, state.reason, state.attempt, state.engine, state.because)
        if told != watched.told or (say and state.state is not StreamState.LIVE):
            watched.told = told
            self.state_changed.emit(handle)


def _image_over(frame: Frame) -> QImage:
    """An image over the frame's own memory, which the caller keeps beside it."""
    return QImage(
        frame.pixels.data, frame.width, frame.height, frame.stride, QImage.Format.Format_RGB32
    )
