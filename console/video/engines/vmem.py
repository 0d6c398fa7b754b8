"""libVLC's memory output: it renders into a buffer of ours, which goes on into the sink.

During a stall libVLC shows its last picture again several times a second, so a call is not a sign
of life: a picture counts when its content is another or when libVLC has decoded meanwhile.
"""

from __future__ import annotations

import ctypes
import zlib
from typing import Any

import numpy as np
import vlc
from numpy.typing import NDArray

from console.video.sink import Sink

_VOID, _UINT = ctypes.c_void_p, ctypes.c_uint
_Lock = ctypes.CFUNCTYPE(_VOID, _VOID, ctypes.POINTER(_VOID))
_Display = ctypes.CFUNCTYPE(None, _VOID, _VOID)
_UINTS = ctypes.POINTER(_UINT)
_Format = ctypes.CFUNCTYPE(_UINT, ctypes.POINTER(_VOID), _VOID, _UINTS, _UINTS, _UINTS, _UINTS)
_Cleanup = ctypes.CFUNCTYPE(None, _VOID)
_ALIGN = 64
_SPARE_LINES = 32  # libVLC's scalers may write in blocks


class MemoryScreen:
    """Takes a player's pictures. Must outlive the player: libVLC calls into it."""

    def __init__(self, player: Any, media: Any, size: tuple[int, int] | None, sink: Sink) -> None:
        self._media, self._sink = media, sink
        self._source = size
        self._made: tuple[int, int] | None = None
        self._pixels: NDArray[np.uint8] = np.zeros((1, 1), np.uint8)
        self._address = 0
        self._print = -1
        self._fresh = False
        self._stats = vlc.MediaStats()
        self._decoded = 0
        self.due = 0
        self.shown = 0
        self._callbacks = (
            _Lock(self._lock),
            _Display(self._display),
            _Format(self._format),
            _Cleanup(lambda _opaque: None),
        )
        _connect(player, *self._callbacks)

    def note_decoded(self) -> None:
        """Look what libVLC has decoded so far; `due` becomes what it had to show by now."""
        if self._media.get_stats(self._stats) and self._stats.decoded_video != self._decoded:
            self._decoded = int(self._stats.decoded_video)
            self._fresh = True
            self.due = int(self._stats.displayed_pictures + self._stats.lost_pictures)

    def fits(self) -> bool:
        """Whether pictures are made in the size the tile wants."""
        if self._made is None or self._source is None:
            return True
        return self._sink.fitted(self._source) == self._made

    def _format(
        self, _opaque: Any, chroma: int, width: Any, height: Any, pitch: Any, lines: Any
    ) -> int:
        ctypes.memmove(chroma, b"RV32", 4)
        if self._source is None:
            self._source = width[0], height[0]
        self._made = self._sink.fitted(self._source)
        width[0], height[0] = self._made
        pitch[0], lines[0] = width[0] * 4, height[0]
        self._allocate(*self._made)
        return 1

    def _allocate(self, width: int, height: int) -> None:
        memory = np.zeros((height + _SPARE_LINES) * width * 4 + _ALIGN, np.uint8)
        start = -memory.ctypes.data % _ALIGN
        self._pixels = memory[start : start + height * width * 4].reshape(height, width * 4)
        self._address = memory.ctypes.data + start

    def _lock(self, _opaque: Any, planes: Any) -> None:
        planes[0] = self._address

    def _display(self, _opaque: Any, _picture: Any) -> None:
        content = zlib.adler32(self._pixels[::12].tobytes())
        if content == self._print and not self._fresh:
            return
        self._print, self._fresh = content, False
        self.shown += 1
        assert self._made is not None
        self._sink.publish(self._pixels, self._made[0], self._sink.now_ms())


def _connect(player: Any, lock: Any, display: Any, form: Any, cleanup: Any) -> None:
    """Past python-vlc's own prototypes, whose format call cannot set the chroma."""
    library = vlc.dll
    for name in ("libvlc_video_set_callbacks", "libvlc_video_set_format_callbacks"):
        getattr(library, name).argtypes = None
    library.libvlc_video_set_callbacks(player, lock, None, display, None)
    library.libvlc_video_set_format_callbacks(player, form, cleanup)
