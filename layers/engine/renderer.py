"""One tile renderer process, as the desk sees it."""

from __future__ import annotations

import logging
import os
import sys
from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from console.process import SilenceWatch
from layers.engine.protocol import decode, encode, request
from layers.engine.tile_grid import TileKey

log = logging.getLogger(__name__)

SILENT_S = 2.0
"""How long a renderer with work in hand may do nothing and say nothing."""
START_S = 30.0
"""The same while it starts: it waits for others' files."""
WORK_S = 30.0
"""Processor time without a word: more than the largest tile ever took ten times over."""

WATCH_MS = 250
"""How often a renderer is looked at."""

_FIRST_DELAY_MS = 250
_LONGEST_DELAY_MS = 8000
_ROOT = Path(__file__).resolve().parents[2]


class Renderer(QObject):
    """Starts the process, keeps it running, and tells what became of each tile.

    `drawn(key, slot)`, `failed(key, slot, reason)`, `lost([(key, slot), …])` when it went down
    with work in hand, oldest first.
    """

    ready = Signal()
    drawn = Signal(object, int)
    failed = Signal(object, int, str)
    lost = Signal(list)

    def __init__(
        self, factory: str, argument: str, slots_path: str, slots: int, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._arguments = ["-m", "layers.engine.worker", factory, argument, slots_path, str(slots)]
        self._flying: OrderedDict[int, tuple[TileKey, int]] = OrderedDict()
        self._number = 0
        self._silence = SilenceWatch(WORK_S)
        self._delay_ms = _FIRST_DELAY_MS
        self._ready = False
        self._closing = False
        self._process = self._new_process()

    @property
    def process_id(self) -> int:
        """The process id, 0 when it does not run."""
        return int(self._process.processId())

    @property
    def is_ready(self) -> bool:
        """Whether it takes work."""
        return self._ready

    @property
    def load(self) -> int:
        """How many tiles it has in hand."""
        return len(self._flying)

    @property
    def keys(self) -> list[TileKey]:
        """The tiles it has in hand, oldest first."""
        return [key for key, _ in self._flying.values()]

    def start(self) -> None:
        """Start the process; `ready` tells when it takes work."""
        self._silence.heard()
        self._process.start(sys.executable, self._arguments)

    def draw(self, key: TileKey, slot: int) -> None:
        """Ask for one tile."""
        self._number += 1
        if not self._flying:
            self._silence.heard()
        self._flying[self._number] = key, slot
        self._process.write(encode(request(self._number, slot, key)))

    def tick(self) -> None:
        """Called every `WATCH_MS`: kill the process when it has work, or is starting, and is stuck.

        Calls are counted, not the clock: while the desk itself was busy nothing could be heard,
        nor sent, and no call was counted either.
        """
        if not self.process_id or (self._ready and not self._flying):
            self._silence.heard()
            return
        patience_s = SILENT_S if self._ready else START_S
        if self._silence.is_stuck(self.process_id, WATCH_MS / 1000, patience_s):
            log.warning("tile renderer %d is stuck: killed", self.process_id)
            self._process.kill()

    def close(self) -> None:
        """Hang up, and kill the process if it does not go by itself."""
        self._closing = True
        self._process.closeWriteChannel()
        if not self._process.waitForFinished(200):
            self._process.kill()
            self._process.waitForFinished(2000)

    def _new_process(self) -> QProcess:
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        path = environment.value("PYTHONPATH", "")
        environment.insert("PYTHONPATH", f"{_ROOT}{os.pathsep}{path}" if path else str(_ROOT))
        environment.insert("QT_QPA_PLATFORM", "offscreen")
        process.setProcessEnvironment(environment)
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._log_errors)
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._trouble)
        return process

    def _read(self) -> None:
        while self._process.canReadLine():
            self._silence.heard()
            self._take(bytes(self._process.readLine().data()))

    def _take(self, line: bytes) -> None:
        message = decode(line)
        if "ready" in message:
            self._ready = True
            self.ready.emit()
        elif "done" in message:
            self._delay_ms = _FIRST_DELAY_MS
            self.drawn.emit(*self._flying.pop(message["done"]))
        elif "failed" in message:
            self.failed.emit(*self._flying.pop(message["failed"]), message["reason"])

    def _log_errors(self) -> None:
        text = bytes(self._process.readAllStandardError().data()).decode(errors="replace")
        log.warning("tile renderer: %s", text.rstrip())

    def _trouble(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            log.error("tile renderer did not start: %s", self._process.errorString())
            self._ended()

    def _ended(self, *_: object) -> None:
        if self._closing:
            return
        # What it finished before it went is not drawn again.
        self._read()
        flying, self._ready = list(self._flying.values()), False
        self._flying.clear()
        log.warning("tile renderer ended; starts again in %d ms", self._delay_ms)
        QTimer.singleShot(self._delay_ms, self, self.start)
        self._delay_ms = min(self._delay_ms * 2, _LONGEST_DELAY_MS)
        self.lost.emit(flying)
