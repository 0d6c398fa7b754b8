"""From the command to a usable map, and what the desk holds: `python -m tests.bench.cold_start`.

`main.py run` on the practice city in a fresh process, with its server, field and cameras, but
offscreen; the first start, which prepares all that, is not measured. Usable: the map stands with
all its tiles and names. It is held against a process that shows one empty window of Qt's.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.report import Row, main
from tests.helpers.server_process import ROOT

STARTS = 3
USABLE_S = 3.0
MEMORY_MB = 400.0
SETTLED_S = 10
PATIENCE_S = 300.0

_DESK = """
import json, resource, sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
import main
began, settled_s = float(sys.argv[2]), int(sys.argv[3])
class Watched(main.OpenDesk):
    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.watch = QTimer()
        self.watch.timeout.connect(self.look)
        self.watch.start(5)
        self.found = {}
    def look(self):
        if self.window.map.is_drawn and "s" not in self.found:
            used = resource.getrusage(resource.RUSAGE_SELF)
            self.found |= {"s": time.monotonic() - began, "cpu_s": used.ru_utime + used.ru_stime}
        if self.session.link.state == "online" and "online_s" not in self.found:
            self.found["online_s"] = time.monotonic() - began
        if len(self.found) == 3:
            self.watch.stop()
            QTimer.singleShot(1000 * settled_s, self.tell)
    def tell(self):
        pages = int(open("/proc/self/statm").read().split()[1])
        print(json.dumps({**self.found, "mb": pages * resource.getpagesize() / 2**20}), flush=True)
        QApplication.quit()
main.OpenDesk = Watched
main.main(["run", "--data", sys.argv[1]])
"""

_EMPTY = """
import json, resource, sys, time
from PySide6.QtWidgets import QApplication, QWidget
app = QApplication([])
window = QWidget()
window.resize(1920, 1080)
window.show()
window.repaint()
used = resource.getrusage(resource.RUSAGE_SELF)
cpu_s = used.ru_utime + used.ru_stime
pages = int(open("/proc/self/statm").read().split()[1])
took_s = time.monotonic() - float(sys.argv[2])
print(json.dumps({"s": took_s, "online_s": took_s, "cpu_s": cpu_s,
                  "mb": pages * resource.getpagesize() / 2**20}))
"""


def rows() -> Iterator[Row]:
    """Start, several times, and take the median."""
    with tempfile.TemporaryDirectory() as folder:
        _run(_DESK, folder, 0)
        empty = [_run(_EMPTY, folder, 0) for _ in range(STARTS)]
        desk = [_run(_DESK, folder, SETTLED_S) for _ in range(STARTS)]
    for name, figure, unit, target in (
        ("command to usable map", "s", "s", USABLE_S),
        ("command to the server's picture on the desk", "online_s", "s", None),
        ("CPU of the desk's process until the map stands", "cpu_s", "s", None),
        (f"its memory {SETTLED_S} s later", "mb", "MB", MEMORY_MB),
    ):
        value, least = (statistics.median(f[figure] for f in each) for each in (desk, empty))
        yield Row(f"{name}, against an empty window", value, unit, against=least, target=target)


def _run(program: str, folder: str, settled_s: int) -> dict[str, float]:
    """What `program` prints. Raises CalledProcessError, TimeoutExpired."""
    command = [sys.executable, "-c", program, str(Path(folder)), str(time.monotonic())]
    ran = subprocess.run(
        [*command, str(settled_s)],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )
    return dict(json.loads(ran.stdout.splitlines()[-1]))


if __name__ == "__main__":
    raise SystemExit(main(rows))
