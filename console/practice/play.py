"""Gives the practice city's cameras their live pictures: addresses at once, a server soon."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import overload

from console.city import Cameras
from console.model.text import Text
from console.practice.rtsp import NoPracticeVideo, PracticeVideo, practice_url
from console.process import open_ports

log = logging.getLogger(__name__)

SCHEME = "practice://"


class PracticeCameras:
    """The server of a city's practice cameras, started on a thread because it may draw first.

    Until it listens, tiles say that nobody answers and try again, as with any camera.
    """

    def __init__(self, cache: Path, port: int) -> None:
        self._cache = cache
        self._port = port
        self._video: PracticeVideo | None = None
        self._thread = threading.Thread(target=self._start, name="practice cameras", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the server."""
        self._thread.join()
        if self._video is not None:
            self._video.stop()

    def _start(self) -> None:
        try:
            self._video = PracticeVideo.start(self._cache, self._port)
        except (NoPracticeVideo, OSError):
            log.exception("the practice cameras cannot be served")


class _Addresses(Sequence[str]):
    """The streams of a catalogue, with those of practice cameras where they play now."""

    def __init__(self, streams: Sequence[str], names: Sequence[Text], port: int) -> None:
        self._streams, self._names, self._port = streams, names, port

    def __len__(self) -> int:
        return len(self._streams)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[str]: ...
    def __getitem__(self, row: int | slice) -> str | Sequence[str]:
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        stream = self._streams[row]
        if not stream.startswith(SCHEME):
            return stream
        return practice_url(stream, self._names[row].in_language("zh"), self._port)


def play_practice(cameras: Cameras, cache: Path) -> PracticeCameras | None:
    """Serve the practice cameras among `cameras` and set their addresses; None without any.

    The scenes are drawn into `cache` the first time. Where the machine cannot serve them, the log
    says which packages it lacks.
    """
    if not any(stream.startswith(SCHEME) for stream in cameras.stream[:50]):
        return None
    port = free_port()
    cameras.stream = _Addresses(cameras.stream, cameras.name, port)
    return PracticeCameras(cache, port)


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now."""
    (port,) = open_ports("127.0.0.1", 0)
    with port:
        return int(port.getsockname()[1])
