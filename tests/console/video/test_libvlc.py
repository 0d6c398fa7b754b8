"""When libVLC is not there, and when it cannot keep up."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.clock import SystemClock
from console.practice.rtsp import PracticeVideo
from console.video import Reason, StreamState, VideoPool
from console.video.engines import choice, libvlc, pyav
from console.video.sink import Sink
from console.video.slots import create_slots, room_for
from tests.helpers.practice_video import wait_until

_ASK = """
from console.video.engines import libvlc
try: libvlc.instance()
except libvlc.NoLibVlc as error: print(error.package)
"""


@pytest.mark.parametrize("library", ["/no/such/libvlc.so", "/etc/hostname"])
def test_a_missing_library_is_a_state_not_a_crash(library: str) -> None:
    env = {**os.environ, "PYTHON_VLC_LIB_PATH": library}
    said = subprocess.run([sys.executable, "-c", _ASK], env=env, capture_output=True, check=True)
    assert said.stdout.split() == [b"libvlc5"]


@pytest.fixture
def without_libvlc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_VLC_LIB_PATH", "/no/such/libvlc.so")


@pytest.mark.usefixtures("without_libvlc")
def test_libvlc_alone_says_which_package_lacks(cameras: PracticeVideo) -> None:
    with VideoPool("vlc") as pool:
        handle = pool.open(cameras.url_of("practice://scene/1", "a"), 320, 180)
        wait_until(lambda: pool.state(handle).reason is not None)
        state = pool.state(handle)
        assert (state.state, state.reason) == (StreamState.FAILED, Reason.NO_LIBVLC)
        assert (state.because, state.next_try_ms) == ("libvlc5", None)


@pytest.mark.usefixtures("without_libvlc")
def test_otherwise_the_other_engine_plays_and_says_why(cameras: PracticeVideo) -> None:
    with VideoPool("auto") as pool:
        handle = pool.open(cameras.url_of("practice://scene/1", "a"), 320, 180)
        wait_until(lambda: pool.state(handle).state is StreamState.LIVE)
        state = pool.state(handle)
        assert (state.engine, state.because) == ("av", "libvlc5")


def test_a_stream_libvlc_cannot_follow_goes_to_the_other_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def behind(*_: object) -> Reason:
        raise libvlc.FallingBehind("20 of 75 pictures in 5 s")

    monkeypatch.setattr(libvlc, "instance", object)
    monkeypatch.setattr(libvlc, "play", behind)
    monkeypatch.setattr(pyav, "play", lambda _url, _sink: Reason.ENDED)
    sink = Sink(create_slots(room_for(32, 18), folder=tmp_path), (32, 18), SystemClock())
    told: list[tuple[str, str]] = []
    announce = lambda engine, because: told.append((engine, because))  # noqa: E731
    assert choice.play("rtsp://x/1", sink, "auto", announce) is Reason.ENDED
    assert told == [("vlc", ""), ("av", "20 of 75 pictures in 5 s")]
    assert choice.play("rtsp://x/1", sink, "vlc", announce) is Reason.UNDECODABLE


def test_the_balance_of_pictures() -> None:
    balance = libvlc._Balance()
    for tick in range(200):
        balance.check(tick * 0.05, due=tick, shown=round(tick * 0.7))
    with pytest.raises(libvlc.FallingBehind):
        for tick in range(200, 400):
            balance.check(tick * 0.05, due=tick, shown=140 + round((tick - 200) * 0.3))
