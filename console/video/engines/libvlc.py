"""The libVLC engine: pictures decoded and scaled by libVLC into memory of ours.

Debian's libVLC is built without live555 and cannot open `rtsp://`. What it plays very well is an
MPEG transport stream from a pipe, so what comes over the network goes through `remux`: FFmpeg
speaks RTSP or HTTP (and knows a wrong password from a missing camera), libVLC does the rest. Files
it opens by itself.

With the options below its latency stays where it is: without `--clock-jitter=0` and
`:clock-synchro=1` a camera whose clock is 0.2 % off adds a second every eight minutes, and a stall
of five seconds leaves the picture five seconds late for good.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from console.clock import monotonic_s
from console.video.engines.remux import Remux, can_remux
from console.video.engines.source import (
    SourceError,
    is_recorded,
    open_source,
    path_of,
    seen_size,
)
from console.video.sink import Sink
from console.video.state import Reason

INSTANCE_OPTIONS = [
    "--quiet",
    "--no-audio",
    "--no-osd",
    "--no-spu",
    "--no-video-title-show",
    "--no-snapshot-preview",
    "--no-lua",
    "--no-interact",
    "--avcodec-threads=1",
    "--avcodec-hw=none",
    "--swscale-mode=0",
    "--clock-jitter=0",
]
LIVE_CACHING_MS = 200
"""A transport stream gives a picture away when the next one begins: 100 ms, enough at 25 pictures
a second, lost two of three at 15."""
LIVE_OPTIONS = [
    ":clock-synchro=1",
    *(f":{kind}-caching={LIVE_CACHING_MS}" for kind in ("network", "live", "file")),
]
FILE_OPTIONS = [":file-caching=300", ":network-caching=300"]
LOOK_EVERY_S = 0.05
SETTLED_S = 0.5
WINDOW_S = 5.0
ENOUGH = 0.6
_STOPPED, _ENDED, _ERROR = 5, 6, 7  # libvlc_state_t


class NoLibVlc(Exception):  # noqa: N818 - a state of the machine, not a mistake
    """libVLC cannot be used here; `package` is the Debian package that lacks."""

    def __init__(self, package: str) -> None:
        super().__init__(package)
        self.package = package


class FallingBehind(Exception):  # noqa: N818 - a state of the machine, not a mistake
    """libVLC shows too few of the stream's pictures; the text says what was seen."""


_loading = threading.Lock()


def instance() -> Any:
    """The process's libVLC, made on the first call. Raises NoLibVlc."""
    with _loading:
        made, lacking = _load()
    if made is None:
        raise NoLibVlc(lacking)
    return made


@cache
def _load() -> tuple[Any, str]:
    """The instance and "", or None and the missing package. python-vlc fails in odd ways."""
    try:
        import vlc  # noqa: PLC0415 - raises where libVLC is not installed
    except (ImportError, NotImplementedError, OSError, AttributeError, SystemExit):
        return None, "libvlc5"
    made = vlc.Instance(INSTANCE_OPTIONS)
    return made, "" if made is not None else "vlc-plugin-base"


def play(vlc_instance: Any, url: str, sink: Sink) -> Reason:
    """Publish the pictures of `url` until the sink is stopped or the stream ends.

    Raises FallingBehind where libVLC shows under 60 % of the pictures for five seconds.
    """
    while True:
        try:
            source = _open(url)
        except SourceError as error:
            return error.reason
        outcome = _Playback(vlc_instance, source, sink).run()
        if outcome is not None:
            return outcome


@dataclass(slots=True)
class _Source:
    """Where libVLC reads, and what it reads ahead of time of the picture's size."""

    mrl: str
    options: list[str]
    remux: Remux | None = None
    size: tuple[int, int] | None = None


def _open(url: str) -> _Source:
    """Raises SourceError, and FallingBehind where only FFmpeg can play it."""
    if is_recorded(url):
        return _Source(path_of(url).absolute().as_uri(), FILE_OPTIONS, size=_size_of_file(url))
    if not Path("/dev/fd").exists():  # Windows: its official libVLC speaks RTSP by itself
        return _Source(url, [*LIVE_OPTIONS, ":rtsp-tcp"])
    remux = Remux(url)
    if not can_remux(remux.codec):
        remux.close()
        raise FallingBehind(f"codec {remux.codec}")
    mrl = f"stream:///dev/fd/{remux.read_end}"
    return _Source(mrl, [*LIVE_OPTIONS, ":demux=ts"], remux, remux.size)


def _size_of_file(url: str) -> tuple[int, int] | None:
    """Asked of FFmpeg: libVLC only tells the decoder's padded size when it must know."""
    container, stream = open_source(url)
    with container:
        return seen_size(stream)


@dataclass(slots=True)
class _Balance:
    """Pictures due against pictures shown, over the last few seconds."""

    samples: list[tuple[float, int, int]] = field(default_factory=list)

    def check(self, now_s: float, due: int, shown: int) -> None:
        """Raises FallingBehind."""
        self.samples.append((now_s, due, shown))
        if now_s - self.samples[0][0] < WINDOW_S:
            return
        _, due_before, shown_before = self.samples.pop(0)
        came, seen = due - due_before, shown - shown_before
        if came >= WINDOW_S and seen < ENOUGH * came:
            raise FallingBehind(f"{seen} of {came} pictures in {WINDOW_S:.0f} s")


class _Playback:
    def __init__(self, vlc_instance: Any, source: _Source, sink: Sink) -> None:
        self._source, self._sink = source, sink
        self._player = vlc_instance.media_player_new()
        self._media = vlc_instance.media_new(source.mrl)
        for option in source.options:
            self._media.add_option(option)
        self._player.set_media(self._media)
        from console.video.engines.vmem import (  # noqa: PLC0415 - needs libVLC to be there
            MemoryScreen,
        )

        self._screen = MemoryScreen(self._player, self._media, source.size, sink)
        self._balance = _Balance()
        self._unfit_since_s: float | None = None

    def run(self) -> Reason | None:
        """Why it ended; None when it must begin again to fit the tile's new size."""
        try:
            self._player.play()
            while not self._sink.wait(LOOK_EVERY_S):
                if (reason := self._look()) is not None:
                    return reason
                if self._must_refit(monotonic_s()):
                    return None
            return Reason.ENDED
        finally:
            self._end()

    def _look(self) -> Reason | None:
        self._screen.note_decoded()
        remux = self._source.remux
        if remux is None:
            self._balance.check(monotonic_s(), self._screen.due, self._screen.shown)
            return self._state()
        if self._screen.shown:
            remux.close_read_end()
        self._balance.check(monotonic_s(), remux.pictures, self._screen.shown)
        broken = remux.ended not in (None, Reason.ENDED)
        return remux.ended if broken else self._state()  # what was read before the end is shown

    def _state(self) -> Reason | None:
        state = self._player.get_state().value
        if state == _ERROR:
            return Reason.UNREACHABLE if "://" in self._source.mrl else Reason.UNDECODABLE
        return Reason.ENDED if state in (_STOPPED, _ENDED) else None

    def _must_refit(self, now_s: float) -> bool:
        """Whether the tile has had another size for a while: libVLC cannot change it in flight."""
        if self._screen.fits():
            self._unfit_since_s = None
            return False
        if self._unfit_since_s is None:
            self._unfit_since_s = now_s
        return now_s - self._unfit_since_s >= SETTLED_S

    def _end(self) -> None:
        if self._source.remux is not None:
            self._source.remux.close()  # first: a reader that waits for data holds up stop()
        self._player.stop()
        self._player.release()
        self._media.release()
