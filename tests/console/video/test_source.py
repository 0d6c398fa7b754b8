"""What an address or an error means."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from console.video.engines.source import SourceError, open_source, reason_of, without_password
from console.video.state import Reason


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
