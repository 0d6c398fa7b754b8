"""The bridge: FFmpeg opens a live stream and hands its packets on as MPEG-TS through a pipe."""

from __future__ import annotations

import contextlib
import os
import threading

import av
from av.packet import Packet
from av.video.stream import VideoStream

from console.clock import monotonic_s
from console.video.engines.source import READ_TIMEOUT_S, open_source, reason_of, seen_size
from console.video.state import Reason

CODECS = frozenset({"h264", "hevc", "mpeg2video", "mpeg4"})
_MUXER = {"flush_packets": "1", "mpegts_flags": "resend_headers"}
_CHUNK = 1316 * 8  # whole TS packets, as they travel in UDP


def can_remux(codec: str) -> bool:
    """Whether a transport stream carries this codec in a way libVLC knows."""
    return codec in CODECS


class Remux:
    """A live stream on its way into a pipe. Raises SourceError where it cannot be opened.

    `read_end` is for `stream:///dev/fd/N`, which opens the pipe once more: `close_read_end` ours
    when the player has it, or the writing thread would wait for ever on a pipe nobody reads.
    """

    def __init__(self, url: str) -> None:
        self._container, self._stream = open_source(url)
        self.codec = self._stream.codec_context.name
        self.size = seen_size(self._stream)
        self.pictures = 0
        self.ended: Reason | None = None
        self._closing = threading.Event()
        self._read_end: int | None
        self._read_end, self._write_end = os.pipe()
        self._thread: threading.Thread | None = None

    @property
    def read_end(self) -> int:
        """The pipe's descriptor to read from; the packets start to flow."""
        assert self._read_end is not None
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="remux", daemon=True)
            self._thread.start()
        return self._read_end

    def close_read_end(self) -> None:
        """The player has opened the pipe itself."""
        if self._read_end is not None:
            os.close(self._read_end)
            self._read_end = None

    def close(self) -> None:
        """Send no more; the thread closes what it has opened, within the read time-out."""
        self._closing.set()
        self.close_read_end()
        if self._thread is None:
            self._container.close()
            os.close(self._write_end)

    def _run(self) -> None:
        heard_s = monotonic_s()
        pipe = os.fdopen(self._write_end, "wb", buffering=0)
        try:
            with contextlib.closing(_muxer(pipe)) as output:
                copy = output.add_stream_from_template(self._stream)
                for packet in self._container.demux(self._stream):
                    heard_s = monotonic_s()
                    if self._closing.is_set():
                        break
                    if _is_timed(packet):
                        packet.stream = copy
                        output.mux_one(packet)
                        self.pictures += 1
            reason = Reason.ENDED
        except (av.error.FFmpegError, OSError) as error:
            silent = monotonic_s() - heard_s >= READ_TIMEOUT_S * 0.9
            reason = Reason.TIMEOUT if silent else reason_of(error)
        finally:
            self._container.close()
            with contextlib.suppress(OSError):
                pipe.close()
        self.ended = reason


def _muxer(pipe: object) -> av.container.OutputContainer:
    return av.open(pipe, "w", format="mpegts", options=_MUXER, buffer_size=_CHUNK)


def _is_timed(packet: Packet[VideoStream]) -> bool:
    """Whether the packet can be muxed: the demuxer's last, empty one and untimed ones cannot."""
    if packet.dts is None:
        packet.dts = packet.pts
    return packet.dts is not None and packet.size > 0
