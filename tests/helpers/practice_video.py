"""Real RTSP for tests: the practice cameras, or the reason why there are none here."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from console.practice.rtsp import PracticeVideo, missing_packages
from console.practice.scenes import render_scenes


def require_practice_video() -> None:
    """Skip the test where GStreamer is incomplete, saying what lacks; fail it under CI=true."""
    missing = missing_packages()
    if missing:
        reason = f"no practice cameras here: {' '.join(missing)} missing"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)


def require_libvlc() -> None:
    """Skip the test where libVLC is missing; fail it under CI=true."""
    from console.video.engines import libvlc

    try:
        libvlc.instance()
    except libvlc.NoLibVlc as error:
        reason = f"no libVLC here: {error.package} missing"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)


CLIP_S = 2
"""Shorter loops than people see: drawing them takes a quarter of the time."""


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory(prefix="trellis-scenes-")
    render_scenes(Path(folder.name), seconds=CLIP_S)
    return folder


def scenes_folder() -> Path:
    """The practice scenes, drawn once a test run and gone with it."""
    return Path(_folder().name)


def start_practice_video() -> PracticeVideo:
    """A server of the test's own; the test stops it."""
    require_practice_video()
    return PracticeVideo.start(scenes_folder())


def wait_until(happened: Callable[[], object], within_s: float = 8.0) -> float:
    """Seconds until `happened` was true; fails after `within_s`."""
    begun = time.monotonic()
    while not happened():
        assert time.monotonic() - begun < within_s, f"not within {within_s} s"
        time.sleep(0.01)
    return time.monotonic() - begun
