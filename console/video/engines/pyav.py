"""The FFmpeg engine: decodes in this thread, one core at most, newest picture first."""

from __future__ import annotations

from collections.abc import Iterator

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from console.clock import monotonic_s
from console.video.engines.source import (
    READ_TIMEOUT_S,
    SourceError,
    is_recorded,
    open_source,
    reason_of,
)
from console.video.lateness import LatenessMeter
from console.video.sink import Sink
from console.video.state import Reason

SKIP_PICTURE_S = 0.4  # later than this: decode, since later pictures need it, but do not scale it
SKIP_TO_KEY_S = 1.5  # later than this: throw away packets up to the next key frame
BROKEN_PACKETS = 250  # ten seconds of nothing decodable


def play(url: str, sink: Sink) -> Reason:
    """Publish the pictures of `url` until the sink is stopped or the stream ends."""
    try:
        container, stream = open_source(url)
    except SourceError as error:
        return error.reason
    try:
        return _Playback(container, stream, sink, paced=_is_finite(url, container)).run()
    finally:
        container.close()


def _is_finite(url: str, container: InputContainer) -> bool:
    """Whether it comes as fast as it is read, so that somebody must keep the time."""
    return is_recorded(url) or (url.startswith("http") and container.duration is not None)


class _Playback:
    def __init__(
        self, container: InputContainer, stream: VideoStream, sink: Sink, paced: bool
    ) -> None:
        self._container, self._stream, self._sink, self._paced = container, stream, sink, paced
        stream.thread_count = 1
        stream.thread_type = "SLICE"  # frame threads hold back a picture each: 121 instead of 42 ms
        self._reformatter = VideoReformatter()
        self._lateness = LatenessMeter()
        self._skipping = False
        self._broken = 0
        self._heard_s = monotonic_s()
        self._paced_from: float | None = None

    def run(self) -> Reason:
        try:
            return self._decode_all()
        except (av.error.FFmpegError, OSError) as error:
            # A silent server ends as InvalidDataError or ExitError, by chance: the clock knows.
            silent = monotonic_s() - self._heard_s >= READ_TIMEOUT_S * 0.9
            return Reason.TIMEOUT if silent else reason_of(error)

    def _decode_all(self) -> Reason:
        for packet in self._container.demux(self._stream):
            if self._sink.stopped:
                return Reason.ENDED
            self._heard_s = monotonic_s()
            for frame in self._frames(packet):
                self._show(frame)
            if self._broken > BROKEN_PACKETS:
                return Reason.UNDECODABLE
        return Reason.ENDED

    def _frames(self, packet: Packet[VideoStream]) -> Iterator[VideoFrame]:
        if self._skipping and not packet.is_keyframe:
            return
        self._skipping = False
        try:
            yield from self._stream.decode(packet)
            self._broken = 0
        except av.error.InvalidDataError:
            self._broken += 1  # a damaged packet costs its picture, not the stream

    def _show(self, frame: VideoFrame) -> None:
        if self._paced:
            self._pace(frame)
        elif self._is_late(frame):
            return
        width, height = self._sink.fitted(self._shape(frame))
        pixels = _bgra(self._reformatter, frame, width, height)
        self._sink.publish(pixels, width, self._sink.now_ms())

    def _shape(self, frame: VideoFrame) -> tuple[int, int]:
        """Width and height as seen: pixels need not be square."""
        aspect = self._stream.codec_context.sample_aspect_ratio
        return (round(frame.width * aspect) if aspect else frame.width), frame.height

    def _is_late(self, frame: VideoFrame) -> bool:
        if frame.pts is None:
            return False
        late_s = self._lateness.observe(frame.time, monotonic_s())
        self._skipping = late_s > SKIP_TO_KEY_S
        return late_s > SKIP_PICTURE_S

    def _pace(self, frame: VideoFrame) -> None:
        """A file is read as fast as the disk gives it: show it as fast as it was taken."""
        picture_s, now_s = frame.time or 0.0, monotonic_s()
        if self._paced_from is None:
            self._paced_from = now_s - picture_s
        self._sink.wait(max(0.0, self._paced_from + picture_s - now_s))


def _bgra(
    reformatter: VideoReformatter, frame: VideoFrame, width: int, height: int
) -> NDArray[np.uint8]:
    picture = reformatter.reformat(
        frame, width, height, "bgra", interpolation=Interpolation.FAST_BILINEAR
    )
    plane = picture.planes[0]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(height, plane.line_size)
