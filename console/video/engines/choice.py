"""Which engine plays a stream: libVLC where it can, FFmpeg where it is missing or falls behind."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Literal

from console.video.engines import libvlc, pyav
from console.video.sink import Sink
from console.video.state import Reason

EngineName = Literal["auto", "av", "vlc"]
log = logging.getLogger(__name__)
Announce = Callable[[str, str], None]
"""Called with the engine that plays and why it is not the preferred one ("" when it is)."""


def play(url: str, sink: Sink, engine: str, playing: Announce) -> Reason:
    """Publish the pictures of `url` until stopped or ended.

    `engine` is "av", "vlc" (nothing else will do) or "auto" (libVLC first).
    """
    if engine == "av":
        return _by_ffmpeg(url, sink, playing, "")
    try:
        instance = libvlc.instance()
    except libvlc.NoLibVlc as error:
        if engine == "auto":
            return _by_ffmpeg(url, sink, playing, error.package)
        playing("", error.package)
        return Reason.NO_LIBVLC
    return _by_libvlc(instance, url, sink, engine, playing)


def _by_libvlc(instance: Any, url: str, sink: Sink, engine: str, playing: Announce) -> Reason:
    playing("vlc", "")
    try:
        return libvlc.play(instance, url, sink)
    except libvlc.FallingBehind as error:
        because = str(error)
    except Exception:
        log.exception("libVLC's engine fell over")
        because = "libVLC"
    if engine == "vlc" or sink.stopped:
        return Reason.UNDECODABLE
    return _by_ffmpeg(url, sink, playing, because)


def _by_ffmpeg(url: str, sink: Sink, playing: Announce, because: str) -> Reason:
    playing("av", because)
    return pyav.play(url, sink)
