"""Live video: what tiles cost beside bare decoding, and how late the desk's window becomes.

Everything plays the practice city's RTSP streams (640 × 360, 15 pictures a second, H.264), and all
figures that are compared come from the same run. "Bare decoding" opens the same streams with PyAV
in one process and throws the pictures away.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from console.clock import SystemClock
from console.practice.rtsp import PracticeVideo, missing_packages
from console.video import EngineName, StreamState, VideoPool
from tests.bench.report import Row, main
from widgets.bridge.video import VideoBridge
from widgets.common.theme import install_theme
from widgets.video import TileSpec, VideoTile

SECONDS = 8.0
SIZE = (240, 136)

_BARE = """
import sys, threading, time
from console.video.engines.source import open_source
def play(url):
    container, stream = open_source(url)
    stream.thread_count, stream.thread_type = 1, "SLICE"
    for packet in container.demux(stream):
        stream.decode(packet)
for url in sys.argv[2:]:
    threading.Thread(target=play, args=(url,), daemon=True).start()
time.sleep(3.0)
before = time.process_time()
time.sleep(float(sys.argv[1]))
print((time.process_time() - before) / float(sys.argv[1]), flush=True)
import os; os._exit(0)
"""


def cpu_s(pid: int) -> float:
    """CPU seconds a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def bare_cores(urls: list[str]) -> float:
    """Cores that decoding alone takes."""
    argv = [sys.executable, "-c", _BARE, str(SECONDS), *urls]
    return float(subprocess.run(argv, capture_output=True, check=True).stdout)


class Wall:
    """Tiles in a window, and a 5 ms timer that notes how late it comes."""

    def __init__(self, app: QApplication, urls: list[str], engine: EngineName) -> None:
        self._app = app
        self.pool = VideoPool(engine)
        self.bridge = VideoBridge(self.pool)
        self.window = QWidget()
        self.window.resize(1600, 900)
        self.window.show()
        self.tiles = [self._tile(number, url) for number, url in enumerate(urls)]
        self._late_ms: list[float] = []
        self._due = 0.0
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._note)

    def _tile(self, number: int, url: str) -> VideoTile:
        spec = TileSpec(f"C-{number}", f"和平大道 {number}", url, "事件 1")
        tile = VideoTile(self.bridge, SystemClock(), spec, parent=self.window)
        column, row = number % 6, number // 6
        tile.setGeometry(12 + column * 246, 12 + row * 142, *SIZE)
        tile.show()
        return tile

    def run(self, seconds: float) -> None:
        """Let Qt work for a while."""
        QTimer.singleShot(round(seconds * 1000), self._app.quit)
        self._app.exec()

    def first_picture_ms(self) -> float:
        """Until every tile shows something."""
        begun = time.monotonic()
        while any(self.bridge.image(tile.handle) is None for tile in self.tiles):
            if time.monotonic() - begun > 20:
                raise SystemExit("no pictures within 20 s")
            self._app.processEvents()
            time.sleep(0.002)
        return (time.monotonic() - begun) * 1000

    def lateness_p99_ms(self, seconds: float) -> float:
        """How late the 99th of a hundred timer events is."""
        self._late_ms.clear()
        self._due = time.perf_counter() + 0.005
        self._timer.start()
        self.run(seconds)
        self._timer.stop()
        return float(np.percentile(self._late_ms, 99))

    def _note(self) -> None:
        now = time.perf_counter()
        self._late_ms.append(max(0.0, now - self._due) * 1000)
        self._due = now + 0.005

    def fps(self) -> float:
        """Mean pictures a second of the live tiles; 0 where none is."""
        states = [self.pool.state(tile.handle) for tile in self.tiles]
        return float(np.mean([s.fps if s.state is StreamState.LIVE else 0.0 for s in states]))

    def close(self) -> None:
        """End it."""
        for tile in self.tiles:
            tile.release()
        self.window.close()
        self.pool.shutdown()


def measure(app: QApplication, urls: list[str], engine: EngineName) -> dict[str, float]:
    """Start-up, cores (desktop and workers), lateness and rate of one wall."""
    wall = Wall(app, urls, engine)
    first_ms = wall.first_picture_ms()
    wall.run(2.0)
    pids = [os.getpid(), *wall.pool.worker_pids()]
    before = [cpu_s(pid) for pid in pids]
    begun = time.monotonic()
    late_ms = wall.lateness_p99_ms(SECONDS)
    took = time.monotonic() - begun
    used = [(cpu_s(pid) - was) / took for pid, was in zip(pids, before, strict=True)]
    fps = wall.fps()
    wall.close()
    return {
        "first": first_ms,
        "late": late_ms,
        "desk": used[0],
        "all": sum(used),
        "fps": fps,
    }


def rows() -> Iterator[Row]:
    """The figures."""
    if missing_packages():
        raise SystemExit(f"needs {' '.join(missing_packages())}")
    app = QApplication([])
    install_theme(app)
    with tempfile.TemporaryDirectory() as folder, PracticeVideo.start(Path(folder)) as video:
        four = [video.url_of(f"practice://scene/{n}", f"和平大道 {n}") for n in range(1, 5)]
        many = [video.url_of(f"practice://scene/{n % 6 + 1}", "和平大道") for n in range(25)]
        quiet = Wall(app, [], "av")
        quiet_ms = quiet.lateness_p99_ms(3.0)
        quiet.close()
        served, begun = cpu_s(video.pid), time.monotonic()
        bare = bare_cores(four)
        served = (cpu_s(video.pid) - served) / (time.monotonic() - begun) / len(four)
        yield Row("practice server: a watched stream", served, "cores", None, 0.1)
        for engine in ("av", "vlc"):
            yield from _rows_of(app, four, engine, bare, quiet_ms)
        wall = measure(app, many, "av")
        yield Row(
            "25 tiles, av: window lateness p99, against no tiles", wall["late"], "ms", quiet_ms
        )
        yield Row("25 tiles, av: pictures a second, against 15 sent", wall["fps"], "1/s", 15.0)
        yield Row("25 tiles, av: desktop and workers", wall["all"], "cores")


def _rows_of(
    app: QApplication, urls: list[str], engine: EngineName, bare: float, quiet_ms: float
) -> Iterator[Row]:
    wall = measure(app, urls, engine)
    name = f"4 tiles, {engine}"
    yield Row(
        f"{name}: desktop and workers, against bare decoding", wall["all"], "cores", bare, 4 * bare
    )
    yield Row(f"{name}: desktop alone, against bare decoding", wall["desk"], "cores", bare)
    yield Row(f"{name}: window lateness p99, against no tiles", wall["late"], "ms", quiet_ms, 16.0)
    yield Row(f"{name}: all first pictures, workers started", wall["first"], "ms", None, 3000.0)
    yield Row(f"{name}: pictures a second, against 15 sent", wall["fps"], "1/s", 15.0, 13.5, True)


if __name__ == "__main__":
    sys.exit(main(rows))
