"""The practice cameras: their addresses, their server, what they cost when nobody watches."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from console.practice import rtsp, rtsp_server
from console.practice.scenes import FPS, SCENES, pictures, render_scenes
from console.video.engines.source import SourceError, open_source
from console.video.state import Reason
from tests.helpers.practice_video import CLIP_S, scenes_folder, start_practice_video, wait_until


@pytest.mark.parametrize("number", range(len(SCENES)))
def test_scenes_move_and_are_the_same_for_the_same_seed(number: int) -> None:
    first, *_, last = list(pictures(number, 5, frames=3))
    again = next(pictures(number, 5, frames=3))
    other = next(pictures(number, 6, frames=3))
    assert first.shape == (360, 640)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert (abs(first.astype(int) - last) > 40).sum() > 30  # more than the grain


def test_clips_are_what_the_server_takes_apart() -> None:
    for path in sorted(scenes_folder().glob("*.h264")):
        units = rtsp_server.access_units(path.read_bytes())
        assert len(units) == FPS * CLIP_S
        assert b"\x00\x00\x01\x67" in units[0][:64]  # a sequence parameter set: a key frame
        assert b"\x00\x00\x01\x67" in units[FPS][:64]


def test_drawn_scenes_are_not_drawn_again() -> None:
    before = {path: path.stat().st_mtime_ns for path in scenes_folder().iterdir()}
    begun = time.perf_counter()
    assert len(render_scenes(scenes_folder())) == len(SCENES)
    assert time.perf_counter() - begun < 0.5
    assert all(path.stat().st_mtime_ns == at for path, at in before.items() if path.suffix)


def test_addresses() -> None:
    with start_practice_video() as video:
        base = f"rtsp://127.0.0.1:{video.port}/scene"
        assert video.url_of("practice://scene/3", "A&B 西") == f"{base}/3?name=A%26B%20%E8%A5%BF"
        assert video.url_of("practice://scene/8", "x") == f"{base}/2?name=x"
        assert video.url_of("practice://scene/", "x") == f"{base}/1?name=x"
        assert video.url_of("rtsp://camera/1", "x") == "rtsp://camera/1"


def test_markup_in_a_name_is_burnt_in_as_it_is_written() -> None:
    with start_practice_video() as video:
        picture = _first_picture(video.url_of("practice://scene/3", "<b>A&B</b>"))
    name, clock = picture[8:36, 400:], picture[40:66, 400:]
    assert (name > 190).sum() > 100
    assert (clock > 190).sum() > 300  # markup that cannot be read would take the clock along


def _first_picture(url: str) -> np.ndarray:
    container, stream = open_source(url)
    with container:
        for frame in container.decode(stream):
            return frame.to_ndarray(format="gray")
    raise AssertionError("no picture")


def test_an_unknown_scene_is_not_found() -> None:
    with start_practice_video() as video, pytest.raises(SourceError) as refusal:
        open_source(f"rtsp://127.0.0.1:{video.port}/scene/99")
    assert refusal.value.reason is Reason.NOT_FOUND


def test_a_camera_costs_nothing_until_watched_and_little_then() -> None:
    with start_practice_video() as video:
        time.sleep(0.3)
        idle = _cores(video.pid, 0.6)
        container, stream = open_source(video.url_of("practice://scene/1", "a"))
        with container:
            packets = container.demux(stream)
            next(packets)
            begun, cpu = time.monotonic(), _cpu_s(video.pid)
            while time.monotonic() - begun < 1.2:
                next(packets)
            watched = (_cpu_s(video.pid) - cpu) / (time.monotonic() - begun)
        assert idle < 0.02
        assert watched < 0.2
        time.sleep(0.5)
        assert _cores(video.pid, 0.6) < 0.02  # and nothing again when the last one has gone


def _cores(pid: int, seconds: float) -> float:
    before = _cpu_s(pid)
    time.sleep(seconds)
    return (_cpu_s(pid) - before) / seconds


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_killed_server_comes_back_on_its_port() -> None:
    with start_practice_video() as video:
        pid, port = video.pid, video.port
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: video.pid != pid)
        wait_until(lambda: _opens(video.url_of("practice://scene/1", "a")))
        assert video.port == port


def _opens(url: str) -> bool:
    try:
        open_source(url)[0].close()
    except SourceError:
        return False
    return True


_PARENT = """
import sys, time
from pathlib import Path
from console.practice.rtsp import PracticeVideo
print(PracticeVideo.start(Path(sys.argv[1])).pid, flush=True)
time.sleep(60)
"""


def test_the_server_dies_with_its_parent() -> None:
    start_practice_video().stop()  # asks whether there can be one
    argv = [sys.executable, "-c", _PARENT, str(scenes_folder())]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        server = int(parent.stdout.readline())
        parent.kill()
    wait_until(lambda: not Path(f"/proc/{server}").exists())


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(rtsp, "_survey", lambda: ("python3", ("python3-gi", "gstreamer1.0-x")))
    with pytest.raises(rtsp.NoPracticeVideo, match=r"python3-gi gstreamer1\.0-x") as refusal:
        rtsp.PracticeVideo.start(tmp_path)
    assert refusal.value.packages == rtsp.missing_packages()


def test_the_server_needs_nothing_of_the_console() -> None:
    """It runs under the system's Python, where the console and its packages are not installed."""
    tree = ast.parse(rtsp.SCRIPT.read_text("utf-8"))
    named = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    named |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    outside = {name.partition(".")[0] for name in named} - sys.stdlib_module_names
    assert outside <= {"gi"}
