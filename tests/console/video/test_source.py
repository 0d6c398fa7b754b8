"""What an address or an error means."""

from __future__ import annotations

import base64
import socket
import threading
from pathlib import Path

import av
import pytest

from console.clock import SystemClock
from console.intake.values import stream_url
from console.video.engines import pyav
from console.video.engines.source import SourceError, open_source, reason_of, without_password
from console.video.sink import Sink
from console.video.slots import SlotReader, create_slots, room_for
from console.video.state import Reason
from tests.helpers.practice_video import scenes_folder


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("rtsp://127.0.0.1:1/x", Reason.REFUSED),
        ("/no/such/file.mp4", Reason.NOT_FOUND),
        ("file:///no/such/file.mp4", Reason.NOT_FOUND),
        ("concat:/etc/passwd|/etc/hosts", Reason.BAD_ADDRESS),
        ("subfile,,start,0,end,9,,:/etc/passwd", Reason.NOT_FOUND),
        ("gopher://127.0.0.1/x", Reason.BAD_ADDRESS),
        ("", Reason.BAD_ADDRESS),
        ("rtsp://[::1", Reason.BAD_ADDRESS),
    ],
)
def test_what_cannot_be_opened_says_why(url: str, reason: Reason) -> None:
    with pytest.raises(SourceError) as refusal:
        open_source(url)
    assert refusal.value.reason is reason


def test_a_file_without_pictures_is_undecodable(tmp_path: Path) -> None:
    text = tmp_path / "clip.mp4"
    text.write_text("not a film")
    with pytest.raises(SourceError) as refusal:
        open_source(str(text))
    assert refusal.value.reason is Reason.UNDECODABLE


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (av.error.HTTPUnauthorizedError(1, "x"), Reason.UNAUTHORIZED),
        (av.error.HTTPNotFoundError(1, "x"), Reason.NOT_FOUND),
        (av.error.ExitError(1, "x"), Reason.TIMEOUT),
        (av.error.InvalidDataError(1, "x"), Reason.UNDECODABLE),
        (ConnectionRefusedError(), Reason.REFUSED),
        (ConnectionResetError(), Reason.ENDED),
        (OSError(5, "x"), Reason.UNREACHABLE),
    ],
)
def test_errors_have_reasons(error: BaseException, reason: Reason) -> None:
    assert reason_of(error) is reason


def test_no_password_reaches_a_log() -> None:
    assert without_password("rtsp://a:secret@cam/1?x=2") == "rtsp://cam/1?x=2"
    assert without_password("rtsp://a:sec#r/e?t@cam/1") == "rtsp://cam/1"
    assert without_password("rtsp://cam/1?x=2") == "rtsp://cam/1?x=2"


def test_b14_an_encoded_password_reaches_the_camera_as_it_was_meant() -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        challenge = b'WWW-Authenticate: Basic realm="r"'
        refusing = threading.Thread(target=_refuse, args=(server, challenge, heard), daemon=True)
        refusing.start()
        with pytest.raises(SourceError) as refusal:
            port = server.getsockname()[1]
            open_source(stream_url(f"rtsp://admin:a#b/c?d[1]%@127.0.0.1:{port}/1", "stream"))
        refusing.join(5)
    assert refusal.value.reason is Reason.UNAUTHORIZED
    assert base64.b64decode(heard[-1].split()[-1]) == b"admin:a#b/c?d[1]%"


def test_a_refused_password_is_told_from_a_missing_camera() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_refuse, args=(server,), daemon=True).start()
        with pytest.raises(SourceError) as refusal:
            open_source(f"rtsp://a:wrong@127.0.0.1:{server.getsockname()[1]}/1")
    assert refusal.value.reason is Reason.UNAUTHORIZED


def _refuse(
    server: socket.socket,
    challenge: bytes = b'WWW-Authenticate: Digest realm="r", nonce="n"',
    heard: list[bytes] | None = None,
) -> None:
    """Answer every RTSP request with 401; `heard` gets who they say they are."""
    connection, _ = server.accept()
    with connection, connection.makefile("rb") as requests:
        for line in requests:
            if heard is not None and line.lower().startswith(b"authorization"):
                heard.append(line.strip())
            if line.lower().startswith(b"cseq"):
                answer = (b"RTSP/1.0 401 Unauthorized", line.strip(), challenge, b"", b"")
                connection.sendall(b"\r\n".join(answer))


def test_a_damaged_stream_loses_pictures_not_itself(tmp_path: Path) -> None:
    clip = bytearray((scenes_folder() / "scene-1.h264").read_bytes())
    for place in range(4_000, len(clip), 1_500):
        clip[place] ^= 0xFF
    damaged = tmp_path / "damaged.h264"
    damaged.write_bytes(clip)
    reader = SlotReader(create_slots(room_for(64, 36), folder=tmp_path))
    assert pyav.play(str(damaged), Sink(reader.path, (64, 36), SystemClock())) is Reason.ENDED
    assert reader.sequence > 15
