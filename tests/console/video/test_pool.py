"""Streams end to end: a real RTSP server, real workers, pictures in this process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest

from console.practice.rtsp import PracticeVideo
from console.video import EngineName, Frame, Reason, StreamState, VideoPool, supervisor
from console.video.slots import PREFIX, shared_folders
from tests.helpers.practice_video import (
    require_libvlc,
    scenes_folder,
    start_practice_video,
    wait_until,
)

SIZE, LARGE = (320, 180), (640, 360)
ENGINES: tuple[EngineName, ...] = ("av", "vlc")


def _require(engine: EngineName) -> None:
    if engine == "vlc":
        require_libvlc()


def _files() -> list[Path]:
    return [path for at in shared_folders() for path in at.glob(f"{PREFIX}{os.getpid()}-*")]


def _frame(pool: VideoPool, handle: int, newer_than: int = 0) -> Frame:
    frames: list[Frame] = []

    def came() -> bool:
        frame = pool.latest(handle, newer_than)
        frames.extend([frame] if frame else [])
        return bool(frames)

    wait_until(came)
    return frames[-1]


def _clock(frame: Frame) -> np.ndarray:
    """The corner with the burnt-in clock, white figures only."""
    return frame.pixels.reshape(frame.height, frame.width, 4)[40:68, 400:, 1] > 150


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("engine", ENGINES)
def test_pictures_come_and_the_burnt_in_clock_advances(
    cameras: PracticeVideo, engine: EngineName
) -> None:
    _require(engine)
    with VideoPool(engine) as pool:
        handle = pool.open(cameras.url_of("practice://scene/3", "长虹桥 下游"), *LARGE)
        first = _frame(pool, handle)
        assert (first.width, first.height, first.stride) == (*LARGE, LARGE[0] * 4)
        assert _clock(first).sum() > 300
        wait_until(lambda: pool.state(handle).state is StreamState.LIVE)
        time.sleep(1.3)
        later = _frame(pool, handle, first.sequence)
        assert (_clock(first) ^ _clock(later)).sum() > 25
        assert 1_000 < later.picture_ms - first.picture_ms < 4_000
        state = pool.state(handle)
        assert state.engine == engine
        assert state.fps > 5


@pytest.mark.parametrize("engine", ENGINES)
def test_a_silent_and_a_killed_server_show_and_are_reconnected_to(engine: EngineName) -> None:
    _require(engine)
    with start_practice_video() as video, VideoPool(engine) as pool:
        handle = pool.open(video.url_of("practice://scene/1", "a"), *SIZE)

        def comes(state: StreamState, within_s: float = 8) -> float:
            return wait_until(lambda: pool.state(handle).state is state, within_s)

        comes(StreamState.LIVE)
        time.sleep(0.3)
        os.kill(video.pid, signal.SIGSTOP)
        try:
            assert comes(StreamState.STALLED) < 1.8
            comes(StreamState.RECONNECTING)
            assert pool.state(handle).reason is Reason.TIMEOUT
            assert pool.latest(handle) is not None  # the last picture stays
        finally:
            os.kill(video.pid, signal.SIGCONT)
        comes(StreamState.LIVE)
        os.kill(video.pid, signal.SIGKILL)
        assert wait_until(lambda: pool.state(handle).state is not StreamState.LIVE) < 1.5
        comes(StreamState.LIVE, 15)
        assert pool.state(handle).attempt >= 1


def test_each_fault_says_its_reason(cameras: PracticeVideo) -> None:
    with VideoPool("av") as pool:
        base = f"rtsp://127.0.0.1:{cameras.port}"
        faults = {
            pool.open(f"{base}/scene/77", *SIZE): (Reason.NOT_FOUND, StreamState.FAILED),
            pool.open("rtsp://127.0.0.1:1/x", *SIZE): (Reason.REFUSED, StreamState.RECONNECTING),
            pool.open("rtsp://no-such-host.invalid/x", *SIZE): (
                Reason.UNREACHABLE,
                StreamState.RECONNECTING,
            ),
            pool.open("concat:/etc/passwd", *SIZE): (Reason.BAD_ADDRESS, StreamState.FAILED),
        }

        def is_told(handle: int) -> bool:
            return pool.state(handle).reason is not None

        for handle, (reason, state) in faults.items():
            wait_until(partial(is_told, handle))
            found = pool.state(handle)
            assert (found.reason, found.state) == (reason, state)
            final = reason is Reason.BAD_ADDRESS
            assert (found.next_try_ms is None) == final or found.attempt > 1


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_lost_worker_is_replaced_and_the_picture_comes_back(
    cameras: PracticeVideo, how: signal.Signals
) -> None:
    with VideoPool("av", workers=1) as pool:
        handle = pool.open(cameras.url_of("practice://scene/1", "a"), *SIZE)
        frame = _frame(pool, handle)
        wait_until(lambda: pool.state(handle).state is StreamState.LIVE)
        [worker] = pool.worker_pids()
        os.kill(worker, how)
        wait_until(lambda: not _alive(worker), 10)
        after = pool.latest(handle)
        assert after is not None
        _frame(pool, handle, max(after.sequence, frame.sequence))
        assert pool.worker_pids() != [worker]


def test_another_size_is_honoured(cameras: PracticeVideo) -> None:
    with VideoPool("av") as pool:
        handle = pool.open(cameras.url_of("practice://scene/1", "a"), 160, 90)
        assert _frame(pool, handle).width == 160
        pool.resize(handle, 640, 360)
        wait_until(lambda: (frame := pool.latest(handle)) is not None and frame.width == 640)
        pool.resize(handle, 5_000, 5_000)
        pool.resize(handle, 100, 90)
        wait_until(lambda: (frame := pool.latest(handle)) is not None and frame.width == 100)


def test_nothing_runs_before_the_first_stream_and_nothing_is_left(cameras: PracticeVideo) -> None:
    descriptors = Path("/proc/self/fd")
    before = len(list(descriptors.iterdir()))
    threads = threading.active_count()
    pool = VideoPool("av")
    assert (pool.worker_pids(), threading.active_count()) == ([], threads)
    handles = [pool.open(cameras.url_of(f"practice://scene/{n}", "a"), *SIZE) for n in range(1, 5)]
    for handle in handles:
        _frame(pool, handle)
    workers = pool.worker_pids()
    assert len(workers) == 2
    pool.close(handles[0])
    assert pool.state(handles[0]).state is StreamState.CLOSED
    assert pool.latest(handles[0]) is None
    pool.shutdown()
    assert _files() == []
    assert not any(_alive(pid) for pid in workers)
    wait_until(lambda: threading.active_count() <= threads)
    wait_until(lambda: len(list(descriptors.iterdir())) <= before)


def test_full_memory_is_a_reason_not_a_crash(
    cameras: PracticeVideo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(supervisor, "create_slots", full)
    with VideoPool("av") as pool:
        handle = pool.open(cameras.url_of("practice://scene/1", "a"), *SIZE)
        wait_until(lambda: pool.state(handle).reason is Reason.NO_SPACE)
        assert pool.state(handle).state is StreamState.FAILED
        assert pool.latest(handle) is None


def test_a_file_that_has_gone_is_made_anew(cameras: PracticeVideo) -> None:
    with VideoPool("av", workers=1) as pool:
        handle = pool.open(cameras.url_of("practice://scene/1", "a"), *SIZE)
        frame = _frame(pool, handle)
        wait_until(lambda: pool.state(handle).state is StreamState.LIVE)
        for path in _files():
            path.unlink()
        os.kill(pool.worker_pids()[0], signal.SIGKILL)
        time.sleep(0.3)
        last = pool.latest(handle)
        _frame(pool, handle, last.sequence if last else frame.sequence)


def test_asking_never_blocks(cameras: PracticeVideo) -> None:
    with VideoPool("av") as pool:
        slowest = 0.0
        for number in range(12):
            begun = time.perf_counter()
            handle = pool.open(cameras.url_of("practice://scene/2", str(number % 2)), *SIZE)
            pool.state(handle)
            pool.latest(handle)
            pool.close(handle)
            slowest = max(slowest, time.perf_counter() - begun)
        assert slowest < 0.05


_ORPHAN = """
import sys, time
from console.video import VideoPool
pool = VideoPool("av")
handle = pool.open(sys.argv[1], 320, 180)
while pool.latest(handle) is None: time.sleep(0.01)
print(pool.worker_pids()[0], flush=True)
time.sleep(60)
"""


def test_workers_die_with_a_killed_desktop_and_the_next_one_sweeps_up() -> None:
    clip = scenes_folder() / "scene-1.h264"
    argv = [sys.executable, "-c", _ORPHAN, str(clip)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as desktop:
        assert desktop.stdout is not None
        worker = int(desktop.stdout.readline())
        desktop.kill()
    wait_until(lambda: not _alive(worker), 5)
    left = list(shared_folders()[0].glob(f"{PREFIX}{desktop.pid}-*"))
    assert left
    with VideoPool("av") as pool:
        pool.open(str(clip), *SIZE)
        wait_until(lambda: not any(path.exists() for path in left))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of a second and a half."""
    path = tmp_path_factory.mktemp("films") / "film 一.mkv"
    _remux(scenes_folder() / "scene-2.h264", path, pictures=22)
    return path


@pytest.fixture(scope="module")
def web(film: Path) -> Iterator[str]:
    """The address of a web server over the film's folder."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=film.parent)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["file", "http"])
def test_a_film_plays_at_its_own_pace_and_ends(
    engine: EngineName, kind: str, film: Path, web: str
) -> None:
    _require(engine)
    with VideoPool(engine) as pool:
        url = film.as_uri() if kind == "file" else f"{web}/{quote(film.name)}"
        handle = pool.open(url, *SIZE)
        begun = time.monotonic()
        _frame(pool, handle)
        wait_until(lambda: pool.state(handle).reason is not None)
        assert time.monotonic() - begun > 0.8
        assert pool.state(handle).reason is Reason.ENDED


def test_a_missing_film_is_not_found(web: str) -> None:
    with VideoPool("auto") as pool:
        handle = pool.open(f"{web}/none.mkv", *SIZE)
        wait_until(lambda: pool.state(handle).reason is not None)
        assert pool.state(handle).reason is Reason.NOT_FOUND


def _remux(clip: Path, film: Path, pictures: int) -> None:
    import av

    with av.open(str(clip)) as source, av.open(str(film), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(source.demux(video=0)):
            if packet.size and number < pictures:
                packet.pts = packet.dts = number * 80_000
                packet.stream = stream
                target.mux(packet)
