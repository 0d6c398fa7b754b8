"""Opening a stream with FFmpeg, and saying why it could not be."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from console.video.state import Reason

OPEN_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 2.0
SCHEMES = frozenset({"rtsp", "rtsps", "http", "https", "rtmp", "rtp", "udp", "srt", "file"})
"""What may stand in a camera catalogue; FFmpeg's other protocols read local files by odd roads."""

_REASONS: tuple[tuple[type[BaseException], Reason], ...] = (
    (av.error.HTTPUnauthorizedError, Reason.UNAUTHORIZED),
    (av.error.HTTPForbiddenError, Reason.UNAUTHORIZED),
    (av.error.HTTPNotFoundError, Reason.NOT_FOUND),
    (FileNotFoundError, Reason.NOT_FOUND),
    (ConnectionRefusedError, Reason.REFUSED),
    (TimeoutError, Reason.TIMEOUT),
    (av.error.ExitError, Reason.TIMEOUT),  # FFmpeg's name for "the interrupt said stop"
    (av.error.EOFError, Reason.ENDED),
    (BrokenPipeError, Reason.ENDED),
    (ConnectionError, Reason.ENDED),
    (av.error.InvalidDataError, Reason.UNDECODABLE),
    (av.error.DecoderNotFoundError, Reason.UNDECODABLE),
    (av.error.DemuxerNotFoundError, Reason.UNDECODABLE),
    (av.error.ProtocolNotFoundError, Reason.BAD_ADDRESS),
    (av.error.OptionNotFoundError, Reason.BAD_ADDRESS),
    (OSError, Reason.UNREACHABLE),
    (av.error.FFmpegError, Reason.UNDECODABLE),
)


class SourceError(Exception):
    """A stream that cannot be opened; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def reason_of(error: BaseException) -> Reason:
    """What an FFmpeg or system error means to the person who wants the picture."""
    return next(
        (reason for kind, reason in _REASONS if isinstance(error, kind)), Reason.UNDECODABLE
    )


def without_password(url: str) -> str:
    """The address as it may stand in a log: nothing of it before its last @, for a password may
    hold whatever ends an address elsewhere.
    """
    scheme, separator, rest = url.partition("://")
    return scheme + separator + rest.rpartition("@")[2]


def is_recorded(url: str) -> bool:
    """Whether the address names a file on this machine."""
    return urlsplit(url).scheme in ("", "file")


def path_of(url: str) -> Path:
    """The file that a recorded stream's address names."""
    return Path(unquote(urlsplit(url).path) if urlsplit(url).scheme else url)


def open_source(url: str) -> tuple[InputContainer, VideoStream]:
    """The open container and its first picture stream.

    Raises SourceError. The caller closes the container: PyAV leaks its descriptors otherwise.
    """
    try:
        container = _open(url)
    except (av.error.FFmpegError, OSError) as error:
        raise SourceError(reason_of(error)) from error
    except ValueError as error:
        raise SourceError(Reason.BAD_ADDRESS) from error
    if not container.streams.video:
        container.close()
        raise SourceError(Reason.UNDECODABLE)
    return container, container.streams.video[0]


def _open(url: str) -> InputContainer:
    scheme = urlsplit(url).scheme
    if scheme and scheme not in SCHEMES:
        raise ValueError(f"not a stream's address: {without_password(url)}")
    if not url:
        raise ValueError("no address")
    if is_recorded(url):
        return av.open(f"file:{path_of(url)}")  # the prefix keeps FFmpeg from reading more into it
    timeout = (OPEN_TIMEOUT_S, READ_TIMEOUT_S)
    return av.open(url, options=_options(scheme), timeout=timeout)


def _options(scheme: str) -> dict[str, str]:
    """First picture in 0.1-0.4 s instead of 1.2 s: RTSP's description already says what comes."""
    if scheme in ("rtsp", "rtsps"):
        return {
            "rtsp_transport": "tcp",
            "fflags": "nobuffer",
            "probesize": "32",
            "analyzeduration": "0",
        }
    # No "nobuffer" here: it throws away what was probed, and with it the first key frame.
    return {"probesize": "200000", "analyzeduration": "500000"}


def seen_size(stream: VideoStream) -> tuple[int, int] | None:
    """Width and height as seen (pixels need not be square), where it is known before decoding."""
    context = stream.codec_context
    if not context.width or not context.height:
        return None
    aspect = context.sample_aspect_ratio
    return (round(context.width * aspect) if aspect else context.width), context.height
